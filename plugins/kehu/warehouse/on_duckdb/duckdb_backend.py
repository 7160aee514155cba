"""The embedded default: one DuckDB file, one writer."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from kehu.errors import WarehouseBusy
from kehu.files.full_disk import naming_a_full_disk
from kehu.files.locks import exclusive
from kehu.ops.tables import SCHEMAS, make_ops, ops_columns
from kehu.session import Session
from kehu.settings import Settings
from kehu.warehouse.on_duckdb.damage import naming_damage
from kehu.warehouse.on_duckdb.landing_views import landing_views
from kehu.warehouse.on_duckdb.reset import reset_file
from kehu.warehouse.protocol import TableSearch

_SPILL = "spill"
"""The folder beside the warehouse's file that takes what does not fit into memory."""


class DuckDBSession:
    """One open DuckDB connection behind the protocol."""

    kind = "duckdb"

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection

    def execute(self, sql: str, parameters: Sequence[object] = ()) -> None:
        """Run one statement."""
        self.connection.execute(sql, list(parameters))

    def rows(self, sql: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Run one query and fetch all of its rows."""
        return self.connection.execute(sql, list(parameters)).fetchall()

    def records(self, sql: str, parameters: Sequence[object] = ()) -> list[dict[str, Any]]:
        """Run one query and fetch all of its rows as dictionaries by column."""
        found = self.connection.execute(sql, list(parameters))
        names = [column[0] for column in found.description or []]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

    def arrow(self, sql: str, parameters: Sequence[object] = ()) -> pa.Table:
        """Run one query and fetch it as an Arrow table."""
        return self.connection.sql(sql, params=list(parameters)).to_arrow_table()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit the block as one, or roll it back."""
        self.connection.execute("begin transaction")
        try:
            yield
        except BaseException:
            self.connection.execute("rollback")
            raise
        self.connection.execute("commit")

    def append(self, table: str, rows: Sequence[Mapping[str, object]]) -> None:
        """Add a few rows to a bookkeeping table, columns matched by name."""
        if rows:
            self.append_arrow(table, pa.Table.from_pylist([dict(row) for row in rows]))

    def append_arrow(self, table: str, rows: pa.Table) -> None:
        """Add an Arrow table to a table, columns matched by name."""
        self.connection.register("_incoming", rows)
        try:
            self.connection.execute(f"insert into {table} by name select * from _incoming")
        finally:
            self.connection.unregister("_incoming")

    def fingerprint(self, relation: str) -> tuple[int, str]:
        """Rows of a relation and the sum of their hashes."""
        found = self.rows(f"select count(*), cast(coalesce(sum(hash(whole)), 0) as varchar) from {relation} as whole")
        return found[0][0], found[0][1]

    def checkpoint(self) -> None:
        """Empty the write-ahead log into the file."""
        self.connection.execute("checkpoint")


class DuckDBWarehouse:
    """The working DuckDB file of one ``KEHU_HOME``."""

    name = "duckdb"

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.path: Path = settings.warehouse_path

    @contextmanager
    def session(self, read_only: bool = False) -> Iterator[DuckDBSession]:
        """Open the file for the block; makes it and its persistent schemas where missing.

        Raises:
            WarehouseBusy: a process outside Kehu's lock has the file open for writing.
            WarehouseDamaged: it is no DuckDB file, or damaged where it is read.
        """
        self.path.parent.mkdir(parents=True, exist_ok=True)
        if not self.path.exists():
            read_only = False
        with naming_damage(self.path):
            connection = self._connect(read_only)
            try:
                connection.execute("set TimeZone = 'UTC'")
                session = DuckDBSession(connection)
                if not read_only:
                    _prepare(session)
                yield session
            finally:
                connection.close()

    def _connect(self, read_only: bool) -> duckdb.DuckDBPyConnection:
        try:
            return duckdb.connect(str(self.path), read_only=read_only, config=self.config())
        except duckdb.IOException as error:
            if "lock" not in str(error).lower():
                raise
            raise WarehouseBusy(
                "another process has the warehouse file open",
                fix="close the program that reads or writes it, then run again",
                file=self.path.name,
            ) from error

    @contextmanager
    def writing(self, holder: str) -> Iterator[int]:
        """Hold the single-writer lock; yields a descriptor to pass to child processes."""
        lock = self.settings.locks_dir / "warehouse.lock"
        with exclusive(lock, holder, self.settings.lock_timeout_seconds) as descriptor, naming_a_full_disk(holder):
            yield descriptor

    def config(self) -> dict[str, Any]:
        """DuckDB settings of every connection."""
        return connection_config(self.settings)

    def dbt_profile(self) -> dict[str, object]:
        """The dbt-duckdb output for this file, as seen from its folder; makes that folder.

        Without the folder's name the profile is the same for every home, and dbt parses anew wherever the profile differs.
        """
        self.path.parent.mkdir(parents=True, exist_ok=True)
        return {
            "type": "duckdb",
            "path": self.path.name,
            "schema": "work",
            "threads": self.settings.threads,
            # dbt sets `settings` again for every node, and DuckDB refuses another folder, even the same one, once it has spilled
            "config_options": {**self.config(), "temp_directory": _SPILL},
            "settings": {"TimeZone": "UTC"},
        }

    def child_environment(self) -> Mapping[str, str]:
        """Nothing: the profile says it all."""
        return {}

    def is_made(self) -> bool:
        """Whether the file is there."""
        return self.path.exists()

    def load_landing(self, session: Session, files: Mapping[str, Sequence[Path]]) -> None:
        """Show the Parquet files of each entity to the models as views ``landing.<entity>``."""
        for statement in landing_views(files):
            session.execute(statement)

    def reset(self, files: Mapping[str, Sequence[Path]]) -> None:
        """Put a fresh file in place of this one, with the run records alone. Views of the landing zone need no files here."""
        del files
        shutil.rmtree(
            self.settings.scratch_dir, ignore_errors=True
        )  # copies for analysts, and what a killed plan has left
        if self.path.exists():
            with self.session() as session:
                # Makes the tables that an older version did not have, and empties the write-ahead log.
                session.checkpoint()
            reset_file(self.path, self.config())

    def search(self, pattern: str) -> TableSearch:
        """Nothing: its file is one of those below ``KEHU_HOME``."""
        del pattern
        return TableSearch()


def connection_config(settings: Settings) -> dict[str, Any]:
    """DuckDB settings of every connection: bounded memory, spill beside the warehouse's file, nothing fetched."""
    return {
        "memory_limit": settings.memory_limit,
        "threads": settings.threads,
        "temp_directory": str(settings.warehouse_path.parent / _SPILL),
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }


def _prepare(session: DuckDBSession) -> None:
    """Make the persistent schemas, the bookkeeping tables and their columns, unless they are all there."""
    found = session.rows("select table_name, column_name from information_schema.columns where table_schema = 'ops'")
    if {(table, name) for table, name, _ in ops_columns()} <= set(found):
        return
    for schema in SCHEMAS:
        session.execute(f"create schema if not exists {schema}")
    for statement in make_ops():
        session.execute(statement)
