"""What stands before the header of a text file: a line for Excel, comments, lines that are to be skipped."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

_LINE_END = re.compile(r"\r\n|\r|\n")
_SEPARATOR = re.compile(r'"?sep=(?P<delimiter>[^\r\n])"?[,;\t|"]*', re.IGNORECASE)
_LOOKED_AT = 30
_CHUNK = 1 << 20


@dataclass(frozen=True)
class Leading:
    """What is not data.

    Attributes:
        lines: how many lines to leave out.
        text: the head without them.
        delimiter: what the line for Excel (``sep=;``) says.
    """

    lines: int
    text: str
    delimiter: str | None = None


def without_leading(head: str, skip: int, comment: str | None) -> Leading:
    """Leave out the lines to be skipped, else the line for Excel, then comments."""
    lines, text = _dropped(head, skip)
    delimiter = None
    if not skip:
        blank, behind = _blank(text)
        found = _SEPARATOR.fullmatch(_LINE_END.split(behind, maxsplit=1)[0])
        if found:
            delimiter = found["delimiter"]
            dropped, text = _dropped(behind, 1)
            lines += blank + dropped
    while comment and _blank(text)[1].startswith(comment):
        blank, behind = _blank(text)
        dropped, text = _dropped(behind, 1)
        lines += blank + dropped
    return Leading(lines, text, delimiter)


def suspicion(names: Sequence[str], text: str, delimiters: str, before: int) -> str:
    """What to say where the header may stand further down: the first line has fewer columns than one of the next."""
    lines = _LINE_END.split(text)[:_LOOKED_AT]
    widths = [max(sum(map(bool, map(str.strip, line.split(delimiter)))) for delimiter in delimiters) for line in lines]
    widest = max(widths, default=0)
    if widest <= max(1, len(names)):
        return ""
    at = widths.index(widest)
    return (
        f"; line {before + 1} has {len(names)} column{'s'[: len(names) != 1]}, line {before + at + 1} has {widest}:"
        f" if there are lines before the header, say skip: {before + at}"
    )


def copy_without(source: IO[bytes], lines: int, target: Path) -> None:
    """Write a text file in UTF-8 anew without its first lines, in bounded memory."""
    with target.open("wb") as sink:
        head = source.read(_CHUNK).removeprefix(b"\xef\xbb\xbf")
        while head.count(b"\n") + head.count(b"\r") <= 2 * lines and (more := source.read(_CHUNK)):
            head += more
        ends = [match.end() for match in re.finditer(rb"\r\n|\r|\n", head)][:lines]
        sink.write(head[ends[-1] if ends else 0 :])
        while chunk := source.read(_CHUNK):
            sink.write(chunk)


def _blank(text: str) -> tuple[int, str]:
    """How many blank lines a text begins with, and the text behind them."""
    behind = text.lstrip("\r\n")
    return len(_LINE_END.findall(text[: len(text) - len(behind)])), behind


def _dropped(text: str, lines: int) -> tuple[int, str]:
    dropped = 0
    while dropped < lines:
        found = _LINE_END.search(text)
        if found is None:
            break
        text, dropped = text[found.end() :], dropped + 1
    return dropped, text
