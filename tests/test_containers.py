"""The contract of containers, for every sample in fixtures/archives."""

import io
import os
import random
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from contained import CRAWLS, DOUBLED, SAMPLES, SETTINGS, errors, raw_records, run, write_zip
from unpacking import READERS, Seen, reader

from captionfix import clean
from captionfix.archives import restore
from captionfix.archives.journal_reader import Reader
from captionfix.archives.journal_store import JournalStore
from captionfix.containers import FORMS, form_of
from captionfix.runs import batch

samples = pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.name)


def cleaned(seen: Seen, sample: Path) -> bytes:
    """What a member is to become."""
    if b"<html" not in seen.data[:500].lower():
        return seen.data
    is_text = sample.name.startswith("pages")
    return clean(seen.data, settings=replace(SETTINGS, encoding="utf-8" if is_text else None)).html


def test_every_form_and_packing_has_a_sample():
    """What stands in the table is held to the contract."""
    told = {(found[0].key, found[1]) for path in SAMPLES if (found := form_of(path.read_bytes()[:65536]))}
    assert {form.key for form in FORMS} == {key for key, _ in told}
    assert {path.name.split(".", 1)[1] for path in SAMPLES} == {ending[1:] for ending in READERS}


@samples
def test_without_a_finding_the_copy_is_the_container(sample, tmp_path):
    """Nothing is written anew where nothing changes."""
    outcomes = run(sample, tmp_path / sample.name, replace(SETTINGS, ignore=("CF",)))
    assert not errors(outcomes)
    assert sum(each.findings is not None for each in outcomes) == 3
    assert (tmp_path / sample.name).read_bytes() == sample.read_bytes()
    assert (tmp_path / sample.name).stat().st_mtime_ns == sample.stat().st_mtime_ns


@samples
def test_pages_change_as_they_do_alone_and_all_else_stays(sample, tmp_path):
    """Members keep their order and all that is known of them; each page is what cleaning it alone gives."""
    out = tmp_path / sample.name
    outcomes = run(sample, out)
    assert not errors(outcomes)
    before, after = reader(sample)(sample), reader(sample)(out)
    assert [(each.name, each.rest) for each in after] == [(each.name, each.rest) for each in before]
    assert [each.data for each in after] == [cleaned(each, sample) for each in before]
    assert sum(one.data != other.data for one, other in zip(before, after, strict=True)) == 2
    run(out, tmp_path / f"again-{sample.name}")
    assert (tmp_path / f"again-{sample.name}").read_bytes() == out.read_bytes()


@samples
def test_findings_name_container_member_and_offset(sample):
    """Each finding has the container, the member and where that begins."""
    outcomes = [each for each in run(sample) if each.findings]
    assert outcomes
    for each in outcomes:
        assert each.within.container == str(sample)
        assert each.locator == f"{sample}!{each.within.member}"
        assert {finding.page for finding in each.findings} == {each.locator}
    offsets = [each.within.offset for each in outcomes]
    assert offsets == sorted(set(offsets))


@samples
def test_a_container_that_is_cut_off_is_read_to_the_cut(sample, tmp_path):
    """Wherever it ends, nothing breaks: the error has an offset, what stands before is cleaned and written."""
    whole = sample.read_bytes()
    after = {each.name: cleaned(each, sample) for each in reader(sample)(sample)}
    draw = random.Random(16)
    for end in {len(whole) - 1, *(draw.randrange(len(whole) // 2, len(whole)) for _ in range(5))}:
        cut, out = tmp_path / f"{end}-{sample.name}", tmp_path / f"out-{end}-{sample.name}"
        cut.write_bytes(whole[:end])
        outcomes = run(cut, out)
        told = [each.error for each in outcomes if each.error is not None]
        if not told:  # only what carries nothing is missing, such as the last line's end
            assert reader(sample)(out)
            continue
        assert all(each.offset is not None for each in told), told
        for each in outcomes:
            if each.findings is not None:
                assert each.within.member in after
        assert not list(tmp_path.glob(".captionfix*"))


@samples
def test_damage_breaks_nothing_else(sample, tmp_path):
    """A flipped byte is at most an error with a place; the copy stands, whole, or there is none."""
    whole = sample.read_bytes()
    draw = random.Random(61)
    for number in range(12):
        data = bytearray(whole)
        data[draw.randrange(len(data))] ^= 1 << draw.randrange(8)
        path = tmp_path / f"{number}-{sample.name}"
        path.write_bytes(data)
        for each in run(path, tmp_path / f"out-{path.name}"):
            assert "at fault" not in str(each.error)
        assert not list(tmp_path.glob(".captionfix*"))


@samples
def test_a_pipe_gives_the_same_bytes(sample, tmp_path):
    """What comes through a pipe goes out as it does from a file, where there are no pictures to look at."""
    run(sample, tmp_path / sample.name)
    out = io.BytesIO()
    outcomes = list(batch.run_pipe(batch.Pipe(io.BytesIO(sample.read_bytes())), SETTINGS, out=out))
    assert not errors(outcomes)
    (tmp_path / "out").write_bytes(out.getvalue())
    if sample in CRAWLS:  # what tells of the change has no digest of what is not there yet
        assert raw_records(tmp_path / "out")[1:] == raw_records(tmp_path / sample.name)[1:]
    else:
        assert out.getvalue() == (tmp_path / sample.name).read_bytes()


@pytest.mark.slow
@samples
def test_jobs_change_no_byte(sample, tmp_path):
    """Two processes write what one does, and tell the same."""
    told = [run(sample, tmp_path / f"{jobs}-{sample.name}", jobs=jobs) for jobs in (1, 2)]
    assert told[0] == told[1]
    assert (tmp_path / f"1-{sample.name}").read_bytes() == (tmp_path / f"2-{sample.name}").read_bytes()


def replaced(path, state, jobs=1):
    journals = JournalStore(state)
    run = batch.journal_for([path], journals, "1")
    return list(batch.replace_pages([path], SETTINGS, run, journals, jobs=jobs))


def undone(state):
    journals = JournalStore(state)
    return list(restore.undo(Reader(journals.find(None))))


@samples
def test_in_place_is_as_into_a_copy_and_comes_back(sample, tmp_path):
    """A form that may be replaced is replaced whole, with mode and times kept; undo gives each byte back."""
    path, state = tmp_path / "site" / sample.name, tmp_path / "state"
    path.parent.mkdir()
    path.write_bytes(sample.read_bytes())
    path.chmod(0o640)
    os.utime(path, ns=(10**18, 10**18))
    run(sample, tmp_path / sample.name)
    outcomes = replaced(path, state)
    if not form_of(sample.read_bytes()[:65536])[0].in_place:
        (told,) = errors(outcomes)
        assert "is not replaced where it is; name an output for its copy, -o OUT" in told
        assert path.read_bytes() == sample.read_bytes()
        assert not [each for each in replaced(path.parent, state) if each.error is not None]
        assert not JournalStore(state).paths()
        return
    assert not errors(outcomes)
    assert path.read_bytes() == (tmp_path / sample.name).read_bytes() != sample.read_bytes()
    assert (path.stat().st_mode & 0o777, path.stat().st_mtime_ns) == (0o640, 10**18)
    before = path.read_bytes()
    assert not errors(replaced(path, state))
    assert path.read_bytes() == before
    assert len(JournalStore(state).paths()) == 1
    assert [(each.error, each.was_old) for each in undone(state)] == [(None, False)]
    assert path.read_bytes() == sample.read_bytes()
    assert (path.stat().st_mode & 0o777, path.stat().st_mtime_ns) == (0o640, 10**18)
    assert [each.was_old for each in undone(state)] == [True]
    assert sorted(each.name for each in path.parent.iterdir()) == [sample.name]
    assert [each.suffix for each in (state / "journals").iterdir()] == [".jsonl"]


def test_what_changed_since_is_not_undone(tmp_path):
    """A container that is another now stays as it is; so does one whose old bytes are others."""
    path = write_zip(tmp_path / "a.zip", ("a.html", DOUBLED))
    assert not errors(replaced(path, tmp_path / "state"))
    after = path.read_bytes()
    path.write_bytes(b"boats")
    (told,) = undone(tmp_path / "state")
    assert "changed since it was cleaned" in str(told.error)
    path.write_bytes(after)
    (aside,) = (tmp_path / "state" / "journals").glob("*.files/*")
    aside.write_bytes(b"boats")
    (told,) = undone(tmp_path / "state")
    assert "changed; fix it by hand" in str(told.error)
    assert path.read_bytes() == after


def test_containers_that_may_not_be_replaced_are_named(tmp_path, monkeypatch):
    """A read-only one, one of several names, and one for which there is no space stay as they are."""
    paths = [write_zip(tmp_path / f"{name}.zip", ("a.html", DOUBLED)) for name in "abc"]
    paths[0].chmod(0o444)
    os.link(paths[1], tmp_path / "other")
    usage = shutil.disk_usage
    told = errors(replaced(paths[0], tmp_path / "state")) + errors(replaced(paths[1], tmp_path / "state"))
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(path)._replace(free=1000))
    told += errors(replaced(paths[2], tmp_path / "state"))
    assert "is read-only" in told[0]
    assert "has 2 names" in told[1]
    assert "which has 1,000 left" in told[2]
    assert len({path.read_bytes() for path in paths}) == 1
    assert not list(tmp_path.glob(".captionfix*"))
