"""Which persona of this release is which of the last: centres are matched so that they move as little as possible."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kehu.personas.sample import Floats

Trait = tuple[str, bool]
"""A measure, and whether the persona is high in it."""


@dataclass(frozen=True)
class LastPersonas:
    """The personas of the last published release, on this release's scale.

    Args:
        codes: their codes, such as ``p1``.
        centres: where they lay, in this release's standard deviations; shape (personas, measures).
        labels: the traits that each is called by.
        last_number: the highest number that any release has given to a persona.
    """

    codes: tuple[str, ...]
    centres: Floats
    labels: tuple[tuple[Trait, ...], ...]
    last_number: int


def match(centres: Floats, last: LastPersonas | None, max_move: float) -> list[int | None]:
    """For each centre the index of the last persona that it is, or None for a new one.

    Hungarian assignment over the distances; a pair that is further apart than ``max_move`` is none.
    """
    found: list[int | None] = [None] * len(centres)
    if last is None or not last.codes:
        return found
    from scipy.optimize import linear_sum_assignment

    distances = np.sqrt(((centres[:, None, :] - last.centres[None, :, :]) ** 2).sum(axis=2))
    for here, there in zip(*linear_sum_assignment(distances), strict=True):
        if distances[here, there] <= max_move:
            found[int(here)] = int(there)
    return found


def codes(centres: Floats, sizes: Sequence[float], matched: list[int | None], last: LastPersonas | None) -> list[str]:
    """The code of each persona: the last release's where it is matched, else the next number, larger personas first."""
    number = last.last_number if last else 0
    given = [None if position is None or last is None else last.codes[position] for position in matched]
    fresh = sorted(
        (index for index, code in enumerate(given) if code is None),
        key=lambda index: (-sizes[index], tuple(centres[index])),
    )
    numbered = {index: f"p{number + position}" for position, index in enumerate(fresh, start=1)}
    return [code if code is not None else numbered[index] for index, code in enumerate(given)]
