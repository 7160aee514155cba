"""DuckDB's messages without the values that they quote: a value may be personal, a message goes to logs."""

from __future__ import annotations

import re

_QUOTED = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"")
_NUMBER = re.compile(r"(?<![A-Za-z0-9_])[-+]?\d[\d.,:eE+-]*")


def without_values(error: Exception) -> str:
    """The first line of a message, with everything quoted and every number left out."""
    first_line = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    return _NUMBER.sub("…", _QUOTED.sub("'…'", first_line))[:300]
