"""Animations and drawings: an equal beginning is no evidence, another way to write one drawing none against it."""

import pytest
from images import photo, saved
from PIL import Image, ImageEnhance

import captionfix
from captionfix.beside import PixelRelation
from captionfix.model import Safety
from captionfix.pictures.comparable import ComparableImage
from captionfix.pictures.fingerprint import Fingerprint, fingerprint
from captionfix.pictures.index import same_picture
from captionfix.pictures.match import compare
from captionfix.pictures.relations import ImageRelation
from captionfix.runs.images import survey
from captionfix.runs.roots import Roots
from captionfix.settings import Settings


def muted(seed):
    """Few colours enough for the 256 of a GIF."""
    return ImageEnhance.Color(photo(seed, 240, 160)).enhance(0.3)


CARD, BLACK = muted(1), Image.new("RGB", (240, 160))
SIZES = ((240, 160), (120, 80))


def moving(*frames, form="GIF", shown=80, size=(240, 160)):
    frames = [frame.resize(size, 1) for frame in frames]
    return saved(frames[0], form, save_all=True, append_images=frames[1:], duration=shown, loop=0)


def film(seed, number=4):
    return [muted(seed * 100 + place) for place in range(number)]


@pytest.mark.parametrize("form", ["GIF", "WEBP", "PNG"])
@pytest.mark.parametrize("first", [CARD, BLACK], ids=["card", "black"])
def test_equal_first_frames_say_nothing(form, first):
    """Of two hundred animations that begin alike and go on otherwise no two are the same."""
    seen = [fingerprint(moving(first, *film(seed, 2), form=form, size=(96, 64))) for seed in range(2, 22)]
    pairs = [(one, other) for place, one in enumerate(seen) for other in seen[:place]]
    assert len(pairs) == 190
    assert not any(same_picture(one, other) for one, other in pairs)


@pytest.mark.slow
@pytest.mark.parametrize("form", ["GIF", "WEBP", "PNG"])
def test_an_animation_at_another_size_is_found_for_review(form):
    """All its frames are alike; how far is for a person to say."""
    for seed in range(2, 10):
        frames = film(seed)
        found = same_picture(moving(*frames), moving(*frames, form=form, size=SIZES[1]))
        assert found
        assert found.safety is Safety.REVIEW


def test_frames_that_are_left_out_do_not_matter():
    """Half the frames, shown twice as long, are the same animation."""
    frames = [Image.blend(muted(1), muted(2), share / 8) for share in range(8)]
    found = same_picture(moving(*frames), moving(*frames[::2], shown=160))
    assert found
    assert found.safety is Safety.REVIEW


def test_an_animation_with_the_same_pixels_in_another_file_is_identical():
    """The bytes differ, no pixel of any frame does, nor how long it is shown."""
    frames = film(3)
    one, other = moving(*frames, form="PNG"), moving(*frames, form="WEBP")
    lossless = saved(frames[0], "WEBP", save_all=True, append_images=frames[1:], duration=80, loop=0, lossless=True)
    assert same_picture(one, lossless).relation is ImageRelation.IDENTICAL
    assert same_picture(one, other).relation is not ImageRelation.IDENTICAL


def test_an_animation_and_its_still_are_a_relation_of_their_own():
    """The still is like the first frame; which is which is told by the frames, from either side."""
    for form in ("GIF", "WEBP", "PNG"):
        there = same_picture(moving(CARD, *film(2), form=form), saved(CARD, "PNG"))
        back = same_picture(saved(CARD, quality=80), moving(CARD, *film(2), form=form))
        assert there.relation is back.relation is ImageRelation.MOVING
        assert there.safety is back.safety is Safety.REVIEW


def test_the_animation_is_kept(tmp_path):
    """Of an animation and larger stills the animation; another one that begins so stands by itself."""
    (tmp_path / "a.gif").write_bytes(moving(CARD, *film(2), size=SIZES[1]))
    (tmp_path / "b.gif").write_bytes(moving(CARD, *film(3), size=SIZES[1]))
    (tmp_path / "c.png").write_bytes(saved(CARD, "PNG"))
    roots = Roots([tmp_path])
    (group,) = survey(roots, Settings(cache=False), roots.policy("best")).groups
    assert len(group.members) == 2
    assert group.keep in ("a.gif", "b.gif")
    assert group.members[1].relation is ImageRelation.MOVING


def test_more_than_may_be_decoded_is_not_guessed():
    """Where not all frames can be looked at, two animations are the same byte for byte only."""
    from captionfix.pictures.decode import Limits

    frames = film(2)
    seen = [fingerprint(moving(*frames, form=form), Limits(decoded=100_000)) for form in ("GIF", "WEBP")]
    assert not any(each.motion or each.pixels for each in seen)
    assert not same_picture(*seen)
    assert same_picture(seen[0], seen[0]).relation is ImageRelation.IDENTICAL


def test_what_moves_is_kept_in_the_cache():
    """Nothing is lost as bytes."""
    seen = fingerprint(moving(*film(2)))
    assert seen.motion is not None
    assert Fingerprint.from_bytes(seen.to_bytes()) == seen


def test_a_page_never_calls_two_animations_the_same():
    """Neither two that begin alike, nor one and its still."""
    one, other, still = moving(CARD, *film(2)), moving(CARD, *film(3)), saved(CARD, "PNG")
    comparables = [
        ComparableImage(fingerprint(data)) for data in (one, other, still, moving(CARD, *film(2), size=SIZES[1]))
    ]
    for place, comparable in enumerate(comparables):
        for there in comparables[:place]:
            assert compare(comparable, there).relation is PixelRelation.UNKNOWN
    assert compare(comparables[0], comparables[0]).relation is PixelRelation.IDENTICAL


def test_a_page_keeps_both_animations(tmp_path):
    """Two lessons with one title card stand in an article; nothing goes."""
    (tmp_path / "in.gif").write_bytes(moving(CARD, *film(2)))
    (tmp_path / "out.gif").write_bytes(moving(CARD, *film(3)))
    (tmp_path / "still.png").write_bytes(saved(CARD, "PNG"))
    for names in (("in.gif", "out.gif"), ("still.png", "in.gif")):
        shown = "".join(f"<p><img src={name}></p><p>What follows is shown step by step.</p>" for name in names)
        page = f"<!DOCTYPE html><article><h1>How to tie a knot</h1>{shown}</article>".encode()
        assert captionfix.clean(page, images=tmp_path).html == page


SVG = b"<svg xmlns='http://www.w3.org/2000/svg' width='20' height='10'><path d='M0 0h9'/><!-- a line --></svg>"
WRITTEN = (
    b'<?xml version="1.0" encoding="UTF-8"?>\n<svg height="10" width="20" xmlns="http://www.w3.org/2000/svg">'
    b'<path d="M0 0h9"></path></svg>'
)


def test_a_drawing_that_is_written_otherwise_is_identical(tmp_path):
    """Quotes, the order of attributes, comments and the declaration draw nothing."""
    found = same_picture(SVG, WRITTEN)
    assert (found.relation, found.safety) == (ImageRelation.IDENTICAL, Safety.SAFE)
    assert "XML" in found.evidence[0].name
    (tmp_path / "a.svg").write_bytes(SVG)
    (tmp_path / "b.svg").write_bytes(WRITTEN)
    (tmp_path / "c.svg").write_bytes(SVG.replace(b"h9", b"h8"))
    roots = Roots([tmp_path])
    (group,) = survey(roots, Settings(cache=False), roots.policy("best")).groups
    assert set(group.files) == {"a.svg", "b.svg"}
    assert "XML" in group.members[1].evidence[0].name


@pytest.mark.parametrize(
    "change",
    [
        (b"h9", b"h8"),
        (b"width='20'", b"width='21'"),
        (b"<path", b"<g><path"),
        (b"<svg", b"<!DOCTYPE svg [<!ENTITY a 'x'>]><svg"),
        (b"<svg", b"<svg><text>a</text><svg"),
    ],
)
def test_another_drawing_is_another(change):
    """So is one that is broken, or that declares what would have to be put in first."""
    assert not same_picture(SVG, SVG.replace(*change))
