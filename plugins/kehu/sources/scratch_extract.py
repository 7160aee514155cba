"""An extract that spools into a scratch file: scratch file → mapping → cursor → the rows that are new."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from kehu.entities import ENTITIES
from kehu.landing.extract import Rows
from kehu.landing.increment import new_rows
from kehu.landing.ledger import Batch, Mode
from kehu.landing.workspace import Workspace
from kehu.quoting import sql_name, sql_text
from kehu.sources.cursor import Cursor
from kehu.sources.cursor_config import CursorEntity
from kehu.sources.description import Description, described_mapping
from kehu.sources.mapping import Location, TableMapping, check_mapping, mapped_rows
from kehu.sources.spool import Column, Spool
from kehu.sources.tables import Table, file_literal

_FORMAT = 1
"""Raised when the same rows and mapping would land differently than before."""


@dataclass(frozen=True)
class ScratchExtract:
    """One table of a source; in mode ``append`` only what has changed since it landed.

    Attributes:
        source: the source's name.
        entity: the canonical entity.
        options: its mapping, and its cursor.
        timezone: IANA zone of times without an offset.
        spool: what brings the rows.
        landing_dir: where the batches lie.
        history: the batches of its source and entity, oldest first.
    """

    source: str
    entity: str
    options: CursorEntity
    timezone: str
    spool: Spool
    landing_dir: Path
    history: tuple[Batch, ...]
    per_file: bool = False
    always_read: bool = True

    @property
    def paths(self) -> tuple[Path, ...]:
        """None: what is read lies elsewhere."""
        return ()

    @property
    def contents(self) -> tuple[str, ...]:
        """None: a table has no bytes of its own."""
        return ()

    @property
    def mapping(self) -> str:
        """Mapping and time zone."""
        return json.dumps({"mapping": self._mapping_identity(), "timezone": self.timezone}, sort_keys=True)

    @property
    def replaces_itself(self) -> bool:
        """Never: what a table holds is compared row by row."""
        return False

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
        """What the rows come from."""
        return self.spool.label

    @cached_property
    def fingerprint(self) -> str:
        """Table, mapping, time zone, canonical columns: when they change, a cursor begins anew."""
        identity = [
            _FORMAT,
            self.spool.label,
            self._mapping_identity(),
            self.timezone,
            ENTITIES[self.entity].column_names,
        ]
        return hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()

    def _mapping_identity(self) -> object:
        """What makes the mapping another one."""
        return self.options.model_dump(mode="json", exclude_unset=True, exclude={"lookback", "on_duplicate_key"})

    def inspect(self, work: Workspace) -> None:
        """Check table, rights, columns, mapping and cursor; nothing is read.

        Raises:
            KehuError: what does not fit, with the nearest names.
        """
        columns = self.spool.columns(work)
        self._mapping(work)
        cursor = self._cursor_in(columns)
        self.spool.plan(cursor.low(columns) if cursor else None)

    def describe(self, work: Workspace) -> Description:
        """What is read, and what is mapped nowhere."""
        return described_mapping(self.spool.what, (self.file,), [self._mapping(work)])

    def rows(self, work: Workspace) -> Rows:
        """Have the whole source read, then show this table's rows."""
        scratch, columns = self.spool.file(work), self.spool.columns(work)
        cursor = self._cursor_in(columns)
        reached = cursor.advanced(work, scratch, columns, self.spool.now) if cursor else None
        mapping, table = self._mapping(work), self._table(work, scratch)
        rows = replace(mapped_rows(mapping, table), cursor_to=reached)
        if self.options.where is not None or mapping.expressions:
            rows = replace(rows, guarded=lambda: replace(mapped_rows(mapping, table, guarded=True), cursor_to=reached))
        return new_rows(self.landing_dir, self.entity, rows, self.history) if self.mode == "append" else rows

    def _mapping(self, work: Workspace) -> TableMapping:
        shown = {column.shown: "VARCHAR" for column in self.spool.columns(work)}
        return check_mapping(work, self.options, shown, self._location)

    @property
    def _location(self) -> Location:
        return Location(self.source, self.entity, self.file, self.spool.what)

    def _cursor_in(self, columns: Sequence[Column]) -> Cursor | None:  # noqa: ARG002 - not every table has the column
        return self._cursor

    @cached_property
    def _cursor(self) -> Cursor | None:
        if self.options.cursor is None:
            return None
        newest = self._newest
        reached = newest.cursor_to if newest is not None and newest.fingerprint == self.fingerprint else None
        return Cursor(self._location, self.options, self.timezone, reached)

    @property
    def _newest(self) -> Batch | None:
        """The last batch of this table."""
        return self.history[-1] if self.history else None

    def _table(self, work: Workspace, scratch: Path) -> Table:
        columns = self.spool.columns(work)
        names = ", ".join(sql_name(column.shown) for column in columns)
        return Table(
            f"select {names}, file_row_number + 1 as _row_number, {file_literal(self.file)}"
            f" from read_parquet({sql_text(str(scratch))}, file_row_number = true)",
            {column.shown: "VARCHAR" for column in columns},
        )
