"""Distinct values behind the summaries: logarithms and integrals are taken once per value, not once per summary."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kehu.clv.arrays import Floats, Indices
from kehu.clv.summaries import Summaries


def grouped_sums(index: Indices, amounts: Floats, groups: int) -> Floats:
    """Σ amounts by index 0 … groups - 1; shape (groups,)."""
    return np.asarray(np.bincount(index, weights=amounts, minlength=groups), dtype=np.float64)


@dataclass(frozen=True)
class Distinct:
    """The distinct values of an array: ``values[index]`` is the array."""

    values: Floats
    index: Indices

    @classmethod
    def of(cls, array: Floats) -> Distinct:
        """The distinct values of ``array``, ascending."""
        values, index = np.unique(array, return_inverse=True)
        return cls(values, index)

    def sums(self, amounts: Floats) -> Floats:
        """Σ amounts by distinct value; shape (values,)."""
        return grouped_sums(self.index, amounts, len(self.values))


@dataclass(frozen=True)
class Pairs:
    """The distinct pairs (x, y) of two arrays, ordered by x, then y: ``x[index], y[index]`` are the arrays."""

    x: Floats
    y: Floats
    index: Indices

    @classmethod
    def of(cls, x: Floats, y: Floats) -> Pairs:
        """The distinct pairs of ``x`` and ``y``."""
        one, two = Distinct.of(x), Distinct.of(y)
        code, index = np.unique(one.index * len(two.values) + two.index, return_inverse=True)
        which = max(len(two.values), 1)
        return cls(one.values[code // which], two.values[code % which], index)

    def sums(self, amounts: Floats) -> Floats:
        """Σ amounts by pair; shape (pairs,)."""
        return grouped_sums(self.index, amounts, len(self.x))


def merged(summaries: Summaries) -> Summaries:
    """The same customers as sorted, distinct summaries: a fit depends neither on their order nor on how they are split."""
    pairs = Pairs.of(summaries.x, summaries.t_x)
    keys = Pairs.of(pairs.index.astype(np.float64), summaries.t)
    first = keys.x.astype(np.intp)
    return Summaries(pairs.x[first], pairs.y[first], keys.y, keys.sums(summaries.weight))


def thinned(summaries: Summaries, most: int) -> Summaries:
    """Every n-th summary, so that at most about ``most`` are left: enough to find out where to start."""
    step = max(1, summaries.distinct // most)
    rows = slice(None, None, step)
    return Summaries(summaries.x[rows], summaries.t_x[rows], summaries.t[rows], summaries.weight[rows])
