"""Journals, sound and hostile."""

import json
import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pages import doubled_page, snapshot

from captionfix.archives import atomic, restore
from captionfix.archives.journal import Damage, Record, Undone
from captionfix.archives.journal_reader import Reader
from captionfix.archives.journal_store import Journal, JournalStore, Marker
from captionfix.errors import JournalError
from captionfix.runs import batch
from captionfix.settings import Settings


@pytest.fixture
def journals(tmp_path):
    return JournalStore(tmp_path / "state")


@pytest.fixture
def cleaned(tmp_path, journals):
    """A site of two cleaned pages, and its journal as lines."""
    site = tmp_path / "site"
    (site / "sub").mkdir(parents=True)
    for number, path in enumerate((site / "a.html", site / "sub" / "b.html")):
        path.write_bytes(doubled_page(number))
    list(batch.replace_pages([site], Settings(), batch.journal_for([site], journals, "1.0"), journals))
    return site


def lines(journals):
    return journals.find(None).read_text().splitlines()


def rewrite(journals, written):
    journals.find(None).write_text("".join(line + "\n" for line in written))


def undo(journals):
    return list(restore.undo(Reader(journals.find(None))))


def changed(line, **values):
    return json.dumps({**json.loads(line), **values})


@pytest.mark.parametrize(
    "values",
    [
        {"path": "../outside.html"},
        {"path": "sub/../../outside.html"},
        {"path": "/etc/passwd"},
        {"path": "sub//b.html"},
        {"path": "."},
        {"path": ""},
        {"path": "a\0.html"},
        {"path": 7},
        {"root": 1},
        {"root": -1},
        {"root": True},
        {"page": "0"},
        {"size": [1]},
        {"size": None},
        {"sha256": ["0" * 64, "x" * 64]},
        {"sha256": "0" * 64},
        {"edits": [[5, 4, ""]]},
        {"edits": [[0, 10**9, ""]]},
        {"edits": [[0, 1, "?"]]},
        {"edits": [[0, 1, 7]]},
        {"edits": [[9, 9, ""], [3, 3, ""]]},
        {"edits": {}},
        {"undone": "all"},
    ],
    ids=str,
)
def test_a_line_that_is_not_sound_is_named_and_the_rest_is_undone(cleaned, journals, values):
    """Paths that lead elsewhere, places out of range, bytes that are none: nothing is done for them."""
    outside = cleaned.parent / "outside.html"
    outside.write_bytes((cleaned / "a.html").read_bytes())
    head, first, second = lines(journals)
    rewrite(journals, [head, changed(first, **values), second])
    before = snapshot(cleaned.parent)
    bad, good = undo(journals)
    assert "line 2 cannot be used" in str(bad.error)
    assert good.error is None
    after = snapshot(cleaned.parent)
    journal, restored = journals.find(None), cleaned / "sub" / "b.html"
    assert {path for path in before if after[path] != before[path]} == {journal, restored}


@pytest.mark.parametrize(
    "line", ["", "{", "[1]", "7", '"\\ud800"', "[" * 100_000, '{"page": 1e999}'], ids=lambda x: x[:9]
)
def test_a_line_that_is_no_record_is_named(cleaned, journals, line):
    """A line that is no JSON, or JSON too deep to read, does not keep the others from being undone."""
    written = lines(journals)
    rewrite(journals, [written[0], line, *written[1:]])
    told = undo(journals)
    assert [each.error is None for each in told] == [False, True, True]
    assert (cleaned / "a.html").read_bytes() == doubled_page(0)


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"captionfix_journal": 3}, "another captionfix"),
        ({"captionfix_journal": "1"}, "no journal of captionfix"),
        ({"captionfix_journal": True}, "no journal of captionfix"),
        ({"run": "../../x"}, "no sound name"),
        ({"run": None}, "no sound name"),
        ({"roots": []}, "no folders"),
        ({"roots": ["relative"]}, "no sound name"),
        ({"roots": ["/srv/../etc"]}, "no sound name"),
        ({"roots": ["/srv\0"]}, "no sound name"),
        ({"roots": [7]}, "no sound name"),
        ({"time": "yesterday"}, "not a valid journal"),
    ],
    ids=str,
)
def test_a_header_that_is_not_sound_stops_everything(cleaned, journals, values, says):
    """Unknown versions, runs and folders without sound names are refused before anything is done."""
    before = snapshot(cleaned)
    head, *rest = lines(journals)
    rewrite(journals, [changed(head, **values), *rest])
    with pytest.raises(JournalError, match=says):
        undo(journals)
    assert snapshot(cleaned) == before


def test_a_file_that_is_no_journal_is_left_as_it_is(tmp_path):
    """Naming some other file as a journal is an error and does not touch it."""
    path = tmp_path / "notes.txt"
    path.write_bytes(b"shopping\nlist")
    for _ in range(2):
        with pytest.raises(JournalError, match="not a valid journal"):
            Reader(path)
    assert path.read_bytes() == b"shopping\nlist"


@pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")
def test_links_that_were_swapped_in_are_not_followed(cleaned, journals):
    """A page or a folder that has become a link is refused, though the digests agree."""
    elsewhere = cleaned.parent / "elsewhere"
    (cleaned / "sub").rename(elsewhere)
    (cleaned / "sub").symlink_to(elsewhere)
    page = cleaned.parent / "page.html"
    (cleaned / "a.html").rename(page)
    (cleaned / "a.html").symlink_to(page)
    before = snapshot(cleaned.parent)
    told = undo(journals)
    assert ["through a link" in str(each.error) for each in told] == [True, True]
    after = snapshot(cleaned.parent)
    assert {path for path in before if after[path] != before[path]} <= {journals.find(None)}


@pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")
def test_a_root_that_has_become_a_link_is_refused(cleaned, journals):
    """The folder itself counts too."""
    moved = cleaned.with_name("moved")
    cleaned.rename(moved)
    cleaned.symlink_to(moved)
    assert all("through a link" in str(each.error) for each in undo(journals))
    assert (moved / "a.html").read_bytes() != doubled_page(0)


@pytest.mark.parametrize("which", [0, 1])
def test_digests_must_agree(cleaned, journals, which):
    """A journal whose digests are not those of the page, or whose bytes do not give the old page, does nothing."""
    head, first, second = lines(journals)
    digests = json.loads(first)["sha256"]
    digests[which] = atomic.digest(b"other")
    rewrite(journals, [head, changed(first, sha256=digests), second])
    before = (cleaned / "a.html").read_bytes()
    bad, good = undo(journals)
    assert bad.error is not None
    assert good.error is None
    assert (cleaned / "a.html").read_bytes() == before


def test_bytes_that_do_not_give_the_old_page_are_refused(cleaned, journals):
    """Foreign bytes in a record never reach a page."""
    head, first, second = lines(journals)
    (edit, *_) = json.loads(first)["edits"]
    rewrite(journals, [head, changed(first, edits=[[edit[0], edit[1], "PHNjcmlwdD4="]]), second])
    bad, _ = undo(journals)
    assert "does not hold its old bytes" in str(bad.error)
    assert b"<script>" not in (cleaned / "a.html").read_bytes()


@settings(max_examples=30)  # each example is a run over files
@given(cut=st.integers(0, 10_000))
def test_a_journal_may_be_cut_anywhere(tmp_path_factory, cut):
    """Of a journal that was cut off, all whole lines count, the rest is passed over, and undo adds to it soundly."""
    journals = JournalStore(tmp_path_factory.mktemp("state"))
    root = tmp_path_factory.mktemp("site").resolve()
    for name in ("a.html", "b.html", "c.html"):
        (root / name).write_bytes(doubled_page(3))
    run = batch.journal_for([root], journals, "1.0")
    list(batch.replace_pages([root], Settings(), run, journals))
    raw = run.path.read_bytes()
    run.path.write_bytes(raw[: cut % len(raw)])
    whole = raw[: cut % len(raw)].count(b"\n") - 1
    if whole < 0:
        with pytest.raises(JournalError, match="nothing to undo"):
            Reader(run.path)
        return
    for _ in range(2):
        told = list(restore.undo(Reader(run.path)))
        assert [each.error for each in told] == [None] * whole
        assert not any(isinstance(entry, Damage) for entry in Reader(run.path).lines())
    tally = Reader(run.path).tally()
    assert (tally.pages, tally.undone) == (whole, whole)
    assert (
        sorted(path.read_bytes() == doubled_page(3) for path in root.iterdir())
        == [False] * (3 - whole) + [True] * whole
    )


def test_numbers_of_pages_that_are_not_there_mark_nothing(cleaned, journals):
    """Marks out of range are passed over, and do not take memory."""
    with Marker(journals.find(None)) as marker:
        marker.add([10**15, 1])
    reader = Reader(journals.find(None))
    assert [type(entry) for entry in reader.lines()] == [Record, Record, Undone]
    assert reader.tally().undone == 1


def test_a_list_shows_journals_that_cannot_be_used(cleaned, journals, capsys):
    """Empty, foreign and running journals are listed as what they are, with nothing a terminal acts on."""
    from captionfix.cli.undo import list_journals

    (journals.folder / "20990101T000000000000-0123abcd.jsonl").write_bytes(b"")
    head = lines(journals)[0]
    bad = json.dumps({**json.loads(head), "roots": ["/\x1b[31m\u202e"]})
    (journals.folder / "20990102T000000000000-0123abcd.jsonl").write_text(bad + "\n")
    with Journal(journals.folder, (cleaned,), "1.0") as live:
        live.add([])
        list_journals(journals.state)
    told = capsys.readouterr().out
    assert "\x1b" not in told
    assert "\u202e" not in told
    states = {row.split("\t")[0]: row.split("\t")[4] for row in told.splitlines()}
    assert states[live.run] == "goes on"
    assert "nothing to undo" in states["20990101T000000000000-0123abcd"]
    assert states[json.loads(head)["run"]] == "can be undone"
