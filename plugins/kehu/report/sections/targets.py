"""Targets: what the months were to reach and what they have reached."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from kehu.report.blocks import Column, Section, SmallChart, Table
from kehu.report.chapters import Chapter
from kehu.report.charts.kpi_line import Point, draw_line
from kehu.report.figures import to_json
from kehu.report.release_reader import ReleaseReader, Row
from kehu.report.wording import Number, Wording

LAST_MONTHS = 12
MONEY = ("net_revenue", "gross_margin", "aov", "cac", "points_liability")
COUNTS = ("orders", "customers", "active_customers", "new_customers", "returning_customers")
RATES = ("retention_rate", "repeat_rate", "csat", "complaint_rate", "churn_rate", "top_20_share")

_TARGETS = """
select targets.metric, targets.owner, targets.direction, targets.status, targets.target, targets.actual,
    targets.attainment, targets.month
from analytics.kpi_targets as targets
order by targets.month, targets.metric
"""


def read(reader: ReleaseReader) -> list[Row]:
    """Every target, the oldest month first; a release from before there were any has none."""
    return reader.rows(_TARGETS) if reader.has("kpi_targets") else []


def build(targets: list[Row], words: Wording) -> Section:
    """The chapter, or where targets are set."""
    name = words.say("targets.name")
    if not targets:
        return Section("targets", name, missing=words.say("targets.missing"))
    month = _month(targets)
    shown = [row for row in targets if row["month"] <= month]
    metrics = sorted({row["metric"] for row in targets}, key=lambda one: (one not in MONEY, one))
    return Section(
        "targets",
        name,
        _headline([row for row in targets if row["month"] == month], month, words),
        words.say("targets.lead"),
        small_charts=tuple(
            _small_chart(rows, words) for one in metrics if (rows := _of(shown, one)) and rows[-1]["month"] == month
        ),
        tables=(_table([row for row in targets if row["month"] == month], month, words),),
        details=(_history(targets, words),),
    )


def _month(targets: list[Row]) -> date:
    """The latest month that is over, else the first that has begun or is to come."""
    over = [row["month"] for row in targets if row["status"] != "running"]
    return max(over) if over else min(row["month"] for row in targets)


def _of(targets: list[Row], metric: str) -> list[Row]:
    """The latest months of one metric, oldest first."""
    return [row for row in targets if row["metric"] == metric][-LAST_MONTHS:]


def _headline(rows: list[Row], month: date, words: Wording) -> str:
    over = [row for row in rows if row["status"] != "running"]
    if not over:
        return words.say(
            "targets.headline_running", targets=words.counted("targets", len(rows)), month=words.month(month)
        )
    met = [row for row in over if row["status"] == "met"]
    targets = words.counted("targets", len(over))
    return words.say("targets.headline", met=words.count(len(met)), targets=targets, month=words.month(month))


def _small_chart(rows: list[Row], words: Wording) -> SmallChart:
    """What the months reached, with a dashed line at what they were to reach."""
    last = rows[-1]
    metric = last["metric"]
    show = _format(metric, words)
    name, value = _name(metric, words), show(last["actual"])
    status = words.say(f"targets.statuses.{last['status']}")
    target = words.say(f"targets.of_{last['direction']}", target=show(last["target"]), status=status)
    points = [Point(row["month"], row["actual"], row["status"] != "running", _hover(row, show, words)) for row in rows]
    drawn = draw_line(
        points, metric in MONEY + COUNTS, _tick(metric, words), words.short_month, tuple(row["target"] for row in rows)
    )
    alt = words.say("targets.alt", metric=name, month=words.month(last["month"]), value=value, target=target)
    return SmallChart(f"target-{metric.replace('_', '-')}", name, value, (target,), alt, to_json(drawn))


def _hover(row: Row, show: Callable[[Number | None], str], words: Wording) -> str:
    return words.say(
        "targets.hover", month=words.month(row["month"]), actual=show(row["actual"]), target=show(row["target"])
    )


def _table(rows: list[Row], month: date, words: Wording) -> Table:
    names = ("metric", "owner", "target", "actual", "attainment", "status")
    lines = tuple(
        (
            _name(row["metric"], words),
            row["owner"] or "",
            words.say(f"targets.limit_{row['direction']}", target=_format(row["metric"], words)(row["target"])),
            _format(row["metric"], words)(row["actual"]),
            words.percent(row["attainment"], 0),
            words.say(f"targets.statuses.{row['status']}"),
        )
        for row in rows
    )
    return Table(words.say("targets.table", month=words.month(month)), _columns(names, words), lines)


def _history(targets: list[Row], words: Wording) -> Table:
    names = ("month", "metric", "target", "actual", "attainment", "status")
    lines = tuple(
        (
            words.short_month(row["month"]),
            _name(row["metric"], words),
            _format(row["metric"], words)(row["target"]),
            _format(row["metric"], words)(row["actual"]),
            words.percent(row["attainment"], 0),
            words.say(f"targets.statuses.{row['status']}"),
        )
        for row in reversed(targets)
    )
    return Table(words.say("targets.history"), _columns(names, words), lines)


def _columns(names: tuple[str, ...], words: Wording) -> tuple[Column, ...]:
    numbers = ("target", "actual", "attainment")
    return tuple(Column(words.say(f"targets.columns.{name}"), is_number=name in numbers) for name in names)


def _name(metric: str, words: Wording) -> str:
    return words.name("targets.metrics", metric)


def _format(metric: str, words: Wording) -> Callable[[Number | None], str]:
    if metric in MONEY:
        return words.money
    if metric in RATES:
        return words.percent
    return words.count if metric in COUNTS else words.decimal


def _tick(metric: str, words: Wording) -> Callable[[float], str]:
    if metric in RATES:
        return lambda value: words.percent(value, 0 if round(value * 100, 6) == round(value * 100) else 1)
    return words.compact


CHAPTER = Chapter(85, lambda reader, words, _: build(read(reader), words))
