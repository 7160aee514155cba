"""How customers move: from stage to stage between month ends, and in and out of the base."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date

from kehu.report.blocks import Chart, Column, Section, Table
from kehu.report.chapters import Chapter
from kehu.report.charts.stage_sankey import Band, Stand, draw_flow
from kehu.report.charts.transition_map import Way, draw_ways
from kehu.report.figures import to_json
from kehu.report.palette import LIFECYCLE
from kehu.report.release_reader import ReleaseReader, Row
from kehu.report.sections.ledger import ledger_chart
from kehu.report.sections.lifecycle import ORDER
from kehu.report.sections.segments import in_order, meaning_of_segments, segment_colours
from kehu.report.wording import Wording

LAST_MONTHS = 12
FLOW_MONTHS = 3
ENTERED = "entered"

_TRANSITIONS = f"""
select ways.month, ways.from_stage, ways.to_stage, ways.customers
from analytics.lifecycle_transitions as ways
where ways.is_complete and ways.month in (
    select distinct latest.month from analytics.lifecycle_transitions as latest
    where latest.is_complete order by latest.month desc limit {LAST_MONTHS}
)
order by ways.month, ways.from_stage, ways.to_stage
"""

_LEDGER = f"""
select ledger.month, ledger.opening, ledger.new, ledger.reactivated, ledger.lapsed, ledger.closing, ledger.net_revenue_new,
    ledger.net_revenue_reactivated, ledger.net_revenue_lapsed
from analytics.customer_ledger as ledger
where ledger.segmentation = 'all' and ledger.segment = 'all' and ledger.is_complete
order by ledger.month desc
limit {LAST_MONTHS}
"""

_LABELS = """
select summary.segment, summary.label_en, summary.label_zh, {meaning} as meaning
from analytics.segment_summary as summary
where summary.segmentation = 'lifecycle'
order by summary.segment
"""


@dataclass(frozen=True)
class Movement:
    """The latest finished months: ways between stages, the base, and the names of the stages."""

    ways: list[Row]
    ledger: list[Row]
    labels: dict[str, Row]


def read(reader: ReleaseReader) -> Movement:
    """The latest finished months, oldest first."""
    labels = {row["segment"]: row for row in reader.rows(_LABELS.format(meaning=meaning_of_segments(reader)))}
    return Movement(reader.rows(_TRANSITIONS), reader.rows(_LEDGER)[::-1], labels)


def build(data: Movement, words: Wording) -> Section:
    """The chapter, or the reason why there is none."""
    name = words.say("movement.name")
    if not data.ledger:
        return Section("movement", name, missing=words.say("movement.missing"))
    last = data.ledger[-1]
    headline = words.say(
        "movement.headline",
        month=words.month(last["month"]),
        lapsed=words.counted("customers", last["lapsed"]),
        gained=words.count(last["new"] + last["reactivated"]),
        closing=words.count(last["closing"]),
    )
    charts: tuple[Chart, ...] = (ledger_chart(data.ledger, words),)
    # in the first month of all nobody comes from a stage: there is a base to show, but no way yet
    if any(row["from_stage"] != ENTERED for row in data.ways):
        charts = (_flow(data, words), *charts, _map(data, words))
    return Section("movement", name, headline, words.say("movement.lead"), charts)


def _stages(data: Movement) -> list[str]:
    """Every stage that somebody was in, in the order of a customer's life."""
    found = {row[side] for row in data.ways for side in ("from_stage", "to_stage")} - {ENTERED}
    return [row["segment"] for row in in_order([_named(stage, data) for stage in found], ORDER)]


def _named(stage: str, data: Movement) -> Row:
    """Segment, names and meaning of a stage; one that the release's segments do not know means what it is called."""
    return {"segment": stage, "meaning": stage, **data.labels.get(stage, {})}


def _label(stage: str, data: Movement, words: Wording) -> str:
    if stage == ENTERED:
        return words.say("movement.entered")
    return words.label(_named(stage, data))


def _flow(data: Movement, words: Wording) -> Chart:
    months = sorted({row["month"] for row in data.ways})[-FLOW_MONTHS:]
    ways = [row for row in data.ways if row["month"] in months and row["from_stage"] != ENTERED]
    stands, bands = _drawn_flow(data, ways, months, words)
    titles = [words.say("movement.before", month=words.short_month(months[0]))]
    titles += [words.say("movement.end_of", month=words.short_month(month)) for month in months]
    moved = sum(row["customers"] for row in ways if row["from_stage"] != row["to_stage"] and row["month"] == months[-1])
    everybody = sum(row["customers"] for row in ways if row["month"] == months[-1])
    headline = words.say(
        "movement.flow.headline",
        moved=words.counted("customers", moved),
        share=words.percent(moved / everybody if everybody else None),
        month=words.month(months[-1]),
    )
    wide, narrow = draw_flow(stands, bands, titles, narrow=False), draw_flow(stands, bands, titles, narrow=True)
    columns = (words.say("columns.month"), words.say("movement.from"), words.say("movement.to"))
    lines = [
        (
            words.short_month(row["month"]),
            _label(row["from_stage"], data, words),
            _label(row["to_stage"], data, words),
            words.count(row["customers"]),
        )
        for row in ways
    ]
    return Chart(
        id="movement-flow",
        headline=headline,
        alt=words.say("movement.flow.alt", headline=headline),
        wide=to_json(wide),
        narrow=to_json(narrow),
        height=narrow.layout.height,
        table=Table(
            words.say("movement.flow.table"),
            (*(Column(title, is_number=False) for title in columns), Column(words.say("columns.customers"))),
            tuple(lines),
        ),
        explanation=words.say("movement.flow.explanation"),
    )


def _drawn_flow(data: Movement, ways: list[Row], months: list[date], words: Wording) -> tuple[list[Stand], list[Band]]:
    """The stages at each month end with somebody in them, and who went between them."""
    came: Counter[tuple[int, str]] = Counter()
    went: Counter[tuple[int, str]] = Counter()
    for row in ways:
        column = months.index(row["month"])
        went[column, row["from_stage"]] += row["customers"]
        came[column + 1, row["to_stage"]] += row["customers"]
    # the larger of the two: who was seen for the first time came from no stage, but goes on from one
    heads = came | went
    stages = _stages(data)
    paint = segment_colours(LIFECYCLE, [_named(stage, data) for stage in stages])
    places = sorted(heads, key=lambda place: (place[0], stages.index(place[1])))
    stands = []
    for column, stage in places:
        label, customers = _label(stage, data, words), heads[column, stage]
        hover = words.say("movement.flow.hover", stage=label, customers=words.counted("customers", customers))
        stands.append(Stand(column, stages.index(stage), label, paint[stage], customers, hover))
    bands = []
    for row in ways:
        column = months.index(row["month"])
        source, target = places.index((column, row["from_stage"])), places.index((column + 1, row["to_stage"]))
        bands.append(Band(source, target, row["customers"], _way_hover(row, data, words)))
    return stands, bands


def _way_hover(row: Row, data: Movement, words: Wording) -> str:
    return words.say(
        "movement.hover",
        source=_label(row["from_stage"], data, words),
        target=_label(row["to_stage"], data, words),
        customers=words.counted("customers", row["customers"]),
    )


def _map(data: Movement, words: Wording) -> Chart:
    stages = _stages(data)
    counts: Counter[tuple[str, str]] = Counter()
    for row in data.ways:
        counts[row["from_stage"], row["to_stage"]] += row["customers"]
    sources = [stage for stage in [*stages, ENTERED] if any(source == stage for source, _ in counts)]
    totals = {stage: sum(n for (source, _), n in counts.items() if source == stage) for stage in sources}
    ways = [
        Way(
            row=sources.index(source),
            column=stages.index(target),
            share=customers / totals[source],
            text=words.percent(customers / totals[source], 0),
            hover=_way_hover({"from_stage": source, "to_stage": target, "customers": customers}, data, words),
        )
        for (source, target), customers in sorted(counts.items())
    ]
    labels = [_label(stage, data, words) for stage in sources]
    targets = [_label(stage, data, words) for stage in stages]
    titles = (words.say("movement.from"), words.say("movement.to"))
    wide = draw_ways(ways, labels, targets, titles, narrow=False)
    narrow = draw_ways(ways, labels, targets, titles, narrow=True)
    headline = _map_headline(data, counts, totals, words)
    shares = {(way.row, way.column): words.percent(way.share) for way in ways}
    lines = [(label, *(shares.get((row, n), "") for n in range(len(stages)))) for row, label in enumerate(labels)]
    return Chart(
        id="movement-map",
        headline=headline,
        alt=words.say("movement.map.alt", headline=headline),
        wide=to_json(wide),
        narrow=to_json(narrow),
        height=narrow.layout.height,
        table=Table(
            words.say("movement.map.table"),
            (Column(words.say("movement.from"), is_number=False), *(Column(label) for label in targets)),
            tuple(lines),
        ),
        explanation=words.say("movement.map.explanation", months=words.counted("months", len(data.ledger))),
        is_full_width=True,
    )


def _map_headline(data: Movement, counts: Counter[tuple[str, str]], totals: dict[str, int], words: Wording) -> str:
    """Where most of those who leave at-risk go; plain where nobody was at risk."""
    at_risk = next((stage for stage in totals if _named(stage, data)["meaning"] == "at_risk"), None)
    leaving = {target: n for (source, target), n in counts.items() if source == at_risk and target != at_risk}
    if at_risk is None or not leaving:
        stayed = sum(n for (source, target), n in counts.items() if source == target)
        everybody = sum(n for stage, n in totals.items() if stage != ENTERED)
        return words.say("movement.map.headline_plain", share=words.percent(stayed / everybody if everybody else None))
    target = max(leaving, key=lambda stage: (leaving[stage], stage))
    return words.say(
        "movement.map.headline",
        source=_label(at_risk, data, words),
        target=_label(target, data, words),
        share=words.percent(leaving[target] / totals[at_risk]),
    )


CHAPTER = Chapter(30, lambda reader, words, _: build(read(reader), words))
