"""Keeps the processes of a local Airflow together: they start at once and none of them outlives the command that asked.

Runs as a child of ``make demo`` or ``make up``: ``python -m kehu.orchestration.local.guardian NAME=COMMAND …`` (commands are JSON
lists). It ends everything when its standard input closes, which the kernel does however the parent dies; when it is told to
(SIGTERM); or when one of the processes ends by itself. On Linux it adopts orphaned grandchildren, so that a task whose
scheduler was killed is found as well. Only the standard library and psutil are imported: it has to be there first.
"""

from __future__ import annotations

import ctypes
import json
import os
import select
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import psutil

_GRACE_SECONDS = 4.0
_POLL_SECONDS = 0.25
_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36


def main(arguments: list[str]) -> int:
    """Start the named commands and stay until one of them, the parent, or the guardian itself is to end.

    Returns:
        0 after an orderly end; 1 if a process ended by itself (its name is printed).
    """
    log_dir = Path(arguments[0])
    commands = dict(argument.split("=", 1) for argument in arguments[1:])
    stop: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda received, _frame: stop.append(received))
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)
    children: dict[str, subprocess.Popen[bytes]] = {}
    try:
        for name, command in commands.items():
            children[name] = _start(json.loads(command), log_dir / f"{name}.log")
        while not stop and not _parent_is_gone():
            for name, child in children.items():
                if child.poll() is not None:
                    sys.stdout.write(f"{name} ended with exit code {child.returncode}\n")
                    sys.stdout.flush()
                    return 1
    finally:
        _end_all(children)
    return 0


def _start(command: list[str], log: Path) -> subprocess.Popen[bytes]:
    with log.open("ab") as output:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            preexec_fn=_die_with_the_guardian,  # noqa: PLW1509 - the guardian has one thread
            start_new_session=True,  # a ctrl-C at the terminal reaches the command, which then ends them in order
        )


def _die_with_the_guardian() -> None:
    _prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _prctl(option: int, value: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0)


def _parent_is_gone() -> bool:
    """Wait a moment for the end of standard input."""
    readable, _, _ = select.select([sys.stdin.buffer], [], [], _POLL_SECONDS)
    return bool(readable) and not os.read(sys.stdin.fileno(), 1024)


def _end_all(children: dict[str, subprocess.Popen[bytes]]) -> None:
    """Ask first, then kill, until no descendant is left: a scheduler alone would wait for its tasks to finish."""
    for child in children.values():
        with suppress(ProcessLookupError):
            child.terminate()
    deadline = time.monotonic() + _GRACE_SECONDS
    while time.monotonic() < deadline and any(child.poll() is None for child in children.values()):
        time.sleep(0.1)
    last = deadline + 10
    while (alive := _descendants()) and time.monotonic() < last:
        for process in alive:
            with suppress(psutil.Error):
                process.kill()
        psutil.wait_procs(alive, timeout=1)
        _reap()


def _descendants() -> list[psutil.Process]:
    found = psutil.Process().children(recursive=True)
    return [process for process in found if _is_alive(process)]


def _is_alive(process: psutil.Process) -> bool:
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return False


def _reap() -> None:
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
