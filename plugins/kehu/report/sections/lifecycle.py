"""Where customers stand: heads and revenue by lifecycle stage."""

from __future__ import annotations

from kehu.report.blocks import Chart, Section
from kehu.report.chapters import Chapter
from kehu.report.charts.lifecycle_bars import Stage, draw_stages
from kehu.report.figures import to_json
from kehu.report.palette import LIFECYCLE
from kehu.report.release_reader import ReleaseReader, Row
from kehu.report.sections.segments import in_order, read_segments, segment_colours
from kehu.report.sections.shares import segment_table, share_hover
from kehu.report.wording import Wording

ORDER = ("new", "active", "loyal", "returned", "at_risk", "lost", "prospect")
"""What stages mean, in the order of a customer's life."""


def read(reader: ReleaseReader) -> list[Row]:
    """Customers and revenue by stage, in the order of a customer's life."""
    return in_order(read_segments(reader, "lifecycle"), ORDER)


def build(rows: list[Row], words: Wording) -> Section:
    """The chapter, or the reason why there is none."""
    name = words.say("lifecycle.name")
    if not rows:
        return Section("lifecycle", name, missing=words.say("lifecycle.missing"))
    chart = _chart(rows, words)
    return Section("lifecycle", name, _headline(rows, words), words.say("lifecycle.lead"), (chart,))


def _headline(rows: list[Row], words: Wording) -> str:
    stages = {row["meaning"]: row for row in rows}
    at_risk, churned = stages.get("at_risk"), stages.get("lost")
    if at_risk is None:
        key = "lifecycle.headline_none_at_risk" if churned is None else "lifecycle.headline_churned_only"
    else:
        key = "lifecycle.headline" if churned is None else "lifecycle.headline_with_churned"
    values = {}
    for prefix, row in (("risk", at_risk), ("churned", churned)):
        if row is not None:
            values[f"{prefix}_customers"] = words.counted("customers", row["customers"])
            values[f"{prefix}_share"] = words.percent(row["share_of_customers"])
            values[f"{prefix}_money"] = words.money(row["net_revenue"])
    return words.say(key, **values)


def _chart(rows: list[Row], words: Wording) -> Chart:
    paint = segment_colours(LIFECYCLE, rows)
    stages = [_stage(row, paint[row["segment"]], words) for row in rows]
    titles = (words.say("lifecycle.customers_panel"), words.say("lifecycle.revenue_panel", currency=words.currency))
    wide, narrow = draw_stages(stages, titles, narrow=False), draw_stages(stages, titles, narrow=True)
    largest = max(rows, key=lambda row: (row["customers"], str(row["segment"])))
    headline = words.say(
        "lifecycle.chart_headline",
        stage=words.label(largest),
        customers=words.counted("customers", largest["customers"]),
        share=words.percent(largest["share_of_customers"]),
        revenue_share=words.percent(largest["share_of_revenue"]),
    )
    return Chart(
        id="lifecycle-stages",
        headline=headline,
        alt=words.say("lifecycle.alt", headline=headline),
        wide=to_json(wide),
        narrow=to_json(narrow),
        height=narrow.layout.height,
        table=segment_table(rows, words.say("columns.stage"), words.say("lifecycle.table"), words),
        explanation=words.say("lifecycle.explanation"),
    )


def _stage(row: Row, colour: str, words: Wording) -> Stage:
    return Stage(
        label=words.label(row),
        colour=colour,
        customers=row["customers"],
        revenue=float(row["net_revenue"]),
        customers_text=words.count(row["customers"]),
        customers_share=words.percent(row["share_of_customers"]),
        revenue_text=words.compact(row["net_revenue"]),
        revenue_share=words.percent(row["share_of_revenue"]),
        hover=share_hover(row, words),
    )


CHAPTER = Chapter(20, lambda reader, words, _: build(read(reader), words))
