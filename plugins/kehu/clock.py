"""The only place that asks what time it is; everything below gets times as parameters."""

from __future__ import annotations

from datetime import UTC, datetime


def utc_now() -> datetime:
    """Now in UTC, without a zone attached, to the microsecond."""
    return datetime.now(UTC).replace(tzinfo=None)
