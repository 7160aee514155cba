"""Rising factorials Γ(c + n) / Γ(c) for whole n, as sums: four lnΓ of large arguments cancel to nothing."""

from __future__ import annotations

import numpy as np

from kehu.clv.arrays import Floats


def log_rising(c: float, up_to: int) -> tuple[Floats, Floats]:
    """The logarithm of Γ(c + n) / Γ(c) for n = 0 … ``up_to``, and its derivative in c; shape (up_to + 1,) each.

    Both are running sums of ln(c + j) and 1 / (c + j), exact to rounding for every c > 0.
    """
    steps = c + np.arange(up_to)
    return _running(np.log(steps)), _running(1 / steps)


def log_survival(a: float, b: float, up_to: int) -> tuple[Floats, Floats, Floats]:
    """The logarithm of E[(1 - p)^n] under p ~ Beta(a, b) for n = 0 … ``up_to``, and its derivatives in a and b.

    E[(1 - p)^n] = B(a, b + n) / B(a, b) = Π (b + j) / (a + b + j), each factor as 1 / (1 + a / (b + j)), which keeps
    its digits where b is large.

    Returns:
        values, d/da, d/db; shape (up_to + 1,) each.
    """
    steps = b + np.arange(up_to)
    return (
        -_running(np.log1p(a / steps)),
        -_running(1 / (a + steps)),
        _running(a / (steps * (a + steps))),
    )


def _running(terms: Floats) -> Floats:
    return np.concatenate(([0.0], np.cumsum(terms)))
