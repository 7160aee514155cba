"""What must hold for any parameters and any history."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kehu.clv.backtest import backtest
from kehu.clv.fit import Fit
from kehu.clv.gamma_gamma import GAMMA_GAMMA
from kehu.clv.intervals import Simulator, interval
from kehu.clv.models import MODELS
from kehu.clv.policy import Policy
from kehu.clv.score import purchases_ahead, score
from kehu.clv.spend_rule import SpendRule
from kehu.clv.summaries import Holdout, ScoredSummaries, Spend, Summaries, Weeks
from tests.unit.clv.processes import BG, SPEND, live, spread_out

EVERY = settings(max_examples=40, deadline=None)
SHAPES = st.floats(np.log(1e-3), np.log(1e3)).map(lambda value: float(np.exp(value)))
COUNTS = st.integers(0, 300)
TIMES = st.integers(1, 3000).map(lambda days: days / 7.0)
SHARES = st.floats(0.001, 1.0)


@st.composite
def parameters(draw: st.DrawFn) -> tuple[str, dict[str, float]]:
    name = draw(st.sampled_from(sorted(MODELS)))
    return name, {key: draw(SHAPES) for key in MODELS[name].parameter_names}


@st.composite
def summaries(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    x, t = float(draw(COUNTS)), draw(TIMES)
    t_x = 0.0 if x == 0 else t * draw(SHARES)
    return np.array([x]), np.array([t_x]), np.array([t])


@EVERY
@given(parameters(), summaries())
def test_probabilities_are_probabilities_and_everything_is_finite(model, known) -> None:
    name, values = model
    alive = MODELS[name].probability_alive(values, *known)[0]
    expected = MODELS[name].expected_purchases(values, *known, 52.0)[0]
    assert 0 <= alive <= 1
    assert 0 <= expected < np.inf
    assert np.isfinite(MODELS[name].log_likelihood(values, Summaries(*known, [1.0])))


@EVERY
@given(parameters(), summaries(), st.floats(0.5, 200))
def test_silence_makes_it_less_likely_to_be_alive(model, known, silence: float) -> None:
    name, values = model
    x, t_x, t = known
    now, later = (MODELS[name].probability_alive(values, x, t_x, t + wait)[0] for wait in (0.0, silence))
    assert later <= now + 1e-12
    if name in {"bg_nbd", "nbd"} and (x == 0).all():
        assert later == now == 1.0


@EVERY
@given(parameters(), summaries(), st.floats(0.1, 50), st.floats(0.1, 50))
def test_expectations_rise_with_the_horizon(model, known, horizon: float, more: float) -> None:
    name, values = model
    less, longer = (MODELS[name].expected_purchases(values, *known, weeks)[0] for weeks in (horizon, horizon + more))
    assert longer >= less * (1 - 1e-9)


@EVERY
@given(parameters(), st.integers(1, 100), st.integers(1, 20), TIMES)
def test_expectations_rise_with_purchases_until_today(model, x: int, more: int, t: float) -> None:
    """At t_x = T, from the first repeat purchase on: in BG/NBD the very first one is the first chance to leave."""
    name, values = model
    both, times = np.array([x, x + more], dtype=float), np.array([t, t])
    few, many = MODELS[name].expected_purchases(values, both, times, times, 26.0)
    assert many >= few * (1 - 1e-9)


@EVERY
@given(parameters(), st.integers(1, 100), SHARES, SHARES, TIMES)
def test_expectations_rise_with_a_later_last_purchase(model, x: int, one: float, other: float, t: float) -> None:
    name, values = model
    t_x = np.sort(np.array([one, other])) * t
    early, late = MODELS[name].expected_purchases(values, np.full(2, float(x)), t_x, np.full(2, t), 26.0)
    assert late >= early * (1 - 1e-9)


@EVERY
@given(parameters(), summaries(), st.floats(0.0, 0.5), st.floats(0.01, 0.5))
def test_value_falls_with_the_discount_rate(model, known, rate: float, more: float) -> None:
    name, values = model
    worth = [
        purchases_ahead(MODELS[name], values, known[0], known[2], Policy(annual_discount_rate=annual))[1][0]
        for annual in (rate, rate + more)
    ]
    assert worth[1] <= worth[0]
    plain, _ = purchases_ahead(MODELS[name], values, known[0], known[2], Policy())
    undiscounted = purchases_ahead(MODELS[name], values, known[0], known[2], Policy(annual_discount_rate=0.0))[1]
    assert undiscounted[0] == pytest.approx(plain[0], rel=1e-12)


@EVERY
@given(parameters(), summaries(), st.booleans())
def test_intervals_are_finite_and_the_right_way_up(model, known, has_spend: bool) -> None:
    name, values = model
    spend = SpendRule("gamma_gamma", Fit("gamma_gamma", SPEND, 0.0, 1.0, True), 35.0, 1.0, None, False, True, ())
    simulator = Simulator(MODELS[name], values, spend, Policy(clv_draws=100))
    alive = MODELS[name].probability_alive(values, *known)
    low, high = interval(simulator, alive, ScoredSummaries(*known, np.array([has_spend and known[0][0] > 0])))
    assert 0 <= low[0] <= high[0] < np.inf


@EVERY
@given(st.floats(0.2, 50), st.floats(1.01, 50), st.floats(0.1, 1e6), st.integers(0, 100), st.floats(0.01, 1e6))
def test_expected_spend_lies_between_the_population_and_the_own_mean(p, q, gamma, x: int, mean: float) -> None:
    base, slope = GAMMA_GAMMA.line({"p": p, "q": q, "gamma": gamma}, np.array([float(x)]))
    found, population = base[0] + slope[0] * x * mean, p * gamma / (q - 1)
    low, high = sorted([population, mean if x else population])
    assert low * (1 - 1e-9) <= found <= high * (1 + 1e-9)


@EVERY
@given(st.integers(2, 6), st.integers(0, 1000))
def test_tuples_say_what_their_customers_say(copies: int, seed: int) -> None:
    """The same customers one by one, or as a summary with a count, in any order."""
    t = spread_out(60, 5, 30, seed)
    known = live("bg_nbd", BG, 60, 30.0, seed).summaries(t)
    together = Summaries(known.x, known.t_x, known.t, known.weight * copies)
    order = np.random.default_rng(seed).permutation(60 * copies)
    columns = [np.repeat(column, copies)[order] for column in (known.x, known.t_x, known.t)]
    one_by_one = Summaries(*columns, np.ones(60 * copies))
    for name, model in MODELS.items():
        values = dict.fromkeys(model.parameter_names, 0.7)
        whole = model.log_likelihood(values, together)
        assert model.log_likelihood(values, one_by_one) == pytest.approx(whole, rel=1e-12), name
        summed = together.weight @ model.expected_purchases(values, known.x, known.t_x, known.t, 9.0)
        assert model.expected_purchases(values, *columns, 9.0).sum() == pytest.approx(summed, rel=1e-11)


def test_a_backtest_of_summaries_is_that_of_their_customers() -> None:
    t = spread_out(900, 30, 60, 3)
    lives = live("bg_nbd", BG, 900, 80.0, 3)
    before, t_end = lives.summaries(t), t + 20
    bought = np.bincount(lives.after(t, 20.0)[0], minlength=900).astype(float)
    after = lives.summaries(t_end)
    weeks = Weeks(np.arange(1.0, 81), np.ones(80), np.arange(80) >= 60, np.arange(1.0, 81))

    def run(rows: np.ndarray, count: float):
        spent = after.x[rows] > 0
        return backtest(
            Summaries(after.x[rows], after.t_x[rows], after.t[rows], np.full(len(rows), count)),
            Spend(after.x[rows][spent], after.x[rows][spent] * 20.0 + rows[spent] % 7, np.full(spent.sum(), count)),
            Holdout(
                before.x[rows], before.t_x[rows], before.t[rows], np.full(len(rows), count), bought[rows], 20, 60.0
            ),
            weeks,
            history_weeks=80.0,
            policy=Policy(),
        )

    grouped, single = (
        run(np.arange(900), 2.0),
        run(np.random.default_rng(1).permutation(np.repeat(np.arange(900), 2)), 1.0),
    )
    assert grouped.choice.name == single.choice.name
    assert grouped.choice.grade == single.choice.grade
    for one, other in zip(grouped.candidates, single.candidates, strict=True):
        assert one.holdout.rmse == pytest.approx(other.holdout.rmse, rel=1e-6)
        assert one.holdout.expected == pytest.approx(other.holdout.expected, rel=1e-6)
    np.testing.assert_allclose(grouped.gains.actual, single.gains.actual, rtol=1e-6)
    np.testing.assert_allclose(grouped.calibration.expected, single.calibration.expected, rtol=1e-6)
    scored = ScoredSummaries(after.x, after.t_x, after.t, after.x > 0)
    one, other = score(grouped, scored, Policy()), score(single, scored, Policy())
    np.testing.assert_allclose(one.expected_orders, other.expected_orders, rtol=1e-5, atol=1e-9)
