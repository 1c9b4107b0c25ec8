"""SARIF against the official schema and the standard's own validator, which npm gets."""

import json
import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import jsonschema
import pytest

pytestmark = pytest.mark.full
ROOT = Path(__file__).parent.parent


def packed(name, folder):
    """A package of the npm registry, unpacked."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("needs npm, which gets the schema and the validator")
    got = subprocess.run([npm, "pack", "--silent", name], cwd=folder, capture_output=True, text=True, check=False)
    if got.returncode != 0:
        pytest.skip(f"{name} could not be had: {got.stderr.strip()[-200:]}")
    with tarfile.open(folder / got.stdout.split()[-1]) as package:
        package.extractall(folder / "unpacked", filter="data")
    return folder / "unpacked" / "package"


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    """What is found in the example site, beside a page that cannot be read and one that is marked."""
    folder = tmp_path_factory.mktemp("sarif")
    shutil.copytree(ROOT / "fixtures" / "site", folder / "site")
    (folder / "captionfix.toml").write_text('scripts = "dead"\n')
    (folder / "site" / "bad é.html").write_bytes(b"\xff\xfe<\0p\0>\0x")
    page = folder / "site" / "ferry.html"
    page.write_text(page.read_text(encoding="utf-8").replace("<dialog", '<dialog data-captionfix="keep"'), "utf-8")
    command = [sys.executable, "-m", "captionfix", "check", "site", "--format", "sarif", "--review-level"]
    done = subprocess.run(command, cwd=folder, capture_output=True, check=False)
    assert done.returncode == 2
    (folder / "report.sarif").write_bytes(done.stdout)
    return folder / "report.sarif"


def test_the_official_schema_holds(report, tmp_path):
    """A report is valid, and one with a wrong level is not."""
    (schema,) = packed("@microsoft/jest-sarif", tmp_path).rglob("sarif-2.1.0*.json")
    known = json.loads(schema.read_text(encoding="utf-8"))
    validator = jsonschema.validators.validator_for(known)(known)
    told = json.loads(report.read_bytes())
    assert [error.message for error in validator.iter_errors(told)] == []
    assert len(told["runs"][0]["results"]) > 20
    told["runs"][0]["results"][0]["level"] = "bad"
    assert list(validator.iter_errors(told))


@pytest.mark.skipif(sys.platform != "linux", reason="the validator is that of Linux")
def test_the_validator_finds_no_error(report, tmp_path):
    """The Multitool's rules for SARIF find neither errors nor warnings that are about this report."""
    tool = packed("@microsoft/sarif-multitool-linux", tmp_path) / "Sarif.Multitool"
    tool.chmod(0o755)
    command = [tool, "validate", report, "--level", "Error;Warning;Note", "--output", tmp_path / "told.sarif"]
    environment = {**os.environ, "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    found = json.loads((tmp_path / "told.sarif").read_text(encoding="utf-8-sig"))["runs"][0]["results"]
    serious = [result for result in found if result.get("level", "warning") in ("error", "warning")]
    assert [(result["ruleId"], result["message"]) for result in serious] == [], done.stdout
