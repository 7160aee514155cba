"""The cells of a sheet that hold an error such as ``#N/A``: calamine gives them as empty, as if nothing had been delivered."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
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
_REFERENCE = re.compile(r"([A-Z]+)(\d+)")


def error_cells(path: Path, sheet_name: str) -> dict[int, dict[int, str]]:
    """Row and column (both from 0) of the cells with an error, with its text; a sheet without any is only searched."""
    found: dict[int, dict[int, str]] = {}
    try:
        with ZipFile(path) as archive:
            for row, column, text in _errors(archive, _part(archive, sheet_name)):
                found.setdefault(row, {})[column] = text
    except (KeyError, BadZipFile):
        return {}
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


def _errors(archive: ZipFile, part: str) -> Iterator[tuple[int, int, str]]:
    rest = b""
    with archive.open(part) as stream:
        while chunk := stream.read(_CHUNK):
            # Cut behind a whole cell, so that none is in two halves.
            block, mark, rest = (rest + chunk).rpartition(b"</c>" if b"</c>" in chunk else b":c>")
            if not mark:
                continue
            for match in _ERROR.finditer(block + mark):
                place = _REFERENCE.fullmatch(_attributes(match[1].decode()).get("r", ""))
                if place:
                    yield int(place[2]) - 1, _column(place[1]), unescape(match[2].decode())


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1
