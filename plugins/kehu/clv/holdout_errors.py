"""How far predictions are from what customers did in the holdout."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kehu.clv.arrays import Floats
from kehu.clv.summaries import Holdout


@dataclass(frozen=True)
class HoldoutErrors:
    """Errors over all customers of the holdout.

    Args:
        weeks: length of the holdout.
        customers: customers predicted.
        purchases: what they bought, in purchase days.
        expected: what was predicted.
        mae: mean absolute error per customer.
        rmse: root of the mean squared error per customer.
        total_error: expected / purchases - 1; None where nothing was bought.
    """

    weeks: float
    customers: float
    purchases: float
    expected: float
    mae: float
    rmse: float
    total_error: float | None


def holdout_errors(predicted: Floats, holdout: Holdout) -> HoldoutErrors:
    """Compare predictions per summary, shape (summaries,), with the purchases of the holdout."""
    customers = float(holdout.weight.sum())
    difference = predicted - holdout.holdout_x
    purchases, expected = float(holdout.weight @ holdout.holdout_x), float(holdout.weight @ predicted)
    return HoldoutErrors(
        weeks=holdout.weeks,
        customers=customers,
        purchases=purchases,
        expected=expected,
        mae=float(holdout.weight @ np.abs(difference)) / customers,
        rmse=float(np.sqrt(holdout.weight @ difference**2 / customers)),
        total_error=expected / purchases - 1 if purchases > 0 else None,
    )
