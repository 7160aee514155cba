"""Gamma-Gamma spend (Fader & Hardie note 025): values of purchases ~ Gamma(p, ν), ν ~ Gamma(q, γ).

ln L = lnΓ(px+q) - lnΓ(px) - lnΓ(q) + q ln γ + (px-1) ln m + px ln x - (px+q) ln(γ + x·m)
E[Z | x, m] = p(γ + x·m)/(px + q - 1); for x = 0 the population mean pγ/(q-1), for q > 1
"""

from __future__ import annotations

import math

import numpy as np
from scipy.special import betaln, digamma

from kehu.clv.arrays import Floats, Parameters
from kehu.clv.fit import Fit
from kehu.clv.fitting import array, as_fit, frozen_fit, unfitted
from kehu.clv.grouping import Distinct
from kehu.clv.optimum import Evaluate, Optimum, Problem, maximise
from kehu.clv.summaries import Spend

STARTS = ((6.0, 4.0, 0.5), (1.5, 2.0, 1.0), (2.0, 10.0, 5.0), (20.0, 3.0, 0.2))
SPEND_TO_START_WITH = 10_000


class GammaGamma:
    """The spend model. It is fitted in units of the mean spend, so that no currency meets the bounds on γ."""

    name = "gamma_gamma"
    parameter_names = ("p", "q", "gamma")

    def fit(self, spend: Spend) -> Fit:
        """Parameters by maximum likelihood; what went wrong is said in the `Fit`, not raised."""
        if not len(spend.x):
            return unfitted(self.name, "there is no customer with positive repeat spend")
        scaled = _sorted(Spend(spend.x, spend.total / spend.mean, spend.weight))
        step = max(1, len(scaled.x) // SPEND_TO_START_WITH)
        few = Spend(scaled.x[::step], scaled.total[::step], scaled.weight[::step])
        part = Problem(self.parameter_names, _likelihood(few), few.customers)
        whole = Problem(self.parameter_names, _likelihood(scaled), scaled.customers)
        found = maximise(whole, part, [np.array(start) for start in STARTS])
        in_money = Optimum(
            parameters=found.parameters * np.array([1.0, 1.0, spend.mean]),
            log_likelihood=found.log_likelihood - spend.customers * math.log(spend.mean),
            converged=found.converged,
            at_bound=found.at_bound,
            log_errors=found.log_errors,
            message=found.message,
        )
        return as_fit(self.name, self.parameter_names, in_money, spend.customers, len(STARTS))

    def freeze(self, parameters: Parameters, spend: Spend) -> Fit:
        """Given parameters as a `Fit`, with their log-likelihood for this spend.

        Raises:
            ValueError: they are not p, q and gamma.
        """
        frozen_fit(self.name, parameters, self.parameter_names, 0.0, 0.0)
        value = self.log_likelihood(parameters, spend)
        return frozen_fit(self.name, parameters, self.parameter_names, value, spend.customers)

    def log_likelihood(self, parameters: Parameters, spend: Spend) -> float:
        """The log-likelihood of all customers."""
        return _likelihood(_sorted(spend))(array(parameters, self.parameter_names))[0] if len(spend.x) else 0.0

    def line(self, parameters: Parameters, x: Floats) -> tuple[Floats, Floats]:
        """E[Z | x, total] as base + slope · total, total = x·m; shape (n,) each. x = 0 for the population mean.

        Raises:
            ValueError: q <= 1, where the population has no mean.
        """
        p, q, gamma = (parameters[name] for name in self.parameter_names)
        if q <= 1:
            raise ValueError("the population mean of Gamma-Gamma needs q > 1")
        slope = p / (p * x + q - 1)
        return gamma * slope, slope


def _sorted(spend: Spend) -> Spend:
    order = np.lexsort((spend.weight, spend.total, spend.x))
    return Spend(spend.x[order], spend.total[order], spend.weight[order])


def _likelihood(spend: Spend) -> Evaluate:
    by_x = Distinct.of(spend.x)
    x, customers_by_x, customers = by_x.values, by_x.sums(spend.weight), spend.customers
    log_total = np.log(spend.total)
    logs_by_x = by_x.sums(spend.weight * log_total)
    constant = float((spend.weight * (log_total - np.log(spend.x))).sum())

    def evaluate(parameters: Floats) -> tuple[float, Floats]:
        p, q, gamma = (float(value) for value in parameters)
        sums = by_x.sums(spend.weight * np.log(gamma + spend.total))
        inverse = by_x.sums(spend.weight / (gamma + spend.total))
        shape = p * x + q
        normal = -betaln(p * x, q) + q * np.log(gamma)
        value = customers_by_x @ normal + p * (x @ logs_by_x) - constant - shape @ sums
        d_p = customers_by_x @ (x * (digamma(shape) - digamma(p * x))) + x @ logs_by_x - x @ sums
        d_q = customers_by_x @ (digamma(shape) - digamma(q)) + customers * np.log(gamma) - sums.sum()
        return float(value), np.array([d_p, d_q, customers * q / gamma - shape @ inverse])

    return evaluate


GAMMA_GAMMA = GammaGamma()
