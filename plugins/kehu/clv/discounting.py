"""Money that comes later is worth less: end-of-week factors (1+d)^-k, as docs/definitions.md#lifetime-value has them."""

from __future__ import annotations

import numpy as np

from kehu.clv.arrays import Booleans, Floats


def weekly_factors(rate: float, weeks: int) -> Floats:
    """(1 + rate)^-k for k = 1 … weeks; shape (weeks,)."""
    return (1 + rate) ** -np.arange(1.0, weeks + 1)


def discounted(cumulative: Floats, factors: Floats) -> Floats:
    """Σ_k (E[Y(k)] - E[Y(k-1)]) (1+d)^-k.

    Args:
        cumulative: E[Y(k)] for k = 0 … weeks, shape (n, weeks + 1).
        factors: of `weekly_factors`, shape (weeks,).

    Returns:
        Shape (n,).
    """
    return np.diff(cumulative, axis=1) @ factors


def discounted_draws(
    window: Floats, inside: Floats, at_end: Booleans, factors: Floats, generator: np.random.Generator
) -> Floats:
    """Simulated purchases, each discounted to the end of its week; arrays of shape (draws,).

    ``inside`` purchases lie uniformly on [0, window]. Their sum of factors is drawn with its exact mean and variance,
    n·mean + √n·(one factor - mean), which for a single purchase is its factor itself.
    """
    table = np.append(factors, factors[-1])
    until = np.append(0.0, np.cumsum(factors))
    whole = np.minimum(np.floor(window), len(factors)).astype(np.intp)
    total = until[whole] + (window - whole) * table[whole]
    mean = total / np.where(window > 0, window, 1.0)
    one = table[np.minimum((generator.random(len(window)) * window).astype(np.intp), len(factors))]
    last = table[np.minimum(np.ceil(window).astype(np.intp) - (window > 0), len(factors))]
    return inside * mean + np.sqrt(inside) * (one - mean) + at_end * last
