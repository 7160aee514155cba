"""Records of an interface, page by page, into a Parquet file of texts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from kehu.errors import SourceUnreadable
from kehu.sources.spool import Column, TextFile
from kehu.sources.value_texts import NoTextForType, text_array

POSITION = "_position"
"""The column that says in which order the records came."""


class RecordFile:
    """One file; close it before it is read."""

    def __init__(self, target: Path, columns: Sequence[Column]) -> None:
        self.target = target
        self.columns = list(columns)
        self.count = 0
        self.begun = 0
        self._file = TextFile(target, [*self.columns, Column(POSITION, POSITION, "")])

    def write(self, records: Sequence[Mapping[str, Any]]) -> None:
        """Append a page."""
        if not records:
            return
        arrays = [_texts(column, [_value(record, column.name) for record in records]) for column in self.columns]
        positions = pa.array([self.position(self.count + number) for number in range(len(records))], pa.string())
        self._file.write([*arrays, positions])
        self.count += len(records)

    def begin(self) -> None:
        """Begin anew: what was written before counts for nothing."""
        self.begun = self.count

    @staticmethod
    def position(number: int) -> str:
        """A position as it stands in the file."""
        return f"{number:012d}"

    def close(self) -> None:
        """End it."""
        self._file.__exit__(None, None, None)


def _value(record: Mapping[str, Any], name: str) -> Any:
    """A field, or a part of a record that it names: ``Account_Name.id``."""
    if name in record:
        return record[name]
    outer, _, inner = name.partition(".")
    value = record.get(outer)
    return value.get(inner) if inner and isinstance(value, Mapping) else None


def _texts(column: Column, values: Sequence[Any]) -> pa.Array:
    try:
        return text_array(values)
    except NoTextForType as error:
        raise SourceUnreadable("a value has no text", fix="report this", column=column.name, type=error.kind) from None
