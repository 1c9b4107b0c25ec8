"""The command line: its commands in one place, and how a run ends."""

from __future__ import annotations

import os
import sys
from typing import Annotated, Any

import typer

from captionfix import __version__
from captionfix.cli import act, cache, images, keep, pages, review, rules, undo
from captionfix.cli.printer import say
from captionfix.errors import CaptionfixError, SettingsError, UsageError

USAGE = 3
"""Exit code for wrong usage or settings."""
INTERRUPTED = 130
"""Exit code after Ctrl-C, as shells have it."""
UNREAD = 141
"""Exit code where whoever read standard output went away, as shells have it for a program that SIGPIPE ends."""

app = typer.Typer(
    name="captionfix",
    help="Take doubled photo captions and doubled pictures out of scraped web pages; every other byte stays.",
    epilog="Exit codes: 0 done or nothing to fix, 1 findings (check), changes or groups (--exit-code), "
    "2 something could not be read or written, 3 wrong usage or settings.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback(invoke_without_command=True)
def _root(
    version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False,
) -> None:
    if version:
        typer.echo(f"captionfix {__version__}")
        raise typer.Exit


app.command()(pages.check)
app.command()(pages.clean)
app.command()(review.review)
app.command()(keep.keep)
app.command()(pages.hook)
app.command()(images.images)
app.command()(act.apply)
app.command()(undo.undo)
app.add_typer(undo.journal_app, name="journal")
app.add_typer(cache.cache_app, name="cache")
app.command()(rules.rules)


_USAGE_ERROR: Any = typer.BadParameter.__bases__[0]
"""What Typer raises for any wrong usage; it has no public name of its own."""


_ONE_THREAD = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")


def main() -> None:
    """Run the command line, with wrong usage as exit code 3 and Ctrl-C as 130."""
    use_one_thread()
    _open_streams()
    try:
        _check_output()
        code = typer.main.get_command(app).main(standalone_mode=False)
    except _USAGE_ERROR as error:
        error.show()
        code = USAGE
    except (SettingsError, UsageError) as error:
        say(f"captionfix: {error}", to_stderr=True)
        code = USAGE
    except CaptionfixError as error:
        say(f"captionfix: {error}", to_stderr=True)
        code = 2
    except (BrokenPipeError, SystemExit):  # the latter is what some versions of Typer make of the former
        code = UNREAD
    except OSError as error:
        where = f"{error.filename}: " if error.filename is not None else ""
        cause = error.strerror or error
        say(f"captionfix: {where}{cause}; check the disk, the rights and where the output goes", to_stderr=True)
        code = 2
    except (KeyboardInterrupt, typer.Abort):
        code = INTERRUPTED
    if code == INTERRUPTED:  # which is how some versions of Typer tell of Ctrl-C
        say("captionfix: interrupted", to_stderr=True)
    sys.exit(_flushed(code or 0))


def use_one_thread() -> None:
    """Have NumPy use one thread: the pixels of one picture are too few to share. ``--jobs`` is for that."""
    for name in _ONE_THREAD:
        os.environ.setdefault(name, "1")


def _check_output() -> None:
    if sys.stdout is None:
        raise UsageError("standard output is closed; send it somewhere, such as >/dev/null")


def _open_streams() -> None:
    """Give the standard streams that are closed a place, so that no file gets their numbers; what is told goes nowhere.

    Standard input and output stay unset: whoever needs them says that they are closed.
    """
    while (number := os.open(os.devnull, os.O_RDWR)) < _STREAMS:
        pass
    os.close(number)
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115 as long as the program


_STREAMS = 3


def _flushed(code: int) -> int:
    """The exit code once all is written; of what nobody reads any more nothing is left for Python to stumble over."""
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except OSError as error:
            code = UNREAD if isinstance(error, BrokenPipeError) else 2
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    return code


if __name__ == "__main__":
    main()
