"""One state of a database: what is planned is read in one transaction, into scratch files, and the connection is let go."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from kehu.errors import BadExpression
from kehu.landing.workspace import Workspace
from kehu.sources.database.database_address import DatabaseUrl
from kehu.sources.database.reading import Database, Relation
from kehu.sources.spool import Column, LowerBound


def open_database(url: DatabaseUrl, source: str, lock_timeout_seconds: float) -> Database:
    """The reader for a URL, not yet connected."""
    if url.is_postgres:
        from kehu.sources.database.postgres_database import PostgresDatabase

        return PostgresDatabase(url, source, lock_timeout_seconds)
    from kehu.sources.database.alchemy_database import AlchemyDatabase

    return AlchemyDatabase(url, source)


class Snapshot:
    """Reads the relations of one source from one state of its database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._is_open = False
        self._columns: dict[Relation, list[Column]] = {}
        self._planned: dict[Relation, LowerBound | None] = {}
        self._files: dict[Relation, Path] = {}
        self.now: datetime | None = None

    def columns(self, work: Workspace, relation: Relation) -> list[Column]:
        """The columns of a relation; the first call connects.

        Raises:
            BadExpression: two columns of a query have the same name.
        """
        if relation not in self._columns:
            self._open(work)
            columns = self._database.columns(relation)
            names = [column.name for column in columns]
            twice = sorted({name for name in names if names.count(name) > 1})
            if twice:
                raise BadExpression(
                    "two columns of the query have the same name",
                    fix="give one of them another name",
                    **relation.location(),
                    column=twice,
                )
            self._columns[relation] = columns
        return self._columns[relation]

    def plan(self, relation: Relation, low: LowerBound | None) -> None:
        """Have a relation read, from a bound on, as soon as the first rows are asked for."""
        self._planned[relation] = low

    def file(self, work: Workspace, relation: Relation) -> Path:
        """The rows of a planned relation; the first call reads all that are planned and ends the transaction."""
        if relation not in self._files:
            for planned, low in self._planned.items():
                target = work.new_file(".parquet")
                self._database.read(planned, self._columns[planned], low, target)
                self._files[planned] = target
            self._database.close()
        return self._files[relation]

    def _open(self, work: Workspace) -> None:
        if not self._is_open:
            work.resources.callback(self._database.close)
            self._database.open()
            self.now = self._database.now()
            self._is_open = True
