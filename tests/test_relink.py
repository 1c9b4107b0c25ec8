"""What a plan relinks and removes, what it refuses, and how new URLs are written."""

import dataclasses
import os

import pytest
from acts import group, member, picture, retold, write
from hypothesis import given, settings
from hypothesis import strategies as st
from images import photo, saved

from captionfix.archives.mirror_names import PageLocation
from captionfix.dedupe.mentions import Archive
from captionfix.dedupe.plans import DedupePolicy, RemovalMethod
from captionfix.dedupe.relink import plan
from captionfix.dedupe.rewrite_url import rewritten
from captionfix.model import Safety
from captionfix.pictures.relations import Group, ImageRelation

BOTH = DedupePolicy(relink=True, remove=RemovalMethod.QUARANTINE)


def site(root, page, name="page.html", **files):
    return write(root, {"img/a.png": picture(), "img/b.png": picture(), name: page, **files})


def relinked(told):
    return [(each.old, each.new) for page in told.pages for each in page.relinks]


def removed(told):
    return [each.file for each in told.removals]


def refused(told):
    return [(each.file, each.why) for each in told.refusals]


def plan_ab(root, policy=BOTH, **values):
    keep, other = member(root, "img/a.png"), member(root, "img/b.png", **values)
    return plan(root, [Group("img/a.png", (keep, other))], policy)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("<img src=img/b.png>", "img/a.png"),
        ("<img src='./img/b.png#top'>", "./img/a.png#top"),
        ("<img src='x/..//img/b.png '>", "img/a.png"),
        ("<img src='/img/b.png'>", "/img/a.png"),
        ("<img src='https://example.org/img/b.png'>", "https://example.org/img/a.png"),
        ("<img src='//example.org/img/b.png'>", "//example.org/img/a.png"),
        ("<img srcset='img/b.png 2x, img/c.png'>", "img/a.png"),
        ("<p style='background:url(img/b.png)'>", "img/a.png"),
        ("<a href=img/b.png>", "img/a.png"),
    ],
)
def test_urls_keep_their_form(tmp_path, old, new):
    """Relative stays relative, from the top from the top, with a host with the host."""
    site(tmp_path, f"<link rel=canonical href='https://example.org/page.html'>{old}")
    told = plan_ab(tmp_path)
    assert [each for _, each in relinked(told)] == [new]
    assert removed(told) == ["img/b.png"]


def test_a_style_sheet_relinks_from_its_own_folder(tmp_path):
    """URLs of a sheet are relative to the sheet, and a page beside it is left alone."""
    site(
        tmp_path,
        "p{background:url('../img/b.png')}",
        "css/a.css",
        **{"page.html": "<link rel=stylesheet href=css/a.css>"},
    )
    told = plan_ab(tmp_path)
    assert [page.page for page in told.pages] == ["css/a.css"]
    assert relinked(told) == [("../img/b.png", "../img/a.png")]
    assert told.saved == len(picture())


def test_only_what_is_asked_for(tmp_path):
    """Without --relink nothing is edited, without --remove nothing goes, and then what is named stays."""
    site(tmp_path, "<img src=img/b.png>")
    assert plan_ab(tmp_path, DedupePolicy()).is_empty
    only_relink = plan_ab(tmp_path, DedupePolicy(relink=True))
    assert (len(only_relink.pages), only_relink.removals) == (1, ())
    only_remove = plan_ab(tmp_path, DedupePolicy(remove=RemovalMethod.QUARANTINE))
    assert only_remove.is_empty
    assert "page.html:1:10 names it (img src)" in refused(only_remove)[0][1]


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"safety": Safety.REVIEW}, "for review"),
        ({"relation": ImageRelation.CROP}, "a crop"),
        ({"relation": ImageRelation.EDITED}, "edited"),
        ({"relation": ImageRelation.FRAMED}, "framed"),
        ({"relation": ImageRelation.MIRRORED}, "mirrored"),
        ({"relation": ImageRelation.RESIZED}, "--one-size"),
        ({"relation": ImageRelation.RECOMPRESSED}, "--one-size"),
        ({"relation": ImageRelation.FORMAT}, "--one-size"),
        ({"format": "WEBP"}, "--one-size"),
        ({"content": "0" * 64}, "changed since"),
    ],
)
def test_what_is_not_the_same_stays(tmp_path, values, why):
    """Only files identical in pixels, as they were compared, are acted upon; each refusal is told with its reason."""
    site(tmp_path, "<img src=img/b.png>")
    told = plan_ab(tmp_path, **values)
    assert told.is_empty
    ((file, reason),) = refused(told)
    assert (file, why in reason) == ("img/b.png", True)


@pytest.mark.parametrize(
    "relation", [ImageRelation.CROP, ImageRelation.EDITED, ImageRelation.FRAMED, ImageRelation.MIRRORED]
)
def test_one_size_takes_no_crops(tmp_path, relation):
    """Another picture stays another picture."""
    site(tmp_path, "<img src=img/b.png>")
    assert plan_ab(tmp_path, dataclasses.replace(BOTH, one_size=True), relation=relation).is_empty
    assert plan_ab(
        tmp_path, dataclasses.replace(BOTH, one_size=True), relation=ImageRelation.RESIZED, safety=Safety.REVIEW
    ).is_empty


def test_a_damaged_copy_gives_its_place_where_that_is_asked_for(tmp_path):
    """Pages then name the whole file, and the damaged one stays; else each place that shows it is named."""
    site(tmp_path, "<img src=img/b.png>")
    damaged = {"relation": ImageRelation.DAMAGED, "safety": Safety.REVIEW}
    told = plan_ab(tmp_path, **damaged)
    assert told.is_empty
    assert [each.where for each in told.refusals if each.is_news] == ["page.html:1:10"]
    asked = dataclasses.replace(BOTH, damaged=True)
    told = plan_ab(tmp_path, asked, **damaged)
    assert relinked(told) == [("img/b.png", "img/a.png")]
    assert removed(told) == []
    assert "which of two files lost bytes" in refused(told)[0][1]
    assert plan_ab(tmp_path, asked, **damaged, width=1).is_empty
    assert plan_ab(tmp_path, asked, relation=ImageRelation.EDITED, safety=Safety.REVIEW).is_empty


def test_one_size_takes_other_sizes(tmp_path):
    """Where it is asked for, sizes and formats count as the same, but where browsers choose by format."""
    small = saved(photo(1, 12, 12), "WEBP")
    page = (
        "<img src=img/s.webp><picture><source srcset=img/s.webp><img src=img/s.webp></picture>"
        "<source type=x src=img/s.webp>"
    )
    site(tmp_path, page, **{"img/s.webp": small})
    other = member(tmp_path, "img/s.webp", ImageRelation.RESIZED, format="WEBP")
    told = plan(tmp_path, [group(tmp_path, "img/a.png", other)], dataclasses.replace(BOTH, one_size=True))
    assert relinked(told) == [("img/s.webp", "img/a.png")]
    assert removed(told) == []
    assert sum("by format" in why for _, why in refused(told)) == 3


def test_animations_are_the_same_only_byte_for_byte(tmp_path):
    """Only their first frames were compared."""
    write(tmp_path, {"img/a.png": picture(), "img/b.png": retold(), "img/c.png": picture(), "page.html": ""})
    moving = [member(tmp_path, name, frames=3) for name in ("img/b.png", "img/c.png")]
    told = plan(tmp_path, [group(tmp_path, "img/a.png", *moving)], BOTH)
    assert removed(told) == ["img/c.png"]
    assert "first frames" in refused(told)[0][1]


def test_candidates_of_one_set_never_become_the_same(tmp_path):
    """A set keeps its candidates; the file it names stays, though others of its places lead elsewhere."""
    site(tmp_path, "<img src=img/b.png srcset='img/a.png 1x, img/b.png 2x'>", **{"img/c.png": picture()})
    told = plan_ab(tmp_path)
    assert relinked(told) == [("img/b.png", "img/a.png")]
    assert not told.removals
    assert any("two candidates" in why for _, why in refused(told))
    write(tmp_path, {"page.html": "<img srcset='img/b.png 1x, img/c.png 2x'>"})
    told = plan(tmp_path, [group(tmp_path, "img/a.png", "img/b.png", "img/c.png")], BOTH)
    assert len(relinked(told)) == len(removed(told)) == 1


@pytest.mark.parametrize(
    "markup",
    [
        "<meta property=og:image content=img/b.png>",
        "<script>var x = 'img/b.png'</script>",
        "<template><img src=img/b.png></template>",
        "<!-- img/b.png -->",
        "<img src='img/b.png?w=300'>",
        "<img src=http://elsewhere.example/img/b.png>",
        "<style>p{--x:url(img/b.png)}</style>",
        "<?php echo 1 ?><img src=img/b.png>",
    ],
)
def test_what_is_still_named_is_not_removed(tmp_path, markup):
    """One place that is never edited keeps the file; the other places lead to the kept one all the same."""
    site(tmp_path, "<img src=img/b.png>", **{"other.html": markup})
    told = plan_ab(tmp_path)
    assert [page.page for page in told.pages] == ["page.html"]
    assert not told.removals
    assert any("is not removed: other.html:1" in why for _, why in refused(told))


def test_a_text_that_cannot_be_read_keeps_everything(tmp_path, monkeypatch):
    """It may name any file."""
    site(tmp_path, "", **{"large.json": "x" * 200})
    monkeypatch.setattr("captionfix.dedupe.mentions._MOST", 100)
    told = plan_ab(tmp_path)
    assert not told.removals
    assert "large.json" in refused(told)[0][1]


def test_bytes_that_exist_nowhere_else_are_only_put_aside(tmp_path):
    """The same pixels in other bytes are neither deleted nor linked."""
    site(tmp_path, "<img src=img/r.png>", **{"img/r.png": retold()})
    for way in (RemovalMethod.DELETE, RemovalMethod.HARDLINK):
        told = plan(tmp_path, [group(tmp_path, "img/a.png", "img/r.png")], DedupePolicy(relink=True, remove=way))
        assert relinked(told) == [("img/r.png", "img/a.png")]
        assert not told.removals
        assert "quarantine it" in refused(told)[0][1]
    told = plan(tmp_path, [group(tmp_path, "img/a.png", "img/r.png")], BOTH)
    assert removed(told) == ["img/r.png"]


@pytest.mark.skipif(os.name == "nt", reason="links are those of POSIX")
def test_links(tmp_path):
    """A hard link needs no place relinked, saves nothing twice, and no symbolic link is acted upon."""
    site(tmp_path, "<script>'img/b.png'</script>", **{"img/c.png": picture()})
    policy = DedupePolicy(remove=RemovalMethod.HARDLINK)
    assert removed(plan_ab(tmp_path, policy)) == ["img/b.png"]
    (tmp_path / "img/b.png").unlink()
    os.link(tmp_path / "img/a.png", tmp_path / "img/b.png")
    assert plan_ab(tmp_path, policy).is_empty
    (tmp_path / "img/b.png").unlink()
    (tmp_path / "img/b.png").symlink_to("c.png")
    told = plan_ab(tmp_path, BOTH)
    assert told.is_empty
    assert "a link leads there" in refused(told)[0][1]


def test_groups_that_share_a_file_are_left_alone(tmp_path):
    """No file is kept here and goes there."""
    site(tmp_path, "<img src=img/b.png>", **{"img/c.png": picture()})
    told = plan(tmp_path, [group(tmp_path, "img/a.png", "img/b.png"), group(tmp_path, "img/b.png", "img/c.png")], BOTH)
    assert told.is_empty
    assert {why for _, why in refused(told)} == {"stands in several groups"}


def test_names_outside_the_archive_are_refused(tmp_path):
    """Whatever a group names, nothing outside is read or acted upon."""
    root = site(tmp_path / "site", "<img src=../b.png>")
    write(tmp_path, {"b.png": picture()})
    other = dataclasses.replace(member(root, "img/b.png"), file="../b.png")
    told = plan(root, [group(root, "img/a.png", other)], BOTH)
    assert told.is_empty
    assert refused(told)[0][0] == "../b.png"


def test_hosts_stay_apart(tmp_path):
    """A page of one host is not made to name a file of another by a relative URL."""
    files = {
        "example.org/b.png": picture(), "example.net/a.png": picture(),
        "example.org/index.html": "<img src=b.png><img src=/b.png>",
    }  # fmt: skip
    write(tmp_path, files)
    told = plan(tmp_path, [group(tmp_path, "example.net/a.png", "example.org/b.png")], BOTH)
    assert told.is_empty
    assert sum("no URL of its form" in why for _, why in refused(told)) == 2


NAMES = st.text(alphabet="ab 'é日%&#?\"<>()\\;,.=+@:\n~😀", min_size=1, max_size=8).filter(
    lambda name: name.strip(".") and "\\" not in name and name[1:2] != ":"
)


@settings(max_examples=60, deadline=None)
@given(NAMES, NAMES, st.sampled_from(["{}", "../x/{}", "/x/{}"]))
def test_whatever_files_are_called_the_new_url_leads_there(tmp_path_factory, one, other, form):
    """Quotes, blanks, percent signs, line ends and letters of all languages; else there is no new URL."""
    from urllib.parse import quote

    root = tmp_path_factory.mktemp("odd")
    old, new = f"x/{one}.png", f"x/{other}.jpg"
    write(root, {old: b"1", new: b"2"})
    archive, place = Archive(root), PageLocation(("x", "page.html"))
    url = form.format(quote(f"{one}.png"))
    assert "/".join(archive.found(url, place)) == old
    told = rewritten(url, tuple(old.split("/")), tuple(new.split("/")), place)
    assert "/".join(archive.found(told, place)) == new
    assert not set(told) & set(" \"'<>()\\,;\n")
