"""Gives a full disk its name, whoever ran into it: Python, DuckDB, or dbt in a child process."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from kehu.errors import DiskFull, WarehouseFull

_FULL = (errno.ENOSPC, errno.EDQUOT)
_WORDS = ("No space left on device", "Disk quota exceeded")
"""The kernel's words, which DuckDB and dbt hand on in theirs."""


@contextmanager
def naming_a_full_disk(what: str) -> Iterator[None]:
    """Turn an error that a full disk has caused into one that says so.

    Args:
        what: who was writing, for the message.

    Raises:
        DiskFull: in place of whatever the full disk has raised in the block.
    """
    try:
        yield
    except (DiskFull, WarehouseFull):
        raise
    except Exception as error:
        if not any(_is_full(each) for each in _causes(error)):
            raise
        raise DiskFull(
            f"the disk is full: {what} has not finished, and nothing half written counts",
            fix="make room as docs/runbooks/disk_full.md says, then run again: what had finished is kept",
        ) from error


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _is_full(error: BaseException) -> bool:
    return getattr(error, "errno", None) in _FULL or any(words in str(error) for words in _WORDS)
