"""Log-likelihood of BG/NBD and MBG/NBD with its analytic gradient.

λ ~ Gamma(r, α), p ~ Beta(a, b). With n = x + ``chances_at_start`` occasions that a customer survived:

    ln L = lnΓ(r+x) - lnΓ(r) + r ln α - (r+x) ln(α+T) + ln E[(1-p)^n] + ln(1 + w),
    w = 1{n>0} · a/(b+n-1) · ((α+T)/(α+t_x))^(r+x),   the odds of having left after the last purchase.

BG/NBD has n = x (Fader, Hardie & Lee 2005, Marketing Science 24:275, eq. 3 and the log of it in their note 004);
MBG/NBD has n = x + 1, because a customer may leave right after the first purchase (Batislam et al. 2007).
"""

from __future__ import annotations

import numpy as np
from scipy.special import expit

from kehu.clv.arrays import Floats, dot
from kehu.clv.grouping import Distinct
from kehu.clv.rising import log_rising, log_survival
from kehu.clv.summaries import Summaries


class BetaGeometricLikelihood:
    """The likelihood of one set of summaries: terms in x or T alone are summed once, the rest is per summary."""

    def __init__(self, summaries: Summaries, chances_at_start: int) -> None:
        self.chances_at_start = chances_at_start
        self.customers = summaries.customers
        counts = summaries.x.astype(np.intp)
        self.up_to = int(counts.max(initial=0))
        self.customers_by_x = np.bincount(counts, weights=summaries.weight, minlength=self.up_to + 1)
        by_t = Distinct.of(summaries.t)
        self.t = by_t.values
        self.customers_by_t = by_t.sums(summaries.weight)
        self.purchases_by_t = by_t.sums(summaries.weight * summaries.x)
        could_leave = counts + chances_at_start > 0
        self.x = counts[could_leave]
        self.t_index = by_t.index[could_leave]
        last = Distinct.of(summaries.t_x[could_leave])
        self.t_x, self.t_x_index = last.values, last.index
        self.weight = summaries.weight[could_leave]

    def __call__(self, parameters: Floats) -> tuple[float, Floats]:
        """Log-likelihood and gradient at (r, α, a, b)."""
        r, alpha, a, b = (float(value) for value in parameters)
        rising, rising_r = log_rising(r, self.up_to)
        survival, survival_a, survival_b = self._survival(a, b)
        log_t = np.log(alpha + self.t)
        at_t = r * self.customers_by_t + self.purchases_by_t
        value = self.customers_by_x @ (rising + survival) + self.customers * r * np.log(alpha) - at_t @ log_t
        gradient = np.array(
            [
                self.customers_by_x @ rising_r + self.customers * np.log(alpha) - self.customers_by_t @ log_t,
                self.customers * r / alpha - at_t @ (1 / (alpha + self.t)),
                self.customers_by_x @ survival_a,
                self.customers_by_x @ survival_b,
            ]
        )
        left, left_gradient = self._left(r, alpha, a, b, log_t)
        return float(value + left), gradient + left_gradient

    def _survival(self, a: float, b: float) -> tuple[Floats, Floats, Floats]:
        """The logarithm of E[(1-p)^n] and its derivatives, by x."""
        first = self.chances_at_start
        values, d_a, d_b = log_survival(a, b, self.up_to + first)
        return values[first:], d_a[first:], d_b[first:]

    def _left(self, r: float, alpha: float, a: float, b: float, log_t: Floats) -> tuple[float, Floats]:
        """Σ ln(1 + w) and its gradient."""
        survived = b + np.arange(self.up_to + 1) + self.chances_at_start - 1
        safe = np.where(survived > 0, survived, 1.0)
        waited = log_t[self.t_index] - np.log(alpha + self.t_x)[self.t_x_index]
        log_odds = (np.log(a) - np.log(safe))[self.x] + (r + self.x) * waited
        weighted = self.weight * expit(log_odds)
        shift = (1 / (alpha + self.t))[self.t_index] - (1 / (alpha + self.t_x))[self.t_x_index]
        gradient = np.array(
            [
                dot(weighted, waited),
                dot(weighted * (r + self.x), shift),
                weighted.sum() / a,
                -dot(weighted, (1 / safe)[self.x]),
            ]
        )
        return dot(self.weight, np.logaddexp(0.0, log_odds)), gradient
