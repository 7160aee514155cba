"""A cursor: from where on a table is read, and up to where it has been read.

The next read begins ``lookback`` before the newest value, because a transaction may commit later than one that wrote a newer
value. What is read twice does not land twice. A value of the future, from a clock that goes wrong, is read but never
believed: the next read would begin after all that is written until then.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

from kehu.errors import CursorUnusable, MappedColumnMissing, nearest
from kehu.landing.workspace import Workspace
from kehu.quoting import sql_name, sql_text
from kehu.sources.column_names import meant
from kehu.sources.cursor_config import CursorEntity
from kehu.sources.mapping import Location
from kehu.sources.spool import Column, LowerBound

Value = datetime | Decimal
_OFFSET = r":\d\d(\.\d+)?\s*([+-]\d\d(:?\d\d)?|Z)$"


@dataclass(frozen=True)
class Cursor:
    """The cursor of one entity.

    Attributes:
        location: what is read, for errors.
        options: cursor and lookback.
        timezone: IANA zone of times without an offset.
        reached: up to where it has been read, as a batch keeps it.
    """

    location: Location
    options: CursorEntity
    timezone: str
    reached: str | None

    def low(self, columns: Sequence[Column]) -> LowerBound | None:
        """From where on to read; None for everything.

        Raises:
            MappedColumnMissing: the column is not there.
            CursorUnusable: its type does not fit the lookback.
        """
        column = self._column(columns)
        wanted = "number" if self.options.is_numeric else "moment"
        if column.order not in (wanted, "unknown"):
            raise CursorUnusable(
                "the type of the cursor column does not fit the lookback",
                fix="name a date or timestamp with a lookback such as 2h, or a whole number with a number as lookback",
                **self.location.facts(),
                column=column.name,
                type=column.type,
                lookback=self.options.lookback,
            )
        reached = self._reached()
        if reached is None or _has_other_kind(reached, column):
            return None
        try:
            return LowerBound(column.name, _back(reached, self.options))
        except OverflowError:
            return None

    def advanced(self, work: Workspace, file: Path, columns: Sequence[Column], now: datetime | None) -> str | None:
        """Up to where the source has been read with this file of rows.

        Raises:
            CursorUnusable: a row has no value in it; a later read would miss it.
        """
        column = self._column(columns)
        unusable, newest = _newest(work, file, column.shown, self.options.is_numeric)
        if unusable:
            raise CursorUnusable(
                "rows have no usable value in the cursor column, so that a later read would miss them",
                fix="read a query that has one for every row, as in coalesce(updated_at, created_at) as changed_at",
                **self.location.facts(),
                column=column.name,
                rows=unusable,
            )
        before = self._reached()
        values = [value for value in (before, _capped(newest, now, self.timezone)) if value is not None]
        if len({_kind(value) for value in values}) > 1:
            values = values[1:]
        return _text(max(values)) if values else None

    def _column(self, columns: Sequence[Column]) -> Column:
        known = {column.shown: column for column in columns}
        name = str(self.options.cursor)
        found = meant(name, known)
        if len(found) != 1:
            raise MappedColumnMissing(
                f"the {self.location.what} does not have the cursor column",
                fix="correct cursor",
                **self.location.facts(),
                column=name,
                nearest=nearest(name, known) or sorted(known)[:10],
            )
        return known[found[0]]

    def _reached(self) -> Value | None:
        if self.reached is None:
            return None
        return Decimal(self.reached) if self.options.is_numeric else datetime.fromisoformat(self.reached)


def _back(reached: Value, options: CursorEntity) -> Value:
    if isinstance(reached, datetime):
        return reached - timedelta(seconds=options.lookback_seconds)
    return reached - options.lookback_number


def _has_other_kind(reached: Value, column: Column) -> bool:
    """Whether the column has got or lost its time zone since."""
    if not isinstance(reached, datetime) or column.order == "unknown":
        return False
    return (reached.tzinfo is not None) != (column.type == "timestamptz")


def _newest(work: Workspace, file: Path, column: str, is_numeric: bool) -> tuple[int, Value | None]:
    """How many rows have no value that counts, and the greatest of the others."""
    text = sql_name(column)
    kind = "decimal(38, 6)" if is_numeric else "timestamptz"
    is_bad = "value is null" if is_numeric else "(value is null or not isfinite(value))"
    newest = "max(value)" if is_numeric else "max(value) at time zone 'UTC'"
    ((unusable, value, has_offset),) = work.rows(f"""
        select count(*) filter ({is_bad}), {newest}, bool_or(has_offset)
        from (
            select try_cast({text} as {kind}) as value, regexp_matches({text}, {sql_text(_OFFSET)}) as has_offset
            from read_parquet({sql_text(str(file))})
        )
    """)
    if isinstance(value, datetime) and has_offset:
        value = value.replace(tzinfo=ZoneInfo("UTC"))
    return int(str(unusable)), value if isinstance(value, datetime | Decimal) else None


def _capped(newest: Value | None, now: datetime | None, timezone: str) -> Value | None:
    if not isinstance(newest, datetime) or now is None:
        return newest
    if newest.tzinfo is None and now.tzinfo is not None:
        now = now.astimezone(ZoneInfo(timezone)).replace(tzinfo=None)
    return min(newest, now) if (newest.tzinfo is None) == (now.tzinfo is None) else newest


def _kind(value: Value) -> str:
    return "number" if isinstance(value, Decimal) else f"moment {value.tzinfo is None}"


def _text(value: Value) -> str:
    return value.isoformat(" ") if isinstance(value, datetime) else f"{value:f}"
