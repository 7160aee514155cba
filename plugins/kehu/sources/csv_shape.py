"""What must be known of a CSV file before DuckDB parses it: encoding, delimiter, header."""

from __future__ import annotations

import codecs
import csv
import io
from dataclasses import dataclass

from kehu.errors import SourceUnreadable
from kehu.sources.charsets import encoding_of, open_bytes, unreadable
from kehu.sources.located import SourceFile
from kehu.sources.tables import unique_names

_DELIMITERS = {"csv": ",;\t|", "tsv": "\t"}
_HEAD_BYTES = 1 << 20


@dataclass(frozen=True)
class CsvShape:
    """How to parse one CSV file."""

    encoding: str
    delimiter: str
    columns: tuple[str, ...]
    starts_blank: bool = False


def shape_of(file: SourceFile, encoding: str | None, delimiter: str | None) -> CsvShape:
    """Read the head of a file; what is given is not detected.

    Raises:
        SourceUnreadable: the file is empty or cannot be read, or its encoding cannot be told.
    """
    encoding = encoding_of(file, encoding)
    head = _head(file, encoding)
    if not head.strip():
        raise SourceUnreadable("the file is empty: not even a header", fix="deliver it again", file=file.name)
    candidates = delimiter or _DELIMITERS[file.format]
    headers = {candidate: _first_record(head, candidate) for candidate in candidates}
    best = max(candidates, key=lambda candidate: len(headers[candidate]))
    return CsvShape(encoding, best, tuple(unique_names(headers[best])), starts_blank=head[0] in "\r\n")


def _head(file: SourceFile, encoding: str) -> str:
    try:
        with open_bytes(file.path) as stream:
            raw = stream.read(_HEAD_BYTES)
    except (OSError, EOFError) as error:
        raise unreadable(file, error) from None
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    return decoder.decode(raw).removeprefix("\ufeff")


def _first_record(head: str, delimiter: str) -> list[str]:
    lines = io.StringIO(head.lstrip("\r\n"), newline="")
    try:
        return next(csv.reader(lines, delimiter=delimiter))
    except (StopIteration, csv.Error):
        return []
