"""The business day that a run is for, as a person, a delivery or another program writes it."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from kehu.errors import UsageError

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_FIRST = date(1970, 1, 1)
"""Before it no shop has kept its orders in a computer: an earlier day is a slip of the keyboard."""


def parse_as_of(text: str, now: datetime, timezone: str) -> date:
    """A business day from ``YYYY-MM-DD``.

    Args:
        text: what was written.
        now: a moment; a day that has not begun by then cannot be meant. Without a zone it is UTC.
        timezone: the zone of business days (KEHU_TIMEZONE).

    Raises:
        UsageError: it is not a day, or not one from 1970 up to today.
    """
    try:
        if not _DAY.fullmatch(text):  # fromisoformat reads weeks (2018-W01-1) as well
            raise ValueError
        day = date.fromisoformat(text)
    except ValueError:
        raise UsageError(
            "this is not a business day", fix="write it as YYYY-MM-DD, for example 2018-01-01", got=text[:40]
        ) from None
    if day < _FIRST:
        raise UsageError("no business day is as early as that", fix=f"give a day from {_FIRST} on", as_of=str(day))
    aware = now if now.tzinfo else now.replace(tzinfo=UTC)
    today = aware.astimezone(ZoneInfo(timezone)).date()
    if day > today:
        raise UsageError(
            "the business day has not begun yet",
            fix="give a day up to today",
            as_of=str(day),
            today=str(today),
            timezone=timezone,
        )
    return day
