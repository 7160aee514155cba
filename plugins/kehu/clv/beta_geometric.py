"""BG/NBD and MBG/NBD: customers may leave after a purchase; in MBG/NBD already after the first one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.special import expit

from kehu.clv.arrays import Floats, Parameters
from kehu.clv.beta_geometric_future import purchases_if_alive
from kehu.clv.beta_geometric_likelihood import BetaGeometricLikelihood
from kehu.clv.futures import Future
from kehu.clv.optimum import Evaluate
from kehu.clv.purchase_model import PurchaseModel
from kehu.clv.summaries import Summaries

TYPICAL = ((0.3, 0.8, 2.5), (1.0, 0.5, 3.0), (3.0, 2.0, 5.0), (0.6, 0.1, 1.0))


class BetaGeometric(PurchaseModel):
    """Purchases at rate λ ~ Gamma(r, α); after each one the customer leaves with probability p ~ Beta(a, b).

    Args:
        name: of the model.
        chances_at_start: 1 if the first purchase is an occasion to leave as well (MBG/NBD), else 0 (BG/NBD).
    """

    parameter_names = ("r", "alpha", "a", "b")

    def __init__(self, name: str, chances_at_start: int) -> None:
        self.name = name
        self.chances_at_start = chances_at_start

    def likelihood(self, summaries: Summaries) -> Evaluate:
        """See `kehu.clv.beta_geometric_likelihood`."""
        return BetaGeometricLikelihood(summaries, self.chances_at_start)

    def starts(self, summaries: Summaries) -> Sequence[Floats]:
        """Typical shapes, with the observed purchase rate r/α (raised, as customers leave)."""
        rate = max(2 * summaries.purchase_rate, 1e-3)
        return [np.array([r, r / rate, a, b]) for r, a, b in TYPICAL]

    def probability_alive(self, parameters: Parameters, x: Floats, t_x: Floats, t: Floats) -> Floats:
        """1 / (1 + w), w = 1{n>0} · a/(b+n-1) · ((α+T)/(α+t_x))^(r+x); 1 for x = 0 in BG/NBD by construction."""
        r, alpha, a, b = (parameters[name] for name in self.parameter_names)
        n = x + self.chances_at_start
        survived = np.where(n > 0, b + n - 1, 1.0)
        log_odds = np.log(a / survived) + (r + x) * np.log((alpha + t) / (alpha + t_x))
        return np.where(n > 0, expit(-log_odds), 1.0)

    def purchases_if_alive(self, parameters: Parameters, x: Floats, t: Floats, horizon: Floats) -> Floats:
        """See `kehu.clv.beta_geometric_future`."""
        return purchases_if_alive(parameters, self.chances_at_start, x, t, horizon)

    def time_scale(self, parameters: Parameters) -> float:
        """Alpha."""
        return parameters["alpha"]

    def draw_future(
        self, parameters: Parameters, x: float, t: float, *, horizon: float, draws: int, generator: np.random.Generator
    ) -> Future:
        """The life left is Exp(λp), its end a purchase; purchases within it come at rate λ(1-p)."""
        r, alpha, a, b = (parameters[name] for name in self.parameter_names)
        rate = generator.standard_gamma(r + x, draws) / (alpha + t)
        leaving = generator.beta(a, b + x + self.chances_at_start, draws)
        hazard = rate * leaving
        patience = generator.standard_exponential(draws)
        leaves = patience < hazard * horizon
        window = np.where(leaves, patience / np.where(leaves, hazard, 1.0), horizon)
        inside = generator.poisson(rate * (1 - leaving) * window).astype(np.float64)
        return Future(window, inside, leaves)


BG_NBD = BetaGeometric("bg_nbd", chances_at_start=0)
MBG_NBD = BetaGeometric("mbg_nbd", chances_at_start=1)
