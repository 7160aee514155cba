"""The chart and the table that every segmentation shares: heads against revenue."""

from __future__ import annotations

from kehu.report.blocks import Chart, Column, Key, Table
from kehu.report.charts.share_gaps import Gap, draw_gaps
from kehu.report.figures import to_json
from kehu.report.palette import BLUE, MUTED
from kehu.report.release_reader import Row
from kehu.report.sections.segments import revenue_per_customer, segment_colours
from kehu.report.wording import Wording


def share_chart(
    rows: list[Row],
    words: Wording,
    *,
    chart_id: str,
    known: dict[str, str],
    texts: str,
    headline: str,
    title: str,
    explanation: str = "",
) -> Chart:
    """Share of customers against share of revenue by segment.

    Args:
        rows: segments from top to bottom.
        words: language and formats.
        chart_id: of the chart in the page.
        known: colours by what a segment means.
        texts: the group of the catalogue that holds ``alt``, ``explanation`` and ``table``.
        headline: what the chart shows, in words.
        title: what a segment is called in the table.
        explanation: how to read the chart; by default the group's ``explanation``.
    """
    paint = segment_colours(known, rows)
    gaps = [_gap(row, paint[row["segment"]], words) for row in rows]
    wide, narrow = draw_gaps(gaps, narrow=False), draw_gaps(gaps, narrow=True)
    return Chart(
        id=chart_id,
        headline=headline,
        alt=words.say(f"{texts}.alt", headline=headline),
        wide=to_json(wide),
        narrow=to_json(narrow),
        height=narrow.layout.height,
        table=segment_table(rows, title, words.say(f"{texts}.table"), words),
        explanation=explanation or words.say(f"{texts}.explanation"),
        keys=(Key(MUTED, words.say("shares.customers"), "ring"), Key(BLUE, words.say("shares.revenue"), "dot")),
    )


def share_hover(row: Row, words: Wording) -> str:
    """Both shares of a segment in words."""
    return words.say(
        "shares.hover",
        customers=words.counted("customers", row["customers"]),
        share=words.percent(row["share_of_customers"]),
        money=words.money(row["net_revenue"]),
        revenue_share=words.percent(row["share_of_revenue"]),
    )


def segment_table(rows: list[Row], title: str, caption: str, words: Wording) -> Table:
    """Heads and revenue by segment as a table; ``title`` is what a segment is called."""
    names = ("customers", "share_of_customers", "net_revenue", "share_of_revenue", "revenue_per_customer")
    columns = [Column(title, is_number=False)]
    columns += [Column(words.say(f"columns.{name}", currency=words.currency)) for name in names]
    shown = tuple(
        (
            words.label(row),
            words.count(row["customers"]),
            words.percent(row["share_of_customers"]),
            words.amount(row["net_revenue"]),
            words.percent(row["share_of_revenue"]),
            words.amount(revenue_per_customer(row)),
        )
        for row in rows
    )
    return Table(caption, tuple(columns), shown)


def _gap(row: Row, colour: str, words: Wording) -> Gap:
    return Gap(
        label=words.label(row),
        colour=colour,
        customers=float(row["share_of_customers"]),
        revenue=float(row["share_of_revenue"] or 0),
        customers_text=words.percent(row["share_of_customers"], 0),
        revenue_text=words.percent(row["share_of_revenue"] or 0, 0),
        hover=share_hover(row, words),
    )
