"""An answer of a server, and what it means for the request: good, to be asked again, or refused."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from email.utils import parsedate_to_datetime
from functools import cached_property
from typing import Any

_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})
_CODE = re.compile(r"^[A-Za-z0-9_.\-]{1,60}$")


class AskAgain(Exception):
    """The same request may succeed later; ``after`` is how many seconds the server wants to be left alone."""

    def __init__(self, reason: str, after: float = 0.0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.after = after


class TokenExpired(Exception):
    """The token is not accepted any more; another one may be."""


@dataclass(frozen=True)
class Answer:
    """What a server has answered.

    Attributes:
        status: of HTTP.
        headers: by name in lower case.
        content: the body.
    """

    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def is_good(self) -> bool:
        """Whether it is a success; what has not changed since is one."""
        return 200 <= self.status < 300 or self.status == 304

    @cached_property
    def body(self) -> Any:
        """The content as JSON, numbers with a point as exact as they stand there; None where there is none.

        Raises:
            AskAgain: it is cut off, or no JSON at all.
        """
        if not self.content.strip():
            return None
        try:
            return json.loads(self.content, parse_float=Decimal)
        except ValueError:
            raise AskAgain("an answer that is no JSON, or was cut off") from None

    def code(self, *names: str) -> str | None:
        """What the server calls its error, where that is a code: a sentence may hold a person's data, and is not passed on."""
        try:
            body = json.loads(self.content)
        except ValueError:
            return None
        for name in names:
            found = body.get(name) if isinstance(body, dict) else None
            if isinstance(found, str | int) and _CODE.fullmatch(str(found)):
                return str(found)
        return None


def by_status(answer: Answer) -> None:
    """What HTTP itself says of an answer that is not good.

    Raises:
        AskAgain: the server is busy or stumbled.
        TokenExpired: it does not know who asks.
    """
    if answer.status == 401:
        raise TokenExpired
    if answer.status in _AGAIN:
        raise AskAgain(f"status {answer.status}", _retry_after(answer))


def _retry_after(answer: Answer) -> float:
    """Seconds, whether the header has seconds or a moment; by the server's clock, not by this one's."""
    given = answer.headers.get("retry-after", "").strip()
    if re.fullmatch(r"\d{1,6}(\.\d+)?", given):
        return float(given)
    try:
        until, now = (parsedate_to_datetime(answer.headers.get(name, "")) for name in ("retry-after", "date"))
        return max(0.0, (until - now).total_seconds())
    except (TypeError, ValueError):
        return 0.0


def server_clock(answer: Answer) -> datetime | None:
    """The server's clock, to the second."""
    try:
        return parsedate_to_datetime(answer.headers.get("date", "")).astimezone(UTC)
    except (TypeError, ValueError):
        return None
