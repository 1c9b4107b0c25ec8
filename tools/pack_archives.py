"""Packs a part of the example site into each form of container, with other programs than captionfix.

    python tools/pack_archives.py

writes fixtures/archives. What a form needs is in the extra ``test``; programs that are not here are told.
"""

from __future__ import annotations

import base64
import csv
import email.policy
import gzip
import io
import json
import os
import quopri
import sqlite3
import subprocess
import sys
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from email.mime.multipart import MIMEMultipart
from email.mime.nonmultipart import MIMENonMultipart
from functools import partial
from html import escape
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread

FIXTURES = Path(__file__).parent.parent / "fixtures"
SITE, ARCHIVES = FIXTURES / "site", FIXTURES / "archives"
FILES = (
    "ferry.html", "island.html", "storm.html", "style.css",
    "img/ferry.jpg", "img/ferry-300x200.jpg", "img/icon-feed.png", "img/logo.svg",
)  # fmt: skip
"""Two pages that change, one of them in windows-1252, one that does not, and what stands beside them."""
ORIGIN = "https://example.org/"
STAMP = 1_700_000_000
"""When everything was written."""


def pages() -> dict[str, str]:
    """Return the pages as text, by name."""
    encodings = {"storm.html": "windows-1252"}
    return {
        name: (SITE / name).read_bytes().decode(encodings.get(name, "utf-8"))
        for name in FILES
        if name.endswith(".html")
    }


def rows() -> list[dict[str, object]]:
    """Return a row a page, with columns that must stay."""
    return [
        {"id": number, "url": ORIGIN + name, "html": text, "score": number / 4, "tags": ["boats", "é"]}
        for number, (name, text) in enumerate(pages().items(), 1)
    ]


@contextmanager
def copied() -> Iterator[Path]:
    """A folder with the files, all of one time."""
    with TemporaryDirectory() as folder:
        for name in FILES:
            path = Path(folder, name)
            path.parent.mkdir(exist_ok=True)
            path.write_bytes((SITE / name).read_bytes())
            os.utime(path, (STAMP, STAMP))
        yield Path(folder)


def zipped(target: Path) -> None:
    """By Info-ZIP."""
    with copied() as folder:
        subprocess.run(["zip", "-q", "-X", str(target), *FILES], cwd=folder, check=True)


def lines(target: Path) -> None:
    """By Python's json, one line with escapes and slashes as PHP writes them, one without."""
    escaped = [json.dumps(row) for row in rows()]
    plain = json.dumps(rows()[1], ensure_ascii=False, separators=(",", ":"))
    target.write_text("\n".join((escaped[0].replace("/", "\\/"), plain, escaped[2])) + "\n", encoding="utf-8")


def lines_gz(target: Path) -> None:
    """By gzip."""
    lines(target)
    target.write_bytes(gzip.compress(target.read_bytes(), mtime=STAMP))


def lines_zst(target: Path) -> None:
    """By Zstandard."""
    import zstandard

    lines(target)
    target.write_bytes(zstandard.compress(target.read_bytes()))


def _encoded(name: str) -> tuple[str, str]:
    """A page's transfer encoding and its charset in a message: one of each kind."""
    return {"ferry.html": ("quoted-printable", "utf-8"), "storm.html": ("base64", "windows-1252")}.get(
        name, ("8bit", "utf-8")
    )


def mhtml(target: Path) -> None:
    """By Python's email: pages in each of the transfer encodings, with what they load."""
    root = MIMEMultipart("related", boundary="----boats----", type="text/html")
    root["Subject"], root["Date"] = "Boats", "Tue, 14 Nov 2023 22:13:20 -0000"
    for name in FILES:
        data = (SITE / name).read_bytes()
        main, sub = {"html": "text/html", "css": "text/css", "svg": "image/svg+xml"}.get(
            name.rpartition(".")[2], f"image/{name.rpartition('.')[2].replace('jpg', 'jpeg')}"
        ).split("/")
        part = MIMENonMultipart(main, sub)
        part["Content-Location"] = ORIGIN + name
        part["Content-ID"] = f"<{name.replace('/', '-')}@example.org>"
        encoding, charset = _encoded(name) if main == "text" else ("base64", "")
        if charset:
            part.set_param("charset", charset)
        part["Content-Transfer-Encoding"] = encoding
        encode = {"quoted-printable": quopri.encodestring, "base64": base64.encodebytes}.get(encoding, bytes)
        part.set_payload(encode(data.replace(b"\r\n", b"\n")).decode("utf-8", "surrogateescape"))
        root.attach(part)
    target.write_bytes(root.as_bytes(policy=email.policy.SMTP))


_CONTAINER = b"""<?xml version="1.0"?>
<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">
<rootfiles><rootfile full-path="OEBPS/book.opf" media-type="application/oebps-package+xml"/></rootfiles>
</container>
"""
_PACKAGE = """<?xml version="1.0" encoding="utf-8"?>
<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="id" xml:lang="en">
<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">
<dc:identifier id="id">urn:uuid:6f3a1f0e-6f0a-4a52-9a7e-0d4f5a0b7c11</dc:identifier>
<dc:title>Boats</dc:title><dc:language>en</dc:language><meta property="dcterms:modified">2023-11-14T22:13:20Z</meta>
</metadata>
<manifest>
<item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>
{items}
</manifest>
<spine>{spine}</spine>
</package>
"""
_BOOK = """<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE html>
<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops" lang="en" xml:lang="en">
<head><title>{title}</title></head>
<body>
{body}
</body>
</html>
"""
_CHAPTERS = {
    "ferry": '<figure><img src="img/ferry.jpg" alt="The Eider on her first crossing"/>'
    "<figcaption>The Eider on her first crossing</figcaption></figure>",
    "storm": '<p class="picture"><img src="img/ferry-300x200.jpg" alt="Waves break over the mole in November"/></p>\n'
    '<p class="caption">Waves break over the mole in November</p>\n<p>Nobody was out that night.</p>',
}


def epub(target: Path) -> None:
    """By Info-ZIP, as the standard has it: the media type first and stored."""
    pictures = ("img/ferry.jpg", "img/ferry-300x200.jpg")
    items = [f'<item id="{name}" href="{name}.xhtml" media-type="application/xhtml+xml"/>' for name in _CHAPTERS]
    items += [f'<item id="p{at}" href="{name}" media-type="image/jpeg"/>' for at, name in enumerate(pictures)]
    spine = "".join(f'<itemref idref="{name}"/>' for name in _CHAPTERS)
    nav = "".join(f'<li><a href="{name}.xhtml">{name.title()}</a></li>' for name in _CHAPTERS)
    files = {"mimetype": b"application/epub+zip", "META-INF/container.xml": _CONTAINER}
    files["OEBPS/book.opf"] = _PACKAGE.format(items="\n".join(items), spine=spine).encode()
    files["OEBPS/nav.xhtml"] = _BOOK.format(
        title="Contents", body=f'<nav epub:type="toc"><ol>{nav}</ol></nav>'
    ).encode()
    for name, body in _CHAPTERS.items():
        files[f"OEBPS/{name}.xhtml"] = _BOOK.format(title=name.title(), body=body).encode()
    files |= {f"OEBPS/{name}": (SITE / name).read_bytes() for name in pictures}
    with TemporaryDirectory() as folder:
        for name, data in files.items():
            path = Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
            os.utime(path, (STAMP, STAMP))
        first, *rest = files
        subprocess.run(["zip", "-q", "-X", "-0", str(target), first], cwd=folder, check=True)
        subprocess.run(["zip", "-q", "-X", str(target), *rest], cwd=folder, check=True)


def _cdata(text: str) -> str:
    return f"<![CDATA[{text}]]>"


def _feed(target: Path, head: str, entry: str, end: str) -> None:
    """Entries by turns in CDATA and escaped."""
    ways = (_cdata, escape, _cdata)
    found = [
        entry.format(number=number, url=ORIGIN + name, html=way(text.replace("\r\n", "\n")))
        for number, ((name, text), way) in enumerate(zip(pages().items(), ways, strict=True), 1)
    ]
    target.write_text(head + "".join(found) + end, encoding="utf-8")


def rss(target: Path) -> None:
    """RSS 2.0 with its content module."""
    head = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0" '
        'xmlns:content="http://purl.org/rss/1.0/modules/content/">\n<channel><title>Boats</title>'
        f"<link>{ORIGIN}</link>\n"
    )
    entry = "<item><title>{number}</title><link>{url}</link>\n<content:encoded>{html}</content:encoded></item>\n"
    _feed(target, head, entry, "</channel></rss>\n")


def atom(target: Path) -> None:
    """Atom, RFC 4287."""
    head = f'<feed xmlns="http://www.w3.org/2005/Atom"><title>Boats</title><id>{ORIGIN}</id>\n'
    entry = '<entry><id>urn:x:{number}</id><link href="{url}"/>\n<content type="html">{html}</content></entry>\n'
    _feed(target, head, entry, "</feed>\n")


def rdf(target: Path) -> None:
    """RSS 1.0."""
    head = (
        '<?xml version="1.0"?>\n<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
        'xmlns="http://purl.org/rss/1.0/">\n'
    )
    entry = '<item rdf:about="{url}"><link>{url}</link><description>{html}</description></item>\n'
    _feed(target, head, entry, "</rdf:RDF>\n")


def wxr(target: Path) -> None:
    """WordPress's export."""
    head = (
        '<?xml version="1.0" encoding="UTF-8" ?>\n<rss version="2.0" '
        'xmlns:excerpt="http://wordpress.org/export/1.2/excerpt/" '
        'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:wp="http://wordpress.org/export/1.2/">\n'
        "<channel><wp:wxr_version>1.2</wp:wxr_version>\n"
    )
    entry = (
        "<item><title>{number}</title><link>{url}</link><wp:post_id>{number}</wp:post_id>\n"
        "<content:encoded>{html}</content:encoded><excerpt:encoded><![CDATA[]]></excerpt:encoded></item>\n"
    )
    _feed(target, head, entry, "</channel></rss>\n")


def crawled(target: Path) -> None:
    """By wget, from a server of this machine."""
    with copied() as folder:
        handler = partial(_Quiet, directory=str(folder))
        with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
            Thread(target=server.serve_forever, daemon=True).start()
            address = f"http://127.0.0.1:{server.server_port}/"
            urls = [address + name for name in FILES]
            name = target.name.split(".")[0]
            options = [f"--warc-file={folder / name}", "--no-warc-keep-log", "--no-verbose", "--delete-after"]
            subprocess.run(["wget", *options, *urls], cwd=folder, check=True, stderr=subprocess.DEVNULL)
            server.shutdown()
        target.write_bytes((folder / f"{name}.warc.gz").read_bytes())


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Tell nobody."""


def recorded(target: Path) -> None:
    """By warcio: bodies in chunks, gzip, deflate and br, digests, a request, a revisit, a resource, in WARC/1.1."""
    import brotli
    from warcio.statusandheaders import StatusAndHeaders
    from warcio.warcwriter import WARCWriter

    with target.open("wb") as file:
        writer = WARCWriter(file, gzip=target.suffix == ".gz", warc_version="WARC/1.1")
        date = {"WARC-Date": "2023-11-14T22:13:20Z"}
        writer.write_record(writer.create_warcinfo_record(target.name, {"software": "warcio"}))
        bodies = {name: (SITE / name).read_bytes() for name in FILES}
        codings = {"ferry.html": "gzip", "island.html": "br", "storm.html": "chunked", "style.css": "deflate"}
        for name, body in bodies.items():
            coding = codings.get(name, "")
            sent = {
                "gzip": lambda data: gzip.compress(data, mtime=0),
                "br": brotli.compress,
                "deflate": zlib.compress,
                "chunked": _in_chunks,
                "": bytes,
            }[coding](body)
            fields = [("Server", "boats"), ("Content-Type", _type_of(name)), ("X-Odd", "a,  b")]
            if coding == "chunked":
                fields.append(("Transfer-Encoding", coding))
            else:
                fields.append(("Content-Length", str(len(sent))))
            if coding not in ("chunked", ""):
                fields.append(("Content-Encoding", coding))
            head = StatusAndHeaders("200 OK", fields, protocol="HTTP/1.1")
            record = writer.create_warc_record(
                ORIGIN + name, "response", payload=io.BytesIO(sent), http_headers=head, warc_headers_dict=dict(date)
            )
            asked = StatusAndHeaders(f"GET /{name} HTTP/1.1", [("Host", "example.org")], is_http_request=True)
            request = writer.create_warc_record(
                ORIGIN + name, "request", http_headers=asked, warc_headers_dict=dict(date)
            )
            writer.write_request_response_pair(request, record)
        digest = record.rec_headers.get_header("WARC-Payload-Digest")
        writer.write_record(writer.create_revisit_record(ORIGIN + "again", digest, ORIGIN + name, date["WARC-Date"]))
        thing = writer.create_warc_record(
            "urn:boats",
            "resource",
            payload=io.BytesIO(b"boats"),
            warc_content_type="text/plain",
            warc_headers_dict=date,
        )
        writer.write_record(thing)


def _in_chunks(data: bytes) -> bytes:
    parts = [data[at : at + 700] for at in range(0, len(data), 700)]
    return b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


def _type_of(name: str) -> str:
    known = {".html": "text/html", ".css": "text/css", ".jpg": "image/jpeg", ".png": "image/png"}
    kind = known.get(Path(name).suffix, "image/svg+xml")
    return f"{kind}; charset=windows-1252" if name == "storm.html" else kind


def tarred(target: Path) -> None:
    """By GNU tar."""
    with copied() as folder:
        told = ["--format=gnu", "--owner=boats:1000", "--group=boats:1000", "--mode=640"]
        subprocess.run(["tar", *told, "-caf", str(target), *FILES], cwd=folder, check=True)


def table(target: Path) -> None:
    """By Python's csv, as spreadsheets write it."""
    with target.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, ["id", "url", "html", "score", "tags"], lineterminator="\r\n")
        writer.writeheader()
        writer.writerows(rows())


def parquet(target: Path) -> None:
    """By pyarrow, two row groups, with metadata as Hugging Face writes it."""
    import pyarrow as pa
    from pyarrow.parquet import write_table

    told = {"huggingface": json.dumps({"info": {"features": {"html": {"dtype": "string", "_type": "Value"}}}})}
    found = pa.Table.from_pylist(rows()).replace_schema_metadata(told)
    write_table(found, target, row_group_size=2, compression={"html": "zstd", "url": "snappy"})


def database(target: Path) -> None:
    """By SQLite, with an index and another table."""
    with closing(sqlite3.connect(target)) as db, db:
        db.execute("CREATE TABLE pages (id INTEGER PRIMARY KEY, url TEXT UNIQUE, html TEXT, score REAL, tags TEXT)")
        db.execute("CREATE TABLE other (name TEXT, data BLOB)")
        db.executemany(
            "INSERT INTO pages VALUES (:id, :url, :html, :score, :tags)",
            [row | {"tags": json.dumps(row["tags"])} for row in rows()],
        )
        db.execute("INSERT INTO other VALUES ('boats', x'00ff')")


PACKERS: dict[str, Callable[[Path], None]] = {
    "site.zip": zipped,
    "wget.warc.gz": crawled,
    "crawl.warc": recorded,
    "crawl.warc.gz": recorded,
    "site.tar": tarred,
    "site.tar.gz": tarred,
    "site.tar.xz": tarred,
    "pages.csv": table,
    "pages.parquet": parquet,
    "pages.sqlite": database,
    "pages.jsonl": lines,
    "pages.jsonl.gz": lines_gz,
    "pages.jsonl.zst": lines_zst,
    "site.mhtml": mhtml,
    "book.epub": epub,
    "pages.rss": rss,
    "pages.atom": atom,
    "pages.rdf": rdf,
    "pages.wxr": wxr,
}


def main() -> None:
    """Write all of them, or those that are named."""
    ARCHIVES.mkdir(exist_ok=True)
    for name in sys.argv[1:] or PACKERS:
        target = ARCHIVES / name
        target.unlink(missing_ok=True)
        PACKERS[name](target)


if __name__ == "__main__":
    main()
