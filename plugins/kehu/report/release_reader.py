"""Reads aggregates from an opened release."""

from __future__ import annotations

from typing import Any, Protocol

Row = dict[str, Any]


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

    def row(self, sql: str) -> Row:
        """The one row of an aggregate without grouping."""
        return self.rows(sql)[0]
