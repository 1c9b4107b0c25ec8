"""captionfix in a process of its own, forked from one that has loaded it: as users run it, less the time to load it.

One process for each process of tests loads it, has a single thread, and forks for each run. Where there is no fork,
and where a run begins processes, it is started anew.
"""

from __future__ import annotations

import atexit
import gc
import json
import os
import pkgutil
import runpy
import socket
import subprocess
import sys
import traceback
from contextlib import suppress
from functools import cache
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

_STREAMS = 3


def run(
    *arguments: object, stdin: bytes = b"", cwd: os.PathLike[str] | str | None = None, environment: dict[str, str]
) -> subprocess.CompletedProcess[bytes]:
    """Run captionfix with arguments, to its end.

    Args:
        arguments: of the command line.
        stdin: what stands in standard input, a pipe as far as it takes all at once.
        cwd: where; None for here.
        environment: what differs from the environment of the tests.
    """
    words, variables = [*map(str, arguments)], {**os.environ, **environment}
    if not hasattr(os, "fork") or "--jobs" in words:
        command = [sys.executable, "-m", "captionfix", *words]
        return subprocess.run(command, input=stdin, cwd=cwd, capture_output=True, env=variables, check=False)
    with TemporaryFile() as output, TemporaryFile() as errors:
        given, giver = os.pipe()
        try:
            if len(stdin) > 1 << 15:
                raise ValueError("a pipe does not take so much at once")
            os.write(giver, stdin)
            os.close(giver)
            request = json.dumps([words, str(cwd or Path.cwd()), variables]).encode()
            asked = _server()[0]
            socket.send_fds(asked, [len(request).to_bytes(4, "big")], [given, output.fileno(), errors.fileno()])
            asked.sendall(request)
        finally:
            os.close(given)
        code = int.from_bytes(_read(asked, 4), "big", signed=True)
        for each in (output, errors):
            each.seek(0)
        return subprocess.CompletedProcess(words, code, output.read(), errors.read())


@cache
def _server() -> tuple[socket.socket, subprocess.Popen[bytes]]:
    """What forks, and the socket it is asked through; it ends when this process does, which closes its end."""
    here, there = socket.socketpair(socket.AF_UNIX)
    command = [sys.executable, __file__, str(there.fileno())]
    process = subprocess.Popen(command, pass_fds=(there.fileno(),), cwd=Path(__file__).parent.parent)
    there.close()
    return here, process


def _read(asked: socket.socket, length: int) -> bytes:
    found = b""
    while len(found) < length:
        found += asked.recv(length - len(found)) or _gone()
    return found


def _gone() -> bytes:
    raise EOFError("the other end is gone")


def serve(asked: socket.socket) -> None:
    """Fork for each request, in which captionfix runs; answer with its exit code."""
    while True:
        length, streams, *_ = socket.recv_fds(asked, 4, _STREAMS)
        if not length:
            return
        request = _read(asked, int.from_bytes(length, "big"))
        child = os.fork()
        if not child:
            os._exit(_exit_code(*json.loads(request), streams))
        for stream in streams:
            os.close(stream)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        asked.sendall(code.to_bytes(4, "big", signed=True))


def _exit_code(*request: Any) -> int:
    """What a run ends with, all done that is done when Python ends, but for taking it to pieces, which takes long."""
    try:
        _run(*request)
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    except BaseException:  # noqa: BLE001  # told as Python does
        traceback.print_exc()
        code = 1
    atexit._run_exitfuncs()  # noqa: SLF001
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    return code


def _run(words: list[str], cwd: str, variables: dict[str, str], streams: list[int]) -> None:
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(variables)
    sys.stdin, sys.stdout = (open(number, mode, closefd=False) for number, mode in enumerate("rw"))  # noqa: SIM115
    sys.stderr = open(2, "w", closefd=False, buffering=1, errors="backslashreplace")  # noqa: SIM115
    sys.argv = ["captionfix", *words]
    runpy.run_module("captionfix", run_name="__main__", alter_sys=True)


def load() -> None:
    """Load all of captionfix but what only scrapers' frameworks load; NumPy with one thread, as it is at work."""
    import captionfix.cli

    captionfix.cli.use_one_thread()
    for module in pkgutil.walk_packages(captionfix.__path__, "captionfix."):
        if not module.name.endswith("__main__") and ".integrations" not in module.name:
            import_module(module.name)


if __name__ == "__main__":
    load()
    gc.freeze()  # what is loaded stays shared
    serve(socket.socket(fileno=int(sys.argv[1])))
