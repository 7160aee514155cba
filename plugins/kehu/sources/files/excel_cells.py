"""The cells of a sheet that show something else than what is read: calamine gives all of them as empty.

An error such as ``#N/A`` has a text, which lands. A formula whose value was never stored, as files have that a program wrote
and no spreadsheet ever opened, has none.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from zipfile import BadZipFile, ZipFile

_CHUNK = 1 << 20
_ATTRIBUTE = re.compile(r"""([\w:]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_SHEET = re.compile(r"<(?:\w+:)?sheet\s([^>]*)>")
_RELATION = re.compile(r"<(?:\w+:)?Relationship\s([^>]*)>")
_ERROR = re.compile(
    rb"""<(?:\w+:)?c\s([^>]*\bt=["']e["'][^>/]*)>(?:(?!</(?:\w+:)?c>).)*?<(?:\w+:)?v>([^<]*)<""", re.DOTALL
)
_FORMULA = re.compile(rb"<(?:\w+:)?c(\s[^>]*)>\s*<(?:\w+:)?f\b((?:(?!</(?:\w+:)?c>).)*)</(?:\w+:)?c>", re.DOTALL)
_VALUE = re.compile(rb"<(?:\w+:)?v(?:\s[^>]*)?>[^<]")
_REFERENCE = re.compile(r"([A-Z]+)(\d+)")


@dataclass(frozen=True)
class OddCells:
    """Row and column (both from 0) of cells that show something else than what is read.

    Attributes:
        errors: cells with an error, with its text.
        valueless: formulas without a stored value, by row.
    """

    errors: dict[int, dict[int, str]] = field(default_factory=dict)
    valueless: dict[int, set[int]] = field(default_factory=dict)


def odd_cells(path: Path, sheet_name: str) -> OddCells:
    """The odd cells of a sheet; one without any is only searched."""
    found = OddCells()
    try:
        with ZipFile(path) as archive:
            for block in _blocks(archive, _part(archive, sheet_name)):
                for (row, column), text in _errors(block):
                    found.errors.setdefault(row, {})[column] = text
                for row, column in _valueless(block):
                    found.valueless.setdefault(row, set()).add(column)
    except (KeyError, BadZipFile):
        return OddCells()
    return found


def _part(archive: ZipFile, sheet_name: str) -> str:
    """The file inside the workbook that holds a sheet."""
    sheets = [_attributes(text) for text in _SHEET.findall(archive.read("xl/workbook.xml").decode())]
    relation = next((_id(sheet) for sheet in sheets if sheet.get("name") == sheet_name), None)
    relations = _RELATION.findall(archive.read("xl/_rels/workbook.xml.rels").decode())
    targets = {one["Id"]: one["Target"] for one in map(_attributes, relations)}
    return posixpath.normpath(posixpath.join("/xl", targets[str(relation)])).lstrip("/")


def _attributes(text: str) -> dict[str, str]:
    return {name: unescape(one or other) for name, one, other in _ATTRIBUTE.findall(text)}


def _id(sheet: dict[str, str]) -> str | None:
    return next((value for name, value in sheet.items() if name.endswith(":id")), None)


def _blocks(archive: ZipFile, part: str) -> Iterator[bytes]:
    """The text of a sheet, cut behind a whole cell, so that none is in two halves."""
    rest = b""
    with archive.open(part) as stream:
        while chunk := stream.read(_CHUNK):
            block, mark, rest = (rest + chunk).rpartition(b"</c>" if b"</c>" in chunk else b":c>")
            if mark:
                yield block + mark


def _errors(block: bytes) -> Iterator[tuple[tuple[int, int], str]]:
    for match in _ERROR.finditer(block):
        place = _place(match[1])
        if place:
            yield place, unescape(match[2].decode())


def _valueless(block: bytes) -> Iterator[tuple[int, int]]:
    """A formula that yields an empty text is stored as a text, ``t="str"``, and has a value: the empty one."""
    if b"<f" not in block and b":f" not in block:
        return
    for match in _FORMULA.finditer(block):
        place = _place(match[1])
        if place and not _VALUE.search(match[2]) and _attributes(match[1].decode()).get("t") != "str":
            yield place


def _place(attributes: bytes) -> tuple[int, int] | None:
    found = _REFERENCE.fullmatch(_attributes(attributes.decode()).get("r", ""))
    return (int(found[2]) - 1, _column(found[1])) if found else None


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1
