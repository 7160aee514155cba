"""The stories behind the models, told purchase by purchase: data for the tests, sharing no formula with the package."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from kehu.clv.summaries import Summaries

BG = {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}
MBG = {"r": 0.525, "alpha": 6.183, "a": 0.891, "b": 1.614}
PARETO = {"r": 0.553, "alpha": 10.578, "s": 0.606, "beta": 11.669}
NBD = {"r": 0.385, "alpha": 12.07}
SPEND = {"p": 6.25, "q": 3.74, "gamma": 15.44}
TRUE = {"bg_nbd": BG, "mbg_nbd": MBG, "pareto_nbd": PARETO, "nbd": NBD}


@dataclass(frozen=True)
class Lives:
    """Purchases after the first one: whose and when (weeks since that customer's first)."""

    customers: int
    customer: np.ndarray
    time: np.ndarray

    def summaries(self, t: np.ndarray) -> Summaries:
        """What is known at T of every customer."""
        seen = self.time <= t[self.customer]
        x = np.bincount(self.customer[seen], minlength=self.customers).astype(float)
        last = np.zeros(self.customers)
        np.maximum.at(last, self.customer[seen], self.time[seen])
        return Summaries(x, last, t, np.ones(self.customers))

    def after(self, t: np.ndarray, weeks: float) -> tuple[np.ndarray, np.ndarray]:
        """The purchases in (T, T + weeks]: whose, and how long after T."""
        since = self.time - t[self.customer]
        later = (since > 0) & (since <= weeks)
        return self.customer[later], since[later]


def live(model: str, parameters: dict[str, float], customers: int, until: float, seed: int) -> Lives:
    """Let customers buy for ``until`` weeks by the story of a model."""
    generator = np.random.default_rng([seed, customers])
    rate = generator.gamma(parameters["r"], 1 / parameters["alpha"], customers)
    may_stay, leaves_at = _leaving(model, parameters, customers, generator)
    clock, active = np.zeros(customers), np.flatnonzero(may_stay(np.arange(customers), True))
    whose, when = [], []
    while len(active):
        clock[active] += generator.exponential(1.0, len(active)) / rate[active]
        active = active[clock[active] <= np.minimum(until, leaves_at[active])]
        whose.append(active)
        when.append(clock[active])
        active = active[may_stay(active, False)]
    return Lives(customers, np.concatenate(whose), np.concatenate(when))


def _leaving(
    model: str, parameters: dict[str, float], customers: int, generator: np.random.Generator
) -> tuple[Callable[[np.ndarray, bool], np.ndarray], np.ndarray]:
    """Who stays after a purchase (or after the first one), and when customers leave without one."""
    never = np.full(customers, np.inf)
    if model == "nbd":
        return lambda who, _first: np.ones(len(who), dtype=bool), never
    if model == "pareto_nbd":
        hazard = generator.gamma(parameters["s"], 1 / parameters["beta"], customers)
        return lambda who, _first: np.ones(len(who), dtype=bool), generator.exponential(1.0, customers) / hazard
    leaving = generator.beta(parameters["a"], parameters["b"], customers)

    def stays(who: np.ndarray, first: bool) -> np.ndarray:
        if first and model == "bg_nbd":
            return np.ones(len(who), dtype=bool)
        return generator.random(len(who)) >= leaving[who]

    return stays, never


def spread_out(customers: int, shortest: float, longest: float, seed: int) -> np.ndarray:
    """Times since the first purchase, T, in whole days."""
    days = np.random.default_rng([seed, 7]).integers(round(shortest * 7), round(longest * 7) + 1, customers)
    return days / 7.0


def purse(parameters: dict[str, float], customers: int, seed: int) -> np.ndarray:
    """ν of every customer: a purchase of theirs is worth Gamma(p, ν)."""
    return np.random.default_rng([seed, 11]).gamma(parameters["q"], 1 / parameters["gamma"], customers)
