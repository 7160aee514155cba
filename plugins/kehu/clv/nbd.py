"""NBD: purchases at rate λ ~ Gamma(r, α), and nobody ever leaves; what the others collapse to where that is so."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kehu.clv.arrays import Floats, Parameters
from kehu.clv.futures import Future
from kehu.clv.grouping import Distinct
from kehu.clv.optimum import Evaluate
from kehu.clv.purchase_model import PurchaseModel
from kehu.clv.rising import log_rising
from kehu.clv.summaries import Summaries


class NegativeBinomial(PurchaseModel):
    """Ehrenberg's NBD, with the timing of purchases in the likelihood so that it compares with the other models'.

    ln L = lnΓ(r+x) - lnΓ(r) + r ln α - (r+x) ln(α+T): the others' with nobody leaving.
    """

    name = "nbd"
    parameter_names = ("r", "alpha")

    def likelihood(self, summaries: Summaries) -> Evaluate:
        """Sums over x alone and T alone."""
        counts = summaries.x.astype(np.intp)
        up_to = int(counts.max(initial=0))
        by_x = np.bincount(counts, weights=summaries.weight, minlength=up_to + 1)
        by_t = Distinct.of(summaries.t)
        customers_by_t, purchases_by_t = by_t.sums(summaries.weight), by_t.sums(summaries.weight * summaries.x)
        customers = summaries.customers

        def evaluate(parameters: Floats) -> tuple[float, Floats]:
            r, alpha = (float(value) for value in parameters)
            rising, rising_r = log_rising(r, up_to)
            log_t = np.log(alpha + by_t.values)
            at_t = r * customers_by_t + purchases_by_t
            value = by_x @ rising + customers * r * np.log(alpha) - at_t @ log_t
            slope_r = by_x @ rising_r + customers * np.log(alpha) - customers_by_t @ log_t
            return float(value), np.array([slope_r, customers * r / alpha - at_t @ (1 / (alpha + by_t.values))])

        return evaluate

    def starts(self, summaries: Summaries) -> Sequence[Floats]:
        """Three shapes with the observed rate."""
        rate = max(summaries.purchase_rate, 1e-3)
        return [np.array([r, r / rate]) for r in (0.3, 1.0, 5.0)]

    def probability_alive(self, parameters: Parameters, x: Floats, t_x: Floats, t: Floats) -> Floats:  # noqa: ARG002
        """1: nobody leaves."""
        return np.ones_like(x)

    def purchases_if_alive(self, parameters: Parameters, x: Floats, t: Floats, horizon: Floats) -> Floats:
        """(r+x)/(α+T) · t."""
        return ((parameters["r"] + x) / (parameters["alpha"] + t))[:, None] * horizon

    def time_scale(self, parameters: Parameters) -> float:
        """Alpha."""
        return parameters["alpha"]

    def draw_future(
        self, parameters: Parameters, x: float, t: float, *, horizon: float, draws: int, generator: np.random.Generator
    ) -> Future:
        """Poisson purchases over the whole horizon."""
        rate = generator.standard_gamma(parameters["r"] + x, draws) / (parameters["alpha"] + t)
        inside = generator.poisson(rate * horizon).astype(np.float64)
        return Future(np.full(draws, float(horizon)), inside, np.zeros(draws, dtype=np.bool_))


NBD = NegativeBinomial()
