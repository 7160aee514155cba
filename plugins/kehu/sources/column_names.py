"""What may be told of the columns that a file has: where the header line is missing, its names are a row's values."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches

from kehu.errors import nearest

_VALUE = re.compile(
    r"@"
    r"|^[\s\d.,:;/+()€$£%-]*\d[\s\d.,:;/+()€$£%-]*$"
    r"|^\d{4}-\d\d-\d\d"
    r"|^[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}$",
    re.IGNORECASE,
)


def look_like_values(columns: Iterable[str]) -> bool:
    """Whether one of the names is a number, a date, an address of e-mail or an id, as in a row."""
    return any(_VALUE.search(name) for name in columns)


def names_to_show(wanted: str, columns: Iterable[str]) -> list[str]:
    """The names nearest to a wanted one, else the first; only what is spelt nearly alike where names look like values."""
    columns = list(columns)
    if look_like_values(columns):
        return get_close_matches(wanted, [name for name in columns if not look_like_values([name])], cutoff=0.8)
    return nearest(wanted, columns) or sorted(columns)[:10]


def hint(columns: Iterable[str]) -> str:
    """What to add to a fix."""
    return "; the file may have no header line: its names look like values" if look_like_values(columns) else ""
