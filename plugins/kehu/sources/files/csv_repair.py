r"""A second copy of a CSV file that DuckDB can parse to its end, however it was damaged.

Two kinds of damage make a parser lose more than the damaged row. Mixed line ends stop it. A quote that is never closed, or
is closed in the middle of a value, swallows every row up to the next quote. The copy has ``\n`` after every row and no blank
lines, and each row with such a quote is replaced by a marker, which is sure to be rejected, that carries the row's text.

Only files on which the first parse stumbled come here. The work is a regular expression over blocks of bytes; blocks
without a quote are not even looked into.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import IO

MARKER = "kehu_broken_row:"

_BLOCK = 8 << 20
_PATIENCE = 4 << 20
_LONGEST_RAW = 900_000


def repair(source: IO[bytes], target: Path, delimiter: str | None, columns: int) -> None:
    """Write the copy.

    Args:
        source: the file's bytes in UTF-8.
        target: where the copy goes.
        delimiter: of the fields; None where the text knows no quotes at all (JSON lines).
        columns: how many fields a row has.
    """
    scanner = _Scanner(delimiter, columns)
    with target.open("wb") as sink:
        for block, is_last in _blocks(source):
            sink.writelines(scanner.rows(block, is_last))


class _Scanner:
    """Cuts blocks into rows; remembers what a block leaves over."""

    def __init__(self, delimiter: str | None, columns: int) -> None:
        self.rest = b""
        self.quotes = delimiter is not None
        field = re.escape((delimiter or ",").encode())
        before, after = rb"(?<=[\r\n" + field + rb"])", rb"(?=[ ]*(?:[\r\n" + field + rb"]|\Z))"
        body = rb'"[^"]*+(?:""[^"]*+)*+'
        self.token = re.compile(
            rb"(?P<quoted>" + before + rb"[ ]*" + body + rb'"' + after + rb")"
            rb"|(?P<end>[\r\n]+)"
            rb"|(?P<stray>" + before + rb'[ ]*")'
        )
        self.body = re.compile(rb"[ ]*" + body)
        self.marker_tail = ((delimiter or "\x01") + "x").encode() * (columns + 1) + b"\n"

    def rows(self, block: bytes, is_last: bool) -> Iterator[bytes]:
        """The rows of what was left over and of a block, whole ones only."""
        data = (self.rest + block).lstrip(b"\r\n")
        if not self.quotes or b'"' not in data:
            yield from self._plain(data, is_last)
        else:
            yield from self._quoted(data, is_last)

    def _plain(self, data: bytes, is_last: bool) -> Iterator[bytes]:
        end = len(data) if is_last else max(data.rfind(b"\n"), data.rfind(b"\r")) + 1
        self.rest = data[end:]
        text = re.sub(rb"[\r\n]+", b"\n", data[:end])
        yield text + b"\n" if text and not text.endswith(b"\n") else text

    def _quoted(self, data: bytes, is_last: bool) -> Iterator[bytes]:
        # The line end in front lets the first field of the block begin like any other.
        data = b"\n" + data
        start, broken = 1, False
        for token in self.token.finditer(data, 1):
            kind = token.lastgroup
            if kind == "stray":
                if not is_last and self._may_close_later(data, token.start()):
                    break
                broken = True
            elif kind == "quoted" and token.end() == len(data) and not is_last:
                break
            elif kind == "end":
                yield self._row(data[start : token.start()], broken)
                start, broken = token.end(), False
        self.rest = data[start:]
        if is_last and self.rest:
            yield self._row(self.rest, broken)

    def _may_close_later(self, data: bytes, position: int) -> bool:
        found = self.body.match(data, position)
        return found is not None and found.end() >= len(data) - 1 and len(data) - position < _PATIENCE

    def _row(self, raw: bytes, broken: bool) -> bytes:
        if not broken:
            return raw + b"\n"
        text = raw[:_LONGEST_RAW].decode("utf-8", "backslashreplace")
        return MARKER.encode() + text.encode().hex().encode() + self.marker_tail


def _blocks(source: IO[bytes]) -> Iterator[tuple[bytes, bool]]:
    block = source.read(_BLOCK).removeprefix(b"\xef\xbb\xbf")
    while following := source.read(_BLOCK):
        yield block, False
        block = following
    yield block, True
