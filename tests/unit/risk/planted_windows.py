"""Windows of invented customers whose chance to leave is known."""

from __future__ import annotations

import numpy as np

from kehu.risk.window import Window

NAMES = ("days_since", "overdue_ratio", "complaints_90d", "constant")


def window(customers: int, seed: int, *, weight: float = 2.0, level: float = 0.0, left: float | None = None) -> Window:
    """Customers who leave the likelier the more they complain and the longer they are silent.

    Args:
        customers: how many.
        seed: another one gives other customers.
        weight: of complaints; silence has half of it.
        level: of everybody.
        left: 0 or 1 where nobody or everybody leaves, whatever the rest.
    """
    draw = np.random.default_rng(seed)
    days = draw.gamma(2.0, 20.0, customers)
    ratio = days / 30
    complaints = draw.poisson(0.3, customers).astype(float)
    score = level + weight * (complaints - 0.3) + weight / 2 * (np.log1p(days) - 3.4)
    outcome = (draw.random(customers) < 1 / (1 + np.exp(-score))).astype(float)
    inputs = np.column_stack([np.log1p(days), np.log1p(ratio), np.log1p(complaints), np.ones(customers)])
    bands = np.digitize(ratio, [0.5, 1, 1.5, 2, 3, 4], right=True) + 1
    frequency = draw.integers(1, 5, customers)
    return Window(NAMES, inputs, frequency, bands, outcome if left is None else np.full(customers, left))
