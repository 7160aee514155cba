"""Takes values out of the messages of engines: a failed cast quotes the text that it could not cast."""

from __future__ import annotations

import re

_QUOTED_VALUE = re.compile(
    r"""(could\ not\ convert\ (?:string|value)|could\ not\ parse\ string|invalid\ input\ syntax[^:]*:|duplicate\ key)\s*
        (?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.|'')*')""",
    re.IGNORECASE | re.VERBOSE,
)


def redact(message: str) -> str:
    """The message with quoted data values replaced by ``'…'``; names of relations and columns stay."""
    return _QUOTED_VALUE.sub(r"\1 '…'", message)
