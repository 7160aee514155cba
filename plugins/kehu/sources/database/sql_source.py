"""A database: one extract an entity, all of them read from one state of the data."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from pydantic import SecretStr

from kehu.entities import ENTITIES
from kehu.landing.extract import Extract, Rows
from kehu.landing.increment import new_rows
from kehu.landing.ledger import Batch, Mode, read_ledger
from kehu.landing.workspace import Workspace, identifier, literal
from kehu.settings import Settings
from kehu.sources.database.sql_config import SqlEntityConfig, SqlSourceConfig
from kehu.sources.database.sql_cursor import Cursor
from kehu.sources.database.sql_reading import Column, Relation
from kehu.sources.database.sql_snapshot import Snapshot, open_database
from kehu.sources.database.sql_url import database_url
from kehu.sources.mapping import Place, TableMapping, check_mapping, mapped_rows
from kehu.sources.tables import Table, file_literal

_FORMAT = 1
"""Raised when the same rows and mapping would land differently than before."""


class SqlSource:
    """The source of kind ``sql``.

    Args:
        config: its entry in ``sources.yml``.
        settings: where the landing zone is: what has landed says from where on to read.
        connections: connections that the caller hands in, by their id.
    """

    def __init__(self, config: SqlSourceConfig, settings: Settings, connections: Mapping[str, SecretStr]) -> None:
        self.config = config
        self.name = config.name
        self.entities = config.entity_names
        self._settings = settings
        self._connections = connections

    def extracts(self) -> Sequence[Extract]:
        """One extract an entity; nobody is asked anything yet.

        Raises:
            ConfigurationError: the URL is not there, or is none.
        """
        url = database_url(self.config, self._connections)
        snapshot = Snapshot(open_database(url, self.name, self._settings.lock_timeout_seconds))
        history = [batch for batch in read_ledger(self._settings.landing_dir) if batch.source == self.name]
        return [
            SqlExtract(
                source=self.name,
                entity=entity,
                options=self.config.entities[entity],
                timezone=self.config.timezone,
                snapshot=snapshot,
                landing_dir=self._settings.landing_dir,
                history=tuple(batch for batch in history if batch.entity == entity),
            )
            for entity in self.entities
        ]


@dataclass(frozen=True)
class SqlExtract:
    """One table or query; in mode ``append`` only what has changed since it landed."""

    source: str
    entity: str
    options: SqlEntityConfig
    timezone: str
    snapshot: Snapshot
    landing_dir: Path
    history: tuple[Batch, ...]
    per_file: bool = False
    always_read: bool = True

    @property
    def mode(self) -> Mode:
        """What the batch replaces."""
        return self.options.mode

    @property
    def window_column(self) -> str | None:
        """The column whose days a window batch replaces."""
        return self.options.window_column

    @property
    def file(self) -> str:
        """The table, or the entity that the query is for."""
        return self.relation.label

    @cached_property
    def relation(self) -> Relation:
        """What is read."""
        if self.options.query is None:
            return Relation(self.source, self.entity, table=self.options.table_name(self.entity))
        return Relation(self.source, self.entity, query=self.options.query.strip().rstrip(";"))

    @cached_property
    def fingerprint(self) -> str:
        """Table, mapping, time zone, canonical columns: when they change, a cursor begins anew."""
        mapping = self.options.model_dump(mode="json", exclude_unset=True, exclude={"lookback"})
        identity = [_FORMAT, self.relation.label, mapping, self.timezone, ENTITIES[self.entity].column_names]
        return hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()

    def inspect(self, work: Workspace) -> None:
        """Check table, rights, columns, mapping and cursor; nothing is read.

        Raises:
            KehuError: what does not fit, with the nearest names.
        """
        columns = self.snapshot.columns(work, self.relation)
        self.mapping(work)
        self.snapshot.plan(self.relation, self._cursor.low(columns) if self._cursor else None)

    def mapping(self, work: Workspace) -> TableMapping:
        """The checked mapping."""
        shown = {column.shown: "VARCHAR" for column in self.snapshot.columns(work, self.relation)}
        return check_mapping(work, self.options, shown, Place(self.source, self.entity, self.file, "table"))

    def rows(self, work: Workspace) -> Rows:
        """Read all entities that were inspected, then show this one's rows."""
        columns, scratch = self.snapshot.columns(work, self.relation), self.snapshot.file(work, self.relation)
        reached = self._cursor.advanced(work, scratch, columns, self.snapshot.now) if self._cursor else None
        mapping, table = self.mapping(work), _table(self.relation, columns, scratch)
        rows = replace(mapped_rows(mapping, table), cursor_to=reached)
        if self.options.where is not None or mapping.expressions:
            rows = replace(rows, guarded=lambda: replace(mapped_rows(mapping, table, guarded=True), cursor_to=reached))
        return new_rows(self.landing_dir, self.entity, rows, self.history) if self.mode == "append" else rows

    @cached_property
    def _cursor(self) -> Cursor | None:
        if self.options.cursor is None:
            return None
        newest = self.history[-1] if self.history else None
        reached = newest.cursor_to if newest is not None and newest.fingerprint == self.fingerprint else None
        return Cursor(self.relation, self.options, self.timezone, reached)


def _table(relation: Relation, columns: Sequence[Column], scratch: Path) -> Table:
    names = ", ".join(identifier(column.shown) for column in columns)
    return Table(
        f"select {names}, file_row_number + 1 as _row_number, {file_literal(relation.label)}"
        f" from read_parquet({literal(str(scratch))}, file_row_number = true)",
        {column.shown: "VARCHAR" for column in columns},
    )
