"""Reads aggregates from an opened release."""

from __future__ import annotations

from typing import Any, Protocol

from kehu.quoting import sql_text

Row = dict[str, Any]

_TABLES = "select count(*) as tables from information_schema.tables as tables where tables.table_schema = 'analytics'"


class Records(Protocol):
    """What answers a query with dictionaries by column: a release, wherever it is kept."""

    def records(self, sql: str) -> list[Row]:
        """Every row of a query."""


class ReleaseReader:
    """Queries against schema ``analytics`` of one release."""

    def __init__(self, release: Records) -> None:
        self._release = release

    def rows(self, sql: str) -> list[Row]:
        """Every row of an aggregate as a dictionary by column."""
        return self._release.records(sql)

    def has(self, *tables: str) -> bool:
        """Whether the release holds every one of these tables; one from before they were modelled does not."""
        names = ", ".join(sql_text(name) for name in tables)
        counted = self.row(f"{_TABLES} and tables.table_name in ({names})")
        return int(counted["tables"]) == len(tables)

    def row(self, sql: str) -> Row:
        """The one row of an aggregate without grouping."""
        return self.rows(sql)[0]
