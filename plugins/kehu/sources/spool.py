"""Rows of a table of a source on their way into a scratch file of texts: what a reader of them must offer."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Literal, Protocol

import pyarrow as pa
import pyarrow.parquet as pq

from kehu.errors import LandingError
from kehu.files.fault_points import step
from kehu.landing.workspace import Workspace


@dataclass(frozen=True)
class Column:
    """A column of a table of a source.

    Attributes:
        name: its name in the source.
        shown: its name in expressions and in ``_extra``; another one only where two names differ by their case.
        type: the source's name of its type, where it has one.
        order: what its values tell as a cursor; ``unknown`` where only the values show it.
    """

    name: str
    shown: str
    type: str
    order: Literal["number", "moment", "none", "unknown"] = "unknown"


@dataclass(frozen=True)
class LowerBound:
    """From where on a table is read, that value included; a moment without an offset is one without an offset there."""

    column: str
    value: datetime | Decimal


class Spool(Protocol):
    """One table of a source. All spools of a source are read at one moment: when the first file is asked for."""

    @property
    def label(self) -> str:
        """What it is called in errors, in ``_file`` and in reports."""

    @property
    def what(self) -> str:
        """What kind of thing it is: table, module, object."""

    @property
    def now(self) -> datetime | None:
        """The source's clock, once its columns are known; None where it cannot be asked."""

    def columns(self, work: Workspace) -> Sequence[Column]:
        """Its columns; the first call connects."""

    def plan(self, low: LowerBound | None) -> None:
        """Have it read, from a bound on, as soon as the first file is asked for."""

    def file(self, work: Workspace) -> Path:
        """A Parquet file with the rows, every column a text."""


class TextFile(AbstractContextManager["TextFile"]):
    """A Parquet file all of whose columns are texts, written chunk by chunk."""

    def __init__(self, target: Path, columns: Sequence[Column]) -> None:
        self._schema = pa.schema([(column.shown, pa.string()) for column in columns])
        self._writer = pq.ParquetWriter(target, self._schema, compression="snappy")

    def write(self, arrays: Sequence[pa.Array]) -> None:
        """Append rows, given column by column.

        Raises:
            LandingError: the disk is full.
        """
        chunk = pa.RecordBatch.from_arrays([array.cast(pa.string()) for array in arrays], schema=self._schema)
        try:
            self._writer.write_batch(chunk)
        except OSError as error:
            raise LandingError(
                "the rows cannot be written to the disk of the landing zone",
                fix="make room, then ingest again: nothing is half done",
                cause=error.strerror or type(error).__name__,
            ) from None
        step("extract:chunk")

    def __exit__(self, *_: object) -> None:
        self._writer.close()
