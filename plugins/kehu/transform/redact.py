"""Takes values out of the messages of engines: a failed cast quotes the text that it could not cast."""

from __future__ import annotations

import re

# A log is read line by line, so that a value with a line end in it is not closed on its line. DuckDB does not escape a quote
# inside a value: the value ends at the last quote in front of the place in the SQL, and nothing before it is kept.
_QUOTED_VALUE = re.compile(
    r"""(could\ not\ convert\ (?:string|value)|casting\ value|invalid\ input\ syntax[^:]*:
        |field\ (?:format|value\ out\ of\ range):|malformed\ json[^"']*|duplicate\ key)\s*
        (?:"(?:(?:(?!\n\s*LINE\ \d).)*"|.*$)|'(?:(?:(?!\n\s*LINE\ \d).)*'|.*$))""",
    re.IGNORECASE | re.VERBOSE | re.DOTALL,
)

# DuckDB shows the text once more below the message, without quotes.
_PARSED_VALUE = re.compile(r"(could not parse string).*", re.IGNORECASE | re.DOTALL)

# Postgres: DETAIL:  Key (email)=(…) already exists. / Failing row contains (…).
_POSTGRES_ROW = re.compile(r"(Key \([^)\n]*\)=|Failing row contains )\(.*", re.IGNORECASE)


def redact(message: str) -> str:
    """The message with quoted data values replaced by ``'…'``; names of relations and columns stay."""
    message = _PARSED_VALUE.sub(r"\1 '…'", message)
    return _POSTGRES_ROW.sub(r"\1(…)", _QUOTED_VALUE.sub(r"\1 '…'", message))
