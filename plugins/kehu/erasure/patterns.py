"""What to search for: one regular expression in the common part of RE2 and Postgres for tables, plain bytes for files."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from kehu.erasure.folding import folded
from kehu.settings import Settings

_SPECIAL = frozenset(r".^$*+?()[]{}|\-/")
_LONGEST = 80
_ERASED = b"erased"
_PARTED, _LAST_DIGITS = "[^0-9a-z]{0,3}", 9
"""What may stand between the digits of a number, and how many of the last ones are enough to know it."""
_NO_IDEOGRAPH = "[^\u3400-\u9fff]"
_BEFORE, _AFTER = "(^|[^0-9a-z_-])", "([^0-9a-z_-]|$)"


Value = tuple[str, str]
"""Kind and value. Kinds: ``word`` (an id: must stand alone, since ``shop:1`` is part of ``shop:10``), ``text`` (may stand
anywhere), ``own`` (a text of the person's), ``name``, ``number`` (a telephone number), ``short`` (a name of two characters)."""


@dataclass(frozen=True)
class Manner:
    """How closely to look: the more text a field holds, the vaguer a mention may be.

    Attributes:
        own: also for the person's own texts.
        digits: numbers by their last digits, however they are parted.
        short: names of two characters: not at all, where no other Chinese character stands beside them, anywhere.
    """

    own: bool = False
    digits: bool = False
    short: Literal["no", "alone", "anywhere"] = "no"


PROOF = Manner(own=True)
FIELD = Manner(short="alone")
UNMAPPED = Manner(digits=True, short="alone")
FREE_TEXT = Manner(digits=True, short="anywhere")


def pattern_of(values: Iterable[Value], manner: Manner = PROOF) -> str:
    """A pattern for texts as :mod:`kehu.erasure.folding` spells them; of long values the beginning is enough."""
    listed = sorted({(kind, folded(value)[:_LONGEST]) for kind, value in values})
    parts = [part for kind, value in listed for part in _parts(kind, value, manner)]
    # Matches nothing where there is nothing to look for.
    return "|".join(parts) or "a^"


def _parts(kind: str, value: str, manner: Manner) -> Iterator[str]:
    escaped, words = _escaped(value), value.split()
    if kind == "short":
        if manner.short != "no":
            yield escaped if manner.short == "anywhere" else f"(^|{_NO_IDEOGRAPH}){escaped}({_NO_IDEOGRAPH}|$)"
    elif kind == "number" and manner.digits:
        digits = [letter for letter in value if letter.isdigit()]
        yield _PARTED.join(digits[-_LAST_DIGITS:]) + "([^0-9]|$)"
    elif kind in {"word", "number"}:
        yield f"{_BEFORE}{escaped}{_AFTER}"
    elif kind != "own" or manner.own:
        yield escaped
        if kind == "name" and len(words) > 1:
            yield _escaped(f"{words[-1]}, {' '.join(words[:-1])}")


def _escaped(value: str) -> str:
    """The letters of a value; one blank stands for any, and an address may be part of a link."""
    letters = "".join("@" if letter == "@" else f"\\{letter}" if letter in _SPECIAL else letter for letter in value)
    return re.sub(r"\s+", r"\\s+", letters).replace("@", "(@|%40)")


class Needles:
    """The values as bytes, for files: found by plain search, which is many times quicker than the pattern."""

    def __init__(self, values: Iterable[Value], settings: Settings) -> None:
        documented = _documentation(settings)
        self.sought = [
            (kind, value)
            for kind, value in values
            if kind != "short" and not (kind == "word" and re.search(pattern_of([(kind, value)]), documented))
        ]
        """The values that files are searched for."""
        self._needles = [
            (written.encode(), re.compile(_in_bytes(kind, written)))
            for kind, value in sorted({(kind, value.lower()[:_LONGEST]) for kind, value in self.sought})
            for written in _ways_to_write(value)
        ]

    def are_in(self, content: bytes) -> bool:
        """Whether some of them are in the content, in capitals or not."""
        lowered = content.lower()
        return any(value in lowered and pattern.search(lowered) is not None for value, pattern in self._needles)

    def taken_out_of(self, content: bytes) -> bytes:
        """The content with another word in the place of each value."""
        for value, pattern in self._needles:
            lowered = content.lower()
            if value not in lowered:
                continue
            parts, position = bytearray(), 0
            while found := pattern.search(lowered, position):
                start = lowered.index(value, found.start())
                parts += content[position:start] + _ERASED
                position = start + len(value)
            content = bytes(parts + content[position:])
        return content


def _ways_to_write(value: str) -> list[str]:
    """The value, and as it stands in JSON and in HTML."""
    ways = (value, json.dumps(value, ensure_ascii=False)[1:-1], html.escape(value), html.escape(value, quote=False))
    return list(dict.fromkeys(ways))


def _in_bytes(kind: str, written: str) -> bytes:
    escaped = re.escape(written)
    return (f"{_BEFORE}{escaped}{_AFTER}" if kind in {"word", "number"} else escaped).encode()


def _documentation(settings: Settings) -> str:
    """The words of the dbt project: an id that they give as an example stands in every manifest and every release."""
    rooms = (settings.dbt_project / name for name in ("models", "seeds", "macros", "tests"))
    files = sorted(file for room in rooms for file in room.rglob("*.yml"))
    return "\n".join(file.read_text(encoding="utf-8").lower() for file in files)
