"""Which sources have gone quiet: when each last landed something new, against the limit in ``sources.yml``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from kehu.clock import utc_now
from kehu.errors import SourceStale
from kehu.landing.ledger import read_ledger
from kehu.settings import Settings
from kehu.sources.config import load_sources


@dataclass(frozen=True)
class Freshness:
    """How fresh one source is.

    Attributes:
        source: its name.
        limit_hours: ``freshness_hours`` of ``sources.yml``, or None.
        landed_at: the extraction that last brought something new, UTC without offset; None if nothing has landed yet.
        now: when this was asked, UTC without offset.
    """

    source: str
    limit_hours: float | None
    landed_at: datetime | None
    now: datetime

    @property
    def hours(self) -> float | None:
        """How long ago the source last landed something new; 0 if another machine's clock is ahead of this one's."""
        return None if self.landed_at is None else max(0.0, (self.now - self.landed_at).total_seconds() / 3600)

    @property
    def is_stale(self) -> bool:
        """Whether it is beyond its limit. A source without a limit never is, one that has never landed always."""
        return self.limit_hours is not None and (self.hours is None or self.hours > self.limit_hours)

    def describe(self) -> str:
        """One line for people."""
        landed = "nothing has landed" if self.hours is None else f"last landed something new {self.hours:.1f} h ago"
        limit = "no freshness_hours" if self.limit_hours is None else f"at most {self.limit_hours:g} h"
        return f"{self.source}: {landed} ({limit}){': STALE' if self.is_stale else ''}"


def source_freshness(settings: Settings, now: datetime | None = None) -> list[Freshness]:
    """The freshness of every configured source, in the order of the file.

    Args:
        settings: whose sources and landing zone.
        now: the moment to measure from, UTC without offset; the clock's if it is left out.
    """
    latest: dict[str, datetime] = {}
    for batch in read_ledger(settings.landing_dir):
        latest[batch.source] = max(batch.extracted_at, latest.get(batch.source, batch.extracted_at))
    moment = now or utc_now()
    return [
        Freshness(source.name, source.freshness_hours, latest.get(source.name), moment)
        for source in load_sources(settings.sources).sources
    ]


def check_freshness(settings: Settings, now: datetime | None = None) -> None:
    """Make sure that every source has landed something new within its limit.

    Raises:
        SourceStale: names the sources that have not.
    """
    stale = [found for found in source_freshness(settings, now) if found.is_stale]
    if stale:
        raise SourceStale(
            "; ".join(found.describe() for found in stale),
            fix="see whether the source still delivers: docs/runbooks/source_down.md",
            source=[found.source for found in stale],
        )
