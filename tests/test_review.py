"""The page to review findings in, the decisions made there, and the server that applies them: in a real browser too."""

import http.client
import json
import re
import subprocess
import sys
import threading
from contextlib import closing
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit

import forked
import pytest
from browser import ask, find_browser

from captionfix.errors import SettingsError
from captionfix.exhibits import Exhibit, Piece
from captionfix.model import Evidence, Finding, Safety, Span
from captionfix.output import open_report
from captionfix.output.counts import Counts
from captionfix.output.form import ReportOptions
from captionfix.pipeline import clean_page
from captionfix.project import choices_of
from captionfix.runs import batch
from captionfix.runs.review import ReviewServer
from captionfix.settings import Settings
from captionfix.workers import Carried, Outcome, Request

BROWSER = find_browser()
SETTINGS = Settings(cache=False)
NASTY = "</script><img src=x onerror=alerted=1>\"'&\x1b[31m\u202e"
DOUBLED = b'<!DOCTYPE html><figure><img src="%s" alt="Boats leave"><figcaption>Boats leave</figcaption></figure>'
OPEN = Path(__file__).parent.parent / "fixtures/repeated_caption/paragraph-in-the-midst-of-the-text/before.html"


def finding(number=0, **others):
    found = Finding(
        "CF101", f"{NASTY}.html", (Span(0, 4),), 1, 2, NASTY, (Evidence("text", NASTY, 0.5),), Safety.REVIEW
    )
    return replace(found, caption=NASTY, picture=NASTY, key=f"{number:016x}", kept_at=(3, 4), **others)


def outcome(*findings):
    shown = Exhibit(NASTY, f"{NASTY} more", (Piece("same", NASTY), Piece("out", NASTY), Piece("gap", "")))
    return Outcome(f"{NASTY}.html", findings, exhibits=(shown,) * len(findings))


def page(*outcomes):
    report, counts = open_report("html", ReportOptions("1")), Counts()
    for each in outcomes:
        counts.count(each)
    return "".join((*report.begin(), *(part for each in outcomes for part in report.page(each)), *report.end(counts)))


class Reader(HTMLParser):
    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))


def elements(text, tag):
    reader = Reader()
    reader.feed(text)
    return [attributes for name, attributes in reader.found if name == tag]


def test_nothing_of_the_archive_acts():
    """Whatever names, captions and markup hold, they are text; nothing is loaded, and one script may run."""
    text = page(outcome(finding()), outcome(finding(1)))
    assert len(elements(text, "script")) == 2
    assert not elements(text, "img")
    assert not any(name.startswith("on") for _, attributes in _all(text) for name in attributes)
    assert "\x1b" not in text
    assert "\u202e" not in text
    policy = next(
        each["content"] for each in elements(text, "meta") if "content" in each and "default" in each["content"]
    )
    assert re.match(r"default-src 'none'; img-src data:; .*script-src 'sha256-[^']+'$", policy)


def _all(text):
    reader = Reader()
    reader.feed(text)
    return reader.found


def test_equal_pairs_are_shown_once_with_their_places():
    """A pair that stands on many pages is one to decide."""
    text = page(*(Outcome(f"{n}.html", (finding(7, page=f"{n}.html"),)) for n in range(38)))
    assert len(elements(text, "article")) == 1
    places = json.loads(re.search(r'id="again">(.*?)</script>', text)[1])
    assert [len(each) for each in places.values()] == [37]


def test_what_a_page_shows_of_a_finding(tmp_path):
    """Both copies in words, the picture from the site's own files, the markup with what goes."""
    from images import photo, saved

    (tmp_path / "boat.jpg").write_bytes(saved(photo(1, 400, 300)))
    (tmp_path / "a.html").write_bytes(DOUBLED % b"boat.jpg")
    (found,) = [each for each in batch.run([tmp_path], SETTINGS, request=Request(Carried.EXHIBITS)) if each.findings]
    (shown,) = found.exhibits
    assert (shown.duplicate, shown.kept) == ("Boats leave", "Boats leave")
    assert (shown.thumbnail.width, shown.thumbnail.height) == (192, 144)
    assert [piece for piece in shown.markup if piece.kind in ("out", "in")] == [
        Piece("out", 'alt="Boats leave"'),
        Piece("in", 'alt=""'),
    ]


def test_decisions_are_heeded():
    """Accepted pairs go, rejected ones stay, however often they stand there; all else is as it is without."""
    raw = OPEN.read_bytes()
    plain = clean_page(raw, SETTINGS)
    (open_one,) = [each for each in plain.findings if each.safety is Safety.REVIEW]
    accepted = clean_page(raw, Settings(cache=False, accepted=(open_one.key,)))
    assert accepted.result != plain.result
    assert accepted.result == clean_page(raw, Settings(cache=False, review_level=True)).result
    twice = DOUBLED % b"a.jpg" * 2
    keys = tuple({each.key for each in clean_page(twice, SETTINGS).findings})
    assert clean_page(twice, SETTINGS).changed
    rejected = clean_page(twice, Settings(cache=False, rejected=keys))
    assert not rejected.changed
    assert {each.suppressed for each in rejected.findings} == {"a recorded decision"}


@pytest.mark.parametrize(
    "told", [[], {}, {"tool": "captionfix", "schema": 2}, {"tool": "captionfix", "schema": 1, "accept": ["x"]}]
)
def test_what_holds_no_decisions_is_refused(told):
    """The error says where decisions come from."""
    with pytest.raises(SettingsError):
        choices_of(told, "decisions.json")


def run(*arguments, cwd):
    return forked.run(*arguments, cwd=cwd, environment={})


@pytest.mark.slow
def test_find_review_clean_on_the_command_line(tmp_path):
    """A page to look through, a file of decisions, a run that heeds it; a report goes nowhere among the pages."""
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "a.html").write_bytes(DOUBLED % b"a.jpg")
    assert run("check", "site", "--format", "html", "-o", "review.html", cwd=tmp_path).returncode == 1
    (article,) = elements((tmp_path / "review.html").read_text("utf-8"), "article")
    choices = {"tool": "captionfix", "schema": 1, "accept": [], "reject": [article["data-key"]]}
    (tmp_path / "decisions.json").write_text(json.dumps(choices))
    done = run("clean", "site", "-o", "out", "--decisions", "decisions.json", cwd=tmp_path)
    assert (done.returncode, b"1 finding by a recorded decision" in done.stdout) == (0, True)
    assert (tmp_path / "out" / "a.html").read_bytes() == DOUBLED % b"a.jpg"
    done = run("check", "site", "-o", "site/report.txt", cwd=tmp_path)
    assert (done.returncode, b"lies among the pages" in done.stderr) == (3, True)
    assert run("check", "site", "--decisions", "review.html", cwd=tmp_path).returncode == 3


@pytest.mark.slow
def test_a_report_is_carried_out_on_the_same_pages_only(tmp_path):
    """The pages and the settings of the report count; a page that changed is named, and so is what is no report."""
    (tmp_path / "site").mkdir()
    for name in ("a.html", "b.html"):
        (tmp_path / "site" / name).write_bytes(DOUBLED % b"a.jpg")
    assert run("check", "site", "--alt", "drop", "--format", "json", "-o", "report.json", cwd=tmp_path).returncode == 1
    (tmp_path / "site" / "b.html").write_bytes(DOUBLED % b"b.jpg")
    done = run("clean", "--from", "report.json", "-o", "out", cwd=tmp_path)
    assert done.returncode == 2
    assert b"b.html: changed since it was looked at" in done.stderr
    assert (tmp_path / "out" / "a.html").read_bytes() == DOUBLED.replace(b' alt="Boats leave"', b"") % b"a.jpg"
    assert (tmp_path / "out" / "b.html").read_bytes() == DOUBLED % b"b.jpg"
    (tmp_path / "old.json").write_text((tmp_path / "report.json").read_text().replace('"version": "', '"version": "0'))
    for name, why in (("old.json", b"wrote it, and this is"), ("site/a.html", b"is not a report"), ("none", b"cannot")):
        done = run("clean", "--from", name, "-i", cwd=tmp_path)
        assert (done.returncode, why in done.stderr) == (3, True)


@pytest.mark.slow
def test_a_review_is_applied_and_taken_back(tmp_path):
    """The address is told, what is decided is applied where the pages are, the command ends, undo takes it back."""
    (tmp_path / "site").mkdir()
    for name in ("a.html", "b.html", "c.html"):
        (tmp_path / "site" / name).write_bytes(DOUBLED.replace(b"leave", name.encode()) % name.encode())
    before = {path.name: path.read_bytes() for path in (tmp_path / "site").iterdir()}
    command = [
        sys.executable,
        "-m",
        "captionfix",
        "review",
        "site",
        "--no-browser",
        "--no-cache",
        "--state-dir",
        "state",
    ]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        place = urlsplit(re.search(rb"http://\S+/", process.stderr.readline())[0].decode())
        origin = f"http://{place.netloc}"
        with closing(http.client.HTTPConnection(place.netloc, timeout=20)) as connection:
            connection.request("GET", place.path)
            shown = elements(connection.getresponse().read().decode(), "article")
        assert len(shown) == 3
        (tmp_path / "site" / "c.html").write_bytes(before["c.html"] + b"\n")
        keys = [each["data-key"] for each in shown if "a.html" in each["aria-label"]]
        choices = json.dumps({"tool": "captionfix", "schema": 1, "accept": [], "reject": keys})
        with closing(http.client.HTTPConnection(place.netloc, timeout=20)) as connection:
            connection.request("POST", place.path, choices, {"Origin": origin, "Content-Type": "application/json"})
            answer = connection.getresponse()
            told = answer.read().decode()
        assert process.wait(20) == 0
    assert answer.status == 200
    assert "c.html: changed since it was looked at" in told
    after = {path.name: path.read_bytes() for path in (tmp_path / "site").iterdir()}
    assert {name for name in after if after[name] != before[name]} == {"b.html", "c.html"}
    assert b'alt=""' in after["b.html"]
    assert after["c.html"] == before["c.html"] + b"\n"
    assert run("undo", "--state-dir", "state", cwd=tmp_path).returncode == 0
    assert (tmp_path / "site" / "b.html").read_bytes() == before["b.html"]


def test_pages_that_changed_since_are_refused(tmp_path):
    """What was looked at is what is cleaned, and nothing else."""
    for name in ("a.html", "b.html", "c.html"):
        (tmp_path / name).write_bytes(DOUBLED % name.encode())
    seen = {each.locator: each.digest for each in batch.run([tmp_path], SETTINGS) if each.findings}
    del seen[str(tmp_path / "c.html")]
    (tmp_path / "b.html").write_bytes(DOUBLED % b"other.jpg")
    told = {each.locator[-6:]: each for each in batch.run([tmp_path], SETTINGS, request=Request(seen=seen))}
    assert told["a.html"].changed
    assert "changed since it was looked at" in str(told["b.html"].error)
    assert "was not there when the others were looked at" in str(told["c.html"].error)


@pytest.fixture
def served():
    """A server with a page, and what it was asked to apply."""
    asked = []

    def apply(*choices):
        asked.append(choices)
        return "1 page changed"

    server = ReviewServer(b"<!DOCTYPE html><title>page</title>", apply)
    thread = threading.Thread(target=server.serve, daemon=True)
    thread.start()
    yield server, asked
    thread.join(2)
    if thread.is_alive():
        send(server, "POST", good(server), CHOICES)
        thread.join(10)
    assert not thread.is_alive()


CHOICES = json.dumps({"tool": "captionfix", "schema": 1, "accept": ["0" * 16], "reject": []})


def good(server):
    return {"Origin": server.address.rsplit("/", 2)[0], "Content-Type": "application/json"}


def send(server, method, headers, body=None, path=None):
    place = urlsplit(server.address)
    with closing(http.client.HTTPConnection(place.netloc, timeout=10)) as connection:
        connection.request(method, path or place.path, body, headers)
        answer = connection.getresponse()
        return answer.status, answer.read()


def test_only_the_page_itself_may_decide(served):
    """Without the token, under another name, from another origin or in another form nothing is given or applied."""
    server, asked = served
    place = urlsplit(server.address)
    assert send(server, "GET", {})[0] == 200
    assert send(server, "GET", {}, path="/")[0] == 404
    assert send(server, "GET", {"Host": f"rebound.example:{place.port}"})[0] == 421
    assert send(server, "POST", good(server) | {"Origin": "https://evil.example"}, CHOICES)[0] == 403
    assert send(server, "POST", {"Content-Type": "application/json"}, CHOICES)[0] == 403
    assert send(server, "POST", good(server) | {"Content-Type": "text/plain"}, CHOICES)[0] == 403
    assert send(server, "POST", good(server), "{}")[0] == 400
    assert send(server, "POST", good(server) | {"Content-Length": "99999999999"})[0] == 413
    assert not asked
    assert send(server, "POST", good(server), CHOICES) == (200, b"1 page changed")
    assert asked == [(("0" * 16,), ())]


LOOK = """<!DOCTYPE html><meta charset="utf-8"><title>look</title><body><iframe src="/page"></iframe><script>
const frame = document.querySelector("iframe");
frame.onload = () => {
  const page = frame.contentDocument, view = frame.contentWindow, told = {};
  try { (%s)(page, view, told); } catch (error) { told.error = String(error); }
  fetch("/done", {method: "POST", body: JSON.stringify(told)});
};
</script>"""
PROBE = """(page, view, told) => {
  const press = key => page.activeElement.dispatchEvent(new view.KeyboardEvent("keydown", {key, bubbles: true}));
  const shown = () => [...page.querySelectorAll("article:not([hidden])")].length;
  const form = page.getElementById("filter"), choose = () => form.dispatchEvent(new view.Event("input"));
  told.all = shown();
  for (const key of "jjakr") press(key);
  told.focus = page.activeElement.dataset.key;
  told.count = page.getElementById("count").textContent;
  form.elements.safety.value = "safe"; choose(); told.safe = shown();
  form.elements.decision.value = "accept"; choose(); told.accepted = shown();
  press("?"); told.help = !page.getElementById("help").hidden;
  told.alerted = view.alerted ?? 0;
  told.chosen = JSON.parse(view.chosen());
}"""


@pytest.mark.slow
@pytest.mark.skipif(BROWSER is None, reason="no browser here")
def test_the_page_in_a_browser():
    """Keys move and decide, filters choose; the page's own script runs under its policy, no other does."""
    findings = [finding(number, safety=Safety.SAFE if number % 2 else Safety.REVIEW) for number in range(200)]
    parts = {"/": LOOK % PROBE, "/page": page(*(outcome(each) for each in findings))}

    def answer(path):
        return ("text/html; charset=utf-8", parts[path].encode()) if path in parts else None

    told = json.loads(ask(BROWSER, answer, "/", 60))
    assert "error" not in told, told
    assert (told["all"], told["safe"], told["accepted"], told["help"], told["alerted"]) == (200, 100, 1, True, 0)
    assert told["count"].startswith("200 of 200 shown; 1 accepted, 1 rejected")
    assert told["chosen"]["accept"] == [f"{1:016x}"]
    assert told["chosen"]["reject"] == [f"{0:016x}"] == [told["focus"]]
