"""A release as pandas reads it: ``kehu.open_release().table("customer_rfm")`` for notebooks and scripts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from kehu.errors import ReleaseError, UsageError, nearest
from kehu.quoting import sql_name
from kehu.release.factory import open_store
from kehu.release.ids import parse_release_id
from kehu.release.personal import is_masked
from kehu.release.reader import ReleaseReader
from kehu.settings import load_settings

if TYPE_CHECKING:
    import pandas as pd

_COMPARISONS = ("=", "<>", "<", "<=", ">", ">=")
Filter = object | tuple[str, object] | Sequence[object]
"""A value that the column equals, a comparison as in ``(">=", 100)``, a list of values, or None for a missing value."""


@dataclass(frozen=True)
class OpenedRelease:
    """The published tables of one release.

    Attributes:
        release_id: its id.
        as_of_date: the business day at whose end the tables show the state.
    """

    release_id: str
    as_of_date: date
    _reader: ReleaseReader

    @property
    def tables(self) -> list[str]:
        """The names of all published tables."""
        return sorted(self._reader.columns())

    def columns(self, table: str) -> dict[str, str]:
        """Type by column of a table, personal columns included.

        Raises:
            UsageError: the release has no such table; names the nearest.
        """
        found = self._reader.columns()
        if table not in found:
            raise UsageError(
                "the release has no such table", fix="see `tables`", table=table, nearest=nearest(table, found)
            )
        return found[table]

    def table(
        self,
        name: str,
        columns: Sequence[str] | None = None,
        where: Mapping[str, Filter] | None = None,
        personal: bool = False,
    ) -> pd.DataFrame:
        """One table, or a part of it, read where it is kept.

        Args:
            name: as in ``customer_rfm``.
            columns: which ones, in this order; all by default.
            where: by column what its rows must hold, all at once: a value, ``(">=", 100)``, a list of values, or None.
            personal: whether personal columns come along where ``columns`` does not name them. On Postgres the role decides
                as well: for most readers these columns are masked.

        Returns:
            One row a row of the table, in no order that is promised. Types are Arrow's (``pandas.ArrowDtype``): decimals stay
            decimals, dates stay dates, and a missing value is missing.

        Raises:
            UsageError: there is no such table or column, or a filter compares in a way that is not known.
        """
        import pandas as pd

        known = self.columns(name)
        wanted = list(columns) if columns is not None else [c for c in known if personal or not is_masked(name, c)]
        conditions, values = [], []
        for column, condition in (where or {}).items():
            text, given = _condition(column, condition)
            conditions.append(text)
            values.extend(given)
        _require_columns(name, known, [*wanted, *(where or {})])
        sql = f"select {', '.join(map(sql_name, wanted))} from analytics.{sql_name(name)}"
        if conditions:
            sql += f" where {' and '.join(conditions)}"
        return self._reader.arrow(sql, values).to_pandas(types_mapper=pd.ArrowDtype)


@contextmanager
def open_release(release_id: str | None = None, **settings: Any) -> Iterator[OpenedRelease]:
    """Open a release for the block; every table read within it is of this one release.

    Args:
        release_id: as in ``r20180101_20260102t031500``; the one that BI reads by default.
        settings: settings to use instead of those of the environment, as in ``home="/data/kehu"``.

    Raises:
        UsageError: the id is not one.
        ReleaseError: nothing is published yet, or the release is not kept or damaged.
    """
    store = open_store(load_settings(**settings))
    chosen = parse_release_id(release_id) if release_id else store.current()
    if chosen is None:
        raise ReleaseError("nothing is published yet", fix="run `kehu run --as-of YYYY-MM-DD` first")
    with store.open(chosen) as reader:
        ((day,),) = reader.rows("select as_of_date from analytics.release")
        yield OpenedRelease(str(chosen), day, reader)


def _require_columns(table: str, known: Mapping[str, str], asked: Sequence[str]) -> None:
    for column in asked:
        if column not in known:
            raise UsageError(
                "the table has no such column",
                fix="see `columns`",
                table=table,
                column=column,
                nearest=nearest(column, known),
            )


def _condition(column: str, condition: Filter) -> tuple[str, list[object]]:
    """SQL with a parameter for every value."""
    name = sql_name(column)
    if condition is None:
        return f"{name} is null", []
    if isinstance(condition, tuple):
        if len(condition) != 2 or condition[0] not in _COMPARISONS:
            raise UsageError(
                "a filter is a value, a list of values or a comparison",
                fix=f"one of {', '.join(_COMPARISONS)} and a value",
                column=column,
            )
        return f"{name} {condition[0]} ?", [condition[1]]
    if isinstance(condition, list | set | frozenset):
        values = list(condition)
        return (f"{name} in ({', '.join('?' for _ in values)})", values) if values else ("1 = 0", [])
    return f"{name} = ?", [condition]
