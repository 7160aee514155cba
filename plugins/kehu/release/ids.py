"""Release ids: ``r<as of>_<start of the run, UTC>``, as in ``r20180101_20260102t031500``.

They sort by as-of date, then by the start of the run, and are safe as file names and SQL identifiers.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

from kehu.errors import UsageError

_PATTERN = re.compile(r"r(\d{8})_(\d{8}t\d{6})", re.ASCII)
_EXAMPLE = "r20180101_20260102t031500"


class ReleaseId(str):
    """A text that was parsed: whoever asks for one need not look again whether it may stand in a path or in SQL.

    Made by :func:`parse_release_id` and :func:`release_id` alone.
    """

    as_of: date
    started_at: datetime

    @property
    def text(self) -> str:
        """The id as a plain text."""
        return str.__str__(self)


def as_utc(moment: datetime) -> datetime:
    """The moment in UTC without a zone attached; a moment without a zone is UTC already."""
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment


def release_id(as_of: date, started_at: datetime) -> ReleaseId:
    """The id of the release as of a business day, built by the run that started then.

    Args:
        as_of: the business day D.
        started_at: the start of the run, to the second; without a zone it is UTC.
    """
    day = as_of.isoformat().replace("-", "")  # strftime's %Y has as many digits as the year
    return parse_release_id(f"r{day}_{as_utc(started_at):%Y%m%dt%H%M%S}")


def parse_release_id(text: str) -> ReleaseId:
    """Take an id apart: the door through which texts from outside come.

    Raises:
        UsageError: the text is not a release id; nothing else may reach a path or an SQL identifier.
    """
    if isinstance(text, ReleaseId):
        return text
    match = _PATTERN.fullmatch(text)
    try:
        if match is None:
            raise ValueError(text)
        as_of = date.fromisoformat(match[1])
        started_at = datetime.fromisoformat(match[2])
    except ValueError:
        raise UsageError(
            "this is not a release id", fix="`kehu releases` lists them", got=text[:60], example=_EXAMPLE
        ) from None
    parsed = ReleaseId(text)
    parsed.as_of, parsed.started_at = as_of, started_at
    return parsed
