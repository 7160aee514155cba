"""What several chapters read from ``segment_summary``."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from kehu.quoting import sql_text
from kehu.report.palette import colours
from kehu.report.release_reader import ReleaseReader, Row
from kehu.report.wording import Wording

SEGMENTATIONS = ("rfm", "lifecycle", "value_tier")

_SEGMENTS = """
select
    summary.segment,
    summary.label_en,
    summary.label_zh,
    {meaning} as meaning,
    summary.customers,
    coalesce(summary.share_of_customers, 0) as share_of_customers,
    coalesce(summary.net_revenue, 0) as net_revenue,
    summary.share_of_revenue,
    summary.margin,
    summary.average_order_value
from analytics.segment_summary as summary
where summary.segmentation = '{segmentation}' and summary.customers > 0
order by summary.net_revenue desc nulls last, summary.customers desc, summary.segment
"""

_MEANING = "coalesce(summary.meaning, summary.segment)"
_MEANING_BEFORE = (
    "case summary.segment when 'churned' then 'lost' when 'reactivated' then 'returned' else summary.segment end"
)
"""Releases of version 0.1.0 knew the stages by these names alone."""

_LABELS = """
select summary.segmentation, summary.segment, summary.label_en, summary.label_zh
from analytics.segment_summary as summary
where summary.segmentation in ({segmentations})
"""


@dataclass(frozen=True)
class Labels:
    """Names of segments by segmentation and segment."""

    rows: dict[tuple[str, str], Row]

    def of(self, segmentation: str, segment: str, words: Wording) -> str:
        """The name of a segment; its code where the release has none."""
        if segment == "unknown":
            return words.say("segments.unknown")
        return words.label(self.rows.get((segmentation, segment), {"segment": segment}))


def read_labels(reader: ReleaseReader, *segmentations: str) -> Labels:
    """The names that the release has for the segments of these segmentations."""
    named = ", ".join(sql_text(one) for one in segmentations)
    rows = reader.rows(_LABELS.format(segmentations=named))
    return Labels({(row["segmentation"], row["segment"]): row for row in rows})


def meaning_of_segments(reader: ReleaseReader) -> str:
    """SQL of what a row of ``segment_summary`` (as ``summary``) means, whatever the segment is called."""
    return _MEANING if reader.has_column("segment_summary", "meaning") else _MEANING_BEFORE


def read_segments(reader: ReleaseReader, segmentation: str) -> list[Row]:
    """The segments of one segmentation that have customers, by net revenue, largest first."""
    if segmentation not in SEGMENTATIONS:
        raise ValueError(f"the report does not draw segmentation {segmentation!r}")
    return reader.rows(_SEGMENTS.format(segmentation=segmentation, meaning=meaning_of_segments(reader)))


def revenue_per_customer(row: Row) -> Decimal:
    """Net revenue of a segment over its customers."""
    return Decimal(row["net_revenue"]) / int(row["customers"])


def in_order(rows: list[Row], order: tuple[str, ...]) -> list[Row]:
    """Rows by the place of their meaning in ``order``; what it does not name comes last, by code."""
    place = {meaning: index for index, meaning in enumerate(order)}
    return sorted(rows, key=lambda row: (place.get(row["meaning"], len(order)), str(row["segment"])))


def segment_colours(known: dict[str, str], rows: list[Row]) -> dict[str, str]:
    """A colour for each segment: the one known for its meaning, else a spare one."""
    meant = {row["segment"]: known[row["meaning"]] for row in rows if row["meaning"] in known}
    return colours(meant, [row["segment"] for row in rows])
