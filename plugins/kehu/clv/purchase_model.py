"""What every purchase model can do: fit, who is alive, what to expect, and draw futures."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

import numpy as np

from kehu.clv.arrays import Floats, Parameters
from kehu.clv.fit import Fit
from kehu.clv.fitting import array, fit_summaries, frozen_fit
from kehu.clv.futures import Future
from kehu.clv.grouping import Pairs, merged
from kehu.clv.optimum import Evaluate
from kehu.clv.summaries import Summaries


class PurchaseModel(ABC):
    """A model of when customers buy and when they leave.

    Parameters are a mapping by name (weeks). Arrays x, t_x, t have the shape (n,); times are weeks.
    """

    name: str
    parameter_names: tuple[str, ...]

    @abstractmethod
    def likelihood(self, summaries: Summaries) -> Evaluate:
        """The log-likelihood of summaries and its gradient, as a function of the parameters in order."""

    @abstractmethod
    def starts(self, summaries: Summaries) -> Sequence[Floats]:
        """Where to start a fit: parameters in order."""

    @abstractmethod
    def probability_alive(self, parameters: Parameters, x: Floats, t_x: Floats, t: Floats) -> Floats:
        """P(still a customer at T); shape (n,), within [0, 1]."""

    @abstractmethod
    def purchases_if_alive(self, parameters: Parameters, x: Floats, t: Floats, horizon: Floats) -> Floats:
        """E[purchases within ``horizon`` weeks | alive at T] for horizons of shape (k,); shape (n, k)."""

    @abstractmethod
    def time_scale(self, parameters: Parameters) -> float:
        """The weeks that are added to T in the posterior rates (the least of them): T counts against this."""

    @abstractmethod
    def draw_future(
        self, parameters: Parameters, x: float, t: float, *, horizon: float, draws: int, generator: np.random.Generator
    ) -> Future:
        """Futures of a customer with x repeat purchases who is alive at T."""

    def fit(self, summaries: Summaries) -> Fit:
        """Parameters by maximum likelihood; what went wrong is said in the `Fit`, not raised."""
        return fit_summaries(self.name, self.parameter_names, self.likelihood, summaries, self.starts(summaries))

    def freeze(self, parameters: Parameters, summaries: Summaries) -> Fit:
        """Given parameters as a `Fit`, with their log-likelihood for these summaries.

        Raises:
            ValueError: they are not the parameters of this model.
        """
        fit = frozen_fit(self.name, parameters, self.parameter_names, 0.0, summaries.customers)
        value = self.log_likelihood(fit.parameters, summaries)
        return frozen_fit(self.name, parameters, self.parameter_names, value, summaries.customers)

    def log_likelihood(self, parameters: Parameters, summaries: Summaries) -> float:
        """The log-likelihood of all customers."""
        if not summaries.distinct:
            return 0.0
        return self.likelihood(merged(summaries))(array(parameters, self.parameter_names))[0]

    def expected_if_alive(self, parameters: Parameters, x: Floats, t: Floats, horizon: float) -> Floats:
        """E[purchases within ``horizon`` weeks | alive at T], taken once per distinct (x, T); shape (n,)."""
        pairs = Pairs.of(x, t)
        return self.purchases_if_alive(parameters, pairs.x, pairs.y, np.array([horizon]))[pairs.index, 0]

    def expected_purchases(self, parameters: Parameters, x: Floats, t_x: Floats, t: Floats, horizon: float) -> Floats:
        """E[purchases within ``horizon`` weeks | x, t_x, T]; shape (n,)."""
        alive = self.probability_alive(parameters, x, t_x, t)
        return alive * self.expected_if_alive(parameters, x, t, horizon)

    def expected_from_start(self, parameters: Parameters, t: Floats) -> Floats:
        """E[repeat purchases of a new customer within t weeks], for times t of shape (k,); shape (k,)."""
        start = np.zeros(1)
        alive = self.probability_alive(parameters, start, start, start)[0]
        return alive * self.purchases_if_alive(parameters, start, start, t)[0]
