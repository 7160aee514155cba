"""What several chapters read from ``segment_summary``."""

from __future__ import annotations

from decimal import Decimal

from kehu.report.release_reader import ReleaseReader, Row

SEGMENTATIONS = ("rfm", "lifecycle", "value_tier")

_SEGMENTS = """
select
    summary.segment,
    summary.label_en,
    summary.label_zh,
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


def read_segments(reader: ReleaseReader, segmentation: str) -> list[Row]:
    """The segments of one segmentation that have customers, by net revenue, largest first."""
    if segmentation not in SEGMENTATIONS:
        raise ValueError(f"the report does not draw segmentation {segmentation!r}")
    return reader.rows(_SEGMENTS.format(segmentation=segmentation))


def revenue_per_customer(row: Row) -> Decimal:
    """Net revenue of a segment over its customers."""
    return Decimal(row["net_revenue"]) / int(row["customers"])


def in_order(rows: list[Row], order: tuple[str, ...]) -> list[Row]:
    """Rows by the place of their segment in ``order``; segments that it does not name come last, by code."""
    place = {segment: index for index, segment in enumerate(order)}
    return sorted(rows, key=lambda row: (place.get(row["segment"], len(order)), str(row["segment"])))
