"""Prediction intervals of one customer's discounted value, by simulation that scales.

Given alive, the future depends on (x, T) alone. It is simulated on a fixed grid of ln(scale + T) for each x, each cell
with its own stream keyed by (seed, x, cell), and interpolated to T: what a customer's interval is does not depend on who
else is there, and the work does not grow with the customers. The chance of having left is added exactly: quantile q of
the mixture (1-P)·{0} + P·F is 0 for q <= 1-P, else F's quantile at (q - (1-P)) / P.

Spend is Gamma-Gamma in units of p(γ + x·m): the mean of N purchases is Gamma(pN)/(pN) over Gamma(px+q).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kehu.clv.arrays import Floats, Indices, Parameters
from kehu.clv.discounting import discounted_draws, weekly_factors
from kehu.clv.grouping import Pairs
from kehu.clv.policy import Policy
from kehu.clv.purchase_model import PurchaseModel
from kehu.clv.spend_rule import SpendRule
from kehu.clv.summaries import ScoredSummaries

CELL = 0.1
SURELY_GONE = 1e-12


@dataclass(frozen=True)
class Simulator:
    """Draws of discounted value given alive, in units of the spend rule (see `Simulator.unit`)."""

    model: PurchaseModel
    parameters: Parameters
    spend: SpendRule
    policy: Policy

    def outcomes(self, x: float, spend_x: float, t: float, stream: int) -> Floats:
        """Simulated discounted values of a living customer, in units; shape (draws,), ascending.

        Args:
            x: repeat purchases.
            spend_x: those that count for spend.
            t: T in weeks.
            stream: number of the random stream, besides the seed.
        """
        generator = np.random.Generator(np.random.Philox(key=[self.policy.clv_seed, stream]))
        horizon, draws = self.policy.clv_horizon_weeks, self.policy.clv_draws
        future = self.model.draw_future(self.parameters, x, t, horizon=float(horizon), draws=draws, generator=generator)
        factors = weekly_factors(self.policy.weekly_discount_rate, horizon)
        purchases = discounted_draws(future.window, future.inside, future.at_end, factors, generator)
        bought = future.purchases > 0
        values = np.zeros(draws)
        values[bought] = purchases[bought] * self._spend(spend_x, future.purchases[bought], generator)
        return np.sort(values)

    def _spend(self, spend_x: float, purchases: Floats, generator: np.random.Generator) -> Floats:
        if not self.spend.is_trustworthy or self.spend.fit is None:
            return np.ones_like(purchases)
        p, q = self.spend.fit.parameters["p"], self.spend.fit.parameters["q"]
        mean = generator.standard_gamma(p * purchases) / (p * purchases)
        return mean / generator.standard_gamma(p * spend_x + q, len(purchases))

    def unit(self) -> tuple[float, float]:
        """What a unit is worth: base + slope · repeat value (pγ and p; the mean and 0 where everybody counts it)."""
        if not self.spend.is_trustworthy or self.spend.fit is None:
            return self.spend.mean, 0.0
        p, gamma = self.spend.fit.parameters["p"], self.spend.fit.parameters["gamma"]
        return p * gamma, p


def interval(simulator: Simulator, alive: Floats, scored: ScoredSummaries) -> tuple[Floats, Floats]:
    """Lower and upper ends of the prediction interval in units; shape (summaries,) each.

    Args:
        simulator: of the model in force.
        alive: P(alive), shape (summaries,).
        scored: what is scored.
    """
    outside = (1 - simulator.policy.clv_interval_share) / 2
    low, high = np.zeros(len(alive)), np.zeros(len(alive))
    kinds = Pairs.of(scored.x, scored.spend_x)
    order = np.argsort(kinds.index, kind="stable")
    ends = np.cumsum(np.bincount(kinds.index, minlength=len(kinds.x)))
    for x, spend_x, rows in zip(kinds.x, kinds.y, np.split(order, ends[:-1]), strict=True):
        low[rows], high[rows] = _quantiles(simulator, (x, spend_x), alive[rows], scored.t[rows], outside)
    return low, high


def _quantiles(
    simulator: Simulator, kind: tuple[float, float], alive: Floats, t: Floats, outside: float
) -> tuple[Floats, Floats]:
    """The two quantiles of summaries that share x and spend_x; shape (len(t),) each."""
    scale = simulator.model.time_scale(simulator.parameters)
    position = np.log(scale + t) / CELL
    lower = np.floor(position).astype(np.intp)
    cells, index = np.unique(np.concatenate([lower, lower + 1]), return_inverse=True)
    nodes = np.maximum(np.exp(cells * CELL) - scale, 0.0)
    flag = int(kind[1] > 0)
    drawn = np.array(
        [
            simulator.outcomes(kind[0], kind[1], float(node), (int(kind[0]) << 21) | ((int(cell) + 2**19) << 1) | flag)
            for cell, node in zip(cells, nodes, strict=True)
        ]
    )
    below, above = index[: len(t)], index[len(t) :]
    start, end = np.log(scale + nodes[below]), np.log(scale + nodes[above])
    weight = np.clip((position * CELL - start) / (end - start), 0.0, 1.0)
    found = []
    for share in (outside, 1 - outside):
        inside = np.clip((share - (1 - alive)) / np.maximum(alive, SURELY_GONE), 0.0, 1.0)
        values = (1 - weight) * _at(drawn, below, inside) + weight * _at(drawn, above, inside)
        found.append(np.where(share <= 1 - alive, 0.0, values))
    return found[0], found[1]


def _at(drawn: Floats, cell: Indices, share: Floats) -> Floats:
    """The quantile ``share`` of the sorted draws of a cell, linear between neighbours."""
    position = share * (drawn.shape[1] - 1)
    left = np.minimum(position.astype(np.intp), drawn.shape[1] - 2)
    fraction = position - left
    return (1 - fraction) * drawn[cell, left] + fraction * drawn[cell, left + 1]
