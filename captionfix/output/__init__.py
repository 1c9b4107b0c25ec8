"""The forms a report can have: one line each, the writer in a file of this folder named after its form."""

from __future__ import annotations

from importlib import import_module

from captionfix.output.form import Report, ReportOptions

FORMS = {
    "text": "lines for people",
    "json": "one JSON object",
    "jsonl": "JSON Lines: one object a finding",
    "sarif": "SARIF 2.1.0, for code scanning",
    "github": "annotations of GitHub Actions",
    "junit": "JUnit XML, for CI systems that show tests",
    "html": "one page to look through in a browser, and to decide in",
}


def open_report(form: str, options: ReportOptions) -> Report:
    """Return what writes a report.

    Args:
        form: a name of `FORMS`.
        options: what the report tells.

    >>> next(iter(open_report("jsonl", ReportOptions(version="0.0.0")).begin()))
    '{"type": "header", "tool": "captionfix", "version": "0.0.0", "schema": 1}\\n'
    """
    report: Report = import_module(f"captionfix.output.{form}").Writer(options)
    return report
