"""What a file says, in whatever way it says it: encodings, JSON escapes, compressed and zipped files."""

from __future__ import annotations

import gzip
import io
import re
import zipfile
import zlib
from collections.abc import Iterator

_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")
_GZIP, _ZIP = b"\x1f\x8b", b"PK\x03\x04"
_MOST_UNPACKED = 1 << 30
"""Bytes of one packed file that are looked at."""


def texts_of(content: bytes) -> Iterator[str]:
    """The content as text, once for each encoding that it may have; what it holds packed as well."""
    for plain in (content, *_unpacked(content)):
        yield from _decoded(plain)


def is_packed(content: bytes) -> bool:
    """Whether the content is compressed, so that it says something only as a whole."""
    return content.startswith((_GZIP, _ZIP))


def _decoded(content: bytes) -> Iterator[str]:
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        text = content.decode("utf-8", errors="ignore")
        for encoding in ("gb18030", "latin-1"):
            yield content.decode(encoding, errors="ignore")
    yield text
    if "\\u" in text:
        yield _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
    if b"\0" in content:
        for encoding in ("utf-16-le", "utf-16-be"):
            yield content.decode(encoding, errors="ignore")


def _unpacked(content: bytes) -> Iterator[bytes]:
    if content.startswith(_GZIP):
        try:
            with gzip.open(io.BytesIO(content)) as opened:
                yield opened.read(_MOST_UNPACKED)
        except (OSError, EOFError, zlib.error):
            return
    elif content.startswith(_ZIP):
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                for member in archive.infolist():
                    if member.file_size <= _MOST_UNPACKED and not member.flag_bits & 0x1:
                        yield archive.read(member)
        except (OSError, zipfile.BadZipFile, zlib.error, NotImplementedError):
            return
