"""A process that has imported dbt and parsed the project, and forks a child for each step.

Importing dbt and reading its parse take longer than the SQL of a small shop. A run of several steps pays for both once: this
process waits for requests on a socket, and every step is built in a fork of it, so that DuckDB's file is open for as long as
the step only. It ends with its parent, or when the parent hangs up.
"""

from __future__ import annotations

import gc
import json
import os
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import resource_tracker
from pathlib import Path
from typing import Any

from kehu.settings import take_environment
from kehu.transform.child import build, die_with_parent, parse
from kehu.transform.lean_dbt import compile_templates

_LENGTH_BYTES = 4


def main(arguments: list[str] | None = None) -> int:
    """Serve requests until the other side hangs up.

    Args:
        arguments: the descriptor of the socket and the process id of the parent.
    """
    descriptor, parent = (int(word) for word in (arguments or sys.argv[1:])[:2])
    die_with_parent(parent)
    connection = socket.socket(fileno=descriptor)
    gc.disable()
    # dbt would start it while a step prints, and it would hold that step's output open to its own end
    resource_tracker.ensure_running()
    import dbt.cli.main  # noqa: F401 - while the parent still lands and checks

    project, manifest = "", None
    while (message := _receive(connection)) is not None:
        asked, descriptors = message
        take_environment(asked["environment"])
        os.chdir(asked["folder"])
        request = json.loads(Path(asked["request"]).read_text(encoding="utf-8"))
        if manifest is None or project != asked["project"]:
            with _printing_to(descriptors[-1]):
                project, manifest = asked["project"], parse(request)
            if manifest is not None:
                compile_templates(manifest)
        code = 1 if manifest is None else _build_in_a_fork(request, manifest, descriptors, connection)
        for one in descriptors:
            os.close(one)
        connection.sendall(json.dumps({"code": code}).encode())
    return 0


def _build_in_a_fork(request: dict[str, Any], manifest: Any, descriptors: list[int], connection: socket.socket) -> int:
    """The exit code of a child that has built the request; the child itself leaves the program here."""
    if threading.active_count() > 1:
        raise RuntimeError("dbt has left a thread behind: a fork would inherit its locks without it")
    mine = os.getpid()
    gc.freeze()
    child = os.fork()
    if child:
        _, status = os.waitpid(child, 0)
        return os.waitstatus_to_exitcode(status)
    die_with_parent(mine)
    connection.close()
    os.dup2(descriptors[-1], 1)
    os.dup2(descriptors[-1], 2)
    try:
        sys.exit(build(request, manifest))
    finally:
        gc.unfreeze()
        gc.enable()  # the interpreter collects once more as it ends: DuckDB closes its file then


@contextmanager
def _printing_to(descriptor: int) -> Iterator[None]:
    """Let what is printed meanwhile go to another descriptor."""
    kept = os.dup(1), os.dup(2)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    try:
        yield
    finally:
        sys.stdout.flush()
        for place, old in enumerate(kept, start=1):
            os.dup2(old, place)
            os.close(old)


def _receive(connection: socket.socket) -> tuple[dict[str, Any], list[int]] | None:
    """The next request with the descriptors that came along: the warehouse's lock, and where to print."""
    head, descriptors, _, _ = socket.recv_fds(connection, _LENGTH_BYTES, 2)
    if not head:
        return None
    with connection.makefile("rb") as stream:
        return json.loads(stream.read(int.from_bytes(head, "big"))), descriptors


if __name__ == "__main__":
    code = main()
    # nothing is open: what the interpreter would do at its end, with the whole project in memory, is work for nothing
    sys.stdout.flush()
    os._exit(code)
