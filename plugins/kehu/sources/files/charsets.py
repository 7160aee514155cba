"""Text files in whatever encoding, brought to UTF-8 as streams. DuckDB reads UTF-8 only.

UTF-8, UTF-16 with a byte-order mark, the GB family and what is surely Western European are detected; everything else must be
named.
Bytes that do not belong to the encoding are passed on as they are, so that their row ends among the rejects.
"""

from __future__ import annotations

import codecs
import gzip
import re
import zlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO, cast

from charset_normalizer import from_bytes

from kehu.errors import SourceUnreadable
from kehu.sources.files.located import SourceFile, is_gzipped
from kehu.sources.files.western import is_surely_western

BROKEN_FILE = (OSError, EOFError, zlib.error)
"""What reading a file raises that is damaged or cannot be read."""

_CHUNK = 1 << 20
_EVIDENCE_BYTES = 1 << 18
_UTF8_SHARE = 0.9
_CHINESE = "gb18030"
_PAIRED = ["big5", "euc_kr", "euc_jp", "shift_jis", "cp1251", "koi8_r", "cp1253", "cp1255", "cp1256"]
_ASKED = [*_PAIRED, "gb18030", "cp1250", "iso8859_2", "cp1252", "cp1254", "cp1257", "cp850", "mac_roman"]
_MARGIN = 0.02
_PAIRED_SHARE = 0.6
_SUPERSETS = {"gb2312": "gb18030", "gbk": "gb18030", "ascii": "utf-8", "utf-8-sig": "utf-8"}


def open_bytes(path: Path) -> IO[bytes]:
    """The uncompressed bytes of a file."""
    return cast("IO[bytes]", gzip.open(path, "rb")) if is_gzipped(path) else path.open("rb")


def encoding_of(file: SourceFile, named: str | None) -> str:
    """The encoding to read a file in: the named one, or what its bytes say.

    Raises:
        SourceUnreadable: the file cannot be opened, or its encoding cannot be told.
    """
    if named is not None:
        name = codecs.lookup(named).name
        return _SUPERSETS.get(name, name)
    try:
        return _detect(file)
    except BROKEN_FILE as error:
        raise unreadable(file, error) from None


def is_utf8(encoding: str) -> bool:
    """Whether DuckDB can read the file as it is."""
    return encoding == "utf-8"


def transcode(file: SourceFile, encoding: str, target: Path) -> None:
    """Write a file anew in UTF-8, in bounded memory; bytes that cannot be decoded stay what they are.

    Raises:
        SourceUnreadable: the file cannot be read to its end.
    """
    decoder = codecs.getincrementaldecoder(encoding)("surrogateescape")
    try:
        with open_bytes(file.path) as source, target.open("wb") as sink:
            while chunk := source.read(_CHUNK):
                sink.write(decoder.decode(chunk).encode("utf-8", "surrogateescape"))
            sink.write(decoder.decode(b"", final=True).encode("utf-8", "surrogateescape"))
    except (*BROKEN_FILE, UnicodeError) as error:
        raise unreadable(file, error) from None


def check_archive(file: SourceFile) -> None:
    """Read a compressed file to its end: DuckDB takes what it can unpack, and never looks at the checksum behind it.

    Raises:
        SourceUnreadable: the file is damaged or cut off.
    """
    if not is_gzipped(file.path):
        return
    try:
        with open_bytes(file.path) as stream:
            while stream.read(_CHUNK):
                pass
    except BROKEN_FILE as error:
        raise unreadable(file, error) from None


def unreadable(file: SourceFile, error: Exception) -> SourceUnreadable:
    """The error of a file that is not what its name says."""
    cause = error.strerror if isinstance(error, OSError) and error.strerror else type(error).__name__
    return SourceUnreadable(
        "the file cannot be read",
        fix="deliver it again; check that it is complete and what its ending says",
        file=file.name,
        cause=cause,
    )


def _detect(file: SourceFile) -> str:
    evidence = bytearray()
    with open_bytes(file.path) as stream:
        start = stream.read(4)
        if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return "utf-16"
        if start.startswith(codecs.BOM_UTF8):
            return "utf-8"
        for line in _non_ascii_lines(stream, start):
            evidence += line
            if len(evidence) > _EVIDENCE_BYTES:
                break
    return _judge(file, bytes(evidence))


def _non_ascii_lines(stream: IO[bytes], start: bytes) -> Iterator[bytes]:
    """Lines that say something about the encoding; a file of plain ASCII is scanned at the speed of the disk."""
    rest = start
    while chunk := stream.read(_CHUNK):
        if rest.isascii() and chunk.isascii():
            rest = chunk[chunk.rfind(b"\n") + 1 :] if b"\n" in chunk else rest[-_CHUNK:] + chunk
            continue
        lines = (rest + chunk).split(b"\n")
        rest = lines.pop()
        yield from (line + b"\n" for line in lines if not line.isascii())
    if not rest.isascii():
        yield rest


def _judge(file: SourceFile, evidence: bytes) -> str:
    lines = evidence.splitlines()
    if sum(_is_utf8_line(line) for line in lines) >= _UTF8_SHARE * len(lines):
        return "utf-8"
    if _looks_paired(evidence) and _is_surely_chinese(evidence):
        return _CHINESE
    with suppress(UnicodeDecodeError):
        if is_surely_western(evidence.decode("cp1252")):
            return "cp1252"
    raise SourceUnreadable(
        "the encoding of the file cannot be told: its bytes are text in several",
        fix="name it with encoding: in sources.yml; ask who made the file, or look at it in a spreadsheet under each",
        file=file.name,
        perhaps=[match.encoding.replace("_", "-") for match in from_bytes(evidence, cp_isolation=_ASKED)][:4],
    )


def _is_surely_chinese(evidence: bytes) -> bool:
    """Whether it is clearly less of a mess as Chinese than as another language whose letters come in pairs."""
    found = list(from_bytes(evidence, cp_isolation=[_CHINESE, *_PAIRED]))
    return (
        bool(found)
        and found[0].encoding == _CHINESE
        and all(match.chaos > found[0].chaos + _MARGIN for match in found[1:])
    )


def _looks_paired(evidence: bytes) -> bool:
    """Whether high bytes come in pairs, as they mostly do in Chinese; in Western text they stand alone.

    "ö" and the "l" behind it are a valid Chinese character too, so that validity alone decides nothing.
    """
    runs = [len(run) for run in re.findall(rb"[\x80-\xff]+", evidence)]
    return sum(length // 2 * 2 for length in runs) >= _PAIRED_SHARE * sum(runs)


def _is_utf8_line(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
