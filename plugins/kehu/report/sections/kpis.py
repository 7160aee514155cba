"""How the months went: small charts of the monthly measures that the release has."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Literal

from kehu.report.blocks import Column, Section, SmallChart, Table
from kehu.report.chapters import Chapter
from kehu.report.charts.kpi_line import Point, draw_line
from kehu.report.figures import to_json
from kehu.report.release_reader import ReleaseReader, Row
from kehu.report.wording import Wording

LAST_MONTHS = 36

Kind = Literal["money", "count", "rate", "ratio"]


@dataclass(frozen=True)
class Measure:
    """A column of ``kpi_monthly`` and how its values read."""

    column: str
    kind: Kind


MEASURES = (
    Measure("revenue", "money"),
    Measure("active", "count"),
    Measure("new", "count"),
    Measure("aov", "money"),
    Measure("orders_per_customer", "ratio"),
    Measure("retention_rate", "rate"),
    Measure("repeat_rate", "rate"),
    Measure("top_20_share", "rate"),
    Measure("margin", "money"),
    Measure("churn_rate", "rate"),
    Measure("nps", "ratio"),
    Measure("csat", "rate"),
    Measure("complaint_rate", "rate"),
    Measure("resolution_hours", "ratio"),
    Measure("cac", "money"),
    Measure("clv_to_cac", "ratio"),
)
"""What is drawn, in this order; a measure that the release does not model yet has no value and is left out."""


_MONTHS = f"""
select
    months.month,
    months.is_complete,
    months.guest_orders,
    {", ".join(f"months.{measure.column}" for measure in MEASURES)}
from analytics.kpi_monthly as months
order by months.month desc
limit {LAST_MONTHS}
"""


def read(reader: ReleaseReader) -> list[Row]:
    """The latest months, oldest first."""
    return reader.rows(_MONTHS)[::-1]


def build(months: list[Row], words: Wording) -> Section:
    """The chapter, or the reason why there is none."""
    name = words.say("kpis.name")
    measures = [measure for measure in MEASURES if any(row[measure.column] is not None for row in months)]
    if not measures:
        return Section("kpis", name, missing=words.say("kpis.missing"))
    shown = _last(months, measures[0].column)
    notes = []
    if any(not row["is_complete"] for row in months):
        notes.append(words.say("kpis.note_unfinished"))
    return Section(
        "kpis",
        name,
        _headline(months, words),
        _lead(shown, words),
        small_charts=tuple(_small_chart(measure, months, shown, words) for measure in measures),
        details=(_table(measures, months, words),),
        notes=tuple(notes),
    )


def _headline(months: list[Row], words: Wording) -> str:
    complete = [row for row in months if row["is_complete"] and row["revenue"] is not None]
    if not complete:
        return words.say("kpis.headline_unfinished")
    last = complete[-1]
    values: dict[str, str] = {"month": words.month(last["month"]), "money": words.money(last["revenue"])}
    before = _earlier(months, last["month"], 1)
    change = _relative(last["revenue"], before["revenue"]) if before else None
    if change is None:
        return words.say("kpis.headline_first", **values)
    values |= {"change": _direction(change, words), "active": words.counted("customers", last["active"] or 0)}
    if not last["guest_orders"]:
        return words.say("kpis.headline", **values)
    guests = words.counted("guest_orders", last["guest_orders"])
    return words.say("kpis.headline_with_guests", guest_orders=guests, **values)


def _lead(shown: Row, words: Wording) -> str:
    return words.say("kpis.lead" if shown["is_complete"] else "kpis.lead_unfinished", month=words.month(shown["month"]))


def _small_chart(measure: Measure, months: list[Row], shown: Row, words: Wording) -> SmallChart:
    """The small chart of a measure.

    ``shown`` is the month that the chapter speaks of; a measure whose latest value is of another month says so. What a
    month that is not over has reached is no fall: it stays in the table and out of the line.
    """
    name = words.say(f"kpis.measures.{measure.column}")
    show = _format(measure.kind, words)
    points = [_point(row, measure, show, words) for row in months]
    is_amount = measure.kind in ("money", "count")
    last = _last(months, measure.column)
    if last["is_complete"]:
        points = [point if point.is_complete else replace(point, value=None) for point in points]
    value = show(last[measure.column])
    changes = _changes(measure, months, last, words)
    if last is not shown:
        changes = (words.month(last["month"]), *changes)
    alt = words.say(
        "kpis.alt", measure=name, month=words.month(last["month"]), value=value, changes=words.join(list(changes))
    )
    drawn = draw_line(points, is_amount, _tick(measure.kind, words), words.short_month)
    return SmallChart(f"kpi-{measure.column.replace('_', '-')}", name, value, changes, alt, to_json(drawn))


def _last(months: list[Row], column: str) -> Row:
    """The latest complete month with a value, else the latest one with a value."""
    known = [row for row in months if row[column] is not None]
    return next((row for row in reversed(known) if row["is_complete"]), known[-1])


def _point(row: Row, measure: Measure, show: Callable[[Any], str], words: Wording) -> Point:
    value = row[measure.column]
    key = "kpis.hover" if row["is_complete"] else "kpis.hover_unfinished"
    hover = words.say(key, month=words.month(row["month"]), value=show(value))
    return Point(row["month"], None if value is None else float(value), bool(row["is_complete"]), hover)


def _changes(measure: Measure, months: list[Row], last: Row, words: Wording) -> tuple[str, ...]:
    """Against the month before and the same month a year ago, where there are such."""
    shown = []
    for distance, key in ((1, "month"), (12, "year")):
        before = _earlier(months, last["month"], distance)
        if before is None or before[measure.column] is None:
            continue
        now, then = last[measure.column], before[measure.column]
        if measure.kind == "rate":
            text = words.say("kpis.points", n=_signed(words.decimal((now - then) * 100, 1)))
        elif (change := _relative(now, then)) is not None:
            text = _signed(words.percent(change))
        else:
            continue
        shown.append(words.say(f"kpis.against_{key}", change=text, month=words.short_month(before["month"])))
    return tuple(shown)


def _earlier(months: list[Row], month: date, distance: int) -> Row | None:
    """The month ``distance`` months before ``month``."""
    place = month.year * 12 + month.month - 1 - distance
    wanted = date(place // 12, place % 12 + 1, 1)
    return next((row for row in months if row["month"] == wanted), None)


def _relative(now: Any, then: Any) -> Any:
    return None if now is None or then is None or then <= 0 else (now - then) / then


def _direction(change: Any, words: Wording) -> str:
    if words.percent(change) in (words.percent(0), _signed(words.percent(0))):
        return words.say("kpis.unchanged")
    return words.say("kpis.up" if change > 0 else "kpis.down", change=words.percent(abs(change)))


def _signed(text: str) -> str:
    is_nothing = not any(character in "123456789" for character in text)
    return text if is_nothing or text.startswith("\u2212") else f"+{text}"


def _format(kind: Kind, words: Wording) -> Callable[[Any], str]:
    formats: dict[Kind, Callable[[Any], str]] = {
        "money": words.money,
        "count": words.count,
        "rate": words.percent,
        "ratio": words.decimal,
    }
    return formats[kind]


def _tick(kind: Kind, words: Wording) -> Callable[[float], str]:
    if kind == "rate":
        return lambda value: words.percent(value, 0 if round(value * 100, 6) == round(value * 100) else 1)
    return words.compact


def _table(measures: list[Measure], months: list[Row], words: Wording) -> Table:
    columns = [Column(words.say("columns.month"), is_number=False)]
    columns += [Column(words.say(f"kpis.measures.{measure.column}")) for measure in measures]
    lines = []
    for row in reversed(months):
        name = words.short_month(row["month"]) + ("" if row["is_complete"] else "*")
        cells = [_format(measure.kind, words)(row[measure.column]) for measure in measures]
        lines.append((name, *cells))
    return Table(words.say("kpis.table"), tuple(columns), tuple(lines))


CHAPTER = Chapter(80, lambda reader, words, _: build(read(reader), words))
