"""Whether a file holds what its ending says: a workbook named ``.csv`` is read as rubbish, or not at all."""

from __future__ import annotations

import re

from kehu.errors import SourceUnreadable
from kehu.sources.files.charsets import BROKEN_FILE, open_bytes, unreadable
from kehu.sources.files.located import SourceFile, is_gzipped

_HEAD = 4096
_SIGNATURES: tuple[tuple[bytes, str, str], ...] = (
    (b"PK\x03\x04", "xlsx", "an Excel workbook or another zip archive"),
    (b"\xd0\xcf\x11\xe0", "xls", "an old Excel workbook (.xls)"),
    (b"PAR1", "parquet", "Parquet"),
    (b"\x1f\x8b", "gz", "compressed data (gzip)"),
    (b"%PDF", "pdf", "a PDF document"),
)
_MARKUP = re.compile(rb"\s*<(?:!doctype|html|\?xml|table|body|div|Workbook)", re.IGNORECASE)
_JSON = re.compile(rb'\s*(?:\{\s*"|\{\s*\}|\[\s*[{\[\]])')
_ADVICE = {
    "xlsx": "name it .xlsx",
    "xls": "save it as .xlsx or .csv",
    "parquet": "name it .parquet",
    "gz": "add .gz to its name",
    "json": "name it .jsonl, with one object a line",
}


def check_contents(file: SourceFile) -> None:
    """Look at the first bytes of a file.

    Raises:
        SourceUnreadable: they are of another format than the ending says; names both.
    """
    try:
        with file.path.open("rb") as stream:
            raw = stream.read(_HEAD)
        if is_gzipped(file.path) and raw.startswith(b"\x1f\x8b"):
            with open_bytes(file.path) as stream:
                raw = stream.read(_HEAD)
    except BROKEN_FILE as error:
        raise unreadable(file, error) from None
    kind, what = _kind(raw.removeprefix(b"\xef\xbb\xbf"))
    expected = "gz" if is_gzipped(file.path) and kind == "gz" else file.format
    if kind is None or kind == expected or (kind == "json" and file.format == "jsonl"):
        return
    raise SourceUnreadable(
        f"the file does not hold what its ending says: it is {what}",
        fix=_ADVICE.get(kind, "export it as .csv or .xlsx"),
        file=file.name,
    )


def _kind(raw: bytes) -> tuple[str | None, str]:
    for signature, kind, what in _SIGNATURES:
        if raw.startswith(signature):
            return kind, what
    if _MARKUP.match(raw):
        return "markup", "a web page or XML"
    if _JSON.match(raw):
        return "json", "JSON"
    return None, ""
