"""What the command line reads, keeps, shows and fails on."""

import json
import os
import subprocess
import sys

import pytest

from captionfix import cli
from captionfix.runs.copying import NAME

CAPTION = "Boats leave the harbour at dawn, seen from the old lighthouse."
FIGURE = f'<figure><img src="boat.jpg"><figcaption>{CAPTION}</figcaption><p>{CAPTION}</p></figure>\n'
CLEAN = FIGURE.replace(f"<p>{CAPTION}</p>", "")


@pytest.fixture
def captionfix(tmp_path, monkeypatch, capfdbinary):
    """The command line in this process, in an empty working directory: exit code, standard output and error."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["captionfix", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        told = capfdbinary.readouterr()
        return ended.value.code, told.out.decode(), told.err.decode()

    return run


@pytest.fixture
def site(tmp_path):
    for name in ("a.html", "sub/b.html", "node_modules/x.html"):
        (tmp_path / "site" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "site" / name).write_text(FIGURE)
    return tmp_path / "site"


def test_what_is_left_out_is_told_and_copied(captionfix, site, tmp_path):
    """Packages are not read, but told, and a cleaned copy holds them as they are."""
    code, out, _ = captionfix("check", "site")
    assert code == 1
    assert "2 pages read" in out
    assert "excluded: 1 path by the exclude setting" in out
    assert captionfix("clean", "site", "-o", "out")[0] == 0
    assert (tmp_path / "out" / "node_modules" / "x.html").read_text() == FIGURE
    assert (tmp_path / "out" / "sub" / "b.html").read_text() == CLEAN
    assert "3 pages read" in captionfix("check", "site", "--exclude", "nothing")[1]
    assert "1 page read" in captionfix("check", "site", "--extend-exclude", "sub")[1]
    assert captionfix("clean", "-i", "site", "--state-dir", "state")[0] == 0
    assert (site / "node_modules" / "x.html").read_text() == FIGURE


def test_the_hook_may_leave_out_what_it_is_given(captionfix, site):
    """Given files one by one, the hook heeds patterns with --force-exclude only; marks count there without settings."""
    (site / "a.html").write_text(FIGURE.replace("<p>", "<!-- captionfix: keep --><p>"))
    code, out, _ = captionfix("hook", "site/a.html", "site/node_modules/x.html", "--force-exclude")
    assert (code, "excluded: 1 path by the exclude setting" in out) == (0, True)
    assert "kept: 1 finding by a mark in the page" in out
    assert captionfix("hook", "site/node_modules/x.html")[0] == 1


def test_keep_records_what_stays_from_now_on(captionfix, site):
    """A pair that is recorded stays and is counted; a project is needed, and a line on which something stands."""
    code, _, err = captionfix("keep", "site/a.html")
    assert (code, "beside the settings file" in err) == (3, True)
    (site.parent / "captionfix.toml").write_text("")
    assert captionfix("keep", "site/a.html:9")[0] == 3
    code, out, _ = captionfix("keep", "site/a.html:1")
    assert code == 0
    assert f'CF101 site/a.html:1 "{CAPTION[:50]}' in out
    code, out, _ = captionfix("check", "site")
    assert (code, "kept: 2 findings by a recorded decision" in out) == (0, True)
    (site / "a.html").write_text(f"<p>x\n{FIGURE.replace('</figure>', f'<p>{CAPTION}</p></figure>')}")
    assert captionfix("check", "site")[0] == 1
    assert captionfix("check", "site", "--config", os.devnull)[0] == 1


def test_keep_records_what_a_review_rejected(captionfix, site):
    """Of the pairs of a folder those are recorded that a review rejected, each once, however many pages have it."""
    (site.parent / "captionfix.toml").write_text("")
    report = json.loads(captionfix("check", "site", "--format", "json")[1])
    key = report["pages"][0]["findings"][0]["key"]
    decisions = site.parent / "decisions.json"
    decisions.write_text(json.dumps({"tool": "captionfix", "schema": 1, "accept": [], "reject": [key]}))
    assert captionfix("keep", "site", "--decisions", "decisions.json")[0] == 0
    assert (site.parent / ".captionfix-keep").read_text().count(key) == 1
    assert captionfix("check", "site")[0] == 0


def test_a_baseline_lets_only_new_findings_fail(captionfix, site, tmp_path):
    """What an earlier report has does not fail, wherever its page moved; one more does; a wrong file is refused."""
    for form in ("json", "jsonl"):
        report = tmp_path / f"base.{form}"
        report.write_text(captionfix("check", "site", "--format", form)[1])
        code, out, _ = captionfix("check", "site", "--baseline", report)
        assert (code, "kept: 2 findings by the baseline" in out) == (0, True)
        (site / "a.html").rename(site / "moved.html")
        assert captionfix("check", "site", "--baseline", report)[0] == 0
        (site / "a.html").write_text(FIGURE)
        code, out, _ = captionfix("check", "site", "--baseline", report)
        assert (code, "1 to fix" in out) == (1, True)
        (site / "moved.html").unlink()
    (tmp_path / "other.json").write_text('{"pages": [{"findings": [{"code": "CF101"}]}]}')
    for wrong in ("other.json", "site/a.html", "nowhere.json"):
        assert captionfix("check", "site", "--baseline", wrong)[0] == 3


def test_what_fails_can_be_chosen(captionfix, site):
    """--exit-zero never fails, --max-findings fails above a number, errors fail all the same."""
    assert captionfix("check", "site", "--exit-zero")[0] == 0
    assert captionfix("check", "site", "--max-findings", 2)[0] == 0
    assert captionfix("check", "site", "--max-findings", 1)[0] == 1
    assert captionfix("check", "site", "nowhere", "--exit-zero")[0] == 2


def test_statistics_and_the_next_step(captionfix, site):
    """--statistics counts by rule instead of listing; the last line says what to do, as a shell takes it."""
    (site.parent / "my site").symlink_to(site)
    _, out, _ = captionfix("check", "my site", "--statistics")
    assert out.split()[:2] == ["2", "CF101"]
    assert "a.html" not in out
    assert "next: captionfix clean 'my site' --diff" in out
    assert "next:" not in captionfix("check", "site", "--ignore", "CF")[1]


def test_show_settings(captionfix, site):
    """The settings and their file are shown without any path, as a settings file would have them."""
    assert "settings file: none" in captionfix("check", "--show-settings")[1]
    (site / "captionfix.toml").write_text('ignore = ["CF104"]\nper-file-ignores = {"old/*" = ["CF1"]}\n')
    os.chdir(site / "sub")
    _, shown, _ = captionfix("clean", "--show-settings")
    assert f"# settings file: {site / 'captionfix.toml'}" in shown
    assert 'ignore = ["CF104"]' in shown
    (site / "captionfix.toml").write_text(shown)
    assert captionfix("check", "--show-settings")[1] == shown
    assert captionfix("check")[0] == 3


def test_dry_run_writes_nothing(captionfix, site, tmp_path):
    """clean --dry-run tells what would change and writes nothing, whatever else is asked."""
    before = sorted(tmp_path.rglob("*"))
    for more in ((), ("-i",), ("-o", "out")):
        code, out, _ = captionfix("clean", "site", "--dry-run", *more)
        assert (code, "2 to fix" in out, "without --dry-run" in out) == (0, True, True)
    assert captionfix("clean", "site", "-n", "--exit-code")[0] == 1
    assert sorted(tmp_path.rglob("*")) == before
    assert (site / "a.html").read_text() == FIGURE


def test_a_stopped_copy_goes_on_or_starts_over(captionfix, site, tmp_path, monkeypatch):
    """--resume does what is left, with the same settings only; --overwrite does all; else OUT stays as it is."""
    from captionfix.archives import files

    real, written = files.write, []

    def stop(path, data, like):
        written.append(path)
        if path.name == "b.html":
            raise KeyboardInterrupt
        real(path, data, like)

    monkeypatch.setattr(files, "write", stop)
    assert captionfix("clean", "site", "-o", "out")[0] == 130
    monkeypatch.setattr(files, "write", real)
    out = tmp_path / "out"
    assert (out / NAME).exists()
    assert "--resume continues" in captionfix("clean", "site", "-o", "out")[2]
    code, _, err = captionfix("clean", "site", "-o", "out", "--resume", "--ignore", "CF2")
    assert (code, "--overwrite starts over" in err) == (3, True)
    code, told, _ = captionfix("clean", "site", "-o", "out", "--resume")
    assert (code, "done by the interrupted run: 1 file" in told, "1 page read" in told) == (0, True, True)
    assert (out / "a.html").read_text() == (out / "sub" / "b.html").read_text() == CLEAN
    assert not (out / NAME).exists()
    assert captionfix("clean", "site", "-o", "out", "--resume")[0] == 3
    (out / "a.html").write_text("old")
    (out / "more.txt").write_text("mine")
    assert captionfix("clean", "site", "-o", "out", "--overwrite")[0] == 0
    assert ((out / "a.html").read_text(), (out / "more.txt").read_text()) == (CLEAN, "mine")


@pytest.mark.parametrize(
    "wrong", [("--resume",), ("--overwrite", "-i"), ("-o", "x", "--resume", "--overwrite"), ("--stdin-filename", "a")]
)
def test_options_that_do_not_fit_are_refused(captionfix, site, wrong):
    """Options that say nothing here are wrong usage."""
    assert captionfix("clean", "site/a.html", *wrong)[0] == 3


def test_the_log_has_everything(captionfix, site, tmp_path):
    """--log-file appends what -v would tell and errors, whatever is shown."""
    for _ in range(2):
        assert captionfix("check", "site", "nowhere", "-q", "--log-file", "run.log")[1] == ""
    log = (tmp_path / "run.log").read_text()
    assert log.count(" captionfix ") >= 2
    assert log.count("site/sub/b.html:1:") == log.count("site/a.html:1:") == 2
    assert log.count("error: nowhere") == 2
    assert "excluded by the exclude setting" in log
    assert "    text: equal" in log


@pytest.mark.slow
def test_standard_input_can_be_a_file_of_the_project(site):
    """--stdin-filename gives standard input a name: for messages, patterns and marks; left out, it passes unchanged."""
    (site.parent / "captionfix.toml").write_text('per-file-ignores = {"sub/*" = ["CF1"]}\nextend-exclude = ["gone"]\n')

    def clean(name, page, *more):
        command = [sys.executable, "-m", "captionfix", "clean", "-", "--stdin-filename", name, *more]
        done = subprocess.run(command, input=page, capture_output=True, text=True, cwd=site.parent, check=True)
        return done.stdout, done.stderr

    page, told = clean("site/c.html", FIGURE)
    assert (page, "site/c.html:1:" in told) == (CLEAN, True)
    assert clean("sub/c.html", FIGURE)[0] == FIGURE
    marked = FIGURE.replace("<p>", '<p data-captionfix="keep">')
    assert clean("site/c.html", marked)[0] == marked
    assert clean("gone/c.html", FIGURE)[0] == CLEAN
    page, told = clean("gone/c.html", FIGURE, "--force-exclude")
    assert (page, "excluded: 1 path by the exclude setting" in told) == (FIGURE, True)


@pytest.mark.slow
def test_a_reader_that_goes_does_not_stop_a_run_that_writes(site, tmp_path):
    """clean -o goes on where nobody reads what it tells, and ends as if somebody did."""
    for number in range(200):
        (site / f"{number}.html").write_text(FIGURE)
    command = [sys.executable, "-m", "captionfix", "clean", "site", "-o", "out"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=tmp_path) as process:
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0
    assert sum(1 for path in (tmp_path / "out").glob("*.html")) == 201


def test_colours_can_be_asked_for_and_forbidden(captionfix, site, monkeypatch):
    """FORCE_COLOR colours a pipe, NO_COLOR wins over it; neither touches reports for programs."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b[33mCF101\x1b[0m" in captionfix("check", "site")[1]
    assert "\x1b" not in captionfix("check", "site", "--format", "jsonl")[1]
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in captionfix("check", "site")[1]


def test_json_tells_what_was_kept_and_left_out(captionfix, site):
    """The summary for programs has who left out and who kept."""
    (site.parent / "captionfix.toml").write_text("")
    (site / "a.html").write_text(FIGURE.replace("<p>", '<p data-captionfix="keep">'))
    told = json.loads(captionfix("check", "site", "--format", "json")[1])
    assert told["summary"]["excluded"] == {"the exclude setting": 1}
    assert told["summary"]["suppressed"] == {"a mark in the page": 1}
    assert told["pages"][0]["findings"][0]["suppressed"] == "a mark in the page"
