"""What a file is by its first bytes, and what becomes of those that are no pages."""

import bz2
import gzip
import io
import json
import lzma
import os
import random
import sqlite3
import tarfile
import zipfile

import pytest
from test_cli import CLEAN, DOUBLED, run
from test_hook import git, needs_git, repository, try_repo  # noqa: F401 the fixture is used by name

import captionfix
from captionfix.archives.files import Kind, kind_of
from captionfix.archives.kinds import SNIFFED, format_of_bytes, may_be_page, sniff
from captionfix.containers import form_of

FIGURE = b'<figure><img src="boat.jpg" alt="Boats leave"><figcaption>Boats leave</figcaption></figure>'
MARKED = "<html><p>" + FIGURE.decode()
RESPONSE = b"WARC/1.1\r\nWARC-Type: response\r\n\r\nHTTP/1.1 200 OK\r\n\r\n" + FIGURE
XML = b'<?xml version="1.0" encoding="UTF-8"?>\n'

PAGES = {
    "a fragment": FIGURE,
    "text first": b"Boats leave today.\n" + FIGURE,
    "no-break space first": b"\xa0\n" + FIGURE,
    "much white space": b" \r\n" * 100_000 + FIGURE,
    "comments": b"<!-- saved on Monday --><!-- by hand -->\n<!DOCTYPE html>" + FIGURE,
    "a long comment": b"<!--" + b"-" * 300_000 + b"--><html>" + FIGURE,
    "PHP first": b"<?php $less = 1 < 2; ?>\n<html>" + FIGURE,
    "PHP without end": b"<?php echo '" + FIGURE + b"';",
    "JSP first": b'<%@ page language="java" %>\n<html>' + FIGURE,
    "a template": b"{% extends 'base' %}\n" + FIGURE,
    "UTF-16": b"\xff\xfe" + MARKED.encode("utf-16-le"),
    "UTF-16, other order, text first": b"\xfe\xff" + ("Boats " + MARKED).encode("utf-16-be"),
    "UTF-16 without mark": MARKED.encode("utf-16-le"),
    "UTF-8 with mark": b"\xef\xbb\xbf" + FIGURE,
    "Shift JIS": "港の船が出る".encode("shift_jis") + FIGURE,
    "ISO-2022-JP": "港の船".encode("iso2022_jp") + FIGURE,
    "KOI8": "Лодки уходят".encode("koi8-r") + FIGURE,
    "Big5": "船離開港口".encode("big5") + FIGURE,
    "From, no mail": b"From the harbour, at dawn\n" + FIGURE,
    "lines like a mail's head": b"From: Harbour desk\nSubject: boats\nDate: Monday\n\n" + FIGURE,
    "XHTML": XML + b'<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "x"><html><body/></html>',
    "XHTML by its namespace": XML + b'<!-- x --><ui:page xmlns="http://www.w3.org/1999/xhtml" xmlns:ui="u"/>',
    "XHTML with signs in quotes": XML + b'<x:a title=\'a > "b\' xmlns="http://www.w3.org/1999/xhtml">' + FIGURE,
    "XML before a fragment": XML + FIGURE,
    "XML before a warning": XML + b"Warning: something went wrong\n<html>" + FIGURE,
    "NUL bytes": b"<html>\0\0" + FIGURE + b"\0",
    "NUL bytes first": b"\0\0<!DOCTYPE html>" + FIGURE,
    "one NUL byte in words": b"Boats that leave the harbour at dawn do not come back before noon.\0 " + FIGURE,
    "YAML front matter": b"---\ntitle: Boats\n---\n" + FIGURE,
    "TOML front matter": b'+++\ntitle = "Boats"\n+++\n' + FIGURE,
    "JSON front matter": b'{\n  "title": "Boats"\n}\n\n' + FIGURE,
    "an HTTP head": b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + FIGURE,
    "icons first": b'<svg xmlns="http://www.w3.org/2000/svg"><symbol id="a"/></svg>\n<div>' + FIGURE,
    "many icons first": b'<svg xmlns="x">' + b"<symbol/>" * 20_000 + b"</svg><div>" + FIGURE,
    "a shortcode": b"[caption id='a']" + FIGURE + b"[/caption]",
    "numbers in brackets": b"[1, 2] Boats " + FIGURE,
    "bookmarks": b"<!DOCTYPE NETSCAPE-Bookmark-file-1>\n<META name=a>\n<H1>Boats</H1>",
    "words with commas": b"Boats, ferries\nOne leaves, one stays " + FIGURE,
    "a word like a signature": b"BM is a town, WARC/1.0 is a format " + FIGURE,
    "a custom element": b"<rss-reader url='x'></rss-reader>" + FIGURE,
    "empty": b"",
    "blanks": b" \n\xef\xbb\xbf",
}


@pytest.mark.parametrize("name", PAGES)
def test_pages_are_pages(name):
    """Whatever stands before or in its markup, a page is read as one: by its name, or when it is named."""
    found = format_of_bytes(PAGES[name])
    assert kind_of("a.html", found, text=False) is Kind.HTML
    assert kind_of("boats", found, text=False, named=True) is Kind.HTML


def packed(*members):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name, content in members:
            archive.writestr(name, content)
    return data.getvalue()


def tarred(mode, form=tarfile.PAX_FORMAT):
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode=mode, format=form) as archive:
        member = tarfile.TarInfo("boats.html")
        member.size = len(FIGURE)
        archive.addfile(member, io.BytesIO(FIGURE))
    return data.getvalue()


def database():
    connection = sqlite3.connect(":memory:")
    connection.execute("create table pages (html)")
    connection.execute("insert into pages values (?)", (FIGURE.decode(),))
    connection.commit()
    return connection.serialize()


RECORD = json.dumps({"url": "https://harbour.example/", "html": FIGURE.decode()}).encode() + b"\n"
QUOTED = b'"' + FIGURE.replace(b'"', b'""') + b'"'
MHTML = b"From: <Saved by Blink>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related;\r\n\tboundary=x\r\n\r\n"
OTHERS = {
    "a WARC file": (RESPONSE, b"\n" + RESPONSE),
    "a gz-packed WARC file": (gzip.compress(RESPONSE),),
    "an xz-packed WARC file": (lzma.compress(RESPONSE),),
    "a bz2-packed WARC file": (bz2.compress(RESPONSE),),
    "a Zstandard file": (b"\x28\xb5\x2f\xfd\0" + FIGURE, b"\x5d\x2a\x4d\x18\0" + FIGURE),
    "an ARC file": (b"filedesc://a.arc 0.0.0.0 20070101000000 text/plain 76\n1 0 X\n" + FIGURE,),
    "a CDX index": (b"example,harbour)/ 20200101000000 {}\n".replace(b"{}", b'{"url": "x"}'), b" CDX N b a m s\n"),
    "a ZIP archive": (packed(("boats.html", FIGURE)), packed()),
    "an EPUB book": (packed(("mimetype", "application/epub+zip"), ("a.xhtml", FIGURE)),),
    "an OpenDocument file": (packed(("mimetype", "application/vnd.oasis.opendocument.text")),),
    "an Office Open XML document": (packed(("[Content_Types].xml", "<Types/>"), ("word/document.xml", "")),),
    "a WACZ archive": (packed(("archive/data.warc.gz", gzip.compress(RESPONSE)), ("pages/pages.jsonl", "")),),
    "a tar archive": (tarred("w"), tarred("w", tarfile.GNU_FORMAT), tarred("w", tarfile.USTAR_FORMAT)),
    "a gz-packed tar archive": (tarred("w:gz"),),
    "an xz-packed tar archive": (tarred("w:xz"),),
    "a Parquet file": (b"PAR1\x15\4" + FIGURE + b"PAR1",),
    "an SQLite database": (database(),),
    "a JSON Lines file": (RECORD * 3, RECORD, b"\xef\xbb\xbf" + RECORD),
    "a JSON file": (
        json.dumps(json.loads(RECORD), indent=1).encode(), b"[" + RECORD + b"]", RECORD[:-2] + b" " * SNIFFED
    ),
    "a CSV file": (
        b"id,html\r\n1," + QUOTED + b"\r\n2," + QUOTED + b"\r\n",
        b"url\thtml\nhttps://harbour.example\t<p>Boats</p>\n",
        b'id;html\n1;"' + FIGURE.replace(b'"', b'""') * 2_000 + b'"\n',
    ),
    "an SQL dump": (b"-- made on Monday\n/* x */;\nINSERT INTO pages VALUES ('<p>Boats');\n",),
    "an MHTML file": (MHTML + FIGURE, MHTML.partition(b"\n")[2] + FIGURE),
    "a mail message": (b"Received: from harbour.example\r\nSubject: boats\r\n\r\n" + FIGURE,),
    "a mailbox": (b"From me@harbour.example Mon Jan  1 10:00:00 2024\nSubject: boats\n\n" + FIGURE,),
    "an RSS feed": (
        XML + b"<rss><channel/></rss>",
        b"<!-- made by hand --><rss version='2.0'>" + FIGURE,
        ("<?xml version='1.0'?><rss>" + MARKED).encode("utf-16"),
    ),
    "an Atom feed": (b'<feed xmlns="http://www.w3.org/2005/Atom">' + FIGURE,),
    "a WordPress export": (XML + b'<!-- x --><rss xmlns:wp="http://wordpress.org/export/1.2/">' + FIGURE,),
    "an RDF file": (b'<rdf:RDF xmlns:rdf="x">' + FIGURE,),
    "a sitemap": (XML + b'<urlset xmlns="x">', XML + b"<sitemapindex>"),
    "an XML file": (XML + b"<pages>" + FIGURE, XML + b'<article xmlns="http://docbook.org/ns/docbook">' + FIGURE),
    "an SVG image": (
        b'<svg xmlns="http://www.w3.org/2000/svg"><p/></svg>\n',
        XML + b'<!DOCTYPE svg PUBLIC "a" "b"><svg><foreignObject><p>Boats</p></foreignObject></svg>',
    ),
    "a PDF document": (b"%PDF-1.7\n" + FIGURE, b"\r\n%PDF-1.4\n" + FIGURE),
    "a PNG image": (b"\x89PNG\r\n\x1a\n" + FIGURE, b"HTTP/1.0 200 OK\r\nA: b\r\n\r\n\x89PNG\r\n\x1a\n" + FIGURE),
    "a gz-packed piece of HTML": (gzip.compress(FIGURE),),
    "a font": (b"wOF2\0\1\0\0" + FIGURE, b"\0\1\0\0\0\x0c" + bytes(6) + FIGURE),
    "a program": (b"\x7fELF" + FIGURE,),
    "a script": (b"#!/bin/sh\necho '" + FIGURE, b"<?php function leave() { return 1; }"),
    "a patch": (b"diff --git a/boats b/boats\n+" + FIGURE,),
    "a chunked HTTP response": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5b\r\n" + FIGURE,),
    "a binary file": (b"\x12\x34\0\x56\1\0\x07" + FIGURE * 3, "Boats".encode("utf-16-le") * 9 + FIGURE),
    "a video or audio file": (b"\0\0\0\x20ftypisom" + FIGURE,),
    "a Python pickle": (b"\x80\x04\x95\1\0" + FIGURE,),
}  # fmt: skip


@pytest.mark.parametrize("name", OTHERS)
def test_other_files_are_named_and_never_edited(name):
    """What is no page is refused by what it is, whatever markup is in it."""
    for data in OTHERS[name]:
        found = format_of_bytes(data)
        assert (found.name, may_be_page(found)) == (name, False)
        assert kind_of("boats.html", found, text=True, named=True) is Kind.OTHER
        with pytest.raises(captionfix.errors.NotAPageError, match=f"is {name}, not a page; [a-z]"):
            captionfix.clean(data)


def test_random_bytes_are_no_page():
    """Bytes without any meaning are no page, even with a figure among them."""
    chance = random.Random(7)
    for _ in range(200):
        assert not may_be_page(format_of_bytes(chance.randbytes(2000) + FIGURE))


def test_more_is_read_where_the_first_bytes_say_nothing():
    """Blanks, comments and icons that fill what was read leave it open what the file is."""
    for start in (b" " * 99, b"<!-- x", b"<?php x", b"---\ntitle: x\n", b"<svg xmlns='x'><g>"):
        assert sniff(start, complete=False) is None
        assert sniff(start) is not None


@pytest.mark.parametrize(
    ("start", "piece"),
    [("<a", "-b"), ("<?xml?><a ", '"x" '), ("<!doctype ", "x"), ("<?xml?><!DOCTYPE a [", "] "), ("", "/**/"),
     ("From a Mon Jan 1 ", "1"), ("HTTP/1.1 200 OK\n", " "), ("---\n", "--- "), ('{"', '\\"'), ("", "[ "), ("", " ")],
)  # fmt: skip
def test_no_beginning_takes_long(start, piece):
    """What a file begins with is found in one pass, however often its signs are repeated: some would take minutes."""
    data = (start + piece * (SNIFFED // len(piece))).encode()
    assert sniff(data[:SNIFFED]) is not None


def test_what_is_packed_within_itself_ends():
    """Compressed files are opened once only."""
    data = RESPONSE
    for _ in range(3):
        data = gzip.compress(data)
    assert format_of_bytes(data).name == "a gz-packed gzip file"


@pytest.mark.parametrize(
    ("name", "data", "walked", "named", "with_text"),
    [
        ("notes.txt", b"Boats", Kind.OTHER, Kind.TEXT, Kind.TEXT),
        ("notes.md", b"<p align=center>\n\n# Boats", Kind.OTHER, Kind.TEXT, Kind.TEXT),
        ("notes", b"Boats", Kind.OTHER, Kind.OTHER, Kind.TEXT),
        ("notes.md", b"<!DOCTYPE html>" + FIGURE, Kind.HTML, Kind.HTML, Kind.HTML),
        ("boats.jpg", b"<!DOCTYPE html>" + FIGURE, Kind.HTML, Kind.HTML, Kind.HTML),
        ("boats.xml", XML + b"<html/>", Kind.HTML, Kind.HTML, Kind.HTML),
        ("menu.xml", XML + b"<menu/>", Kind.OTHER, Kind.OTHER, Kind.OTHER),
        ("boats.js", b"show('" + FIGURE + b"')", Kind.OTHER, Kind.OTHER, Kind.OTHER),
        ("boats.css", b"<!-- p{} -->", Kind.OTHER, Kind.OTHER, Kind.OTHER),
        ("boats.html", b"Boats", Kind.HTML, Kind.HTML, Kind.HTML),
        ("boats.xhtml", b"<html/>", Kind.XHTML, Kind.XHTML, Kind.XHTML),
        ("page?id=3", b"<p>Boats", Kind.HTML, Kind.HTML, Kind.HTML),
        ("boats", b"Boats <p>", Kind.OTHER, Kind.HTML, Kind.HTML),
        ("empty", b"", Kind.OTHER, Kind.HTML, Kind.HTML),
    ],
)
def test_names_decide_where_bytes_leave_it_open(name, data, walked, named, with_text):
    """A whole page is one whatever it is called; plain text is read with its ending or with --text."""
    found = format_of_bytes(data)
    assert kind_of(name, found, text=False) is walked
    assert kind_of(name, found, text=False, named=True) is named
    assert kind_of(name, found, text=True, named=True) is with_text


@pytest.fixture
def site(tmp_path):
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / "a.html").write_bytes(DOUBLED)
    return folder


@pytest.mark.parametrize("command", [("check",), ("clean", "-i", "--state-dir", "state"), ("hook",)])
def test_named_files_that_are_no_pages_are_refused(site, command):
    """Each is named as what it is with what to do, nothing of it changes, and the pages beside it are read."""
    others = {f"{number}.html": data[0] for number, data in enumerate(OTHERS.values()) if form_of(data[0]) is None}
    for name, data in others.items():
        (site / name).write_bytes(data)
    done = run(*command, *sorted(others), "a.html", cwd=site)
    assert done.returncode == 2
    lines = done.stderr.decode().splitlines()
    assert [line for line in lines if line.startswith("error: ")] == [
        f"error: {name}: is {list(OTHERS)[int(name[:-5])]}, not a page; " + line.split("not a page; ")[1]
        for name, line in zip(sorted(others), lines, strict=False)
    ]
    assert b"a.html:2:9 CF102" in done.stdout
    assert f"1 page read, 1 {'to change' if command == ('check',) else 'changed'}".encode() in done.stdout
    assert {name: (site / name).read_bytes() for name in others} == others
    assert ((site / "a.html").read_bytes() == CLEAN) is (command != ("check",))


def test_no_all_clear_for_what_is_no_page(site, tmp_path):
    """What was not read is not called free of repeats, nothing of it goes to an output or to standard output."""
    (site / "data.html").write_bytes(OTHERS["an XML file"][0])
    done = run("check", site / "data.html")
    assert (done.returncode, done.stdout) == (2, b"no pages read\n1 error\n")
    assert b"data.html: is an XML file, not a page; take the HTML out of its fields" in done.stderr
    assert run("clean", site / "data.html").stdout == b""
    assert run("clean", site / "data.html", "-o", tmp_path / "out.html").returncode == 2
    assert not (tmp_path / "out.html").exists()
    done = run("clean", "-", stdin=b"%PDF-1.7\n")
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"-: is a PDF document, not a page" in done.stderr


def test_other_files_of_folders_are_counted_and_listed(site, tmp_path):
    """In folders, what is no page is counted by its kind, copied as it is, and changes no exit code."""
    (site / "crawl.arc").write_bytes(OTHERS["an ARC file"][0])
    (site / "one").write_bytes(OTHERS["a PNG image"][0])
    (site / "two.html").write_bytes(OTHERS["a PNG image"][0])
    (site / "style.css").write_bytes(b"p{}")
    done = run("clean", site, "-o", tmp_path / "out", "-v")
    assert done.returncode == 0
    assert b"1 page read, 1 changed" in done.stdout
    assert b"skipped: 4 other files (2 PNG images, 1 ARC file, 1 .css file)" in done.stdout
    assert b"crawl.arc: skipped, not a page but an ARC file" in done.stdout
    assert b"two.html: is named like a page, but is a PNG image; skipped" in done.stderr
    assert (tmp_path / "out" / "crawl.arc").read_bytes() == OTHERS["an ARC file"][0]
    summary = json.loads(run("check", site, "--format", "json").stdout)["summary"]
    assert (summary["other_files"], summary["other_kinds"]["a PNG image"]) == (4, 2)


@pytest.mark.parametrize("command", [("check",), ("clean", "-i"), ("check", "--jobs", "2")])
def test_a_folder_without_pages_says_so(site, tmp_path, command):
    """A folder in which nothing is a page says so and lists what is there, whatever stands in others."""
    other, empty = tmp_path / "other", tmp_path / "empty"
    other.mkdir()
    empty.mkdir()
    (other / "crawl.arc").write_bytes(OTHERS["an ARC file"][0])
    (other / "a.jpg").write_bytes(b"\xff\xd8\xff\xe0")
    done = run(*command, site, other, empty, cwd=tmp_path, CAPTIONFIX_STATE_DIR=str(tmp_path / "state"))
    assert b"note: other: contains no pages; what is there: 1 JPEG image, 1 ARC file" in done.stderr.replace(
        os.fsencode(tmp_path) + os.sep.encode(), b""
    )
    assert b"empty: contains no pages; it is empty" in done.stderr
    assert b"site: contains no pages" not in done.stderr
    assert done.returncode == (1 if command[0] == "check" else 0)
    assert run("check", other).stdout == b"no pages read\nskipped: 2 other files (1 JPEG image, 1 ARC file)\n"


def test_plain_text_is_read_when_it_is_meant(tmp_path):
    """Plain text needs --text, a text's ending or standard input; else it is named for what it is."""
    paragraph = b"Boats leave the harbour at dawn, seen from the old lighthouse in the north of town.\n"
    text = paragraph + b"\n" + paragraph
    for name in ("notes", "notes.txt"):
        (tmp_path / name).write_bytes(text)
    done = run("check", "notes", cwd=tmp_path)
    assert done.returncode == 2
    assert b"notes: is a plain text file, not a page; if it is to be read, add --text" in done.stderr
    assert b"notes:3:1 CF301" in run("check", "notes", "--text", cwd=tmp_path).stdout
    assert b"notes.txt:3:1 CF301" in run("check", "notes.txt", cwd=tmp_path).stdout
    assert b"-:3:1 CF301" in run("check", "-", stdin=text).stdout


def test_a_known_encoding_counts(tmp_path):
    """Text in UTF-16 without a mark is binary, unless its encoding is told."""
    (tmp_path / "a.html").write_bytes(("Boats " * 9 + MARKED).encode("utf-16-le"))
    assert (
        b"a binary file, not a page; name an HTML page; for one in UTF-16"
        in run("check", "a.html", cwd=tmp_path).stderr
    )
    assert b"CF102" in run("check", "a.html", "--encoding", "utf-16", cwd=tmp_path).stdout


@pytest.mark.slow
@needs_git
def test_the_pre_commit_hook_refuses_what_is_no_page(repository):  # noqa: F811
    """The hook fails on a file that is only called a page, names it, and leaves it as it is."""
    data = packed(("boats.html", FIGURE))
    (repository / "site.html").write_bytes(data)
    git(repository, "add", ".")
    done = try_repo(repository, "captionfix")
    assert done.returncode != 0
    assert "site.html: is a ZIP archive, not a page; unpack it" in done.stdout
    assert (repository / "site.html").read_bytes() == data
