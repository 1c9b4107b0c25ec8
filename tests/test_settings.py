"""Settings files."""

import pytest

from captionfix.errors import SettingsError
from captionfix.project import load_settings
from captionfix.settings import Settings


def test_defaults_without_a_file(tmp_path):
    """Without a settings file the defaults hold."""
    assert load_settings(directory=tmp_path) == Settings()


def test_own_file(tmp_path):
    """captionfix.toml holds settings at its top, with dashes or underscores."""
    (tmp_path / "captionfix.toml").write_text('ignore = ["CF104"]\nreview-level = true\nalt = "keep"\n')
    assert load_settings(directory=tmp_path) == Settings(
        ignore=("CF104",), review_level=True, alt="keep", project=str(tmp_path)
    )


def test_pyproject(tmp_path):
    """pyproject.toml holds settings in its own table; a project without the table has the defaults."""
    (tmp_path / "pyproject.toml").write_text("[tool.captionfix]\ntext = true\n")
    assert load_settings(directory=tmp_path).text
    (tmp_path / "pyproject.toml").write_text("[tool.other]\nx = 1\n")
    assert load_settings(directory=tmp_path) == Settings()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("ignor = []", "unknown setting 'ignor'; did you mean 'ignore'"),
        ("xyzzy = 1", "unknown setting 'xyzzy'; known: "),
        ('ignore = "CF1"', "'ignore' takes several rule codes"),
        ("text = 1", "'text' takes true or false"),
        ('alt = "gone"', "'alt' takes one of empty, unlinked, drop, keep"),
        ("a = [", "is not valid TOML"),
        ('select = ["CF110"]', "'select': no rule 'CF110'; did you mean CF10"),
    ],
)
def test_wrong_settings_are_refused(tmp_path, text, says):
    """Unknown names and wrong values are refused with the file's name and what would be right."""
    (tmp_path / "captionfix.toml").write_text(text)
    with pytest.raises(SettingsError, match=r"captionfix\.toml") as caught:
        load_settings(directory=tmp_path)
    assert says in str(caught.value)


def test_a_named_file_must_exist(tmp_path):
    """A settings file that was named and is not there is an error."""
    with pytest.raises(SettingsError, match=r"nowhere\.toml"):
        load_settings(tmp_path / "nowhere.toml")


def test_ignore_wins_over_select():
    """Codes match by their beginning, and ignore wins."""
    settings = Settings(select=("CF1",), ignore=("CF104",))
    assert [code for code in ("CF101", "CF104", "CF201") if settings.wants(code)] == ["CF101"]
