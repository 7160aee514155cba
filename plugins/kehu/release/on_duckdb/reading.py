"""Opening the file of a release: read-only, without a trace beside it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from kehu.errors import ReleaseError
from kehu.quoting import sql_text
from kehu.release.manifest import SCHEMA, release_file
from kehu.settings import Settings
from kehu.warehouse.on_duckdb.duckdb_backend import DuckDBSession, connection_config

ATTACHED = "kept_release"
"""The database as which a release is attached beside a session of the working warehouse."""
_FIX = "restore its folder from a backup, or roll back to another release"
_OF_THE_FILE = (duckdb.IOException, duckdb.SerializationException, duckdb.InternalException, duckdb.FatalException)
_COLUMNS = """
    select table_name, column_name, data_type from duckdb_columns()
    where database_name = 'kehu_release' and schema_name = ? order by table_name, column_index
"""


class DuckDBRelease:
    """One opened release file.

    Attributes:
        connection: the file is attached to it as ``kehu_release``, and ``analytics.<table>`` means that file's.
    """

    kind = "duckdb"

    def __init__(self, connection: duckdb.DuckDBPyConnection, name: str) -> None:
        self.connection = connection
        self._session = DuckDBSession(connection)
        self._name = name

    def rows(self, sql: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Run one query and fetch all of its rows."""
        with named_damage(self._name):
            return self._session.rows(sql, parameters)

    def records(self, sql: str, parameters: Sequence[object] = ()) -> list[dict[str, Any]]:
        """Run one query and fetch all of its rows as dictionaries by column."""
        with named_damage(self._name):
            return self._session.records(sql, parameters)

    def arrow(self, sql: str, parameters: Sequence[object] = ()) -> pa.Table:
        """Run one query and fetch it as an Arrow table."""
        with named_damage(self._name):
            return self._session.arrow(sql, parameters)

    def columns(self) -> dict[str, dict[str, str]]:
        """Type by column by table."""
        tables: dict[str, dict[str, str]] = {}
        for table, column, kind in self.rows(_COLUMNS, [SCHEMA]):
            tables.setdefault(table, {})[column] = kind
        return tables


@contextmanager
def open_folder(settings: Settings, folder: Path) -> Iterator[DuckDBRelease]:
    """A read-only view of the file in a release folder, in which ``analytics.release`` means what it says.

    Raises:
        ReleaseError: the file cannot be opened, or holds no release.
    """
    connection = duckdb.connect(config=connection_config(settings))
    try:
        with named_damage(folder.name, whatever=True):
            connection.execute(f"attach {sql_text(str(release_file(folder)))} as kehu_release (read_only)")
            connection.execute(f"use kehu_release.{SCHEMA}")
            connection.execute("set TimeZone = 'UTC'")
        yield DuckDBRelease(connection, folder.name)
    finally:
        connection.close()


@contextmanager
def named_damage(release: str, whatever: bool = False) -> Iterator[None]:
    """Give what DuckDB says of a file that it cannot read the name of the release.

    Args:
        release: its id.
        whatever: whether every error of DuckDB is one of the file, as where it is only opened or read whole.

    Raises:
        ReleaseError: in place of DuckDB's own error.
    """
    try:
        yield
    except (duckdb.OutOfMemoryException, duckdb.InterruptException):
        raise
    except (duckdb.CatalogException, duckdb.BinderException) as error:
        raise ReleaseError(
            "the release lacks a table or a column of the contract",
            fix="publish a release built by this version",
            release=release,
            cause=_first_line(error),
        ) from error
    except duckdb.Error as error:
        # "Corrupt database file" has no class of its own.
        if not (whatever or isinstance(error, _OF_THE_FILE) or "orrupt" in str(error)):
            raise
        raise ReleaseError(
            "the file of the release cannot be read: it is damaged or not a release",
            fix=_FIX,
            release=release,
            cause=_first_line(error),
        ) from error


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or ["no reason given"])[0]
