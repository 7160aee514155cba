"""Random landing histories, and what becomes of their rows, computed without SQL.

The rules are those of the definitions: a row that cannot be read is quarantined; the other rows of a key are ranked, those
that a later batch replaced last; the first is staged, or deleted if it was replaced or says so; the rest are superseded. The
rows of a withdrawn batch are withdrawn, and it replaces nothing.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

FIRST_DAY = date.fromisoformat("2017-03-01")
Key = tuple[str, ...]


@dataclass(frozen=True)
class LandedRow:
    """A row as landed: its text, and what the text means."""

    values: dict[str, str | None]
    key: Key
    is_readable: bool
    is_deleted: bool
    updated_at: datetime | None
    number: int

    def day(self, column: str | None) -> date | None:
        """The calendar date written in a column."""
        text = (self.values.get(column) or "") if column else ""
        return date.fromisoformat(text[:10]) if text[:2] == "20" else None


@dataclass
class LandedBatch:
    """A batch of one source and entity."""

    source: str
    mode: str
    extracted_at: datetime
    rows: list[LandedRow]
    window_column: str | None = None
    window: tuple[date, date] | None = None
    batch_id: str = ""
    sequence: int = 0
    is_withdrawn: bool = False

    def replaces(self, other: LandedBatch, row: LandedRow) -> bool:
        """Whether this batch takes a row of an earlier batch away."""
        if self.is_withdrawn or self.source != other.source or self.sequence <= other.sequence:
            return False
        if self.mode == "window" and self.window:
            day = row.day(self.window_column)
            return day is not None and self.window[0] <= day <= self.window[1]
        return self.mode == "snapshot"


@dataclass
class History:
    """All batches of one entity in the order of landing."""

    batches: list[LandedBatch] = field(default_factory=list)

    def dispositions(self) -> dict[tuple[str, int], str]:
        """The disposition of every landed row, by batch id and row number."""
        found: dict[tuple[str, int], str] = {}
        versions: dict[Key, list[tuple[LandedBatch, LandedRow, bool]]] = {}
        for batch in self.batches:
            for row in batch.rows:
                if batch.is_withdrawn:
                    found[batch.batch_id, row.number] = "withdrawn"
                elif row.is_readable:
                    replaced = any(later.replaces(batch, row) for later in self.batches)
                    versions.setdefault((batch.source, *row.key), []).append((batch, row, replaced))
                else:
                    found[batch.batch_id, row.number] = "quarantined"
        for candidates in versions.values():
            ranked = sorted(candidates, key=_rank, reverse=True)
            for batch, row, _ in ranked[1:]:
                found[batch.batch_id, row.number] = "superseded"
            batch, row, replaced = ranked[0]
            found[batch.batch_id, row.number] = "deleted" if replaced or row.is_deleted else "staged"
        return found


def _rank(version: tuple[LandedBatch, LandedRow, bool]) -> tuple[object, ...]:
    batch, row, replaced = version
    when = row.updated_at or datetime.min  # noqa: DTZ901  (naive as all timestamps of the warehouse)
    return (
        not replaced,
        row.updated_at is not None,
        when,
        batch.extracted_at,
        batch.sequence,
        batch.batch_id,
        row.number,
    )


def random_batch(dice: random.Random, entity: str, source: str) -> LandedBatch:
    """A small batch: few keys and few days, so that versions collide; rarely an empty one."""
    mode = dice.choice(("append", "append", "append", "snapshot", "window", "window"))
    column = {"orders": "ordered_at", "order_lines": "updated_at", "customers": "created_at"}[entity]
    column = dice.choice((column, column, "updated_at"))
    start = FIRST_DAY + timedelta(days=dice.randrange(8))
    return LandedBatch(
        source=source,
        mode=mode,
        extracted_at=datetime.fromisoformat("2020-01-01") + timedelta(hours=dice.randrange(4)),
        rows=[_random_row(dice, entity, number) for number in range(1, dice.choice((0, 2, 4, 6)) + 1)],
        window_column=column if mode == "window" else None,
        window=(start, start + timedelta(days=dice.randrange(4))) if mode == "window" else None,
    )


def _random_row(dice: random.Random, entity: str, number: int) -> LandedRow:
    key = (str(dice.randrange(5)), str(dice.randrange(2))) if entity == "order_lines" else (str(dice.randrange(1, 9)),)
    values: dict[str, str | None] = {"orders": {"order_id": key[0]}, "customers": {"customer_id": key[0]}}.get(
        entity, {"order_id": key[0], "line_id": key[-1], "quantity": "1", "amount": str(number)}
    )
    if entity == "orders":
        values["ordered_at"] = _random_time(dice)
    if entity == "customers":
        values["created_at"] = dice.choice((None, _random_time(dice)))
    updated = dice.choice((None, "", f"2017-03-{dice.randrange(1, 12):02} 12:00:00"))
    values["updated_at"] = updated
    deleted = dice.choice((None, None, None, "0", "", "true", "no"))
    values["is_deleted"] = deleted
    is_readable = dice.random() >= 0.05
    if not is_readable:
        values[next(iter(values))] = dice.choice((None, " ", "2.02401E+17"))
    return LandedRow(
        values=values,
        key=key,
        is_readable=is_readable,
        is_deleted=deleted == "true",
        updated_at=datetime.fromisoformat(updated) if updated else None,
        number=number,
    )


def _random_time(dice: random.Random) -> str:
    day = FIRST_DAY + timedelta(days=dice.randrange(10))
    return f"{day}{dice.choice(('', ' 00:30:00', 'T23:30:00Z', 'T00:30:00+08:00', 'T23:30:00-05:00'))}"
