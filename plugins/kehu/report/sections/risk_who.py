"""Who is at risk: bands of risk by segment."""

from __future__ import annotations

from kehu.report.blocks import Chart, Column, Key, Table
from kehu.report.charts.bars import Bar, Part, draw_bars
from kehu.report.charts.rows import Heading
from kehu.report.palette import AMBER, LIGHT_BLUE, LINE, ORANGE
from kehu.report.release_reader import Row
from kehu.report.sections.segments import Labels
from kehu.report.two_widths import chart_of
from kehu.report.wording import Wording

SEGMENTATIONS = ("value_tier", "lifecycle")
"""Whose segments are drawn."""
BANDS = {"high": ORANGE, "medium": AMBER, "low": LIGHT_BLUE, "unknown": LINE}


def who_chart(rows: list[Row], labels: Labels, words: Wording) -> Chart:
    """The customers of each segment by band of risk, the segment with most money at risk first."""
    segmentation = rows[0]["segmentation"]
    segments: dict[str, dict[str, Row]] = {}
    for row in rows:
        segments.setdefault(row["segment"], {})[row["risk_band"]] = row
    ordered = sorted(segments, key=lambda one: (-_money(segments[one]), one))
    bars = [_bar(labels.of(segmentation, one, words), segments[one], words) for one in ordered]
    first = segments[ordered[0]]
    headline = words.say(
        "risk.who.headline",
        segment=labels.of(segmentation, ordered[0], words),
        money=words.money(_money(first)),
        customers=words.counted("customers", _customers(first, "high")),
    )
    present = [band for band in BANDS if any(_customers(found, band) for found in segments.values())]
    names = ["segment", *BANDS, "revenue_at_risk"]
    columns = tuple(
        Column(words.say(f"risk.columns.{name}", currency=words.currency), is_number=name != "segment")
        for name in names
    )
    lines = tuple(
        (
            labels.of(segmentation, one, words),
            *(words.count(_customers(segments[one], band)) for band in BANDS),
            words.amount(_money(segments[one])),
        )
        for one in ordered
    )
    return chart_of(
        lambda narrow: draw_bars(bars, narrow),
        f"risk-{segmentation.replace('_', '-')}",
        headline,
        words.say("risk.who.alt", headline=headline),
        Table(words.say(f"risk.who.{segmentation}"), columns, lines),
        explanation=words.say("risk.who.explanation"),
        keys=tuple(Key(BANDS[band], words.say(f"risk.bands.{band}")) for band in present),
    )


def _bar(label: str, bands: dict[str, Row], words: Wording) -> Bar:
    parts = tuple(Part(_customers(bands, band), colour) for band, colour in BANDS.items())
    hover = words.join(
        [
            words.say("risk.who.part", band=words.say(f"risk.bands.{band}"), n=words.count(_customers(bands, band)))
            for band in BANDS
            if _customers(bands, band)
        ]
    )
    total = words.counted("customers", sum(row["customers"] for row in bands.values()))
    return Bar(Heading(label, total.strip(), words.money(_money(bands))), parts, hover)


def _customers(bands: dict[str, Row], band: str) -> int:
    return int(bands[band]["customers"]) if band in bands else 0


def _money(bands: dict[str, Row]) -> float:
    return float(sum(row["revenue_at_risk"] or 0 for row in bands.values()))
