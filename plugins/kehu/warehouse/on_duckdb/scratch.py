"""A DuckDB file in which all of the working warehouse shows, read-only, until something of it is built anew there."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from kehu.quoting import sql_name, sql_text
from kehu.session import Session
from kehu.settings import Settings
from kehu.warehouse.on_duckdb.damage import naming_damage
from kehu.warehouse.on_duckdb.duckdb_backend import DuckDBSession, connection_config

_RELATIONS = """
    select schema_name, table_name from duckdb_tables() where database_name = ? and not internal
    union all
    select schema_name, view_name from duckdb_views() where database_name = ? and not internal
    order by all
"""


class DuckDBScratch:
    """Beside the working file, which is attached under its own name so that its views mean what they say.

    The caller holds the warehouse's lock: DuckDB opens no file that another process writes. Where that cannot be, as for an
    editor that stays open, it stands on a copy.
    """

    database = "scratch"
    """The name of its database, after its file; that of the working file is another one."""

    def __init__(self, settings: Settings, folder: Path, copy: Path | None = None) -> None:
        self.settings = settings
        self.folder = folder
        self.base = copy or settings.warehouse_path
        self.path = folder / f"{self.database}.duckdb"

    @contextmanager
    def session(self) -> Iterator[DuckDBSession]:
        """Open the file for the block, the working file beside it."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with naming_damage(self.base):
            connection = duckdb.connect(str(self.path), config=self._config())
            try:
                connection.execute("set TimeZone = 'UTC'")
                connection.execute(f"attach {sql_text(str(self.base))} as {sql_name(self.base.stem)} (read_only)")
                yield DuckDBSession(connection)
            finally:
                connection.close()

    def original(self, schema: str, name: str) -> str:
        """A relation of the working file."""
        return f"{sql_name(self.base.stem)}.{sql_name(schema)}.{sql_name(name)}"

    def show(
        self, session: Session, schemas: Callable[[str], str | None], is_left_out: Callable[[str, str], bool]
    ) -> None:
        """Make a view of every relation of the working file that is asked for.

        Args:
            session: an open one of this file.
            schemas: what a schema is called here; None leaves it out.
            is_left_out: whether a relation, by schema and name there, is not to be shown.
        """
        made: set[str] = set()
        for schema, name in self._relations(session):
            here = schemas(schema)
            if here is None:
                continue
            if here not in made:
                session.execute(f"create schema if not exists {sql_name(here)}")
                made.add(here)
            if is_left_out(schema, name):
                continue
            relation = f"{sql_name(here)}.{sql_name(name)}"
            session.execute(f"create view {relation} as select * from {self.original(schema, name)}")

    def dbt_profile(self) -> dict[str, object]:
        """The dbt-duckdb output that builds here."""
        return {
            "type": "duckdb",
            "path": str(self.path),
            "schema": "work",
            "threads": self.settings.threads,
            "attach": [{"path": str(self.base), "alias": self.base.stem, "read_only": True}],
            "config_options": self._config(),
            "settings": {"TimeZone": "UTC"},
        }

    def child_environment(self) -> Mapping[str, str]:
        """Nothing: the profile says it all."""
        return {}

    def copy_base(self) -> None:
        """Copy the working file to where this place stands on a copy of it."""
        self.base.parent.mkdir(parents=True, exist_ok=True)
        for suffix in ("", ".wal"):
            here, there = (path.with_name(path.name + suffix) for path in (self.settings.warehouse_path, self.base))
            if here.exists():
                shutil.copyfile(here, there)

    def remove(self) -> None:
        """Leave nothing behind."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _config(self) -> dict[str, Any]:
        return {**connection_config(self.settings), "temp_directory": str(self.folder / "spill")}

    def _relations(self, session: Session) -> list[tuple[str, str]]:
        return session.rows(_RELATIONS, [self.base.stem, self.base.stem])
