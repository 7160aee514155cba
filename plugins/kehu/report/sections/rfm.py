"""The RFM map: which segments there are on the grid of recency and frequency, and what each is worth."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from kehu.report.blocks import Chart, Column, Section, Table
from kehu.report.chapters import Chapter
from kehu.report.charts.rfm_map import Cell, draw_map
from kehu.report.figures import to_json
from kehu.report.palette import MUTED, RFM
from kehu.report.release_reader import ReleaseReader, Row
from kehu.report.sections.segments import read_segments, revenue_per_customer, segment_colours
from kehu.report.sections.shares import share_chart
from kehu.report.wording import Wording

_CELLS = """
select
    rfm.r_score,
    rfm.f_score,
    min(rfm.rfm_segment) as segment,
    count(*) as customers,
    coalesce(sum(rfm.monetary), 0) as revenue,
    min(rfm.recency_days) as recency_low,
    max(rfm.recency_days) as recency_high,
    min(rfm.frequency) as frequency_low,
    max(rfm.frequency) as frequency_high
from analytics.customer_rfm as rfm
where rfm.r_score is not null and rfm.f_score is not null
group by rfm.r_score, rfm.f_score
order by rfm.r_score, rfm.f_score
"""


@dataclass(frozen=True)
class RfmData:
    """The grid and the segments."""

    cells: list[Row]
    segments: list[Row]


def read(reader: ReleaseReader) -> RfmData:
    """Customers and revenue by cell of the grid and by segment."""
    return RfmData(reader.rows(_CELLS), read_segments(reader, "rfm"))


def build(data: RfmData, words: Wording) -> Section:
    """The chapter, or the reason why there is none."""
    name = words.say("rfm.name")
    buyers = [row for row in data.segments if row["segment"] != "unknown"]
    if not data.cells or not buyers:
        return Section("rfm", name, missing=words.say("rfm.missing"))
    best = buyers[0]
    headline = words.say(
        "rfm.headline",
        segment=words.label(best),
        customers=words.counted("customers", best["customers"]),
        share=words.percent(best["share_of_customers"]),
        money=words.money(best["net_revenue"]),
        revenue_share=words.percent(best["share_of_revenue"]),
    )
    shares = share_chart(
        buyers,
        words,
        chart_id="rfm-shares",
        known=RFM,
        texts="rfm.shares",
        headline=_gap_headline(buyers, words),
        title=words.say("columns.segment"),
    )
    charts = (_map(data.cells, buyers, words), shares)
    return Section("rfm", name, headline, words.say("rfm.lead"), charts)


def _map(rows: list[Row], segments: list[Row], words: Wording) -> Chart:
    paint = segment_colours(RFM, segments)
    labels = {row["segment"]: words.label(row) for row in segments}
    cells = [_cell(row, paint, labels, words) for row in rows]
    titles = {
        "x": words.say("rfm.map.frequency_axis"),
        "y": words.say("rfm.map.recency_axis"),
        "x_ticks": _ranges(rows, "f_score", "frequency", words),
        "y_ticks": _ranges(rows, "r_score", "recency", words),
    }
    headline = _quiet(rows, words)
    return Chart(
        id="rfm-map",
        headline=headline,
        alt=words.say("rfm.map.alt", cells=len(rows), headline=headline),
        wide=to_json(draw_map(cells, titles, narrow=False)),
        narrow=to_json(draw_map(cells, titles, narrow=True)),
        height=470,
        table=_map_table(rows, labels, words),
        explanation=words.say("rfm.map.explanation"),
        explanation_narrow=words.say("rfm.map.explanation_narrow"),
    )


def _quiet(rows: list[Row], words: Wording) -> str:
    """The lower right corner of the map: they bought often, and not lately."""
    quiet = [row for row in rows if row["f_score"] >= 4 and row["r_score"] <= 2]
    if not quiet:
        return words.say("rfm.map.headline_none")
    return words.say(
        "rfm.map.headline",
        buyers=words.counted("frequent_buyers", sum(row["customers"] for row in quiet)),
        days=words.count(min(row["recency_low"] for row in quiet)),
        money=words.money(sum(row["revenue"] for row in quiet)),
    )


def _cell(row: Row, paint: dict[str, str], labels: dict[str, str], words: Wording) -> Cell:
    segment = row["segment"]
    hover = words.say(
        "rfm.map.hover",
        r=row["r_score"],
        f=row["f_score"],
        customers=words.counted("customers", row["customers"]),
        money=words.money(row["revenue"]),
    )
    return Cell(
        recency=row["r_score"],
        frequency=row["f_score"],
        customers=row["customers"],
        segment=labels.get(segment, words.name("rfm.segment", segment)),
        colour=paint.get(segment, MUTED),
        count=words.count(row["customers"]),
        revenue=words.compact(row["revenue"]),
        hover=hover,
    )


def _ranges(rows: list[Row], score: str, measure: str, words: Wording) -> dict[int, str]:
    values: dict[int, list[int]] = defaultdict(list)
    for row in rows:
        values[row[score]] += [row[f"{measure}_low"], row[f"{measure}_high"]]
    ranges = {}
    for key, found in values.items():
        low, high = words.count(min(found)), words.count(max(found))
        ranges[key] = low if low == high else f"{low}–{high}"
    return ranges


def _map_table(rows: list[Row], labels: dict[str, str], words: Wording) -> Table:
    columns = (
        Column(words.say("columns.r_score")),
        Column(words.say("columns.f_score")),
        Column(words.say("columns.segment"), is_number=False),
        Column(words.say("columns.customers")),
        Column(words.say("columns.net_revenue", currency=words.currency)),
    )
    shown = tuple(
        (
            str(row["r_score"]),
            str(row["f_score"]),
            labels.get(row["segment"], words.name("rfm.segment", row["segment"])),
            words.count(row["customers"]),
            words.amount(row["revenue"]),
        )
        for row in sorted(rows, key=lambda row: (-row["r_score"], -row["f_score"]))
    )
    return Table(words.say("rfm.map.table"), columns, shown)


def _gap_headline(segments: list[Row], words: Wording) -> str:
    customers = sum(row["customers"] for row in segments)
    revenue = sum(row["net_revenue"] for row in segments)
    richest = max(segments, key=lambda row: (revenue_per_customer(row), str(row["segment"])))
    if revenue <= 0 or len(segments) == 1:
        return words.say("rfm.shares.headline_flat")
    times = revenue_per_customer(richest) / (revenue / customers)
    return words.say(
        "rfm.shares.headline",
        segment=words.label(richest),
        money=words.money(revenue_per_customer(richest)),
        times=words.decimal(times, 1),
    )


CHAPTER = Chapter(10, lambda reader, words, _: build(read(reader), words))
