"""Pareto/NBD (Schmittlein, Morrison & Colombo 1987): customers leave at any time, at rate μ ~ Gamma(s, β).

L = Γ(r+x)/Γ(r) α^r · [S + A],   S = (α+T)^-(r+x) (β/(β+T))^s (still there),   A as in `kehu.clv.pareto_integral`
P(alive) = S / (S + A)
E[Y(t) | alive] = (r+x)/(α+T) · ∫_0^t ((β+T)/(β+T+u))^s du
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.special import exprel

from kehu.clv.arrays import Floats, Parameters, dot
from kehu.clv.fitting import array
from kehu.clv.futures import Future
from kehu.clv.grouping import Distinct, Pairs
from kehu.clv.optimum import Evaluate
from kehu.clv.pareto_integral import log_integral
from kehu.clv.purchase_model import PurchaseModel
from kehu.clv.rising import log_rising
from kehu.clv.summaries import Summaries

DISCOUNT_NODES, DISCOUNT_WEIGHTS = np.polynomial.legendre.leggauss(200)


class ParetoLikelihood:
    """The likelihood of one set of summaries; integrals are taken per distinct (x, t_x) and (x, T)."""

    def __init__(self, summaries: Summaries) -> None:
        self.x, self.t, self.weight = summaries.x, summaries.t, summaries.weight
        counts = summaries.x.astype(np.intp)
        self.up_to = int(counts.max(initial=0))
        self.customers = summaries.customers
        self.customers_by_x = np.bincount(counts, weights=summaries.weight, minlength=self.up_to + 1)
        both = Pairs.of(np.concatenate([summaries.x, summaries.x]), np.concatenate([summaries.t_x, summaries.t]))
        self.pairs = both
        self.at_last, self.at_end = both.index[: summaries.distinct], both.index[summaries.distinct :]
        self.by_t = Distinct.of(summaries.t)
        self.end = float(summaries.t.max(initial=0.0))

    def __call__(self, parameters: Floats) -> tuple[float, Floats]:
        """Log-likelihood and gradient at (r, α, s, β)."""
        r, alpha = float(parameters[0]), float(parameters[1])
        rising, rising_r = log_rising(r, self.up_to)
        inner, gradient = self._alive_or_left(parameters)
        gradient[0] += self.customers_by_x @ rising_r + self.customers * np.log(alpha)
        gradient[1] += self.customers * r / alpha
        return float(self.customers_by_x @ rising + self.customers * r * np.log(alpha) + inner), gradient

    def _alive_or_left(self, parameters: Floats) -> tuple[float, Floats]:
        """Σ ln(S + A) and its gradient."""
        r, alpha, s, beta = (float(value) for value in parameters)
        integral = log_integral(parameters, self.pairs.x, self.pairs.y, self.end)
        from_last, from_end = integral.value[self.at_last], integral.value[self.at_end]
        log_t = np.log(alpha + self.by_t.values)
        stays = -s * np.log1p(self.by_t.values / beta)
        alive = stays[self.by_t.index] - (r + self.x) * log_t[self.by_t.index]
        highest, parts = _relative(alive, from_last, from_end)
        total = parts.sum(axis=0)
        shares = parts / total * self.weight
        to_pairs = np.bincount(self.at_last, shares[1], len(self.pairs.x))
        to_pairs += np.bincount(self.at_end, shares[2], len(self.pairs.x))
        still = self.by_t.sums(shares[0])
        bought = self.by_t.sums(shares[0] * (r + self.x))
        own = np.array(
            [
                -still @ log_t,
                -bought @ (1 / (alpha + self.by_t.values)),
                -still @ np.log1p(self.by_t.values / beta),
                s * (still @ (1 / beta - 1 / (beta + self.by_t.values))),
            ]
        )
        return dot(self.weight, highest + np.log(total)), own + (integral.slopes * to_pairs).sum(axis=1)


class ParetoNbd(PurchaseModel):
    """Purchases at rate λ ~ Gamma(r, α) until the customer leaves, after a time that is Exp(μ), μ ~ Gamma(s, β)."""

    name = "pareto_nbd"
    parameter_names = ("r", "alpha", "s", "beta")

    def likelihood(self, summaries: Summaries) -> Evaluate:
        """See `ParetoLikelihood`."""
        return ParetoLikelihood(summaries)

    def starts(self, summaries: Summaries) -> Sequence[Floats]:
        """Typical shapes, with the observed purchase rate and lives of the order of the history."""
        rate = max(2 * summaries.purchase_rate, 1e-3)
        span = max(float(summaries.t.max(initial=0.0)), 1.0)
        return [
            np.array([r, r / rate, s, s * life * span])
            for r, s, life in ((0.5, 0.6, 0.5), (1.5, 1.5, 1.0), (0.5, 0.2, 5.0))
        ]

    def probability_alive(self, parameters: Parameters, x: Floats, t_x: Floats, t: Floats) -> Floats:
        """S / (S + A), within [0, 1]."""
        if not len(x):
            return np.zeros(0)
        r, alpha, s, beta = (parameters[name] for name in self.parameter_names)
        both = Pairs.of(np.concatenate([x, x]), np.concatenate([t_x, np.maximum(t, t_x)]))
        values = log_integral(array(parameters, self.parameter_names), both.x, both.y, float(both.y.max())).value
        alive = -(r + x) * np.log(alpha + t) - s * np.log1p(t / beta)
        _, parts = _relative(alive, values[both.index[: len(x)]], values[both.index[len(x) :]])
        return np.clip(parts[0] / parts.sum(axis=0), 0.0, 1.0)

    def purchases_if_alive(self, parameters: Parameters, x: Floats, t: Floats, horizon: Floats) -> Floats:
        """(r+x)(β+T)/(α+T) · (1 - e^(-(s-1)v))/(s-1), v = ln(1 + t/(β+T)); v itself at s = 1."""
        r, alpha, s, beta = (parameters[name] for name in self.parameter_names)
        ahead = np.log1p(horizon / (beta + t)[:, None])
        return ((r + x) * (beta + t) / (alpha + t))[:, None] * ahead * exprel(-(s - 1) * ahead)

    def time_scale(self, parameters: Parameters) -> float:
        """The smaller of α and β."""
        return min(parameters["alpha"], parameters["beta"])

    def draw_future(
        self, parameters: Parameters, x: float, t: float, *, horizon: float, draws: int, generator: np.random.Generator
    ) -> Future:
        """Given alive, λ ~ Gamma(r+x, α+T) and μ ~ Gamma(s, β+T)."""
        r, alpha, s, beta = (parameters[name] for name in self.parameter_names)
        rate = generator.standard_gamma(r + x, draws) / (alpha + t)
        hazard = generator.standard_gamma(s, draws) / (beta + t)
        patience = generator.standard_exponential(draws)
        leaves = patience < hazard * horizon
        window = np.where(leaves, patience / np.where(leaves, hazard, 1.0), horizon)
        inside = generator.poisson(rate * window).astype(np.float64)
        return Future(window, inside, np.zeros(draws, dtype=np.bool_))

    def discounted_residual_transactions(
        self, parameters: Parameters, x: Floats, t_x: Floats, t: Floats, rate: float
    ) -> Floats:
        """DERT: purchases of all the future, discounted continuously (Fader, Hardie & Lee 2005, JMR 42:415).

        P(alive) · (r+x)/(α+T) · ∫_0^∞ ((β+T)/(β+T+u))^s e^(-rate·u) du, integrated in ln(1 + u/(β+T)).

        Args:
            parameters: r, alpha, s, beta.
            x, t_x, t: summaries, shape (n,).
            rate: continuous discount rate per week, above 0.

        Returns:
            Shape (n,), purchases.
        """
        r, alpha, s, beta = (parameters[name] for name in self.parameter_names)
        by_t = Distinct.of(t)
        z = rate * (beta + by_t.values)
        half = np.minimum(np.log1p(45 / z), 45 / max(s - 1, 0.01)) / 2
        v = half * (DISCOUNT_NODES[:, None] + 1)
        lasting = half * _discounted(v, s, z).sum(axis=0)
        alive = self.probability_alive(parameters, x, t_x, t)
        return alive * (r + x) / (alpha + t) * (beta + t) * lasting[by_t.index]


def _discounted(v: Floats, s: float, z: Floats) -> Floats:
    return DISCOUNT_WEIGHTS[:, None] * np.exp((1 - s) * v - z * np.expm1(v))


def _relative(alive: Floats, from_last: Floats, from_end: Floats) -> tuple[Floats, Floats]:
    """The three terms of S + G(t_x) - G(T) over the largest, whose logarithm comes first; G(T) <= S, G(t_x) >= G(T)."""
    highest = np.maximum(alive, from_last)
    terms = np.array([alive - highest, from_last - highest, from_end - highest])
    parts = np.exp(np.maximum(terms, -745.0))
    parts[terms < -745.0] = 0.0
    parts[2] *= -1
    return highest, parts


PARETO_NBD = ParetoNbd()
