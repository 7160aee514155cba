"""Who comes back: retention by month of the first purchase."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from kehu.report.blocks import Chart, Column, Section, Table
from kehu.report.chapters import Chapter
from kehu.report.charts.cohort_heat_map import ALL, HeatCell, draw_cohorts
from kehu.report.figures import to_json
from kehu.report.release_reader import ReleaseReader, Row
from kehu.report.wording import Wording

LAST_COHORTS = 24
LAST_AGE = 24

_CELLS = f"""
with latest as (
    select max(cohorts.cohort_month) as cohort_month
    from analytics.cohort_retention as cohorts
)

select
    cohorts.cohort_month,
    cohorts.age,
    cohorts.cohort_size,
    cohorts.active_customers,
    cohorts.retention_rate as rate,
    cohorts.is_complete
from analytics.cohort_retention as cohorts
cross join latest
where
    cohorts.cohort_month > latest.cohort_month - interval '{LAST_COHORTS}' month
    and cohorts.age <= {LAST_AGE}
    and cohorts.cohort_size > 0
order by cohorts.cohort_month, cohorts.age
"""

_AVERAGES = f"""
select
    cohorts.age,
    sum(cohorts.cohort_size) as cohort_size,
    sum(cohorts.active_customers) as active_customers,
    sum(cohorts.active_customers) / nullif(sum(cohorts.cohort_size), 0) as rate
from analytics.cohort_retention as cohorts
where cohorts.is_complete and cohorts.age between 1 and {LAST_AGE} and cohorts.cohort_size > 0
group by cohorts.age
order by cohorts.age
"""

_EXTENT = """
select
    count(distinct cohorts.cohort_month) as cohorts,
    max(cohorts.age) filter (where cohorts.cohort_size > 0) as last_age
from analytics.cohort_retention as cohorts
"""


@dataclass(frozen=True)
class CohortData:
    """The latest cohorts, and all cohorts together by age; how many cohorts there are and how old they grow in all."""

    cells: list[Row]
    averages: list[Row]
    cohorts: int
    last_age: int | None


def read(reader: ReleaseReader) -> CohortData:
    """Retention of the last cohorts; averages weigh every cohort by its size and leave unfinished months out."""
    extent = reader.row(_EXTENT)
    return CohortData(reader.rows(_CELLS), reader.rows(_AVERAGES), extent["cohorts"], extent["last_age"])


def build(data: CohortData, words: Wording) -> Section:
    """The chapter, or the reason why there is none."""
    name = words.say("cohorts.name")
    if not data.averages:
        return Section("cohorts", name, missing=words.say("cohorts.missing"))
    return Section("cohorts", name, _headline(data, words), words.say("cohorts.lead"), (_chart(data, words),))


def _headline(data: CohortData, words: Wording) -> str:
    by_age = {row["age"]: words.percent(row["rate"]) for row in data.averages}
    later = next((age for age in (12, 6, 3, 2) if age in by_age), None)
    if later is None:
        return words.say("cohorts.headline_short", rate=by_age[1])
    return words.say("cohorts.headline", rate=by_age[1], later_age=later, later_rate=by_age[later])


def _chart(data: CohortData, words: Wording) -> Chart:
    months = sorted({row["cohort_month"] for row in data.cells if row["age"] >= 1})
    cells = [*_average_cells(data.averages, words), *_cells(data.cells, months, words)]
    title = words.say("cohorts.axis")
    wide = draw_cohorts(cells, _labels(data.cells, months, words, with_size=True), title, narrow=False)
    narrow = draw_cohorts(cells, _labels(data.cells, months, words, with_size=False), title, narrow=True)
    headline = _best(data, words)
    return Chart(
        id="cohort-retention",
        headline=headline,
        alt=words.say("cohorts.alt", headline=headline),
        wide=to_json(wide),
        narrow=to_json(narrow),
        height=narrow.layout.height,
        table=_table(data, months, words),
        explanation=words.say("cohorts.explanation"),
        explanation_narrow=words.say("cohorts.explanation_narrow"),
        notes=_notes(data, months, words),
    )


def _notes(data: CohortData, months: list[date], words: Wording) -> tuple[str, ...]:
    """What the reader must know of the cells, and what of the release is not among them."""
    notes = []
    if any(row["age"] >= 1 and not row["is_complete"] for row in data.cells):
        notes.append(words.say("cohorts.note_unfinished"))
    if data.cohorts > len({row["cohort_month"] for row in data.cells}):
        notes.append(words.say("cohorts.note_hidden", month=words.month(months[0])))
    if data.last_age is not None and data.last_age > LAST_AGE:
        notes.append(words.say("cohorts.note_ages", age=LAST_AGE))
    return tuple(notes)


def _best(data: CohortData, words: Wording) -> str:
    """The cohort that came back most in its first month after, among those for which that month is over."""
    first = [row for row in data.cells if row["age"] == 1 and row["is_complete"]]
    if len(first) < 2:
        return words.say("cohorts.chart_headline_plain", cohorts=words.counted("cohorts", data.cohorts))
    best = max(first, key=lambda row: (row["rate"], row["cohort_size"], row["cohort_month"]))
    worst = min(first, key=lambda row: (row["rate"], -row["cohort_size"], row["cohort_month"]))
    return words.say(
        "cohorts.chart_headline",
        best=words.month(best["cohort_month"]),
        best_rate=words.percent(best["rate"]),
        worst=words.month(worst["cohort_month"]),
        worst_rate=words.percent(worst["rate"]),
    )


def _cells(rows: list[Row], months: list[date], words: Wording) -> list[HeatCell]:
    place = {month: row for row, month in enumerate(months)}
    return [_cell(row, place[row["cohort_month"]], words) for row in rows if row["age"] >= 1]


def _cell(row: Row, place: int, words: Wording) -> HeatCell:
    key = "cohorts.hover" if row["is_complete"] else "cohorts.hover_unfinished"
    hover = words.say(
        key,
        month=words.month(row["cohort_month"]),
        age=words.counted("months", row["age"]),
        active=words.count(row["active_customers"]),
        size=words.count(row["cohort_size"]),
        rate=words.percent(row["rate"]),
    )
    return HeatCell(place, row["age"], float(row["rate"]), words.percent(row["rate"], 0), hover, row["is_complete"])


def _average_cells(rows: list[Row], words: Wording) -> list[HeatCell]:
    return [
        HeatCell(
            row=ALL,
            age=row["age"],
            rate=float(row["rate"]),
            text=words.percent(row["rate"], 0),
            hover=words.say(
                "cohorts.hover_all",
                age=words.counted("months", row["age"]),
                active=words.count(row["active_customers"]),
                size=words.count(row["cohort_size"]),
                rate=words.percent(row["rate"]),
            ),
            is_complete=True,
        )
        for row in rows
    ]


def _labels(rows: list[Row], months: list[date], words: Wording, with_size: bool) -> dict[int, str]:
    sizes = {row["cohort_month"]: row["cohort_size"] for row in rows}
    labels = {ALL: words.say("cohorts.all")}
    for place, month in enumerate(months):
        name = words.short_month(month)
        labels[place] = words.say("cohorts.row", month=name, size=words.count(sizes[month])) if with_size else name
    return labels


def _table(data: CohortData, months: list[date], words: Wording) -> Table:
    ages = sorted({row["age"] for row in (*data.cells, *data.averages) if row["age"] >= 1})
    found: dict[Any, Row] = {(row["cohort_month"], row["age"]): row for row in data.cells}
    sizes = {row["cohort_month"]: row["cohort_size"] for row in data.cells}
    columns = [Column(words.say("columns.cohort"), is_number=False), Column(words.say("columns.customers"))]
    columns += [Column(words.say("columns.age", age=age)) for age in ages]
    averages = {row["age"]: row for row in data.averages}
    lines = [(words.say("cohorts.all"), "", *(words.percent(averages.get(age, {}).get("rate")) for age in ages))]
    for month in months:
        rates = (_rate_text(found.get((month, age)), words) for age in ages)
        lines.append((words.short_month(month), words.count(sizes[month]), *rates))
    return Table(words.say("cohorts.table"), tuple(columns), tuple(lines))


def _rate_text(row: Row | None, words: Wording) -> str:
    if row is None:
        return ""
    text = words.percent(row["rate"])
    return text if row["is_complete"] else f"{text}*"


CHAPTER = Chapter(50, lambda reader, words, _: build(read(reader), words))
