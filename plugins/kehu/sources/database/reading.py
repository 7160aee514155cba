"""What is asked of a database: the columns of a table or query, and its rows as texts, all from one state of the data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from kehu.sources.spool import Column, LowerBound

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

    def location(self) -> dict[str, object]:
        """Where an error happened."""
        return {"source": self.source, "entity": self.entity, "table": self.label}


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
