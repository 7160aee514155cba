"""How much of the revenue hangs on how few customers."""

from __future__ import annotations

from dataclasses import dataclass

from kehu.report.background import Background
from kehu.report.blocks import Chart, Column, Section, Table
from kehu.report.chapters import Chapter
from kehu.report.charts.share_curve import ShareCurve, draw_share_curve
from kehu.report.figures import to_json
from kehu.report.palette import TIERS
from kehu.report.release_reader import ReleaseReader, Row
from kehu.report.sections.segments import in_order, read_segments, revenue_per_customer
from kehu.report.sections.shares import share_chart
from kehu.report.wording import Wording

TIER_ORDER = ("high", "medium", "low", "unknown")

_POINTS = """
select
    points.percentile,
    points.customers,
    points.cumulative_revenue as revenue,
    points.cumulative_share_of_revenue as share,
    points.gini,
    points.top_20_share
from analytics.revenue_concentration as points
order by points.percentile
"""

_CLIPPED = """
select count(*) as customers
from analytics.dim_customers as customers
where customers.order_count >= 1 and customers.net_revenue < 0
"""


@dataclass(frozen=True)
class ConcentrationData:
    """Points of the curve by percentile from 0 to 100, how many buyers count as zero in it, and the value tiers."""

    points: list[Row]
    clipped: int
    tiers: list[Row]


def read(reader: ReleaseReader) -> ConcentrationData:
    """The curve, and what is said beside it."""
    tiers = in_order(read_segments(reader, "value_tier"), TIER_ORDER)
    return ConcentrationData(reader.rows(_POINTS), reader.row(_CLIPPED)["customers"], tiers)


def build(data: ConcentrationData, words: Wording, background: Background) -> Section:
    """The chapter, or the reason why there is none."""
    name = words.say("concentration.name")
    by_percentile = {row["percentile"]: row for row in data.points}
    top = by_percentile.get(20)
    if top is None or top["share"] is None:
        return Section("concentration", name, missing=words.say("concentration.missing"))
    headline = words.say(
        "concentration.headline",
        share=words.percent(top["top_20_share"]),
        customers=words.counted("top_customers", top["customers"]),
    )
    charts = [_curve(data, top, words)]
    if any(row["segment"] != "unknown" for row in data.tiers):
        charts.append(_tiers(data.tiers, words, background))
    return Section("concentration", name, headline, words.say("concentration.lead"), tuple(charts))


def _curve(data: ConcentrationData, top: Row, words: Wording) -> Chart:
    buyers = data.points[-1]["customers"]
    callout = words.say("concentration.callout", share=words.percent(top["top_20_share"]))
    curve = ShareCurve(
        points=[(row["customers"] / buyers, row["share"]) for row in data.points],
        hovers=[_hover(row, words) for row in data.points],
        marked=(top["customers"] / buyers, top["share"], callout),
        x=words.say("concentration.x"),
        y=words.say("concentration.y"),
        equality=words.say("concentration.equal"),
    )
    headline = _half(data.points, words)
    notes = []
    if data.clipped:
        notes.append(words.say("concentration.note_clipped", customers=words.counted("customers", data.clipped)))
    return Chart(
        id="revenue-concentration",
        headline=headline,
        alt=words.say("concentration.alt", headline=headline),
        wide=to_json(draw_share_curve(curve, narrow=False)),
        narrow=to_json(draw_share_curve(curve, narrow=True)),
        height=360,
        table=_every_decile(data.points, words),
        explanation=words.say("concentration.explanation"),
        notes=tuple(notes),
    )


def _half(points: list[Row], words: Wording) -> str:
    """Where the curve reaches half of the revenue."""
    row = next(row for row in points if row["share"] >= 0.5)
    return words.say(
        "concentration.chart_headline",
        half=words.counted("customers", row["customers"]),
        share=words.percent(row["customers"] / points[-1]["customers"], 0),
        gini=words.decimal(row["gini"]),
    )


def _hover(row: Row, words: Wording) -> str:
    return words.say(
        "concentration.hover",
        customers=words.counted("top_customers", row["customers"]),
        share=words.percent(row["percentile"] / 100, 0),
        revenue_share=words.percent(row["share"]),
    )


def _every_decile(points: list[Row], words: Wording) -> Table:
    """Every decile of the buyers."""
    names = ("share_of_buyers", "best_customers", "net_revenue", "share_of_revenue")
    columns = tuple(Column(words.say(f"columns.{name}", currency=words.currency)) for name in names)
    rows = tuple(
        (
            words.percent(row["percentile"] / 100, 0),
            words.count(row["customers"]),
            words.amount(row["revenue"]),
            words.percent(row["share"]),
        )
        for row in points
        if row["percentile"] > 0 and row["percentile"] % 10 == 0
    )
    return Table(words.say("concentration.table"), columns, rows)


def _tiers(rows: list[Row], words: Wording, background: Background) -> Chart:
    first = rows[0]
    cuts = (background.high_up_to, background.medium_up_to)
    explanation = words.say("concentration.tiers.explanation")
    if None not in cuts:
        high, medium = (words.percent(cut).replace(".0%", "%") for cut in cuts)
        explanation = words.say("concentration.tiers.explanation_with_cuts", high=high, medium=medium)
    headline = words.say(
        "concentration.tiers.headline",
        tier=words.label(first),
        customers=words.counted("customers", first["customers"]),
        share=words.percent(first["share_of_customers"]),
        money=words.money(revenue_per_customer(first)),
    )
    return share_chart(
        rows,
        words,
        chart_id="value-tiers",
        known=TIERS,
        texts="concentration.tiers",
        headline=headline,
        title=words.say("columns.value_tier"),
        explanation=explanation,
    )


CHAPTER = Chapter(60, lambda reader, words, background: build(read(reader), words, background))
