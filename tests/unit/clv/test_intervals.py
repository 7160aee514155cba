"""Prediction intervals against customers whose future is simulated purchase by purchase."""

from __future__ import annotations

import numpy as np
import pytest

from kehu.clv.discounting import discounted_draws, weekly_factors
from kehu.clv.fit import Fit
from kehu.clv.gamma_gamma import GAMMA_GAMMA
from kehu.clv.intervals import Simulator, interval
from kehu.clv.models import MODELS
from kehu.clv.policy import Policy
from kehu.clv.score import purchases_ahead
from kehu.clv.spend_rule import SpendRule, spend_rule
from kehu.clv.summaries import ScoredSummaries, Spend, Summaries
from tests.unit.clv.processes import SPEND, TRUE, live, purse, spread_out

CUSTOMERS = 6000
TESTED = 2000
KOLMOGOROV_99 = 1.628
POLICY = Policy()
FACTORS = weekly_factors(POLICY.weekly_discount_rate, 52)


class World:
    """Customers with a past, a fit of it, and the discounted value of the 52 weeks that followed."""

    def __init__(self, name: str, seed: int) -> None:
        t = spread_out(CUSTOMERS, 13, 52, seed)
        lives, generator = live(name, TRUE[name], CUSTOMERS, 104.0, seed), np.random.default_rng([seed, 1])
        self.known: Summaries = lives.summaries(t)
        self.model, self.nu = MODELS[name], purse(SPEND, CUSTOMERS, seed)
        x = self.known.x
        self.repeat_value = np.where(x > 0, generator.gamma(SPEND["p"] * np.maximum(x, 1)) / self.nu, 0.0)
        who, after = lives.after(t, 52.0)
        values = generator.gamma(SPEND["p"], 1.0, len(who)) / self.nu[who] * FACTORS[np.ceil(after).astype(int) - 1]
        self.outcome = np.bincount(who, weights=values, minlength=CUSTOMERS)
        self.fit = self.model.fit(self.known)
        bought = x > 0
        self.spend = spend_rule(Spend(x[bought], self.repeat_value[bought], np.ones(bought.sum())), POLICY)
        self.scored = ScoredSummaries(x, self.known.t_x, t, bought)
        self.alive = self.model.probability_alive(self.fit.parameters, x, self.known.t_x, t)
        self.simulator = Simulator(self.model, self.fit.parameters, self.spend, POLICY)
        base, slope = self.simulator.unit()
        self.unit = base + slope * self.repeat_value


def pit(world: World, seed: int) -> np.ndarray:
    """Randomised probability integral transforms of the outcomes of some customers, under the model's draws."""
    chance = np.random.default_rng([seed, 2]).random(TESTED)
    found = np.empty(TESTED)
    for one in range(TESTED):
        x, t, alive = world.known.x[one], world.known.t[one], world.alive[one]
        draws = world.simulator.outcomes(x, x, t, stream=one)
        outcome = world.outcome[one] / world.unit[one]
        nothing = (1 - alive) + alive * (draws == 0).mean()
        found[one] = chance[one] * nothing if outcome == 0 else (1 - alive) + alive * (draws <= outcome).mean()
    return found


@pytest.mark.slow
@pytest.mark.parametrize("name", MODELS)
def test_intervals_cover_and_the_predictive_distribution_is_right(name: str, is_long: bool) -> None:
    """Coverage >= 78 % of 80 % intervals; PIT within the 99 % Kolmogorov-Smirnov band."""
    for seed in range(5 if is_long else 1):
        world = World(name, seed)
        low, high = interval(world.simulator, world.alive, world.scored)
        inside = (low * world.unit <= world.outcome) & (world.outcome <= high * world.unit)
        assert inside.mean() >= 0.78
        assert (world.outcome > high * world.unit).mean() < 0.11
        ranked = np.sort(pit(world, seed))
        places = np.arange(TESTED + 1) / TESTED
        distance = max(np.abs(ranked - places[1:]).max(), np.abs(ranked - places[:-1]).max())
        assert distance < KOLMOGOROV_99 / np.sqrt(TESTED)


def fixed_spend() -> SpendRule:
    fit = Fit("gamma_gamma", SPEND, 0.0, 1.0, converged=True)
    return SpendRule("gamma_gamma", fit, 35.0, 1.0, None, False, True, ())


@pytest.mark.parametrize("name", MODELS)
def test_the_mean_of_the_draws_is_the_expected_value(name: str) -> None:
    """Both ways to E[value | alive]: simulated outcomes, and expected purchases times expected spend."""
    policy = Policy(clv_draws=40_000)
    simulator = Simulator(MODELS[name], TRUE[name], fixed_spend(), policy)
    for x, t in ((0.0, 5.0), (2.0, 30.0), (15.0, 50.0)):
        draws = simulator.outcomes(x, x, t, stream=1)
        _, worth = purchases_ahead(MODELS[name], TRUE[name], np.array([x]), np.array([t]), policy)
        base, slope = GAMMA_GAMMA.line(SPEND, np.array([x]))
        unit_base, unit_slope = simulator.unit()
        assert unit_base / unit_slope == pytest.approx(float(base[0] / slope[0]))
        wanted = float(worth[0] * slope[0] / unit_slope)
        assert abs(draws.mean() - wanted) < 4 * draws.std() / np.sqrt(len(draws))


def test_an_interval_does_not_depend_on_who_else_is_scored() -> None:
    x = np.array([0, 1, 1, 4, 9, 9], dtype=float)
    t_x, t = np.array([0, 3, 3, 20, 30, 11.0]), np.array([9, 20, 25, 31, 30, 12.0])
    scored = ScoredSummaries(x, t_x, t, x > 1)
    simulator = Simulator(MODELS["bg_nbd"], TRUE["bg_nbd"], fixed_spend(), POLICY)
    alive = np.array([1.0, 0.4, 0.3, 0.6, 0.9, 0.9])
    low, high = interval(simulator, alive, scored)
    for rows in ([0], [4, 1], [5, 3, 2, 0]):
        some = interval(simulator, alive[rows], ScoredSummaries(x[rows], t_x[rows], t[rows], (x > 1)[rows]))
        np.testing.assert_array_equal(some[0], low[rows])
        np.testing.assert_array_equal(some[1], high[rows])
    again = interval(Simulator(MODELS["bg_nbd"], TRUE["bg_nbd"], fixed_spend(), Policy(clv_seed=7)), alive, scored)
    assert not np.array_equal(again[1], high)


@pytest.mark.parametrize("name", MODELS)
def test_interpolated_quantiles_are_those_of_the_exact_history(name: str) -> None:
    """Between the cells of the grid the quantiles differ from a simulation at T itself by its noise only."""
    policy = Policy(clv_draws=40_000)
    simulator = Simulator(MODELS[name], TRUE[name], fixed_spend(), policy)
    for x, t in ((1.0, 0.3), (3.0, 17.7), (30.0, 49.9)):
        scored = ScoredSummaries(np.array([x]), np.array([t / 2]), np.array([t]), np.array([True]))
        low, high = interval(simulator, np.ones(1), scored)
        exact = np.quantile(simulator.outcomes(x, x, t, stream=2), [0.1, 0.9])
        assert low[0] == pytest.approx(exact[0], rel=0.03, abs=1e-3)
        assert high[0] == pytest.approx(exact[1], rel=0.03)


def test_the_chance_of_having_left_is_exact() -> None:
    """Below the chance of nothing the quantile is 0; with P(alive) = 1 it is the draws' own; it grows with P."""
    alive = np.array([0.0, 0.05, 0.2, 0.5, 0.9, 1.0])
    many = np.full(6, 8.0), np.full(6, 20.0), np.full(6, 25.0)
    simulator = Simulator(MODELS["nbd"], TRUE["nbd"], fixed_spend(), POLICY)
    low, high = interval(simulator, alive, ScoredSummaries(*many, np.full(6, True)))
    assert high[:2].tolist() == [0.0, 0.0]
    assert low[:5].tolist()[:4] == [0.0] * 4
    assert (np.diff(high[1:]) > 0).all()
    assert (low <= high).all()


def test_discounted_draws_of_one_purchase_are_its_factor() -> None:
    generator = np.random.default_rng(1)
    window, one = np.full(5000, 52.0), np.ones(5000)
    drawn = discounted_draws(window, one, np.zeros(5000, dtype=bool), FACTORS, generator)
    assert set(np.round(drawn, 12)) <= set(np.round(FACTORS, 12))
    assert drawn.mean() == pytest.approx(FACTORS.mean(), abs=4 * FACTORS.std() / np.sqrt(5000))


def test_discounted_draws_have_the_mean_and_spread_of_single_purchases() -> None:
    generator = np.random.default_rng(2)
    window, many = np.full(40_000, 30.5), np.full(40_000, 6.0)
    drawn = discounted_draws(window, many, np.ones(40_000, dtype=bool), FACTORS, generator)
    times = np.random.default_rng(3).random((40_000, 6)) * 30.5
    plain = FACTORS[np.ceil(times).astype(int) - 1].sum(axis=1) + FACTORS[30]
    assert drawn.mean() == pytest.approx(plain.mean(), abs=4 * plain.std() / 200)
    assert drawn.std() == pytest.approx(plain.std(), rel=0.03)
