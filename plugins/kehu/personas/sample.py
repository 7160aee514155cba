"""The customers among whom personas are looked for: distinct points of standardised measures, and how many stand there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Sample:
    """Points in a fixed order, so that the order in which rows arrive changes nothing.

    Args:
        measures: names of the columns of ``values``.
        values: one row a point, in standard deviations from the mean; shape (points, measures).
        weights: customers at each point; shape (points,).
        judges: those of them by whom it is judged how well apart personas stand; shape (points,).

    Raises:
        ValueError: shapes do not fit together, or a value is not finite.
    """

    measures: tuple[str, ...]
    values: Floats
    weights: Counts
    judges: Counts

    def __post_init__(self) -> None:
        points = self.values.shape[0]
        if self.values.shape != (points, len(self.measures)) or not points == len(self.weights) == len(self.judges):
            raise ValueError("a sample needs one value per point and measure, and one weight per point")
        if not np.isfinite(self.values).all():
            raise ValueError("every value of a sample must be a finite number")
        order = np.lexsort(self.values.T[::-1]) if points else np.arange(0)
        for name in ("values", "weights", "judges"):
            object.__setattr__(self, name, getattr(self, name)[order])

    @property
    def customers(self) -> int:
        """How many customers the points stand for."""
        return int(self.weights.sum())

    @property
    def distinct(self) -> int:
        """How many different points there are."""
        return len(np.unique(self.values, axis=0))
