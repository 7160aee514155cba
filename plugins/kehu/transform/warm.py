"""One process with dbt in it for all steps of a run (``warm_child.py``), instead of one that starts anew for each step."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import asdict, dataclass

from kehu.settings import child_environment

_ANSWER_BYTES = 4096


@dataclass(frozen=True)
class WarmRequest:
    """One step.

    Attributes:
        request: the step's request file.
        project: what the project is parsed from, as one text: another one is parsed anew.
        environment: what the step gets to see; it may hold a password and is written nowhere.
        folder: the working directory, which the profile's path counts from.
    """

    request: str
    project: str
    environment: dict[str, str]
    folder: str


@dataclass
class WarmProcess:
    """A running ``warm_child``."""

    process: subprocess.Popen[bytes]
    connection: socket.socket

    def send(self, request: WarmRequest, lock: int, output: int) -> None:
        """Ask for one step.

        Args:
            request: what to build.
            lock: the descriptor of the warehouse's lock, held by whoever builds.
            output: where the step prints to.
        """
        data = json.dumps(asdict(request)).encode()
        with suppress(ConnectionError):  # it has died: `wait` says so
            socket.send_fds(self.connection, [len(data).to_bytes(4, "big")], [lock, output])
            self.connection.sendall(data)

    def wait(self) -> int:
        """The exit code of the step that was asked for; 1 if the process has died meanwhile."""
        answer = b""
        with suppress(ConnectionError):  # instead of an end, if it died before it had read the request
            answer = self.connection.recv(_ANSWER_BYTES)
        return int(json.loads(answer)["code"]) if answer else 1

    def close(self) -> None:
        """End it at once, it may still be importing dbt; nothing is being built by then."""
        self.process.kill()
        self.process.wait()
        self.connection.close()


@dataclass
class _Held:
    process: WarmProcess


_current: ContextVar[_Held | None] = ContextVar("warm_dbt", default=None)


@contextmanager
def warm_dbt() -> Iterator[None]:
    """Let all steps within share one process; it starts importing dbt at once, beside whatever comes before the first step."""
    if _current.get():
        yield
        return
    held = _Held(_start())
    token = _current.set(held)
    try:
        yield
    finally:
        _current.reset(token)
        held.process.close()


def warm_process() -> WarmProcess | None:
    """The process to build a step in, a new one if it has died; None outside of :func:`warm_dbt`."""
    held = _current.get()
    if held is None:
        return None
    if held.process.process.poll() is not None:
        held.process.close()
        held.process = _start()
    return held.process


def _start() -> WarmProcess:
    mine, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    with theirs:
        process = subprocess.Popen(
            [sys.executable, "-m", "kehu.transform.warm_child", str(theirs.fileno()), str(os.getpid())],
            stdin=subprocess.DEVNULL,
            env=child_environment(),
            pass_fds=(theirs.fileno(),),
        )
    return WarmProcess(process, mine)
