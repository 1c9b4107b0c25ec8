"""The command line, run as users run it."""

import json
import os
import shutil
import stat
import subprocess
import sys

import forked
import pytest

import captionfix

FIGURE = b'<figure><img src="boat.jpg" alt="Boats leave"><figcaption>Boats leave</figcaption></figure>'
DOUBLED = b"<!DOCTYPE html>\r\n" + FIGURE + b"\r\n"
CLEAN = DOUBLED.replace(b'alt="Boats leave"', b'alt=""')
PLAIN = b"<!DOCTYPE html>\n<p>Boats leave\n"


def run(*arguments, stdin=b"", cwd=None, **environment):
    return forked.run(*arguments, stdin=stdin, cwd=cwd, environment=environment)


@pytest.fixture
def site(tmp_path):
    folder = tmp_path / "site"
    (folder / "sub").mkdir(parents=True)
    (folder / "a.html").write_bytes(DOUBLED)
    (folder / "sub" / "page?id=3").write_bytes(DOUBLED)
    (folder / "plain.htm").write_bytes(PLAIN)
    (folder / "style.css").write_bytes(b"p{}")
    (folder / "notes.txt").write_bytes(b"Boats\n")
    return folder


def test_version():
    """--version prints the version."""
    assert run("--version").stdout.decode().split() == ["captionfix", captionfix.__version__]


def test_no_arguments_shows_help():
    """Without arguments the help is shown."""
    done = run()
    assert b"check" in done.stdout + done.stderr


def test_one_file_goes_to_standard_output_exactly(site):
    """One file without -o is written to standard output byte for byte, findings go to standard error."""
    done = run("clean", site / "a.html")
    assert done.stdout == CLEAN
    assert b"a.html:2:9 CF102" in done.stderr
    assert done.returncode == 0
    assert (site / "a.html").read_bytes() == DOUBLED


def test_output_dash_is_standard_output(site, tmp_path):
    """-o - writes to standard output and makes no file of that name; ./- is a file."""
    assert run("clean", site / "a.html", "-o", "-", cwd=tmp_path).stdout == CLEAN
    assert run("clean", "-", "-o", "-", stdin=DOUBLED, cwd=tmp_path).stdout == CLEAN
    assert b"several pages do not go to standard output" in run("clean", site, "-o", "-", cwd=tmp_path).stderr
    assert run("images", site, "-o", "-", "--format", "json", cwd=tmp_path).stdout.startswith(b"{")
    assert [path.name for path in tmp_path.iterdir()] == ["site"]
    assert run("clean", site / "a.html", "-o", "./-", cwd=tmp_path).returncode == 0
    assert (tmp_path / "-").read_bytes() == CLEAN


def test_standard_input():
    """- reads standard input, HTML or text."""
    assert run("clean", "-", stdin=DOUBLED).stdout == CLEAN
    paragraph = b"Boats leave the harbour at dawn, seen from the old lighthouse in the north of town.\n"
    done = run("clean", "-", stdin=paragraph + b"\n" + paragraph)
    assert done.stdout == paragraph
    assert b"-:3:1 CF301" in done.stderr


def test_empty_input():
    """Empty input is clean."""
    done = run("clean", "-", stdin=b"")
    assert (done.stdout, done.returncode) == (b"", 0)


def test_check_exit_codes(site):
    """check exits with 1 if clean would mend something, else with 0."""
    assert run("check", site).returncode == 1
    assert run("check", site / "plain.htm").returncode == 0
    assert run("check", site, "--ignore", "CF1").returncode == 0


def test_check_after_clean_is_zero(site, tmp_path):
    """Right after clean, check finds nothing to mend."""
    assert run("clean", site, "-o", tmp_path / "out").returncode == 0
    done = run("check", tmp_path / "out")
    assert (done.returncode, b"nothing repeats" in done.stdout) == (0, True)


def test_clean_exit_code_option(site, tmp_path):
    """--exit-code makes clean exit with 1 when something changed."""
    assert run("clean", site / "a.html", "--exit-code").returncode == 1
    assert run("clean", site / "plain.htm", "--exit-code").returncode == 0


def test_a_folder_becomes_a_whole_site(site, tmp_path):
    """OUT/x is the cleaned PATH/x, what is no page is copied, the original stays."""
    done = run("clean", site, "-o", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    out = tmp_path / "out"
    assert (out / "a.html").read_bytes() == CLEAN
    assert (out / "sub" / "page?id=3").read_bytes() == CLEAN
    assert (out / "plain.htm").read_bytes() == PLAIN
    assert (out / "style.css").read_bytes() == b"p{}"
    assert (out / "notes.txt").read_bytes() == b"Boats\n"
    assert (site / "a.html").read_bytes() == DOUBLED
    assert b"3 pages read, 2 changed" in done.stdout


def test_one_file_becomes_one_file(site, tmp_path):
    """For one file, OUT is the cleaned file."""
    done = run("clean", site / "a.html", "-o", tmp_path / "new" / "b.html")
    assert (done.returncode, done.stderr) == (0, b"")
    assert (tmp_path / "new" / "b.html").read_bytes() == CLEAN


def test_several_paths_and_a_clash(site, tmp_path):
    """Several paths go to OUT/<name>; two of one name are an error before anything is written."""
    out = tmp_path / "out"
    assert run("clean", site, site / "a.html", "-o", out).returncode == 0
    assert (out / "site" / "a.html").read_bytes() == (out / "a.html").read_bytes() == CLEAN
    clash = run("clean", site / "a.html", tmp_path / "site" / "a.html", "-o", tmp_path / "out2")
    assert clash.returncode == 3
    assert not (tmp_path / "out2").exists()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["clean", "{site}"], "add -o OUT"),
        (["clean", "{site}/a.html", "{site}/plain.htm"], "add -o OUT"),
        (["clean", "{site}/a.html", "--format", "json"], "-o OUT"),
        (["clean", "{site}", "-o", "{site}/out"], "lies inside"),
        (["clean", "{site}", "-o", "{site}/sub"], "not empty"),
        (["clean", "{site}/a.html", "-o", "{site}/plain.htm"], "not empty"),
        (["clean", "{site}/a.html", "-o", "{site}/sub"], "is a folder"),
        (["check", "{site}", "--select", "CF99"], "no rule 'CF99'"),
        (["check", "{site}", "--encoding", "klingon"], "unknown encoding"),
        (["check", "{site}", "--diff", "--format", "json"], "choose one"),
        (["check", "{site}", "--config", "nowhere.toml"], "nowhere.toml"),
        (["rules", "XX1"], "no rule"),
        (["check", "--bogus", "{site}"], "--bogus"),
        (["check"], "PATH"),
        (["clean", "-", "{site}"], "- must be the only PATH"),
    ],
)
def test_wrong_usage_is_three_and_says_what_to_do(site, arguments, says):
    """Wrong usage exits with 3, says what is wrong, and writes nothing."""
    before = sorted(site.rglob("*"))
    done = run(*(each.format(site=site) for each in arguments))
    assert done.returncode == 3
    assert says in done.stderr.decode()
    assert b"Traceback" not in done.stderr
    assert sorted(site.rglob("*")) == before


def test_unreadable_pages_do_not_stop_the_rest(site, tmp_path):
    """A page that cannot be read is named with byte, cause and next step; the rest is cleaned, the page copied."""
    (site / "bad.html").write_bytes(b"\xff\xfe<\0p\0>\0x")
    done = run("clean", site, "-o", tmp_path / "out")
    assert done.returncode == 2
    assert b"bad.html: byte " in done.stderr
    assert b"--encoding" in done.stderr
    assert (tmp_path / "out" / "a.html").read_bytes() == CLEAN
    assert (tmp_path / "out" / "bad.html").read_bytes() == b"\xff\xfe<\0p\0>\0x"


def test_a_path_that_is_not_there():
    """A path that is not there is an error of its own."""
    done = run("check", "nowhere.html")
    assert done.returncode == 2
    assert b"nowhere.html: cannot be read" in done.stderr


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps links and pipes differently")
def test_links_and_pipes(site, tmp_path):
    """Links are copied as links and not followed; a pipe is named and left out."""
    secret = tmp_path / "secret.html"
    secret.write_bytes(DOUBLED)
    (site / "link.html").symlink_to(secret)
    (site / "folder").symlink_to(tmp_path)
    os.mkfifo(site / "pipe.html")
    done = run("clean", site, "-o", tmp_path / "out")
    assert done.returncode == 2
    assert b"pipe.html: is a pipe" in done.stderr
    assert (tmp_path / "out" / "link.html").is_symlink()
    assert (tmp_path / "out" / "folder").is_symlink()
    assert secret.read_bytes() == DOUBLED


@pytest.mark.skipif(os.name == "nt", reason="modes are those of POSIX")
def test_mode_and_times_are_kept(site, tmp_path):
    """A cleaned copy has the mode and the times of its page."""
    (site / "a.html").chmod(0o640)
    os.utime(site / "a.html", (1_000_000_000, 1_000_000_000))
    run("clean", site, "-o", tmp_path / "out")
    made = (tmp_path / "out" / "a.html").stat()
    assert stat.S_IMODE(made.st_mode) == 0o640
    assert made.st_mtime == 1_000_000_000


def test_diff_can_be_applied(site, tmp_path):
    """--diff writes nothing, and the diff, odd bytes and all, makes the cleaned page."""
    (site / "a.html").write_bytes(DOUBLED.replace(b"Boats leave", b"Boats \xff leave"))
    done = run("clean", "a.html", "--diff", cwd=site)
    assert b'-<figure><img src="boat.jpg" alt="Boats \xff leave">' in done.stdout
    if shutil.which("patch"):
        subprocess.run(["patch", "-p1", "--binary"], input=done.stdout, cwd=site, check=True, capture_output=True)
        assert (site / "a.html").read_bytes() == CLEAN.replace(b"Boats leave", b"Boats \xff leave")


def test_json(site):
    """JSON is one object with a schema number, a record a page and a summary."""
    done = run("check", site, "--format", "json")
    told = json.loads(done.stdout)
    assert (told["tool"], told["schema"]) == ("captionfix", 1)
    page = next(page for page in told["pages"] if page["page"].endswith("a.html"))
    (finding,) = page["findings"]
    start, end = finding["edits"][0]["start"], finding["edits"][0]["end"]
    assert DOUBLED[:start] + finding["edits"][0]["replacement"].encode() + DOUBLED[end:] == CLEAN
    assert told["summary"]["fixable"] == {"safe": 2}
    assert done.stderr == b""


def test_json_lines(site, tmp_path):
    """JSON Lines has a header, a line a finding and an error, and a summary."""
    (site / "bad.html").write_bytes(b"\xff\xfe<\0p\0>\0x")
    done = run("clean", site, "-o", tmp_path / "out", "--format", "jsonl")
    kinds = [json.loads(line)["type"] for line in done.stdout.splitlines()]
    assert kinds == ["header", "finding", "error", "finding", "summary"]


def test_text_option_in_folders(site, tmp_path):
    """--text reads text files of folders too; without it they are copied."""
    paragraph = b"Boats leave the harbour at dawn, seen from the old lighthouse in the north of town.\n"
    (site / "notes.txt").write_bytes(paragraph + b"\n" + paragraph)
    assert b"CF301" not in run("check", site).stdout
    assert b"notes.txt:3:1 CF301" in run("check", site, "--text").stdout


def test_settings_of_the_working_directory_only(site, tmp_path):
    """captionfix.toml of the working directory is heeded, one inside the archive is not; the command line wins."""
    (site / "captionfix.toml").write_text('ignore = ["CF"]')
    assert run("check", site, cwd=tmp_path).returncode == 1
    (tmp_path / "captionfix.toml").write_text('ignore = ["CF1"]')
    assert run("check", site, cwd=tmp_path).returncode == 0
    assert run("check", site, "--ignore", "CF2", cwd=tmp_path).returncode == 1
    (tmp_path / "captionfix.toml").write_text("ignor = []")
    wrong = run("check", site, cwd=tmp_path)
    assert wrong.returncode == 3
    assert b"did you mean 'ignore'" in wrong.stderr


def test_quiet_and_verbose(site):
    """--quiet tells errors only; --verbose tells evidence and the files left alone."""
    quiet = run("check", site, "--quiet")
    assert (quiet.stdout, quiet.returncode) == (b"", 1)
    loud = run("check", site, "-v").stdout
    assert b"    text: contained in the caption" in loud
    assert b"style.css: skipped, not a page" in loud


def test_colours_stay_off_outside_of_a_terminal(site):
    """No escape sequence reaches a pipe."""
    assert b"\x1b" not in run("check", site).stdout


def test_names_cannot_act_on_the_terminal(site):
    """A file name with control characters is shown, not sent."""
    try:
        (site / "a\x1b[31m.html").write_bytes(DOUBLED)
    except OSError:
        pytest.skip("this file system takes no such name")
    done = run("check", site)
    assert b"\x1b" not in done.stdout + done.stderr


def test_a_reader_that_stops_early_is_no_error(site):
    """Writing to a reader that went away ends quietly."""
    for number in range(300):
        (site / f"{number}.html").write_bytes(DOUBLED)
    command = [sys.executable, "-m", "captionfix", "check", str(site)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.readline()
        process.stdout.close()
        assert b"Traceback" not in process.stderr.read()


def test_rules():
    """rules lists every rule, and explains one."""
    assert len(run("rules").stdout.splitlines()) >= 8
    assert b"**Safety.**" in run("rules", "cf102").stdout


def test_hook_mends_in_place(site):
    """hook mends the files it is given and no others, and exits with 1 if any changed."""
    assert run("hook", site / "a.html", site / "plain.htm").returncode == 1
    assert (site / "a.html").read_bytes() == CLEAN
    assert (site / "sub" / "page?id=3").read_bytes() == DOUBLED
    assert run("hook", site / "a.html").returncode == 0
    assert sorted(path.name for path in site.iterdir()) == ["a.html", "notes.txt", "plain.htm", "style.css", "sub"]
