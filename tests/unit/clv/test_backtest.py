"""Holdout errors, baselines, choice, grades and the tables of the backtest, on figures that can be checked by hand."""

from __future__ import annotations

import numpy as np
import pytest

from kehu.clv.backtest import backtest
from kehu.clv.backtest_tables import calibration, gains, tracking
from kehu.clv.baselines import BASELINES, predict_ahead, predict_holdout
from kehu.clv.choice import Candidate, Choice, choose
from kehu.clv.fit import Fit
from kehu.clv.gamma_gamma import GAMMA_GAMMA
from kehu.clv.holdout_errors import HoldoutErrors, holdout_errors
from kehu.clv.models import MODELS
from kehu.clv.new_customers import new_customer_value
from kehu.clv.policy import Policy
from kehu.clv.score import score
from kehu.clv.spend_rule import spend_rule, value_frequency_correlation
from kehu.clv.summaries import Holdout, ScoredSummaries, Spend, Weeks
from tests.unit.clv.conftest import Shop, shop_of
from tests.unit.clv.processes import NBD, SPEND, live
from tests.unit.clv.test_bad_input import DAY, backtested, everybody_again, ordinary

POLICY = Policy()
HOLDOUT = Holdout(
    x=np.array([0, 2, 4, 9]),
    t_x=np.array([0, 5, 10, 20.0]),
    t=np.array([0, 10, 20, 20.0]),
    weight=np.array([1, 2, 1, 1]),
    holdout_x=np.array([0, 1, 5, 9]),
    weeks=10,
    calibration_weeks=20.0,
)


def test_baselines_follow_their_definitions() -> None:
    mean = (2 * 2 + 4 + 9) / (0 + 2 * 10 + 20 + 20)
    assert predict_holdout("naive_rate", HOLDOUT).tolist() == [0.0, 2.0, 2.0, 4.5]
    assert predict_holdout("same_as_calibration", HOLDOUT).tolist() == [0.0, 2.0, 4.0, 9.0]
    assert predict_holdout("population_mean", HOLDOUT) == pytest.approx([mean * 10] * 4)
    assert predict_holdout("zero", HOLDOUT).tolist() == [0.0] * 4
    with pytest.raises(ValueError, match="guess is not one of zero"):
        predict_holdout("guess", HOLDOUT)


def test_baselines_predict_ahead_by_the_same_rule() -> None:
    x, t = np.array([0, 6.0]), np.array([0, 30.0])
    ahead = {name: predict_ahead(name, x, t, 0.25, holdout=HOLDOUT, horizon=52).tolist() for name in BASELINES}
    assert ahead == {
        "zero": [0.0, 0.0],
        "population_mean": [13.0, 13.0],
        "same_as_calibration": pytest.approx([0.0, 6 * (20 / 30) * 52 / 10]),
        "naive_rate": pytest.approx([0.0, 0.2 * 52]),
    }


def test_holdout_errors_weigh_customers() -> None:
    errors = holdout_errors(np.array([1.0, 1.0, 3.0, 9.0]), HOLDOUT)
    assert (errors.customers, errors.purchases, errors.expected) == (5, 16, 15)
    assert errors.mae == pytest.approx((1 + 0 + 2 + 0) / 5)
    assert errors.rmse == pytest.approx(np.sqrt((1 + 4) / 5))
    assert errors.total_error == pytest.approx(-1 / 16)


def candidate(name: str, rmse: float, error: float | None = 0.0, *reasons: str) -> Candidate:
    holdout = HoldoutErrors(39, 1000, 500, 500, 0.5, rmse, error)
    kind = "baseline" if name in BASELINES else "model"
    fit = Fit(name, {}, 0.0, 1000, converged=True) if kind == "model" else None
    return Candidate(name, kind, fit, fit, holdout, reasons)


BASE = (candidate("zero", 2.0), candidate("naive_rate", 1.0), candidate("same_as_calibration", 1.0))


@pytest.mark.parametrize(
    ("rmse", "error", "grade"),
    [
        (0.90, 0.15, "A"),
        (0.90, -0.15, "A"),
        (0.9001, 0.0, "B"),
        (0.5, 0.1501, "B"),
        (0.999, -0.30, "B"),
        (0.5, 0.3001, "C"),
        (1.0, 0.0, "C"),
        (0.5, None, "C"),
    ],
)
def test_grades_follow_their_limits(rmse: float, error: float | None, grade: str) -> None:
    chosen = choose((candidate("bg_nbd", rmse, error), *BASE), "", POLICY)
    assert chosen.grade == grade
    assert chosen.name == ("naive_rate" if grade == "C" else "bg_nbd")
    assert chosen.name in chosen.reason


def test_the_trustworthy_model_with_the_lowest_rmse_is_used() -> None:
    models = candidate("bg_nbd", 0.5, 0.0, "a at its bound"), candidate("mbg_nbd", 0.8), candidate("pareto_nbd", 0.7)
    chosen = choose((*models, *BASE), "", POLICY)
    assert (chosen.name, chosen.grade) == ("pareto_nbd", "A")
    assert "not trustworthy: bg_nbd" in chosen.reason


def test_a_better_total_does_not_rescue_a_model_with_a_higher_rmse() -> None:
    chosen = choose((candidate("bg_nbd", 0.7, 0.5), candidate("nbd", 0.8, 0.0), *BASE), "", POLICY)
    assert (chosen.name, chosen.kind, chosen.grade) == ("naive_rate", "baseline", "C")


def test_without_a_trustworthy_model_every_reason_is_named_once() -> None:
    models = candidate("bg_nbd", 0.5, 0.0, "too few", "a at bound"), candidate("nbd", 0.8, 0.0, "too few")
    chosen = choose((*models, *BASE), "", POLICY)
    assert chosen == Choice(
        "naive_rate",
        "baseline",
        "C",
        "no model is trustworthy, so the best baseline, naive_rate, is used (too few; bg_nbd: a at bound)",
    )


def test_without_a_holdout_there_is_no_prediction() -> None:
    chosen = choose((candidate("bg_nbd", 0.5), *BASE), "the history is too short", POLICY)
    assert chosen == Choice("none", "none", "insufficient", "no prediction: the history is too short")


def test_the_calibration_table_partitions_customers_and_purchases() -> None:
    table = calibration(np.array([0.1, 1.0, 3.0, 8.0]), HOLDOUT)
    assert table.customers.tolist() == [1, 0, 2, 0, 1, 0, 0, 1]
    assert table.actual.tolist() == [0, 0, 2, 0, 5, 0, 0, 9]
    assert table.expected.tolist() == [0.1, 0, 2, 0, 3, 0, 0, 8]


def test_gains_rank_by_prediction_and_split_ties_in_proportion() -> None:
    table = gains(np.array([0.1, 1.0, 3.0, 8.0]), HOLDOUT)
    assert table.customers == pytest.approx([0.5] * 10)
    assert table.actual == pytest.approx([4.5, 4.5, 2.5, 2.5, 0.5, 0.5, 0.5, 0.5, 0, 0])
    assert table.cumulative_share[-1] == pytest.approx(1)
    equal = gains(np.ones(4), HOLDOUT)
    assert equal.actual == pytest.approx([1.6] * 10)


def test_tracking_adds_up_to_the_expected_total() -> None:
    """At the end of calibration every customer's clock stands at T."""
    weeks = Weeks([1, 2, 3], [5, 6, 7], [False, False, True], [10.0, 20.0, 30.0])
    table = tracking(weeks, HOLDOUT, MODELS["nbd"], NBD)
    each = MODELS["nbd"].expected_from_start(NBD, HOLDOUT.t)
    assert table.expected_cumulative[1] == pytest.approx(HOLDOUT.weight @ each)
    assert table.expected_cumulative[0] == pytest.approx(
        2 * MODELS["nbd"].expected_from_start(NBD, np.array([10.0]))[0]
    )
    assert table.actual_cumulative.tolist() == [5, 11, 18]
    assert table.expected.sum() == pytest.approx(table.expected_cumulative[-1])


def test_tracking_without_a_model_has_the_actual_purchases_only() -> None:
    table = tracking(Weeks([1], [5], [False], [1.0]), HOLDOUT, None, None)
    assert (table.model, table.expected, table.actual.tolist()) == (None, None, [5.0])


@pytest.fixture(scope="module")
def regular() -> Shop:
    return shop_of(ordinary(lambda who: 10.0 + who % 9), DAY + 400, 29)


def test_a_chosen_model_is_never_worse_than_the_best_baseline(regular: Shop) -> None:
    found = backtested(regular)
    assert found.choice.kind == "model"
    assert found.chosen.holdout.rmse < found.best_baseline.holdout.rmse
    assert found.calibration.actual.sum() == found.chosen.holdout.purchases == found.gains.actual.sum()
    assert found.calibration.expected.sum() == pytest.approx(found.chosen.holdout.expected)
    assert found.tracking.model == found.choice.name


def test_frozen_parameters_are_used_as_they_are(regular: Shop) -> None:
    given = {"mbg_nbd": {"r": 0.5, "alpha": 6.0, "a": 0.9, "b": 1.6}, "gamma_gamma": SPEND}
    found = backtest(
        regular.summaries,
        regular.spend,
        regular.holdout,
        regular.weeks,
        history_weeks=regular.history_weeks,
        policy=POLICY,
        frozen=given,
    )
    assert found.choice.name == "mbg_nbd"
    assert found.fit.is_frozen
    assert found.fit.parameters == given["mbg_nbd"]
    assert found.fit.log_likelihood == pytest.approx(
        MODELS["mbg_nbd"].log_likelihood(given["mbg_nbd"], regular.summaries)
    )
    assert not found.chosen.calibration_fit.is_frozen
    assert found.spend.fit.parameters == SPEND
    others = {one.name: one.reason for one in found.candidates if one.kind == "model" and one.name != "mbg_nbd"}
    assert set(others.values()) == {"the parameters in force are those of mbg_nbd"}


@pytest.mark.parametrize("given", [{"r": 1.0}, {"r": 1.0, "alpha": -1.0}, {"r": 1.0, "alpha": 1.0, "s": 1.0}])
def test_parameters_of_another_model_are_refused(regular: Shop, given: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="nbd needs r, alpha as positive numbers"):
        MODELS["nbd"].freeze(given, regular.summaries)


def test_a_baseline_scores_evenly_discounted_and_without_an_interval() -> None:
    shop = shop_of(everybody_again(), DAY + 420, 30)
    found = backtested(shop)
    known = shop.summaries
    scores = score(found, ScoredSummaries(known.x, known.t_x, known.t, shop.has_spend), POLICY)
    assert (scores.probability_alive, scores.low_base, scores.high_slope) == (None, None, None)
    weekly = (1.1 ** (-np.arange(1, 53) / 52)).sum() / 52
    np.testing.assert_allclose(scores.discounted_orders, scores.expected_orders * weekly, rtol=1e-12)
    if found.choice.name == "naive_rate":
        np.testing.assert_allclose(scores.expected_orders, known.x / known.t * 52, rtol=1e-12)


def test_a_new_customer_is_a_history_of_nothing(regular: Shop) -> None:
    found = backtested(regular)
    new = new_customer_value(found, POLICY)
    scores = score(found, ScoredSummaries([0], [0.0], [0.0], [False]), POLICY)
    assert new.discounted_orders == pytest.approx(scores.discounted_orders[0], rel=1e-9)
    assert new.value == pytest.approx(scores.discounted_orders[0] * scores.value_base[0], rel=1e-9)


def test_correlated_spend_is_named() -> None:
    x = np.repeat(np.arange(1.0, 6), 100)
    noise = np.random.default_rng(1).gamma(6.0, 1 / 6, 500)
    free, tied = Spend(x, x * 20 * noise, np.ones(500)), Spend(x, x * 20 * x * noise, np.ones(500))
    assert value_frequency_correlation(tied) == pytest.approx(np.corrcoef(tied.x, tied.total / tied.x)[0, 1])
    assert not spend_rule(free, POLICY).is_correlated
    rule = spend_rule(tied, POLICY)
    assert rule.is_correlated
    assert "value and frequency are correlated (0." in rule.reason


def test_the_currency_does_not_matter() -> None:
    """γ is in money; the bounds are not: the same shop in a currency worth 1/16,000."""
    generator = np.random.default_rng(5)
    x = generator.geometric(0.4, 1500).astype(float)
    total = generator.gamma(SPEND["p"] * x) / generator.gamma(SPEND["q"], 1 / SPEND["gamma"], 1500)
    one, other = (GAMMA_GAMMA.fit(Spend(x, total * rate, np.ones(1500))) for rate in (1.0, 16_000.0))
    assert other.converged
    assert other.at_bound == ()
    assert other.parameters["gamma"] == pytest.approx(16_000 * one.parameters["gamma"], rel=1e-6)
    assert other.parameters["p"] == pytest.approx(one.parameters["p"], rel=1e-6)
    assert other.log_likelihood == pytest.approx(one.log_likelihood - 1500 * np.log(16_000), rel=1e-9)


def test_a_model_of_leaving_names_its_bound_where_nobody_leaves() -> None:
    """What Online Retail does to BG/NBD: a runs to 0 and everybody is alive."""
    known = live("nbd", {"r": 0.8, "alpha": 10.0}, 3000, 50.0, 2).summaries(np.full(3000, 50.0))
    for name in ("bg_nbd", "mbg_nbd", "pareto_nbd"):
        fit = MODELS[name].fit(known)
        assert fit.at_bound, name
        assert fit.standard_errors is None
    assert MODELS["nbd"].fit(known).at_bound == ()


@pytest.mark.parametrize("wrong", [{"clv_draws": 10}, {"annual_discount_rate": -1.0}, {"clv_interval_share": 1.0}])
def test_a_policy_out_of_range_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Policy(**wrong)
