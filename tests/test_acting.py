"""Plans carried out, taken back, read from files, and plans that lie."""

import dataclasses
import json
import os
import stat

import pytest
from acts import group, member, picture, retold, write
from hypothesis import given, settings
from hypothesis import strategies as st
from pages import command_line, snapshot

from captionfix.archives import journal_reader, removal, restore
from captionfix.archives.journal_store import JournalStore
from captionfix.cli.act import Choice, RemoveChoice, act
from captionfix.dedupe import acting, plans, relink
from captionfix.dedupe.plans import DedupePolicy, RemovalMethod
from captionfix.errors import UsageError

BOTH = DedupePolicy(relink=True, remove=RemovalMethod.QUARANTINE)
PAGE = (
    "<!DOCTYPE html>\r\n<p>caf\xe9 <IMG class=x src = 'img/b.png' srcset='img/c.png 1x,x.png 2x'>\r\n"
    "<a href=\"img/b.png\"><b style='background:url(img/c.png)'></p></i>\x80"
).encode("latin-1")


@pytest.fixture
def site(tmp_path):
    files = {"img/a.png": picture(), "img/b.png": picture(), "img/c.png": retold(), "page.html": PAGE}
    return write(tmp_path / "site", files | {"css/a.css": "p{background:url( ../img/b.png )}", "x.html": "<p>boat"})


@pytest.fixture
def journals(tmp_path):
    return JournalStore(tmp_path / "state")


def groups(site):
    return [group(site, "img/a.png", "img/b.png", "img/c.png")]


def carry_out(plan, journals, *, dry_run=False):
    run = acting.journal_for(plan, journals, "1.0")
    return list(acting.apply(plan, None if dry_run else run, journals))


def do(site, journals, policy=BOTH):
    told = carry_out(relink.plan(site, groups(site), policy), journals)
    assert not errors(told)
    return told


def undo(journals, only=(), *, dry_run=False, name=None):
    return list(restore.undo(journal_reader.Reader(journals.find(name)), only, dry_run=dry_run))


def errors(told):
    return [str(each.error) for each in told if each.error is not None]


def test_pages_change_in_these_bytes_alone(site, journals):
    """Every other byte stays; the files that nothing names any more are gone."""
    do(site, journals)
    page = PAGE.replace(b"img/b.png", b"img/a.png").replace(b"img/c.png", b"img/a.png")
    assert (site / "page.html").read_bytes() == page
    assert (site / "css/a.css").read_bytes() == b"p{background:url( ../img/a.png )}"
    assert sorted(path.name for path in snapshot(site)) == ["a.css", "a.png", "page.html", "x.html"]


@pytest.mark.parametrize("way", [None, *RemovalMethod])
@pytest.mark.parametrize("relinks", [True, False])
def test_undo_gives_every_byte_back(site, journals, way, relinks):
    """Whatever was asked for; times and modes of files too."""
    os.utime(site / "img/b.png", ns=(10**18, 10**18 + 7))
    (site / "img/b.png").chmod(0o640)
    before = {path: (raw, path.stat().st_mode, path.stat().st_mtime_ns) for path, raw in snapshot(site).items()}
    told = relink.plan(site, groups(site), DedupePolicy(relink=relinks, remove=way))
    carry_out(told, journals)
    if told.is_empty:
        assert not journals.paths()
    else:
        assert not errors(undo(journals, dry_run=True))
        assert not errors(undo(journals))
        assert all(each.was_old for each in undo(journals))
    after = {path: (raw, path.stat().st_mode, path.stat().st_mtime_ns) for path, raw in snapshot(site).items()}
    assert after == before
    assert not list(journals.folder.glob("*.files"))


def test_doing_it_twice_changes_nothing(site, journals):
    """A plan that was carried out is done before; a new one is empty."""
    plan = relink.plan(site, groups(site), BOTH)
    kept = [group(site, "img/a.png")]
    carry_out(plan, journals)
    after = snapshot(site)
    again = carry_out(plan, journals)
    assert all(each.was_done for each in again)
    assert snapshot(site) == after
    assert len(journals.paths()) == 1
    assert relink.plan(site, kept, BOTH).is_empty


def test_looking_only(site, journals):
    """A dry run tells what would come of it, and touches nothing."""
    before = snapshot(site)
    plan = relink.plan(site, groups(site), BOTH)
    seen = carry_out(plan, journals, dry_run=True)
    assert snapshot(site) == before
    assert not journals.folder.exists()
    assert seen == carry_out(plan, journals)


def test_hard_links(site, journals):
    """The name stays, with the kept file behind it; undo parts them again."""
    do(site, journals, DedupePolicy(remove=RemovalMethod.HARDLINK))
    assert (site / "img/a.png").samefile(site / "img/b.png")
    assert not (site / "img/a.png").samefile(site / "img/c.png")
    undo(journals)
    assert not (site / "img/a.png").samefile(site / "img/b.png")


def test_a_page_that_changed_is_refused_and_its_files_stay(site, journals):
    """The rest goes on; a file that it names is not removed, and nothing dangles."""
    plan = relink.plan(site, groups(site), BOTH)
    (site / "page.html").write_bytes(PAGE + b"<p>more")
    told = carry_out(plan, journals)
    assert "page.html: changed since the plan was made" in errors(told)[0]
    assert (site / "page.html").read_bytes() == PAGE + b"<p>more"
    assert (site / "css/a.css").read_bytes() == b"p{background:url( ../img/a.png )}"
    assert sorted(path.name for path in (site / "img").iterdir()) == ["a.png", "b.png", "c.png"]
    assert len(errors(told)) == 3


def test_a_page_that_came_meanwhile_keeps_its_files(site, journals):
    """Before a file goes, the whole archive is read again."""
    plan = relink.plan(site, groups(site), BOTH)
    write(site, {"new.json": '["/img/b.png"]'})
    assert "new.json:1:8 names it (text)" in errors(carry_out(plan, journals))[0]
    assert (site / "img/b.png").exists()
    assert not (site / "img/c.png").exists()


@pytest.mark.parametrize("name", ["img/a.png", "img/b.png"])
def test_images_that_changed_are_refused(site, journals, name):
    """Neither is a place led to another picture, nor a file removed that is no longer the one compared."""
    plan = relink.plan(site, groups(site), BOTH)
    (site / name).write_bytes(picture(9))
    before = snapshot(site)
    told = carry_out(plan, journals)
    assert any("changed since it was compared" in each for each in errors(told))
    after = snapshot(site)
    assert after[site / name] == picture(9)
    assert (after == before) == (name == "img/a.png")


def test_undo_refuses_what_changed(site, journals):
    """A file that somebody put there stays, and so does a page that would name a file that is gone."""
    do(site, journals)
    write(site, {"img/c.png": picture(7)})
    (journals.folder / f"{journals.paths()[0].stem}.files").rename(journals.folder / "lost")
    told = errors(undo(journals))
    assert any("c.png: is another file now" in each for each in told)
    assert any("b.png: cannot be brought back" in each for each in told)
    assert any("page.html: would name" in each for each in told)
    assert (site / "img/c.png").read_bytes() == picture(7)
    assert b"img/b.png" not in (site / "page.html").read_bytes()


@pytest.mark.parametrize("way", ["delete", "hardlink"])
def test_deleted_files_come_back_from_the_kept_one_only(site, journals, way):
    """Where the kept file is another one by then, nothing is made up."""
    do_copies = relink.plan(
        site, [group(site, "img/a.png", "img/b.png")], DedupePolicy(relink=True, remove=RemovalMethod(way))
    )
    assert not errors(carry_out(do_copies, journals))
    (site / "img/a.png").unlink()
    (site / "img/a.png").write_bytes(picture(5))
    if way == "hardlink":
        (site / "img/b.png").unlink()
    assert any("cannot be brought back" in each for each in errors(undo(journals)))
    assert not (site / "img/b.png").exists()


def test_undo_of_some_paths(site, journals):
    """A page alone is not given back while its files are gone; the files alone are."""
    do(site, journals)
    assert "which is gone" in errors(undo(journals, [site / "page.html"]))[0]
    assert not errors(undo(journals, [site / "img"]))
    assert (site / "img/b.png").read_bytes() == picture()
    assert not errors(undo(journals, [site / "page.html"]))
    assert (site / "page.html").read_bytes() == PAGE


def test_quarantine_on_another_file_system(site, journals, monkeypatch):
    """What cannot be renamed is copied, synced, and only then removed."""
    rename = type(site).rename

    def elsewhere(path, to):
        if path.parent == site / "img":
            raise OSError(18, "Invalid cross-device link")
        return rename(path, to)

    before = snapshot(site)
    monkeypatch.setattr(type(site), "rename", elsewhere)
    do(site, journals)
    assert not (site / "img/b.png").exists()
    monkeypatch.undo()
    undo(journals)
    assert snapshot(site) == before


def test_pages_that_may_not_be_replaced_keep_their_files(site, journals):
    """Read-only pages and pages with several names are refused, and what they name stays."""
    (site / "page.html").chmod(0o444)
    told = carry_out(relink.plan(site, groups(site), BOTH), journals)
    assert "page.html: is read-only" in errors(told)[0]
    assert (site / "img/b.png").exists()
    assert (site / "page.html").read_bytes() == PAGE
    assert not list(site.rglob(".captionfix*"))


def test_a_stopped_run_is_ended_by_the_next(site, journals, monkeypatch):
    """Pages come first: a run that stops among the files leaves none that a page still names gone."""
    before = snapshot(site)
    plan = relink.plan(site, groups(site), BOTH)

    def stop(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(removal, "remove", stop)
    with pytest.raises(KeyboardInterrupt):
        carry_out(plan, journals)
    monkeypatch.undo()
    assert b"img/b.png" not in (site / "page.html").read_bytes()
    assert (site / "img/b.png").exists()
    assert not errors(carry_out(plan, journals))
    assert not (site / "img/b.png").exists()
    for path in journals.paths():
        assert not errors(undo(journals, name=path.stem))
    assert snapshot(site) == before


def test_plans_come_back_from_files(site, tmp_path):
    """A plan read back is the plan that was written, whatever its names are."""
    name = b"\xff\n'\"b.png".decode("utf-8", "surrogateescape") if os.name != "nt" else "b'.png"
    write(site, {name: picture()})
    told = relink.plan(site, [group(site, "img/a.png", name, "img/c.png")], BOTH)
    assert name in [each.file for each in told.removals]
    plans.save(told, tmp_path / "plan.json")
    assert plans.load(tmp_path / "plan.json") == told


def test_a_plan_knows_the_address_of_its_archive(site, journals, tmp_path):
    """Places with the whole address are edited as planned, also by a plan that comes from a file."""
    write(site, {"page.html": "<img src='https://site.example/img/b.png'>", "css/a.css": ""})
    told = relink.plan(site, groups(site), BOTH, url="https://site.example/")
    plans.save(told, tmp_path / "plan.json")
    assert not errors(carry_out(plans.load(tmp_path / "plan.json"), journals))
    assert (site / "page.html").read_text() == "<img src='https://site.example/img/a.png'>"
    assert not (site / "img/b.png").exists()


def changed(data, *path, to):
    *path, last = path
    for step in path:
        data = data[step]
    data[last] = to


@pytest.mark.parametrize(
    ("path", "to", "says"),
    [
        (["captionfix_plan"], 2, "its form is 2"),
        (["root"], "site", "no sound name"),
        (["root"], "/srv/../etc", "no sound name"),
        (["url"], ["https://site.example"], "a text is none"),
        (["moves", 0, "file"], "../b.png", "leads elsewhere"),
        (["moves", 0, "keep"], "/etc/passwd", "leads elsewhere"),
        (["moves", 0, "keep"], "img/b.png", "kept and goes"),
        (["moves", 0, "sha256"], ["x", "y"], "digest"),
        (["pages", 0, "page"], "../../page.html", "leads elsewhere"),
        (["pages", 0, "page"], "a\0b", "no text"),
        (["pages", 0, "relinks", 0, "start"], -1, "number"),
        (["pages", 0, "relinks", 0, "file"], "img/a.png", "none of its moves"),
        (["removals", 0, "file"], "page.html", "none of its moves"),
        (["removals", 0, "way"], "burn", "burn"),
        (["policy"], None, "another kind"),
        (["moves"], 3, "another kind"),
    ],
)
def test_plans_that_are_not_sound_are_refused_whole(site, tmp_path, path, to, says):
    """Nothing is done before all of a plan has been checked."""
    told = plans.as_json(relink.plan(site, groups(site), BOTH))
    changed(told, *path, to=to)
    (tmp_path / "plan.json").write_text(json.dumps(told))
    with pytest.raises(UsageError, match=says):
        plans.load(tmp_path / "plan.json")
    for text in ("", "[" * 100_000, "[]", "null"):
        (tmp_path / "plan.json").write_text(text)
        with pytest.raises(UsageError, match="sound"):
            plans.load(tmp_path / "plan.json")


@pytest.mark.parametrize(
    ("path", "to"),
    [
        (["pages", 1, "relinks", 0, "new"], "x' onerror='alert(1)"),
        (["pages", 1, "relinks", 0, "new"], "https://elsewhere.example/a.png"),
        (["pages", 1, "relinks", 0, "start"], 3),
        (["pages", 1, "relinks", 0, "file"], "img/c.png"),
    ],
)
def test_plans_that_lie_about_pages_change_nothing(site, journals, tmp_path, path, to):
    """What a page is to say is worked out anew; another text, another place or another file is refused."""
    told = plans.as_json(relink.plan(site, groups(site), DedupePolicy(relink=True)))
    assert told["pages"][1]["page"] == "page.html"
    changed(told, *path, to=to)
    (tmp_path / "plan.json").write_text(json.dumps(told))
    done = carry_out(plans.load(tmp_path / "plan.json"), journals)
    assert "page.html: is not what the plan says" in errors(done)[0]
    assert (site / "page.html").read_bytes() == PAGE


def test_plans_that_lie_about_files_remove_nothing(site, journals):
    """Files of other bytes than the kept one's are not deleted, whatever digests a plan names."""
    told = relink.plan(site, groups(site), DedupePolicy(remove=RemovalMethod.DELETE))
    move = next(each for each in told.moves if each.file == "img/c.png")
    write(site, {"page.html": ""})
    for digests in (move.digests, (move.digests[0], move.digests[0])):
        lie = dataclasses.replace(
            told,
            moves=(dataclasses.replace(move, digests=digests),),
            removals=(plans.Removal("img/c.png", RemovalMethod.DELETE, 9),),
        )
        assert errors(carry_out(lie, journals))
        assert (site / "img/c.png").exists()


@pytest.mark.skipif(os.name == "nt", reason="links are those of POSIX")
@pytest.mark.parametrize("name", ["page.html", "img", "img/a.png", "img/b.png"])
def test_nothing_is_followed_out_of_the_archive(site, journals, tmp_path, name):
    """A page, a folder or an image that a link has taken the place of is refused; what it leads to stays."""
    plan = relink.plan(site, groups(site), BOTH)
    (site / name).rename(tmp_path / "outside")
    (site / name).symlink_to(tmp_path / "outside")
    before = snapshot(tmp_path / "outside") if name == "img" else (tmp_path / "outside").read_bytes()
    assert errors(carry_out(plan, journals))
    after = snapshot(tmp_path / "outside") if name == "img" else (tmp_path / "outside").read_bytes()
    assert after == before
    assert (site / name).is_symlink()


def test_journals_of_removed_files_are_not_trusted(site, journals, tmp_path):
    """Paths that lead elsewhere, and ways that do not exist, are damaged lines; rights of owners are not lent."""
    do(site, journals, DedupePolicy(relink=True, remove=RemovalMethod.QUARANTINE))
    (path,) = journals.paths()
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    at = next(number for number, line in enumerate(lines) if "file" in line)
    for name, value in (
        ("path", "../x.png"),
        ("keep", "/etc/passwd"),
        ("way", "burn"),
        ("sha256", "x"),
        ("mode", 2**20),
    ):
        spoilt = [line | {name: value} if number == at else line for number, line in enumerate(lines)]
        path.write_text("".join(json.dumps(line) + "\n" for line in spoilt))
        assert any("cannot be used" in each for each in errors(undo(journals, dry_run=True)))
    assert not (tmp_path / "x.png").exists()
    deleted = lines[at] | {"way": "delete", "mode": 0o6755, "sha256": lines[at]["sha256"]}
    path.write_text("".join(json.dumps(deleted if number == at else line) + "\n" for number, line in enumerate(lines)))
    undo(journals)
    assert stat.S_IMODE((site / lines[at]["path"]).stat().st_mode) == 0o755


def test_the_state_folder_stands_elsewhere(site):
    """Journals and quarantine never stand in the archive."""
    with pytest.raises(UsageError, match="--state-dir"):
        acting.journal_for(relink.plan(site, groups(site), BOTH), JournalStore(site / "state"), "1.0")


@pytest.mark.slow
def test_a_large_style_sheet(site, journals):
    """Five million bytes of rules are edited, and come back."""
    sheet = b"p{color:red}/* img */\n" * 240_000 + b"p{background:url(../img/b.png)}"
    write(site, {"css/a.css": sheet})
    do(site, journals)
    assert (site / "css/a.css").read_bytes() == sheet.replace(b"img/b.png", b"img/a.png")
    undo(journals)
    assert (site / "css/a.css").read_bytes() == sheet


PIECES = st.sampled_from(
    ["<img src='img/b.png'>", "<img src=img/c.png ", "<a href='/img/b.png' ", "style=\"background:url('img/c.png')\"",
     ">", "<p>", "</p>", "<!--", "-->", "<style>", "</style>", "<template>", "p{b:url(img/b.png)}", "é", "\r\n", '"',
     "'", "\0", " srcset='img/b.png 1x, img/c.png 2x'", "&amp;", "<svg>", "<table>", "img/b.png", "<script>",
     "</script>", "<base href=img/>"]
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.lists(PIECES, max_size=14), st.sampled_from(["utf-8", "utf-16", "latin-1"]))
def test_broken_pages_keep_their_bytes(tmp_path_factory, pieces, encoding):
    """However broken a page is: bytes outside of the places stay, undo gives all back, and nothing dangles."""
    folder = tmp_path_factory.mktemp("broken")
    raw = "".join(pieces).encode(encoding)
    site = write(folder / "site", {"img/a.png": b"1", "img/b.png": b"1", "img/c.png": b"1", "page.html": raw})
    before, journals = snapshot(site), JournalStore(folder / "state")
    plan = relink.plan(site, groups(site), BOTH)
    assert not errors(carry_out(plan, journals))
    at, result = 0, b""
    for page in plan.pages:
        for each in page.relinks:
            new = each.new.encode("utf-16-le" if encoding == "utf-16" else "ascii")
            result += raw[at : each.span.start] + new
            at = each.span.end
    result += raw[at:]
    assert (site / "page.html").read_bytes() == result
    text = result.decode(encoding)
    for name in ("img/b.png", "img/c.png"):
        assert name not in text or (site / name).exists()
    if not plan.is_empty:
        undo(journals)
    assert snapshot(site) == before


def test_telling_and_doing(site, tmp_path, capfdbinary):
    """Without --apply it is only told; with it done, and how to take it back."""
    before = snapshot(site)
    choice = Choice(relink=True, remove=RemoveChoice.QUARANTINE, plan=tmp_path / "plan.json")
    assert act(site, groups(site), choice, state_dir=tmp_path / "state") == 0
    told = capfdbinary.readouterr()
    assert b'page.html:2:29: "img/b.png" would be "img/a.png"' in told.out
    assert b"img/b.png: would go into quarantine; img/a.png stays" in told.out
    assert (
        f"5 places in 2 pages to relink, 2 files to remove, {len(picture()) + len(retold()):,} bytes".encode()
        in told.out
    )
    assert b"nothing was written" in told.err
    assert snapshot(site) == before
    assert act(site, groups(site), dataclasses.replace(choice, apply=True), state_dir=tmp_path / "state") == 0
    told = capfdbinary.readouterr()
    assert b"5 places in 2 pages relinked, 2 files removed" in told.out
    assert b"takes it back" in told.err
    with pytest.raises(UsageError, match="is inside the archive"):
        act(site, [], dataclasses.replace(choice, plan=site / "plan.json"))
    for options in ({"apply": True}, {"one_size": True}, {"plan": tmp_path / "p"}):
        with pytest.raises(UsageError, match="--relink"):
            act(site, [], Choice(**options))


def test_refusals_are_told(site, tmp_path, capfdbinary):
    """How many always, why each where it is asked for."""
    told = [group(site, "img/a.png", member(site, "img/b.png", relink.ImageRelation.CROP))]
    act(site, told, Choice(relink=True), state_dir=tmp_path / "state")
    assert b"1 refusal; -v tells why each" in capfdbinary.readouterr().err
    act(site, told, Choice(relink=True), state_dir=tmp_path / "state", verbose=True)
    assert b"refused: img/b.png: is a crop" in capfdbinary.readouterr().out


def test_the_commands(site, tmp_path):
    """apply, journal list and undo, as users run them."""
    state = {"environment": {"CAPTIONFIX_STATE_DIR": str(tmp_path / "state")}}
    before, path = snapshot(site), tmp_path / "plan.json"
    plans.save(relink.plan(site, groups(site), BOTH), path)
    looked = command_line("apply", path, "--dry-run", **state)
    assert (looked.returncode, snapshot(site)) == (0, before)
    assert b"5 places in 2 pages to relink, 2 files to remove" in looked.stdout
    done = command_line("apply", path, **state)
    assert done.returncode == 0
    assert b"img/b.png: is in quarantine" in done.stdout
    assert b"2 done before" not in done.stdout
    assert b"4 done before" in command_line("apply", path, **state).stdout
    assert b"\t2\t2\tcan be undone\t" in command_line("journal", "list", **state).stdout
    undone = command_line("undo", **state)
    assert b"2 pages restored, 2 files brought back" in undone.stdout
    assert snapshot(site) == before
    (site / "page.html").write_bytes(b"mine")
    assert command_line("apply", path, "--quiet", **state).returncode == 2
    assert command_line("apply", site / "page.html", **state).returncode == 3
    path.rename(site / "plan.json")
    assert b"is inside the archive" in command_line("apply", site / "plan.json", **state).stderr
    (site / "plan.json").rename(path)
    site.rename(tmp_path / "moved")
    assert b"is no folder" in command_line("apply", path, **state).stderr
    assert command_line("apply", path, "--root", tmp_path / "moved", "-n", **state).returncode == 2
