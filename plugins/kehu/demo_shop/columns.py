"""Columns of files out of numbers: money, moments, ids, words, without a loop over rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from kehu.demo_shop.plan import Array

Column = Any
"""A ``pyarrow.Array`` or a numpy array, one value a row."""
Rows = dict[str, Column]
"""Canonical column → its values, all of one length."""

_CENTS = pa.array([f".{number:02d}" for number in range(100)])


def count_of(rows: Mapping[str, Column]) -> int:
    """How many rows there are."""
    return len(next(iter(rows.values()))) if rows else 0


def taken(rows: Mapping[str, Column], index: Array) -> Rows:
    """Some of the rows: by their positions or by a mask."""
    positions = np.flatnonzero(index) if index.dtype == bool else index
    return {
        name: values[positions] if isinstance(values, np.ndarray) else values.take(pa.array(positions))
        for name, values in rows.items()
    }


def joined_rows(parts: Sequence[Mapping[str, Column]]) -> Rows:
    """Rows one below the other; all parts have the same columns."""
    if len(parts) == 1:
        return dict(parts[0])
    return {name: _concatenated([part[name] for part in parts]) for name in parts[0]}


def money(cents: Array) -> pa.Array:
    """Whole cents as ``12.34``."""
    magnitude = np.abs(cents).astype(np.int64)
    whole = pa.array(magnitude // 100).cast(pa.string())
    sign = pa.array(["", "-"]).take(pa.array((cents < 0).astype(np.int8)))
    return pc.binary_join_element_wise(sign, whole, _CENTS.take(pa.array(magnitude % 100)), "")


def moments(seconds: Array, offset_hours: int = 0) -> pa.Array:
    """Seconds from 1970 as ``2025-01-31 23:59:59``; -1 is none."""
    shifted = pa.array(seconds.astype(np.int64) + offset_hours * 3600)
    texts = shifted.cast(pa.timestamp("s")).cast(pa.string())
    return blank_where(texts, seconds < 0)


def days_as_text(numbers: Array) -> pa.Array:
    """Days from 1970 as ``2025-01-31``."""
    return pa.array(numbers.astype(np.int32)).cast(pa.date32()).cast(pa.string())


def labels(prefix: str, numbers: Array, width: int = 0) -> pa.Array:
    """Ids: the prefix and the number, padded with zeros."""
    texts = pa.array(numbers.astype(np.int64)).cast(pa.string())
    if width:
        texts = pc.utf8_lpad(texts, width, "0")
    return pc.binary_join_element_wise(pa.scalar(prefix), texts, "") if prefix else texts


def words(values: Sequence[str | None], index: Array) -> pa.Array:
    """The word of each number."""
    return pa.array(values, pa.string()).take(pa.array(index))


def constant(value: str | None, count: int) -> pa.Array:
    """The same word in every row."""
    return pa.repeat(pa.scalar(value, pa.string()), count)


def together(*parts: Any) -> pa.Array:
    """Texts of several columns, one behind the other; null where one of them is."""
    return pc.binary_join_element_wise(*parts, "")


def blank_where(values: pa.Array, is_blank: Array) -> pa.Array:
    """Null where the mask says so."""
    return pc.if_else(pa.array(is_blank), pa.scalar(None, pa.string()), values)


def chosen(condition: Array, then: Any, otherwise: Any) -> pa.Array:
    """One of two texts in each row."""
    return pc.if_else(pa.array(condition), then, otherwise)


def booleans(values: Array) -> pa.Array:
    """``true`` and ``false``."""
    return words(["false", "true"], values.astype(np.int8))


def _concatenated(parts: Sequence[Column]) -> Column:
    if isinstance(parts[0], np.ndarray):
        return np.concatenate(parts)
    arrays = [part.combine_chunks() if isinstance(part, pa.ChunkedArray) else part for part in parts]
    return pa.concat_arrays(arrays)
