"""Naive predictions that a model has to beat; the best of them stands in where no model can be believed."""

from __future__ import annotations

import numpy as np

from kehu.clv.arrays import Floats
from kehu.clv.summaries import Holdout

# In this order ties are decided: the simplest one first.
BASELINES = ("zero", "population_mean", "same_as_calibration", "naive_rate")


def predict_holdout(name: str, holdout: Holdout) -> Floats:
    """Purchases in the holdout per customer of a summary; shape (summaries,).

    naive_rate: x · h / T, 0 where T = 0. same_as_calibration: x. population_mean: Σx/ΣT · h. zero: 0.
    """
    if name == "same_as_calibration":
        return holdout.x
    return rate(name, holdout.x, holdout.t, holdout.summaries.purchase_rate) * holdout.weeks


def predict_ahead(name: str, x: Floats, t: Floats, mean_rate: float, *, holdout: Holdout, horizon: float) -> Floats:
    """Purchases within ``horizon`` weeks after D by the same rule; shape of x.

    "Same as calibration" keeps what the backtest assumed per week: the purchases of one calibration period, spread over
    one holdout. At D x counts those of both periods, so it is scaled down to one calibration period first.

    Args:
        name: one of `BASELINES`.
        x: repeat purchases at D, shape (n,).
        t: T at D in weeks, shape (n,).
        mean_rate: Σx/ΣT at D, per week.
        holdout: the periods of the backtest.
        horizon: weeks.
    """
    if name == "same_as_calibration":
        seen = holdout.calibration_weeks + holdout.weeks
        return x * holdout.calibration_weeks / seen * horizon / holdout.weeks
    return rate(name, x, t, mean_rate) * horizon


def rate(name: str, x: Floats, t: Floats, mean_rate: float) -> Floats:
    """Purchases a week by the baselines that are rates; shape of x.

    Raises:
        ValueError: no such baseline.
    """
    if name == "naive_rate":
        return np.where(t > 0, x / np.where(t > 0, t, 1.0), 0.0)
    if name == "population_mean":
        return np.full(len(x), mean_rate)
    if name == "zero":
        return np.zeros(len(x))
    raise ValueError(f"{name} is not one of {', '.join(BASELINES)}")
