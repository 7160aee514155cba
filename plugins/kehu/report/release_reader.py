"""Reads aggregates from a release. Nothing is written, nothing but DuckDB's core is loaded."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import duckdb

from kehu.errors import ReportError
from kehu.warehouse.on_duckdb.duckdb_backend import DuckDBSession

FILE = "analytics.duckdb"

Row = dict[str, Any]


class Records(Protocol):
    """What answers a query with dictionaries by column: a release on any warehouse."""

    def records(self, sql: str) -> list[Row]:
        """Every row of a query."""


class ReleaseReader:
    """Queries against schema ``analytics`` of one release."""

    def __init__(self, release: Records) -> None:
        self._release = release

    def rows(self, sql: str) -> list[Row]:
        """Every row of an aggregate as a dictionary by column."""
        return self._release.records(sql)

    def row(self, sql: str) -> Row:
        """The one row of an aggregate without grouping."""
        return self.rows(sql)[0]


@contextmanager
def open_release(release_dir: Path) -> Iterator[ReleaseReader]:
    """Open the release in ``release_dir`` read-only for the block.

    Raises:
        ReportError: there is no such release, its file cannot be opened, or a table of the contract is missing.
    """
    path = release_dir / FILE
    if not path.is_file():
        raise ReportError(
            "there is no release to draw",
            fix="list the releases with `kehu releases`",
            release=release_dir.name,
            file=FILE,
        )
    connection = duckdb.connect(config={"autoinstall_known_extensions": False, "autoload_known_extensions": False})
    try:
        _attach(connection, path)
        yield ReleaseReader(DuckDBSession(connection))
    except (duckdb.CatalogException, duckdb.BinderException) as error:
        raise ReportError(
            "the release lacks a table or a column of the contract",
            fix="publish a release built by this version",
            release=release_dir.name,
            cause=str(error).splitlines()[0],
        ) from error
    finally:
        connection.close()


def _attach(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Attach the file read-only under a name of its own.

    Opened directly, the file's catalog would be called ``analytics`` like the schema in it, and DuckDB refuses
    ``analytics.release`` as ambiguous.
    """
    quoted = str(path).replace("'", "''")
    try:
        connection.execute(f"attach '{quoted}' as published (read_only)")
    except duckdb.Error as error:
        raise ReportError(
            "the file of the release cannot be opened",
            fix="publish the release again, or draw another one",
            release=path.parent.name,
            cause=type(error).__name__,
        ) from error
    connection.execute("use published")
