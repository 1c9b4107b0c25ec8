"""MHTML: transfer encodings, nested messages, what browsers write, and what is cut off."""

import base64
import email
import quopri

import pytest
from hypothesis import given
from hypothesis import strategies as st

from captionfix.containers.transfer import transfer_of
from captionfix.model import Edit, Span
from captionfix.runs import batch
from captionfix.settings import Settings

SETTINGS = Settings(cache=False, images=False)
DOUBLED = b'<!DOCTYPE html><figure><img src="a.jpg" alt="Boats leave"><figcaption>Boats leave</figcaption></figure>\r\n'
CLEAN = DOUBLED.replace(b'alt="Boats leave"', b'alt=""')
ENDS = st.sampled_from([b"\r\n", b"\n"])
BYTES = st.lists(st.sampled_from([b"a", b" ", b"\t", b"=", b"\xc3\xa9", b"\r\n", b"\n", b"x" * 30, b"."]), max_size=60)


@st.composite
def edited(draw):
    """Bytes, and edits of them."""
    data = b"".join(draw(BYTES))
    marks = sorted(draw(st.sets(st.integers(0, len(data)), max_size=6)))
    spans = [Span(*pair) for pair in zip(marks[::2], marks[1::2], strict=False)]
    edits = [Edit(span, b"".join(draw(BYTES)[:5])) for span in spans]
    after = data
    for edit in reversed(edits):
        after = after[: edit.span.start] + edit.replacement + after[edit.span.end :]
    return data, edits, after


@given(edited(), ENDS)
def test_quoted_printable_is_edited_in_place(case, end):
    """What it says is what edits make of it; no line is too long, no blank stands at a line's end."""
    data, edits, after = case
    data, after = (each.replace(b"\r\n", b"\n").replace(b"\n", end) for each in (data, after))
    if (data, after) != (case[0], case[2]):
        edits = [Edit(Span(0, len(data)), after)]
    raw = quopri.encodestring(data).replace(b"\r\n", b"\n").replace(b"\n", end)
    new = transfer_of("quoted-printable").edited(raw, edits)
    assert quopri.decodestring(new) == after
    assert max(len(line.rstrip(b"\r")) for line in new.split(b"\n")) <= 76
    assert not any(line.endswith((b" ", b"\t")) for line in new.split(end)[:-1])
    assert transfer_of("quoted-printable").edited(raw, []) == raw


@given(edited(), ENDS)
def test_base64_is_encoded_as_it_was(case, end):
    """Lines stay as long as they were, and end as they did."""
    data, edits, after = case
    raw = base64.encodebytes(data).replace(b"\n", end)
    new = transfer_of("base64").edited(raw, edits)
    assert base64.decodebytes(new) == after
    assert not data or new == base64.encodebytes(after).replace(b"\n", end)


def run(path, out=None):
    return [each for each in batch.run([path], SETTINGS, out) if not each.is_end]


def message(*parts, end=b"\r\n", close=b"--b--"):
    head = b"From: <Saved by Blink>\nMIME-Version: 1.0\nContent-Type: multipart/related;\n\tboundary=b\n"
    return b"\n".join([head, *(b"--b\n" + part for part in parts), close + b"\n"]).replace(b"\n", end)


def part(body, encoding=b"8bit", place=b"https://example.org/a", kind=b"text/html"):
    return (
        b"Content-Type: "
        + kind
        + b"\nContent-Location: "
        + place
        + b"\ncontent-transfer-encoding: "
        + encoding
        + (b"\n\n" + body)
    )


@pytest.mark.parametrize("end", [b"\r\n", b"\n"])
def test_only_the_page_changes(tmp_path, end):
    """Whatever ends the lines; what stands before the first part and behind the last one stays."""
    page = DOUBLED.rstrip()
    raw = message(part(page), part(b"GIF89a", kind=b"image/gif"), end=end) + b"--b\nbehind it all"
    (tmp_path / "a.mhtml").write_bytes(raw)
    outcomes = run(tmp_path / "a.mhtml", tmp_path / "out.mhtml")
    assert not [each.error for each in outcomes if each.error]
    assert (tmp_path / "out.mhtml").read_bytes() == raw.replace(page, CLEAN.rstrip())
    assert outcomes[0].locator.endswith("a.mhtml!https://example.org/a")


def test_frames_within_messages_are_read(tmp_path):
    """A message in a message, as mail programs write them, with another boundary inside; a part without an address."""
    inner = b"Content-Type: multipart/alternative; boundary=bb\n\n--bb\nContent-Type: text/html\n\n" + DOUBLED.rstrip()
    raw = message(part(b"<p>Boats"), inner + b"\n--bb--\nlost words", part(DOUBLED.rstrip(), place=b"b.html"))
    (tmp_path / "a.mht").write_bytes(raw)
    outcomes = run(tmp_path / "a.mht", tmp_path / "out.mht")
    assert [each.within.member for each in outcomes] == [
        "https://example.org/a",
        "part 2",
        "https://example.org/b.html",
    ]
    before, after = map(email.message_from_bytes, (raw, (tmp_path / "out.mht").read_bytes()))
    told = zip(*([part.get_payload(decode=True) for part in each.walk()] for each in (before, after)), strict=True)
    assert [pair for pair in told if pair[0] != pair[1]] == [(DOUBLED.rstrip(), CLEAN.rstrip())] * 2


def test_an_unknown_transfer_encoding_is_left_alone(tmp_path):
    """It is named, and the rest is cleaned."""
    raw = message(part(DOUBLED, b"x-uuencode"), part(DOUBLED))
    (tmp_path / "a.mhtml").write_bytes(raw)
    outcomes = run(tmp_path / "a.mhtml", tmp_path / "out.mhtml")
    assert [each.left for each in outcomes] == ["a part in the encoding 'x-uuencode'", ""]
    assert (tmp_path / "out.mhtml").read_bytes().count(b'alt=""') == 1


@pytest.mark.parametrize("rest", [(), (b"Content-Type: te",)])
def test_a_message_that_is_cut_off_is_named_and_stays(tmp_path, rest):
    """The last part may lack its end: it is not touched."""
    page = DOUBLED.rstrip()
    raw = message(part(page), *rest, close=b"")
    (tmp_path / "a.mhtml").write_bytes(raw)
    outcomes = run(tmp_path / "a.mhtml", tmp_path / "out.mhtml")
    (told,) = [each.error for each in outcomes if each.error]
    assert "is cut off" in str(told)
    assert told.offset == len(raw)
    assert (tmp_path / "out.mhtml").read_bytes() == (raw.replace(page, CLEAN.rstrip()) if rest else raw)


def test_messages_nested_without_end_are_bounded(tmp_path):
    """Thousands of messages within messages take no more than one pass."""
    head = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (at, at) for at in range(3000))
    (tmp_path / "a.mhtml").write_bytes(b"From: <Saved by Blink>\n" + head + part(DOUBLED))
    outcomes = run(tmp_path / "a.mhtml")
    assert any(each.error for each in outcomes)
