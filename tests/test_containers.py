"""The contract of containers, for every sample in fixtures/archives, and what is particular to a form."""

import gc
import gzip
import hashlib
import io
import json
import os
import random
import shutil
import sys
import zipfile
from contextlib import ExitStack, closing, redirect_stdout
from dataclasses import replace
from pathlib import Path

import fastwarc.warc as fastwarc
import pytest
import warcio.archiveiterator
import zstandard
from cdxj_indexer.main import CDXJIndexer
from unpacking import READERS, Seen, reader

from captionfix import clean
from captionfix.archives import restore
from captionfix.archives.journal_reader import Reader
from captionfix.archives.journal_store import JournalStore
from captionfix.containers import FORMS, form_of
from captionfix.runs import batch
from captionfix.settings import Settings

SAMPLES = sorted((Path(__file__).parent.parent / "fixtures" / "archives").iterdir())
CRAWLS = [path for path in SAMPLES if ".warc" in path.name]
SETTINGS = Settings(cache=False, images=False)
DOUBLED = b'<!DOCTYPE html><figure><img src="a.jpg" alt="Boats leave"><figcaption>Boats leave</figcaption></figure>'
CLEAN = DOUBLED.replace(b'alt="Boats leave"', b'alt=""')
samples = pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.name)


def run(path, out=None, settings=SETTINGS, jobs=1):
    return [each for each in batch.run([path], settings, out, jobs=jobs) if not each.is_end]


def errors(outcomes):
    return [str(each.error) for each in outcomes if each.error is not None]


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


# What is particular to a form.


def write_zip(path, *entries, **options):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, **options) as archive:
        for name, data in entries:
            archive.writestr(name, data)
    return path


def left(outcomes):
    return {each.within.member: each.left for each in outcomes if each.left}


def test_hostile_entries_of_a_zip_are_passed_over_and_named(tmp_path):
    """Names that lead out, links, doubled names and encrypted entries stay as they are; the rest is cleaned."""
    link = zipfile.ZipInfo("link.html")
    link.create_system, link.external_attr = 3, 0o120777 << 16
    entries = [("../a.html", DOUBLED), ("/b.html", DOUBLED), ("C:\\c.html", DOUBLED), (link, b"page.html")]
    entries += [("page.html", DOUBLED), ("inner.zip", write_zip(tmp_path / "i.zip", ("x.html", DOUBLED)).read_bytes())]
    path = write_zip(tmp_path / "a.zip", *entries)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("twice.html", DOUBLED)
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("twice.html", DOUBLED)
    outcomes = run(path, tmp_path / "out.zip")
    assert not errors(outcomes)
    assert left(outcomes) == {
        "../a.html": "an entry whose name leads out of the archive",
        "/b.html": "an entry with an absolute name",
        "C:\\c.html": "an entry with an absolute name",
        "link.html": "a link",
        "inner.zip": "a ZIP archive",
        "twice.html": "an entry whose name stands twice",
    }
    assert sum(bool(each.notes) for each in outcomes) == 5
    with zipfile.ZipFile(tmp_path / "out.zip") as archive:
        assert {info.filename: archive.read(info) == CLEAN for info in archive.infolist()}["page.html"]
        assert archive.read("../a.html") == DOUBLED


def test_an_encrypted_entry_is_passed_over(tmp_path):
    """It is named, and stays as it is."""
    path = write_zip(tmp_path / "a.zip", ("a.html", DOUBLED), ("b.html", DOUBLED))
    data = bytearray(path.read_bytes())
    for mark, at in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        data[data.find(mark) + at] |= 1
    path.write_bytes(data)
    outcomes = run(path, tmp_path / "out.zip")
    assert left(outcomes) == {"a.html": "an encrypted entry"}
    assert [each.changed for each in outcomes if each.findings] == [True]


def test_a_zip_bomb_is_not_unpacked(tmp_path):
    """What would come to far more than it takes is named and stays as it is."""
    path = write_zip(tmp_path / "a.zip", ("a.html", b"<!DOCTYPE html>" + b" " * 5_000_000), ("b.html", DOUBLED))
    outcomes = run(path, tmp_path / "out.zip")
    assert "a.html: byte 0: cannot be read: unpacks to more than 200 times its size" in errors(outcomes)[0]
    assert [each.within.member for each in outcomes if each.changed] == ["b.html"]


class _Stream(io.RawIOBase):
    """A file that cannot be moved in, for which zipfile writes sizes behind the data."""

    def __init__(self, path):
        self.file = path.open("wb")

    def writable(self):
        return True

    def write(self, data):
        return self.file.write(data)

    def close(self):
        self.file.close()


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
@pytest.mark.parametrize("is_stream", [False, True])
def test_forms_of_zip_come_back(tmp_path, method, is_stream):
    """Whatever packs the entries, and wherever their sizes stand; its comment stays."""
    path = tmp_path / "a.zip"
    with ExitStack() as stack:
        file = stack.enter_context(closing(_Stream(path)) if is_stream else path.open("wb"))
        with zipfile.ZipFile(file, "w", method) as archive:
            archive.comment = b"boats"
            for name in ("a.html", "b/c.html"):
                with archive.open(name, "w", force_zip64=is_stream) as entry:
                    entry.write(DOUBLED)
            archive.writestr("rest.bin", bytes(range(256)))
    outcomes = run(path, tmp_path / "out.zip")
    assert not errors(outcomes)
    with zipfile.ZipFile(tmp_path / "out.zip") as archive:
        assert archive.testzip() is None
        assert archive.comment == b"boats"
        assert [archive.read(name) for name in archive.namelist()] == [CLEAN, CLEAN, bytes(range(256))]


def test_only_the_page_of_a_line_changes(tmp_path):
    """Blanks, numbers, doubled keys, other escapes and line ends of a line stay, and so do lines without the page."""
    said = "Boots\\u00e9 \\ud83d\\ude00 leave \\/ 1"
    shown = "Boots\\u00E9 \\uD83D\\uDE00 leave / 1"
    line = '{ "n" : 1.50, "body" :{"html": "%s"} , "x":"\\u0041" }\r\n'
    page = f'<figure><img src=\\"a.jpg\\" alt=\\"{said}\\">\\n<figcaption>{shown}<\\/figcaption><\\/figure>'
    path = tmp_path / "a.jsonl"
    path.write_text(line % page + '\n{"body": null}\n{"body": {"html": 5}}\n' + line.strip() % "<p>", newline="")
    outcomes = run(path, tmp_path / "out.jsonl", replace(SETTINGS, field="body.html"))
    assert not errors(outcomes)
    expected = path.read_bytes().replace(f'alt=\\"{said}\\"'.encode(), b'alt=\\"\\"')
    assert (tmp_path / "out.jsonl").read_bytes() == expected != path.read_bytes()
    assert [each.left for each in outcomes if each.left] == ["a line without body.html"] * 2


def test_a_bad_line_stays_and_is_named(tmp_path):
    """Lines that are no JSON, no UTF-8 or too long stay as they are; the others are read."""
    good = json.dumps({"html": DOUBLED.decode()}).encode() + b"\n"
    bad = (b'{"html": "<p>\n', b'{"html": "\xff"}\n', b"[1]\n", b"[" * 100_000 + b"\n", b" " * 700_000 + b"\n")
    path = tmp_path / "a.jsonl"
    path.write_bytes(good + b"".join(bad) + good)
    outcomes = run(path, tmp_path / "out.jsonl", replace(SETTINGS, max_page_bytes=10_000))
    told = [each.error for each in outcomes if each.error is not None]
    assert len(told) == 5
    assert [each.offset for each in told] == [len(good) + sum(map(len, bad[:number])) for number in range(5)]
    assert (tmp_path / "out.jsonl").read_bytes().count(b'alt=\\"\\"') == 2
    assert b"".join(bad) in (tmp_path / "out.jsonl").read_bytes()


def test_a_missing_field_is_named_with_those_there_are(tmp_path):
    """A file that is named says which fields there are; in a folder it is left alone."""
    (tmp_path / "a.jsonl").write_text('{"page": "<p>", "id": 1}\n')
    (told,) = errors(run(tmp_path / "a.jsonl"))
    assert "has no field 'html'; name the one that holds the pages, --field: page, id" in told
    assert [each.left for each in run(tmp_path) if each.left] == ["a JSON Lines file"]


def test_a_missing_extra_is_named(tmp_path, monkeypatch):
    """Without zstandard, the error says what to install."""
    monkeypatch.setitem(sys.modules, "zstandard", None)
    (told,) = errors(run(next(path for path in SAMPLES if path.suffix == ".zst")))
    assert "pip install 'captionfix[zstd]'" in told


def raw_records(path):
    """The records of a WARC file, each with its bytes as they are packed."""
    data = path.read_bytes()
    starts = [each.stream_pos for each in fastwarc.ArchiveIterator(io.BytesIO(data), parse_http=False)]
    return [data[start:end] for start, end in zip(starts, [*starts[1:], len(data)], strict=True)]


crawls = pytest.mark.parametrize("sample", CRAWLS, ids=lambda path: path.name)


@crawls
def test_records_that_do_not_change_are_the_same_bytes(sample, tmp_path):
    """Besides one record that tells of it, only those of changed pages are others, with ids of their own."""
    out = tmp_path / sample.name
    run(sample, out)
    before, after = raw_records(sample), raw_records(out)
    assert len(after) == len(before) + 1
    assert sum(one != other for one, other in zip(before, after[1:], strict=True)) == 2
    told = gzip.decompress(after[0]) if sample.suffix == ".gz" else after[0]
    assert b"WARC-Type: warcinfo" in told
    assert f"captionfix-source-digest: sha256:{hashlib.sha256(sample.read_bytes()).hexdigest()}".encode() in told
    assert b"captionfix-settings: images=False" in told
    ids = [record.rec_headers.get_header("WARC-Record-ID") for record in warcio_records(out)]
    assert len(set(ids)) == len(ids)


def warcio_records(path):
    with path.open("rb") as file:
        yield from warcio.archiveiterator.ArchiveIterator(file)


@crawls
def test_conversions_stand_behind_what_they_are_of(sample, tmp_path):
    """In the other style the crawl stays as it was; a second run adds nothing."""
    out, settings = tmp_path / sample.name, replace(SETTINGS, warc_style="conversion")
    run(sample, out, settings)
    before, after = raw_records(sample), raw_records(out)
    added = [number for number, record in enumerate(after) if record not in before]
    assert [record for record in after if record in before] == before
    assert len(added) == 3
    records = list(warcio_records(out))
    found = [(records[number], records[number - 1]) for number in added[1:]]
    for one, other in found:
        assert one.rec_type == "conversion"
        assert one.rec_headers.get_header("WARC-Refers-To") == other.rec_headers.get_header("WARC-Record-ID")
    run(out, tmp_path / f"again-{sample.name}", settings)
    assert (tmp_path / f"again-{sample.name}").read_bytes() == out.read_bytes()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # it leaves files open
@crawls
def test_an_index_finds_what_was_there(sample, tmp_path):
    """cdxj-indexer lists the same addresses, with the digests of what stands there now."""
    run(sample, tmp_path / sample.name)
    listed = []
    for path in (sample, tmp_path / sample.name):
        out = io.StringIO()
        with redirect_stdout(out):
            CDXJIndexer(None, [str(path)]).process_all()
        listed.append([line.split(" ", 2) for line in out.getvalue().splitlines()])
    gc.collect()
    assert [line[:2] for line in listed[0]] == [line[:2] for line in listed[1]]
    digests = [[json.loads(line[2])["digest"] for line in lines] for lines in listed]
    assert sum(one != other for one, other in zip(*digests, strict=True)) == 2


def crawl_of(*bodies, packing="gz", as_one=False):
    """A crawl: each body with the fields of its response."""
    parts = []
    for number, (fields, body) in enumerate(bodies):
        block = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n" + fields + b"\r\n" + body
        head = [
            "WARC/1.0",
            "WARC-Type: response",
            f"WARC-Record-ID: <urn:uuid:{number}>",
            f"WARC-Target-URI: http://a.org/{number}",
            "WARC-Date: 2020-01-01T00:00:00Z",
            "Content-Type: application/http;msgtype=response",
            f"Content-Length: {len(block)}",
        ]
        parts.append("\r\n".join([*head, "", ""]).encode() + block + b"\r\n\r\n")
    pack = {"gz": gzip.compress, "zst": zstandard.compress, "": bytes}[packing]
    return pack(b"".join(parts)) if as_one else b"".join(map(pack, parts))


@pytest.mark.parametrize(
    ("packing", "as_one"), [("gz", False), ("gz", True), ("zst", False), ("zst", True), ("", False)]
)
def test_a_crawl_may_be_packed_in_any_way(packing, as_one, tmp_path):
    """Records packed one by one come back one by one, others as one."""
    path = tmp_path / "a.warc"
    path.write_bytes(crawl_of(*[(b"", DOUBLED)] * 3, packing=packing, as_one=as_one))
    assert not errors(run(path, tmp_path / "out.warc"))
    with (tmp_path / "out.warc").open("rb") as file:
        found = [each.reader.read() for each in fastwarc.ArchiveIterator(file)]
    assert [CLEAN in each for each in found] == [False, True, True, True]
    parts = [each for each in raw_records(tmp_path / "out.warc") if each]
    assert (len(parts) == 4) == (not as_one or not packing)


def test_a_bad_record_stays_and_the_rest_is_read(tmp_path):
    """What a record is sent in may be a lie, and its bytes damaged: it is named with its place, and stays."""
    lies = [(b"Content-Encoding: gzip\r\n", DOUBLED), (b"Transfer-Encoding: chunked\r\n", DOUBLED)]
    lies += [(b"Content-Encoding: br\r\n", b"\xff" * 50), (b"Content-Encoding: boats\r\n", DOUBLED)]
    data = bytearray(crawl_of((b"", DOUBLED), *lies, (b"", DOUBLED * 2), (b"", DOUBLED)))
    path = tmp_path / "a.warc.gz"
    path.write_bytes(data)
    starts = [each.stream_pos for each in fastwarc.ArchiveIterator(io.BytesIO(data))]
    data[starts[5] + 200 : starts[5] + 220] = bytes(20)
    path.write_bytes(data)
    outcomes = run(path, tmp_path / "out.warc.gz")
    told = [each.error for each in outcomes if each.error is not None]
    assert [each.offset for each in told] == starts[1:6]
    assert sum(each.changed for each in outcomes) == 2
    assert bytes(data[starts[1] : starts[6]]) in (tmp_path / "out.warc.gz").read_bytes()


@pytest.mark.parametrize("packing", ["gz", ""])
def test_a_crawl_that_is_cut_off_says_where(packing, tmp_path):
    """However little is missing of the last record, it is named, and what stands before is cleaned."""
    whole = crawl_of((b"", DOUBLED), (b"", DOUBLED * 3), packing=packing)
    for missing in (5, 20, 100, 150):
        path = tmp_path / f"{missing}.warc"
        path.write_bytes(whole[:-missing])
        outcomes = run(path, tmp_path / f"out-{missing}.warc")
        assert any(each.error is not None and each.error.offset for each in outcomes), missing
        assert CLEAN in b"".join(
            gzip.decompress(each) if packing else each for each in raw_records(tmp_path / f"out-{missing}.warc")[:2]
        )


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
    assert "changed; mend it by hand" in str(told.error)
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
