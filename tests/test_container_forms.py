"""What is particular to a form of container."""

import gc
import gzip
import hashlib
import io
import json
import mimetypes
import sqlite3
import sys
import tarfile
import zipfile
from contextlib import ExitStack, closing, redirect_stdout
from dataclasses import replace
from pathlib import Path

import fastwarc.warc as fastwarc
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import warcio.archiveiterator
import warcio.statusandheaders
import warcio.warcwriter
import zstandard
from cdxj_indexer.main import CDXJIndexer
from contained import CLEAN, CRAWLS, DOUBLED, SAMPLES, SETTINGS, errors, raw_records, run, write_zip
from unpacking import reader

SITE = Path(__file__).parent.parent / "fixtures" / "site"


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


def test_hostile_entries_of_a_tar_are_passed_over(tmp_path):
    """Links, devices and names that lead out stay as they are; long names and sparse blocks at the end do too."""
    path = tmp_path / "a.tar"
    long = "/".join(["harbour"] * 30) + ".html"
    with tarfile.open(path, "w", format=tarfile.PAX_FORMAT) as archive:
        for name, kind in (("l.html", tarfile.SYMTYPE), ("h.html", tarfile.LNKTYPE), ("d.html", tarfile.CHRTYPE)):
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, "/etc/passwd"
            archive.addfile(info)
        for name in ("../a.html", "/b.html", long, "é.html", "é.html"):
            info = tarfile.TarInfo(name)
            info.size, info.mtime = len(DOUBLED), 1.5
            archive.addfile(info, io.BytesIO(DOUBLED))
    outcomes = run(path, tmp_path / "out.tar")
    assert not errors(outcomes)
    assert [each.left for each in outcomes if each.left] == [
        "a link",
        "a link",
        "a special file",
        "an entry whose name leads out of the archive",
        "an entry with an absolute name",
        "an entry whose name stands twice",
    ]
    with tarfile.open(tmp_path / "out.tar") as archive:
        found = [(info.name, archive.extractfile(info).read(), info.mtime) for info in archive if info.isreg()]
    assert [data for _, data, _ in found] == [DOUBLED, DOUBLED, CLEAN, CLEAN, DOUBLED]
    assert found[2][0] == long
    assert {mtime for *_, mtime in found} == {1.5}


def test_only_the_page_of_a_record_changes(tmp_path):
    """Quotes, blanks, line ends and the records without a page of a CSV file stay as they are."""
    page = DOUBLED.decode().replace('"', '""')
    text = f'id\t"html"\turl\r\n1\t"{page}\r\n{page}"\thttp://a.org/1\r\n 2 \t<p>é\t"x ""y"""\n\r\n3\t\t\n4\t"<p>"\tz'
    path = tmp_path / "a.tsv"
    path.write_bytes(text.encode())
    outcomes = run(path, tmp_path / "out.tsv")
    assert not errors(outcomes)
    assert [each.within.member for each in outcomes] == ["http://a.org/1", 'x "y"', "line 6", "z"]
    expected = text.replace(page, CLEAN.decode().replace('"', '""'))
    assert (tmp_path / "out.tsv").read_bytes() == expected.encode()


def test_a_bad_record_stays_and_is_named_with_its_place(tmp_path):
    """Too few fields are named, quotes within a field are none; a quote that never ends is where reading ends."""
    good = b'1,"' + DOUBLED.replace(b'"', b'""') + b'"\n'
    path = tmp_path / "a.csv"
    head = b"id,html\n"
    path.write_bytes(head + good + b"2\n" + good + b'3,a"b"c"d"\n' + good + b'4,"' + b"x\n" * 1_200_000)
    outcomes = run(path, tmp_path / "out.csv", replace(SETTINGS, max_page_bytes=1000))
    told = [each.error for each in outcomes if each.error is not None]
    assert [each.offset for each in told] == [len(head) + len(good), len(head) + 3 * len(good) + 2 + 11]
    assert (tmp_path / "out.csv").read_bytes().count(b'alt=""""') == 3


def test_types_and_row_groups_of_parquet_stay(tmp_path):
    """Binary and large columns, missing pages, several row groups, nested columns; a column that is none."""
    rows = [DOUBLED, None, b"<p>\xff", DOUBLED, b"<p>"]
    table = pa.table(
        {
            "page": pa.array(rows, pa.large_binary()),
            "tags": [["a"], [], None, ["b", "c"], ["d"]],
            "at": pa.array([1, 2, 3, None, 5], pa.timestamp("us", tz="UTC")),
        }
    )
    path = tmp_path / "a.parquet"
    pq.write_table(table, path, row_group_size=2, compression="gzip")
    (told,) = errors(run(path))
    assert "without a column of text 'html'; name the one that holds the pages, --field: page" in told
    outcomes = run(path, tmp_path / "out.parquet", replace(SETTINGS, field="page"))
    assert not errors(outcomes)
    assert [each.left for each in outcomes if each.left] == ["a row without page"]
    with pq.ParquetFile(tmp_path / "out.parquet") as file:
        found = file.read()
        assert file.num_row_groups == 3
        assert file.metadata.row_group(1).column(0).compression == "GZIP"
    assert found.schema == table.schema
    assert found.drop(["page"]) == table.drop(["page"])
    assert found["page"].to_pylist() == [CLEAN, None, b"<p>\xff", CLEAN, b"<p>"]


def test_a_database_is_set_where_the_user_says(tmp_path):
    """Texts and bytes are set, other rows are not; an unclear column, triggers and a log beside it are refused."""
    path = tmp_path / "a.sqlite"
    with closing(sqlite3.connect(path)) as db, db:
        db.execute('CREATE TABLE "odd ""name" (html TEXT, url TEXT)')
        db.execute("CREATE TABLE b (html BLOB)")
        db.execute("CREATE TABLE c (x, html TEXT PRIMARY KEY) WITHOUT ROWID")
        db.execute('INSERT INTO "odd ""name" VALUES (?, ?)', (DOUBLED.decode(), "http://a.org/"))
        db.executemany("INSERT INTO b VALUES (?)", [(DOUBLED,), (None,), (5,)])
    (told,) = errors(run(path))
    assert "with 2 columns 'html'; name the one that holds the pages, --field: odd \"name.html, odd" in told
    outcomes = run(path, tmp_path / "out.sqlite", replace(SETTINGS, field="b.html"))
    assert not errors(outcomes)
    assert [each.within.offset for each in outcomes] == [1, 2, 3]
    with closing(sqlite3.connect(tmp_path / "out.sqlite")) as db:
        assert [row for (row,) in db.execute("SELECT html FROM b")] == [CLEAN, None, 5]
        assert db.execute('SELECT html FROM "odd ""name"').fetchone() == (DOUBLED.decode(),)
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("CREATE TRIGGER t AFTER UPDATE ON b BEGIN DELETE FROM c; END")
    assert "has triggers" in errors(run(path, settings=replace(SETTINGS, field="b.html")))[0]
    Path(f"{path}-wal").write_bytes(b"boats")
    assert "is in use" in errors(run(path, settings=replace(SETTINGS, field="b.html")))[0]


def pack(folder, path):
    """Pack a folder into a container of the kind that its name tells."""
    names = sorted(each.relative_to(folder).as_posix() for each in folder.rglob("*") if each.is_file())
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name in names:
                archive.write(folder / name, name)
    elif ".tar" in path.name:
        with tarfile.open(path, f"w:{path.suffix[1:]}") as archive:
            for name in names:
                archive.add(folder / name, name)
    else:
        with path.open("wb") as file:
            writer = warcio.warcwriter.WARCWriter(file)
            for name in names:
                kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
                head = warcio.statusandheaders.StatusAndHeaders("200 OK", [("Content-Type", kind)], protocol="HTTP/1.1")
                payload = io.BytesIO((folder / name).read_bytes())
                url = f"https://harbour.example/{name}"
                writer.write_record(writer.create_warc_record(url, "response", payload=payload, http_headers=head))
    return path


def told_of(outcomes, folder):
    """What was found on each page, by its name below a folder or in a container."""
    found = {}
    for each in outcomes:
        if each.findings is not None:
            name = each.within.member if each.within else Path(each.locator).relative_to(folder).as_posix()
            lines = [(one.code, one.line, one.column, one.message, one.applied, one.refused) for one in each.findings]
            found[name.removeprefix("https://harbour.example/")] = lines
    return found


def check_packed_as_folder(folder, path, tmp_path):
    """A packed site gives the findings and the page bytes that its folder gives, pictures included."""
    settings = replace(SETTINGS, images=True)
    packed = run(pack(folder, path), tmp_path / f"out-{path.name}", settings)
    every = run(folder, tmp_path / "out", settings)
    nested = {Path(each.within.container).relative_to(folder).as_posix() for each in every if each.within}
    plain = [each for each in every if each.within is None]
    assert errors(packed) == []
    assert told_of(packed, path) == told_of(plain, folder)
    assert [each.changed for each in packed if each.findings] == [each.changed for each in plain if each.findings]
    for each in reader(path)(tmp_path / f"out-{path.name}"):
        name = each.name.removeprefix("https://harbour.example/")
        if name not in nested:  # what is a container itself stays as it is in another one
            assert each.data == (tmp_path / "out" / name).read_bytes(), name


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # warcio leaves files open
@pytest.mark.slow
@pytest.mark.parametrize("name", ["a.zip", "a.tar.gz", "a.warc.gz"])
def test_a_packed_site_is_cleaned_as_its_folder_is(name, tmp_path):
    """Pictures and scripts are found in the same container."""
    check_packed_as_folder(SITE, tmp_path / name, tmp_path)
    gc.collect()


MIRRORS = Path(__file__).parent.parent.parent / "shared" / "site-mirrors"


@pytest.mark.full
@pytest.mark.skipif(not MIRRORS.is_dir(), reason="the shared mirrors are not here")
@pytest.mark.parametrize("name", ["a.zip", "a.tar.gz"])
@pytest.mark.parametrize("site", ["spaghetti-blog", "tech-company", "vision-lab"])
def test_a_packed_mirror_is_cleaned_as_its_folder_is(site, name, tmp_path):
    """So are real ones."""
    check_packed_as_folder(MIRRORS / site, tmp_path / name, tmp_path)
