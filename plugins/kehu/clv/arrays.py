"""The array type of the room, and small helpers that every module needs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.intp]
Booleans = npt.NDArray[np.bool_]
Parameters = Mapping[str, float]


def floats(values: npt.ArrayLike, name: str) -> Floats:
    """A one-dimensional array of finite doubles.

    Raises:
        ValueError: more than one dimension, or a value is not a finite number.
    """
    array = np.asarray(values, dtype=np.float64)
    if array.ndim != 1:
        raise ValueError(f"{name} must have one dimension, not {array.ndim}")
    if not np.isfinite(array).all():
        raise ValueError(f"{name} holds a value that is not a finite number")
    return array


def freeze(owner: object, **arrays: npt.NDArray[Any]) -> None:
    """Set checked arrays on a frozen dataclass."""
    for name, array in arrays.items():
        object.__setattr__(owner, name, array)


def dot(one: Floats, other: Floats) -> float:
    """Σ one · other of long arrays, without the threads of the linear algebra library.

    They wait for each other by spinning, which on a busy machine costs more than the sum.
    """
    return float(np.einsum("i,i", one, other))


def share(part: float, whole: float) -> float:
    """Of a whole, the share of a part; 0 where there is no whole."""
    return part / whole if whole else 0.0
