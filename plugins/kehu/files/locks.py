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
_LOCKS = Path("/proc/locks")
"""Where Linux lists who holds which file."""


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
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
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
                    held_by=_holder(descriptor, path),
                ) from None
            time.sleep(_POLL_SECONDS)


def _holder(descriptor: int, path: Path) -> str:
    """Who holds the lock: as the kernel knows it, in the words that the holder has left if it is Kehu."""
    noted = _noted(path)
    holding = _held_by(descriptor)
    if not holding:
        return noted[1] if noted else "unknown"
    if noted and noted[0] in holding:
        return noted[1]
    return " and ".join(f"another program ({_name(pid)}, process {pid})" for pid in holding)


def _noted(path: Path) -> tuple[int, str] | None:
    try:
        entry = json.loads(path.read_text())
        return int(entry["pid"]), f"{entry['holder']} (process {entry['pid']})"
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _held_by(descriptor: int) -> list[int]:
    """The processes that have locked the file, as far as the system tells."""
    status = os.fstat(descriptor)
    which = f"{os.major(status.st_dev):02x}:{os.minor(status.st_dev):02x}:{status.st_ino}"
    try:
        lines = _LOCKS.read_text().splitlines()
    except OSError:
        return []
    fields = [line.split() for line in lines if " FLOCK " in line and "->" not in line]
    return sorted({int(one[4]) for one in fields if len(one) > 5 and one[5] == which and int(one[4]) > 0})


def _name(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return "ended, but not what it has started"
