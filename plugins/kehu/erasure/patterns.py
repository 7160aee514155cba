"""What to search for: one regular expression in the common part of RE2 and Postgres for tables, plain bytes for files."""

from __future__ import annotations

import re
from collections.abc import Iterable

from kehu.settings import Settings

_SPECIAL = frozenset(r".^$*+?()[]{}|\-/")
_CONTROLS = {"\n": r"\n", "\r": r"\r", "\t": r"\t"}
_LONGEST = 80
_ERASED = b"erased"
_BEFORE, _AFTER = "(^|[^0-9a-z_-])", "([^0-9a-z_-]|$)"


def pattern_of(values: Iterable[tuple[str, str]]) -> str:
    """A pattern for texts in lower case.

    Args:
        values: pairs of kind and value. A ``word`` (an id) must stand alone, since ``shop:1`` is part of ``shop:10``; a
            ``text`` may stand anywhere. Of long texts the beginning is enough.
    """
    listed = sorted({(kind, value.lower()[:_LONGEST]) for kind, value in values})
    parts = [f"{_BEFORE}{_escaped(value)}{_AFTER}" if kind == "word" else _escaped(value) for kind, value in listed]
    # Matches nothing where there is nothing to look for.
    return "|".join(parts) or "a^"


def _escaped(value: str) -> str:
    return "".join(_CONTROLS.get(letter) or (f"\\{letter}" if letter in _SPECIAL else letter) for letter in value)


class Needles:
    """The values as bytes, for files: found by plain search, which is many times quicker than the pattern."""

    def __init__(self, values: Iterable[tuple[str, str]], settings: Settings) -> None:
        documented = _documentation(settings)
        listed = {(kind, value.lower()[:_LONGEST]) for kind, value in values}
        self._needles = [
            (value.encode(), re.compile(pattern_of([(kind, value)]).encode()))
            for kind, value in sorted(listed)
            if not (kind == "word" and re.search(pattern_of([(kind, value)]), documented))
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


def _documentation(settings: Settings) -> str:
    """The words of the dbt project: an id that they give as an example stands in every manifest and every release."""
    rooms = (settings.dbt_project / name for name in ("models", "seeds", "macros", "tests"))
    files = sorted(file for room in rooms for file in room.rglob("*.yml"))
    return "\n".join(file.read_text(encoding="utf-8").lower() for file in files)
