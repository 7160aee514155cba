"""One writer at a time: a lock file that names its holder and dies with the processes that hold it.

``flock`` is released by the kernel when the last process that inherited the descriptor ends, so a killed run leaves no
stale lock, and an orphaned dbt child (to which the descriptor is passed) keeps the next run out until it has ended.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kehu.errors import WarehouseBusy

_POLL_SECONDS = 0.1


@contextmanager
def exclusive(path: Path, holder: str, timeout_seconds: float) -> Iterator[int]:
    """Hold the lock file ``path`` for the block; yields the descriptor, to pass on to child processes.

    Args:
        path: the lock file, made where missing.
        holder: who asks, in words that help another run (``kehu build r20180101_…``).
        timeout_seconds: how long to wait for another holder.

    Raises:
        WarehouseBusy: somebody else still holds it after the timeout; names the holder.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        _acquire(descriptor, path, timeout_seconds)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, json.dumps({"holder": holder, "pid": os.getpid()}).encode(), 0)
        yield descriptor
    finally:
        os.close(descriptor)


def _acquire(descriptor: int, path: Path, timeout_seconds: float) -> None:
    deadline = time.monotonic() + timeout_seconds
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() >= deadline:
                raise WarehouseBusy(
                    f"another run holds {path.name}",
                    fix="wait for it to end, or raise KEHU_LOCK_TIMEOUT_SECONDS",
                    held_by=_holder(path),
                ) from None
            time.sleep(_POLL_SECONDS)


def _holder(path: Path) -> str:
    try:
        entry = json.loads(path.read_text())
        return f"{entry['holder']} (process {entry['pid']})"
    except (OSError, ValueError, KeyError):
        return "unknown"
