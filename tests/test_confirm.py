"""Pixels confirm what markup and URLs suggest, or keep a picture and its caption where they are."""

import pytest
from images import photo, saved

import captionfix

PAGE = """<figure><img src="https://cdn.example/{one}">
<figcaption>Seen from the pilot house at noon</figcaption></figure>
<p>Two views.</p>
<div class="modal" hidden><img src="https://cdn.example/{other}">
<p class="caption">Seen from the pilot house at noon</p></div>"""
ONE, OTHER = "boat.jpg?w=800", "boat.jpg?w=1600"


def cleaned(images):
    return captionfix.clean(PAGE.format(one=ONE, other=OTHER), images=images)


def served(first, second):
    return {f"https://cdn.example/{ONE}": first, f"https://cdn.example/{OTHER}": second}


def test_different_pixels_keep_picture_and_caption():
    """Two URLs that differ in a size only show two pictures: nothing goes, and the finding says why."""
    result = cleaned(served(saved(photo(1)), saved(photo(2))))
    assert not result.changed
    told = [finding for finding in result.findings if finding.code in ("CF101", "CF203")]
    assert told
    assert all(any(piece.kind == "pixels" for piece in finding.evidence) for finding in told)


def test_the_same_pixels_are_evidence():
    """The same picture at another quality goes, and its finding names the pixels."""
    result = cleaned(served(saved(photo(1)), saved(photo(1), quality=60)))
    (found,) = [finding for finding in result.findings if finding.code == "CF203"]
    assert found.applied
    assert found.evidence[-1].kind == "pixels"
    assert result.html.count("<img") == result.html.count("Seen from") == 1


@pytest.mark.parametrize("images", [None, {}])
def test_without_images_markup_and_url_decide(images):
    """Where no image is there, nothing is asked of pixels."""
    result = cleaned(images)
    assert result.html.count("<img") == result.html.count("Seen from") == 1


ARTICLE = """<article><h1>The boat</h1><img src="lead.jpg" alt="">
<p>{text}</p>
<p><img src="again.jpg" alt=""></p><p>{text} Twice.</p></article>"""
TEXT = "Nobody who saw her leave that morning thought that she would be back before the ice had gone."


def found_in(first, second, **settings):
    page = ARTICLE.format(text=TEXT)
    result = captionfix.clean(
        page, images={"lead.jpg": first, "again.jpg": second}, settings=captionfix.Settings(**settings)
    )
    return result, [finding for finding in result.findings if finding.code == "CF206"]


def test_a_crop_of_the_lead_waits_for_review():
    """A part of the lead further down stays, and goes when asked; pixels, not the names, say what it is."""
    lead = photo(1)
    crop = lead.crop((0, 0, 480, 480))
    result, (found,) = found_in(saved(lead), saved(crop))
    assert not result.changed
    assert found.safety is captionfix.Safety.REVIEW
    assert "a part of the same picture" in str(found.evidence[0])
    result, _ = found_in(saved(lead), saved(crop), review_level=True)
    assert "again.jpg" not in result.html


def test_a_larger_picture_than_the_lead_is_only_shown():
    """Where the lead is the crop, the picture in the text holds more, and stays even when review is asked for."""
    lead = photo(1)
    result, (found,) = found_in(saved(lead.crop((0, 0, 480, 480))), saved(lead), review_level=True)
    assert not result.changed
    assert found.safety is captionfix.Safety.SHOW


def test_another_picture_of_the_same_boat_stays():
    """Two photographs that no pixels join are no finding."""
    assert found_in(saved(photo(1)), saved(photo(2)))[1] == []
