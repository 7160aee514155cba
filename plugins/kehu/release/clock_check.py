"""Releases are counted by the time of their publication: a machine whose clock is behind must not publish."""

from __future__ import annotations

from datetime import datetime, timedelta

from kehu.errors import ClockSkew
from kehu.release.catalog import newest_first
from kehu.release.ids import as_utc
from kehu.release.store import ReleaseStore

TOLERANCE = timedelta(minutes=5)
"""What machines without a common time server differ by; it does no harm, as runs are longer apart."""


def require_clock(store: ReleaseStore, now: datetime) -> None:
    """Make sure that what is published now is the newest by its own account.

    Otherwise pruning would take the new release for the oldest, and the list of releases would tell a wrong story.

    Raises:
        ClockSkew: a kept release was published later than now, by another clock; nothing has been done.
    """
    latest = next(iter(newest_first(store)), None)
    if latest is None:
        return
    ahead = latest.published_at - as_utc(now)
    if ahead > TOLERANCE:
        raise ClockSkew(
            "this machine's clock is behind that of the one which published last, or that one's was ahead",
            fix="set the clocks of all machines by a time server; then publish again: the candidate is kept",
            minutes=round(ahead.total_seconds() / 60),
            release_id=latest.release_id,
            published_at=f"{latest.published_at:%Y-%m-%dT%H:%M:%SZ}",
        )
