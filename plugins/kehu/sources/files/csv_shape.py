"""What must be known of a CSV file before DuckDB parses it: encoding, delimiter, header."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from kehu.errors import SourceUnreadable
from kehu.sources.files.charsets import BROKEN_FILE, encoding_of, open_bytes, unreadable
from kehu.sources.files.header_lines import suspicion, without_leading
from kehu.sources.files.located import SourceFile
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
    has_rows: bool = False
    leading_lines: int = 0
    suspicion: str = ""


@dataclass(frozen=True)
class TextOptions:
    """What is known of a text file beforehand; what is not given is detected."""

    encoding: str | None = None
    delimiter: str | None = None
    skip: int = 0
    comment: str | None = None


def shape_of(file: SourceFile, options: TextOptions) -> CsvShape:
    """Read the head of a file; what is given is not detected.

    Raises:
        SourceUnreadable: the file is empty or cannot be read, or its encoding cannot be told.
    """
    encoding = encoding_of(file, options.encoding)
    leading = without_leading(_head(file, encoding), options.skip, options.comment)
    if not leading.text.strip():
        raise SourceUnreadable(
            "the file is empty: not even a header",
            fix="deliver it again" + (", or correct skip, header_row or comment" if leading.lines else ""),
            file=file.name,
        )
    text = leading.text.lstrip("\r\n")
    candidates = options.delimiter or leading.delimiter or _DELIMITERS[file.format]
    best = _delimiter(text, candidates)
    header = _header(text, best)
    if header is None:
        raise SourceUnreadable(
            "a quote in the header is not closed where the name ends",
            fix="close it, or write a quote inside a name twice and the name in quotes; if the header is right, name delimiter:",
            file=file.name,
            row=1,
        )
    names, end = header
    return CsvShape(
        encoding,
        best,
        tuple(unique_names(names)),
        starts_blank=leading.text[0] in "\r\n",
        has_rows=bool(text[end:].strip()),
        leading_lines=leading.lines,
        suspicion=suspicion(names, leading.text, options.delimiter or _DELIMITERS["csv"], leading.lines),
    )


def _head(file: SourceFile, encoding: str) -> str:
    try:
        with open_bytes(file.path) as stream:
            raw = stream.read(_HEAD_BYTES)
    except BROKEN_FILE as error:
        raise unreadable(file, error) from None
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    return decoder.decode(raw).removeprefix("\ufeff")


def _delimiter(text: str, candidates: str) -> str:
    """The delimiter that makes the most names; one under which every quote is closed goes before one with stray quotes."""
    headers = {candidate: _header(text, candidate) for candidate in candidates}
    parsed = {candidate: header[0] for candidate, header in headers.items() if header is not None}
    clean = {candidate: names for candidate, names in parsed.items() if len(names) > 1 and '"' not in "".join(names)}
    if clean:
        return max(clean, key=lambda candidate: len(clean[candidate]))
    first_line = re.split(r"[\r\n]", text, maxsplit=1)[0]
    # A broken header has to be told as such, not read as one long name under a delimiter that it does not have.
    widths = {one: len(parsed[one]) if one in parsed else first_line.count(one) + 1 for one in candidates}
    best = max(candidates, key=lambda candidate: widths[candidate])
    return best if widths[best] > 1 or not parsed else next(iter(parsed))


def _header(text: str, delimiter: str) -> tuple[list[str], int] | None:
    """The names of the first record and where it ends; None where a quote is not closed where its name ends.

    A name over several lines that holds the delimiter has swallowed rows: it must not be shown, rows are personal data.
    """
    names, at = [], 0
    field = _field(delimiter)
    while found := field.match(text, at):
        quoted, plain = found.groups()
        if quoted is not None and delimiter in quoted and re.search(r"[\r\n]", quoted):
            return None
        names.append(plain if quoted is None else quoted.replace('""', '"'))
        if text[found.end() : found.end() + 1] != delimiter:
            return names, found.end()
        at = found.end() + 1
    return None


def _field(delimiter: str) -> re.Pattern[str]:
    """One name. DuckDB lets blanks stand around the quotes."""
    blank = "" if delimiter == " " else " *"
    end = rf"(?=[\r\n{re.escape(delimiter)}]|\Z)"
    return re.compile(rf'{blank}"([^"]*+(?:""[^"]*+)*+)"{blank}{end}|((?!{blank}")[^\r\n{re.escape(delimiter)}]*)')
