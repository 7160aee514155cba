"""Reads aggregates from an opened release."""

from __future__ import annotations

from functools import cached_property
from typing import Any, Protocol

Row = dict[str, Any]


class Records(Protocol):
    """What answers a query with dictionaries by column: a release, wherever it is kept."""

    def records(self, sql: str) -> list[Row]:
        """Every row of a query."""

    def columns(self) -> dict[str, dict[str, str]]:
        """Type by column by table, of the release itself wherever it is kept."""


class ReleaseReader:
    """Queries against schema ``analytics`` of one release."""

    def __init__(self, release: Records) -> None:
        self._release = release

    def rows(self, sql: str) -> list[Row]:
        """Every row of an aggregate as a dictionary by column."""
        return self._release.records(sql)

    def has(self, *tables: str) -> bool:
        """Whether the release holds every one of these tables; one from before they were modelled does not."""
        return set(tables) <= set(self._columns)

    def has_column(self, table: str, column: str) -> bool:
        """Whether a table of the release has a column."""
        return column in self._columns.get(table, {})

    @cached_property
    def _columns(self) -> dict[str, dict[str, str]]:
        return self._release.columns()

    def row(self, sql: str) -> Row:
        """The one row of an aggregate without grouping."""
        return self.rows(sql)[0]
