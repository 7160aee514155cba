"""Takes values out of the messages of engines: a failed cast quotes the text that it could not cast."""

from __future__ import annotations

import re

# A log is read line by line, so that a value with a line end in it is not closed on its line.
_QUOTED_VALUE = re.compile(
    r"""(could\ not\ convert\ (?:string|value)|could\ not\ parse\ string|casting\ value|invalid\ input\ syntax[^:]*:
        |field\ (?:format|value\ out\ of\ range):|malformed\ json[^"']*|duplicate\ key)\s*
        (?:"(?:[^"\\]|\\.)*(?:"|$)|'(?:[^'\\]|\\.|'')*(?:'|$))""",
    re.IGNORECASE | re.VERBOSE,
)


# Postgres: DETAIL:  Key (email)=(…) already exists. / Failing row contains (…).
_POSTGRES_ROW = re.compile(r"(Key \([^)\n]*\)=|Failing row contains )\(.*", re.IGNORECASE)


def redact(message: str) -> str:
    """The message with quoted data values replaced by ``'…'``; names of relations and columns stay."""
    return _POSTGRES_ROW.sub(r"\1(…)", _QUOTED_VALUE.sub(r"\1 '…'", message))
