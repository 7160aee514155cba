"""The names of a source's columns: which one is meant, and what may be told of them.

Headers change their case, their blanks and their width from one export to the next, and mean the same column. Where the
header line is missing, the names are a row's values and are not told.
"""

from __future__ import annotations

import re
import unicodedata
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


_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060\ufeff]")


def folded(name: str) -> str:
    """A name without what people do not see as a difference: case, width, blanks around it, characters without width."""
    return " ".join(_INVISIBLE.sub("", unicodedata.normalize("NFKC", name)).split()).casefold()


def meant(wanted: str, columns: Iterable[str]) -> list[str]:
    """The columns that a name may stand for: the one that is spelt like it, else those that differ in nothing to be seen.

    Where a header has a name twice, in whatever case, the second is there as ``name_2``: only the spelling tells which is meant.
    """
    columns = list(columns)
    if wanted in columns:
        return [wanted]
    found = [name for name in columns if folded(name) == folded(wanted)]
    again = {f"{folded(name)}_2" for name in found}
    return found + [name for name in columns if folded(name) in again]


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
