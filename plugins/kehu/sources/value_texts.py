"""Values of a database driver as texts, column by column. The kinds of values in a column are found first, in C."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pyarrow as pa


class NoTextForType(TypeError):
    """A value is of a kind that has no text; ``kind`` is its name."""

    def __init__(self, kind: type) -> None:
        super().__init__(kind.__name__)
        self.kind = kind.__name__


def text_array(values: Sequence[Any]) -> pa.Array:
    """A column as texts.

    Raises:
        NoTextForType: a value is of a kind that has no text.
    """
    kinds = set(map(type, values)) - {type(None)}
    if kinds <= {str}:
        return pa.array(values, pa.string())
    if len(kinds) == 1 and type(None) not in set(map(type, values)):
        return pa.array(map(_converter(kinds.pop()), values), pa.string())
    converters = {kind: _converter(kind) for kind in kinds} | {type(None): _nothing}
    return pa.array([converters[type(value)](value) for value in values], pa.string())


def _converter(kind: type) -> Callable[[Any], str | None]:
    for known, convert in _CONVERTERS:
        if issubclass(kind, known):
            return convert
    raise NoTextForType(kind)


def _nothing(_: Any) -> None:
    return None


def _float(value: float) -> str:
    if math.isfinite(value):
        return repr(value)
    return "NaN" if math.isnan(value) else ("Infinity" if value > 0 else "-Infinity")


def _decimal(value: Decimal) -> str:
    return f"{value:f}" if value.is_finite() else _float(float(value))


def _duration(value: timedelta) -> str:
    """ISO 8601, in days and seconds."""
    seconds = Decimal(value.seconds) + Decimal(value.microseconds) / 1_000_000
    return f"P{value.days}DT{seconds.normalize():f}S"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, default=_inner)


def _inner(value: Any) -> str | None:
    return _converter(type(value))(value)


_CONVERTERS: tuple[tuple[type | tuple[type, ...], Callable[[Any], str | None]], ...] = (
    (str, str),
    (bool, lambda value: "true" if value else "false"),
    (int, str),
    (float, _float),
    (Decimal, _decimal),
    (datetime, lambda value: value.isoformat(" ")),
    (date, date.isoformat),
    (time, time.isoformat),
    (timedelta, _duration),
    (UUID, str),
    ((bytes, bytearray, memoryview), lambda value: "\\x" + bytes(value).hex()),
    ((list, tuple, dict), _json),
)
"""A kind of value and its text; the first that fits."""
