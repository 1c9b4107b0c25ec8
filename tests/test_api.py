"""The public names, the version, and what is loaded when."""

import subprocess
import sys

import pytest

import captionfix
from captionfix import errors
from captionfix.pictures.relations import ImageRelation


def test_public_names():
    """The public names are these, no more and no fewer."""
    assert captionfix.__all__ == sorted(captionfix.__all__, key=str)
    assert captionfix.__all__ == [
        "CaptionfixError",
        "Cleaner",
        "Finding",
        "PageError",
        "PageLimitError",
        "PictureIndex",
        "Result",
        "Safety",
        "Settings",
        "SettingsError",
        "__version__",
        "check",
        "clean",
        "clean_tree",
        "picture_key",
        "same_picture",
    ]
    assert all(hasattr(captionfix, name) for name in captionfix.__all__)


def test_names_of_the_release_before_still_work():
    """What was renamed is found by its old name, with a warning that tells the new one."""
    found = captionfix.same_picture(b"<svg/>", b"<svg/>")
    with pytest.warns(DeprecationWarning, match=r"\.relation$"):
        assert found.kin is found.relation
    with pytest.warns(
        DeprecationWarning, match=r"captionfix\.Kin is now captionfix\.pictures\.relations\.ImageRelation$"
    ):
        assert captionfix.Kin is ImageRelation
    with pytest.warns(DeprecationWarning, match=r"captionfix\.phash is now captionfix\.pictures\.fingerprint\.phash$"):
        assert callable(captionfix.phash)


@pytest.mark.parametrize("name", sorted(captionfix._MOVED))  # noqa: SLF001
def test_every_moved_name_is_where_it_is_said_to_be(name):
    """What was in the package before is in the module that the warning names."""
    with pytest.warns(DeprecationWarning, match=rf"captionfix\.{name} is now captionfix\."):
        assert getattr(captionfix, name).__module__.startswith("captionfix.")


def test_errors_have_one_root():
    """Catching CaptionfixError catches every error of the package."""
    for name, found in vars(errors).items():
        if name.endswith("Error"):
            assert issubclass(found, captionfix.CaptionfixError)


def loaded(code):
    program = f"import sys\n{code}\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_version_loads_no_parser():
    """Importing the package loads neither a parser nor a picture library."""
    assert loaded("import captionfix").isdisjoint({"turbohtml", "lxml", "numpy", "PIL", "imagehash", "typer"})


def test_checking_a_page_loads_no_picture_library():
    """Checking a page without pixels loads neither NumPy nor Pillow nor imagehash nor lxml."""
    names = loaded("import captionfix; captionfix.check('<p>x')")
    assert "turbohtml" in names
    assert names.isdisjoint({"numpy", "PIL", "imagehash", "lxml", "rich"})


HEAVY = {"numpy", "PIL", "imagehash", "scipy", "sqlite3", "platformdirs", "lxml"}


def test_the_command_line_loads_nothing_heavy(tmp_path):
    """Neither --version nor a check in which no rule asks for pixels loads what images need."""
    page = tmp_path / "page.html"
    page.write_bytes(b"<!DOCTYPE html><p><img src=a.jpg alt=Boats><img src=b.jpg alt=Ships>")
    program = "import sys\nfrom captionfix import cli\ntry: cli.main()\nexcept SystemExit: print(*sys.modules)"
    for arguments in (["--version"], ["check", page], ["check", tmp_path]):
        command = [sys.executable, "-c", program, *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        assert HEAVY.isdisjoint(done.stdout.split())
