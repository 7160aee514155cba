"""What a page says that no published table holds: it comes from the release's manifest."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True)
class Delivery:
    """A source with its latest landing (UTC) and the business date of its latest order."""

    source: str
    landed_at: datetime | None
    order_date: date | None


@dataclass(frozen=True)
class Background:
    """How recent the sources are, and where the value tiers were cut: shares of one of the customers' net revenue."""

    deliveries: tuple[Delivery, ...] = ()
    high_up_to: float | None = None
    medium_up_to: float | None = None


UNKNOWN = Background()
"""Of a release without a manifest: the page leaves out what it would say."""
