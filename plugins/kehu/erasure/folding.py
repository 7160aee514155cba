"""One spelling of a text to compare by: NFKC, lower case, nothing invisible. Full width, NFD and no-break blanks are none."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
from duckdb.func import PythonUDFType

_INVISIBLE = "\u00ad\u200b\u200c\u200d\u2060\ufeff"
_LAST_LETTER = 0x30000
"""Beyond are no letters that NFKC writes otherwise."""
_INVISIBLE_CLASS = re.compile(f"[{_INVISIBLE}]")


def folded(text: str) -> str:
    """The spelling to compare by."""
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFKC", _INVISIBLE_CLASS.sub("", text)).lower()


def fold_in(connection: duckdb.DuckDBPyConnection) -> None:
    """Give a DuckDB connection the macro ``kehu_folded(text)``; few texts need more than their lower case."""
    connection.create_function("kehu_nfkc", _normal, ["varchar"], "varchar", type=PythonUDFType.ARROW)
    connection.execute(f"""
        create or replace temp macro kehu_folded(written) as
        case when regexp_matches(written, '{_letters_to_fold()}') then lower(kehu_nfkc(written)) else lower(written) end""")


def _normal(texts: pa.ChunkedArray) -> Any:
    return pc.utf8_normalize(pc.replace_substring_regex(texts, f"[{_INVISIBLE}]", ""), form="NFKC")


@cache
def _letters_to_fold() -> str:
    """A class of RE2: the letters that NFKC writes otherwise, alone or after another one, and the invisible ones."""
    ranges: list[list[int]] = []
    for code in range(0x80, _LAST_LETTER):
        letter = chr(code)
        is_surrogate = 0xD800 <= code <= 0xDFFF
        is_jamo = 0x1161 <= code <= 0x11C2
        plain = unicodedata.combining(letter) == 0 and unicodedata.is_normalized("NFKC", letter) and not is_jamo
        if is_surrogate or (plain and letter not in _INVISIBLE):
            continue
        if ranges and ranges[-1][1] == code - 1:
            ranges[-1][1] = code
        else:
            ranges.append([code, code])
    return "[" + "".join(f"\\x{{{first:x}}}-\\x{{{last:x}}}" for first, last in ranges) + "]"
