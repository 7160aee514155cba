"""Gives damage of the working file its name: truncated, overwritten, or not a file of DuckDB at all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from kehu.errors import WarehouseDamaged

_WORDS = (
    "orrupt",
    "not a valid DuckDB database",
    "Could not read enough bytes",
    "checksum",
    "Failed to load metadata pointer",
)


@contextmanager
def naming_damage(path: Path) -> Iterator[None]:
    """Turn what DuckDB says of a damaged file into one error that leads to its runbook.

    Args:
        path: the working file.

    Raises:
        WarehouseDamaged: in place of DuckDB's own error.
    """
    try:
        yield
    except duckdb.Error as error:
        if not _is_damage(error):
            raise
        raise WarehouseDamaged(
            "the working file of the warehouse is damaged or no DuckDB file; releases and the landing zone are not part of it",
            fix="remove the folder `warehouse` in KEHU_HOME and run again: docs/runbooks/lost_warehouse.md",
            file=path.name,
            cause=(str(error).strip().splitlines() or ["no reason given"])[0][:200],
        ) from error


def _is_damage(error: duckdb.Error) -> bool:
    text = str(error)
    # a landed batch is a file of its own, and a full disk has its own name
    if ".parquet" in text or "No space left" in text:
        return False
    return isinstance(error, duckdb.SerializationException) or any(words in text for words in _WORDS)
