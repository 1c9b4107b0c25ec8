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
