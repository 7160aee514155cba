"""The ways to say who will leave, from the simplest to the one that knows all features (docs/definitions.md#churn-risk)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from scipy.special import expit, logit

from kehu.risk.policy import Policy
from kehu.risk.window import FREQUENCY_BANDS, OVERDUE_BANDS, SILENCE, Array, Window

BASELINES = ("base_rate", "recency")
CANDIDATES = (*BASELINES, "table", "logistic")
FLAT = 1e-6
"""An input whose deviation is smaller tells nobody apart."""
_BAND_WEIGHT, _ALL_WEIGHT = 20.0, 10.0
_NEARLY_FREE = 1e-3
"""Penalty of the one coefficient of ``recency``: without any it has no optimum where silence separates everybody."""


class Fit(Protocol):
    """A candidate fitted to one window."""

    def predict(self, window: Window) -> Array:
        """The probability to leave of each customer of a window."""


@dataclass(frozen=True)
class Term:
    """One input of a linear fit: coefficient of (value − mean) / deviation."""

    mean: float
    deviation: float
    coefficient: float


@dataclass(frozen=True)
class LinearFit:
    """ln(p / (1 − p)) = intercept + Σ coefficient · (value − mean) / deviation."""

    intercept: float
    terms: Mapping[str, Term] = field(default_factory=dict)

    def predict(self, window: Window) -> Array:
        """The probability to leave of each customer of a window."""
        score = np.full(window.customers, self.intercept)
        for name, term in self.terms.items():
            values = window.inputs[:, window.names.index(name)]
            score = score + term.coefficient * (values - term.mean) / term.deviation
        found: Array = expit(score)
        return found


@dataclass(frozen=True)
class TableFit:
    """A probability for each band of frequency and silence; ``customers`` and ``left`` are what it was counted on."""

    probability: Array
    customers: Array
    left: Array

    def predict(self, window: Window) -> Array:
        """The probability to leave of each customer of a window."""
        found: Array = self.probability[window.frequency_band - 1, window.overdue_band - 1]
        return found


def fit(name: str, window: Window, policy: Policy) -> Fit | None:
    """Fit a candidate; None where the window leaves nothing to fit."""
    if name == "base_rate":
        return base_rate(window)
    if window.is_one_sided:
        return None
    if name == "recency":
        return linear(window, (SILENCE,), _NEARLY_FREE)
    return table(window) if name == "table" else linear(window, window.names, policy.risk_penalty)


def base_rate(window: Window) -> LinearFit:
    """The same for everybody: (left + ½) / (customers + 1), so that nothing is ever certain."""
    return LinearFit(float(logit((window.left.sum() + 0.5) / (window.customers + 1))))


def linear(window: Window, names: tuple[str, ...], penalty: float) -> LinearFit | None:
    """Logistic regression on standardised inputs with an L2 penalty; inputs in which nobody differs are left out."""
    from sklearn.linear_model import LogisticRegression

    columns = [window.names.index(name) for name in names]
    values = window.inputs[:, columns]
    means, deviations = values.mean(axis=0), values.std(axis=0)
    told = deviations > FLAT
    if not told.any():
        return None
    model = LogisticRegression(C=1 / penalty, solver="newton-cholesky", tol=1e-10, max_iter=200)
    model.fit((values[:, told] - means[told]) / deviations[told], window.left)
    kept = [name for name, is_told in zip(names, told, strict=True) if is_told]
    terms = {
        name: Term(float(mean), float(deviation), float(coefficient))
        for name, mean, deviation, coefficient in zip(kept, means[told], deviations[told], model.coef_[0], strict=True)
    }
    return LinearFit(float(model.intercept_[0]), terms)


def table(window: Window) -> TableFit:
    """Shares by frequency and silence, drawn to that of the frequency band, and this one to that of all."""
    shape = (len(FREQUENCY_BANDS), len(OVERDUE_BANDS))
    customers, left = np.zeros(shape), np.zeros(shape)
    places = (window.frequency_band - 1, window.overdue_band - 1)
    np.add.at(customers, places, 1.0)
    np.add.at(left, places, window.left)
    by_band = left.sum(axis=1) + _ALL_WEIGHT * window.base_rate
    by_band = by_band / (customers.sum(axis=1) + _ALL_WEIGHT)
    probability = (left + _BAND_WEIGHT * by_band[:, None]) / (customers + _BAND_WEIGHT)
    return TableFit(probability, customers, left)
