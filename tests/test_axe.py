"""Pages before and after as axe-core, an accessibility checker, sees them in a real browser."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest
from browser import ask, find_browser
from pages import cases, shapes
from render_site import SITE

from captionfix.output import open_report
from captionfix.output.counts import Counts
from captionfix.output.form import ReportOptions
from captionfix.pipeline import clean_page
from captionfix.runs import batch
from captionfix.settings import Settings
from captionfix.workers import Carried, Request

pytestmark = pytest.mark.full

BROWSER = find_browser()
RULES = (
    "area-alt", "aria-valid-attr-value", "button-name", "duplicate-id-aria", "empty-heading", "frame-title",
    "image-alt", "image-redundant-alt", "input-image-alt", "label", "link-name", "list", "listitem", "object-alt",
    "role-img-alt", "summary-name", "svg-img-alt",
)  # fmt: skip
"""What a name, an id or an alt can break."""
_RUNS = re.compile(r"(?is)<(script|iframe)\b.*?</\1\s*>")
LOOK = """<!DOCTYPE html><meta charset="utf-8"><title>look</title><body><script>
const jobs = %s, rules = %s, results = {};
async function look(path) {
  const frame = document.createElement("iframe");
  frame.style.cssText = "position:fixed;top:0;left:0;width:1000px;height:800px;border:0";
  const loaded = new Promise(done => { frame.onload = done; setTimeout(done, 5000); });
  frame.src = path;
  document.body.append(frame);
  await loaded;
  const checker = frame.contentDocument.createElement("script");
  const ready = new Promise((done, failed) => { checker.onload = done; checker.onerror = failed; });
  checker.src = location.origin + "/axe.min.js";
  frame.contentDocument.documentElement.append(checker);
  await ready;
  const told = await frame.contentWindow.axe.run(
    frame.contentDocument, {runOnly: rules, resultTypes: ["violations"], iframes: false});
  results[path] = Object.fromEntries(told.violations.map(each => [each.id, each.nodes.map(node => node.html)]));
  frame.remove();
}
async function work() { while (jobs.length) await look(jobs.shift()); }
work().catch(error => { results.error = `${jobs.length} pages before the last: ${error}`; }).then(() =>
  fetch("/done", {method: "POST", body: JSON.stringify(results)}));
</script>"""


def changed_pages():
    """Name, page before, page after: the example site, and the fixtures that change, scripts taken out of both."""
    for path in sorted(SITE.glob("*.html")):
        raw = path.read_bytes()
        yield f"site/{path.name}", raw, clean_page(raw, Settings(), locator=path.name).result
    for case in [*cases(), *shapes()]:
        if case.after is not None and not case.text and case.notes.get("settings", {}).get("alt") != "drop":
            yield f"{case.rule}/{case.folder.name}{case.before_path.suffix}", case.before, case.after


@pytest.fixture(scope="module")
def axe(tmp_path_factory):
    """axe-core's script, from the npm registry."""
    if BROWSER is None:
        pytest.skip("needs Chromium or Chrome, see CONTRIBUTING.md")
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("needs npm, which gets axe-core")
    folder = tmp_path_factory.mktemp("axe")
    got = subprocess.run(
        [npm, "pack", "--silent", "axe-core@4"], cwd=folder, capture_output=True, text=True, check=False
    )
    if got.returncode:
        pytest.skip(f"axe-core could not be had: {got.stderr.strip()[-200:]}")
    with tarfile.open(next(Path(folder).glob("axe-core-*.tgz"))) as package:
        script = package.extractfile("package/axe.min.js")
        assert script is not None
        return script.read()


def violations(axe, pages, asked=None):
    """What axe-core has to say, for each rule the elements, by when and page."""
    served = {f"/{when}/{name}": raw for name, both in pages.items() for when, raw in zip("ba", both, strict=True)}

    def answer(path):
        if path == "/":
            return "text/html", (
                LOOK % (json.dumps([*served]), json.dumps(asked or {"type": "rule", "values": RULES}))
            ).encode()
        if path == "/axe.min.js":
            return "text/javascript", axe
        if path not in served:
            return None
        kind = "application/xhtml+xml" if path.endswith(".xhtml") else "text/html"
        return kind, served[path]

    told = json.loads(ask(BROWSER, answer, "/", 600))
    assert "error" not in told, told["error"]
    assert set(told) == set(served)
    return told


def without_scripts(raw):
    return _RUNS.sub("", raw.decode("latin-1")).encode("latin-1")


def test_no_fixture_gets_worse(axe):
    """No rule that looks at names, ids or alts finds more after cleaning than before, on any page of our own."""
    pages = {name: (without_scripts(before), without_scripts(after)) for name, before, after in changed_pages()}
    told = violations(axe, pages)
    worse = {
        (name, rule): told[f"/a/{name}"][rule]
        for name in pages
        for rule in told[f"/a/{name}"]
        if len(told[f"/a/{name}"][rule]) > len(told[f"/b/{name}"].get(rule, ()))
    }
    assert worse == {}


def test_the_checker_sees_a_lost_name(axe):
    """A link whose only name goes without another is found, so that the test above can fail."""
    page = b"<!DOCTYPE html><title>Notes</title><a href=boat.jpg><img src=boat.jpg alt='%s'></a>"
    told = violations(axe, {"lost.html": (page % b"Boats leave", page % b"")})
    assert (told["/b/lost.html"].get("link-name", []), len(told["/a/lost.html"]["link-name"])) == ([], 1)


def test_the_page_to_review_is_for_everybody(axe):
    """WCAG 2.2 AA, as far as a checker sees it, with and without findings, and best practice besides."""
    pages = {}
    for name, path in (("full.html", SITE), ("empty.html", SITE / "style.css")):
        report, counts = open_report("html", ReportOptions("1", verbose=True)), Counts()
        parts = [*report.begin()]
        for outcome in batch.run([path], Settings(cache=False), request=Request(Carried.EXHIBITS)):
            counts.count(outcome)
            parts += report.page(outcome)
        text = re.sub(
            r"<meta http-equiv=[^>]*>", "", "".join((*parts, *report.end(counts)))
        )  # it keeps the checker out
        text = text.replace("content-visibility: auto;", "")  # what is not laid out yet seems to lie upon the next
        pages[name] = (text.encode(), text.replace("<details>", "<details open>").encode())
    tags = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]}
    told = violations(axe, pages, tags)
    assert {path: found for path, found in told.items() if found} == {}
