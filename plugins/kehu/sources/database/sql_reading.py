"""What is asked of a database: the columns of a table or query, and its rows as texts, all from one state of the data."""

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

CHUNK_ROWS = 50_000


@dataclass(frozen=True)
class Relation:
    """A table or a query of a source.

    Attributes:
        source: the source's name.
        entity: the canonical entity.
        table: schema, if there is one, and name; empty for a query.
        query: SQL of the database.
    """

    source: str
    entity: str
    table: tuple[str, ...] = ()
    query: str = ""

    @property
    def label(self) -> str:
        """What it is called in errors, in ``_file`` and in reports."""
        return ".".join(self.table) if self.table else f"query of {self.entity}"

    def place(self) -> dict[str, object]:
        """Where an error happened."""
        return {"source": self.source, "entity": self.entity, "table": self.label}


@dataclass(frozen=True)
class Column:
    """A column of a relation.

    Attributes:
        name: its name in the database.
        shown: its name in expressions and in ``_extra``; another one only where two names differ by their case.
        type: the database's name of its type, where it has one.
        order: what its values tell as a cursor; ``unknown`` where only the values show it.
    """

    name: str
    shown: str
    type: str
    order: Literal["number", "moment", "none", "unknown"] = "unknown"


@dataclass(frozen=True)
class LowerBound:
    """From where on a relation is read, that value included; a moment without an offset is one without an offset there."""

    column: str
    value: datetime | Decimal


class Database(Protocol):
    """A connection that only reads. The first statement fixes what all of them see."""

    def open(self) -> None:
        """Connect and begin.

        Raises:
            SourceUnreachable: it does not answer or does not let us in.
        """

    def close(self) -> None:
        """End it; allowed at any time, any number of times."""

    def columns(self, relation: Relation) -> list[Column]:
        """The columns of a relation, which may be read after this.

        Raises:
            SourceTableMissing: there is no such table; names the nearest.
            BadExpression: the query is not accepted.
            SourceRefused: a right is missing.
        """

    def now(self) -> datetime | None:
        """The database's clock; None where it cannot be asked."""

    def read(self, relation: Relation, columns: Sequence[Column], low: LowerBound | None, target: Path) -> None:
        """Write the rows into a Parquet file of texts, in bounded memory.

        Raises:
            SourceUnreachable: the connection is lost.
            SourceTimeout: the database has cancelled it.
            SourceUnreadable: a value cannot be computed or read.
        """


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
