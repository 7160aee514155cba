"""The module against the published and recomputed figures of the CDNOW sample (docs/definitions.md#lifetime-value)."""

from __future__ import annotations

import csv
import hashlib

import numpy as np
import pytest

from kehu.clv.backtest import Backtest, backtest
from kehu.clv.discounting import discounted, weekly_factors
from kehu.clv.gamma_gamma import GAMMA_GAMMA
from kehu.clv.models import MODELS
from kehu.clv.pareto_nbd import PARETO_NBD
from kehu.clv.policy import Policy
from kehu.clv.score import purchases_ahead, score
from kehu.clv.summaries import ScoredSummaries
from tests.support.reference_data import CDNOW, cdnow_by_frequency, cdnow_csv
from tests.unit.clv.conftest import Reference, Shop

TOOL = "independent scipy MLE (Nelder-Mead)"
TITLES = {"bg_nbd": "BG/NBD", "mbg_nbd": "MBG/NBD", "pareto_nbd": "Pareto/NBD", "gamma_gamma": "Gamma-Gamma"}
PREFIX = {"bg_nbd": "bgnbd", "mbg_nbd": "mbgnbd", "pareto_nbd": "pnbd"}
NAMES = {name: MODELS[name].parameter_names for name in PREFIX} | {"gamma_gamma": GAMMA_GAMMA.parameter_names}
WEEKS_A_MONTH = 4.345


@pytest.fixture(scope="session")
def golden() -> dict[str, dict[str, float]]:
    """The maximum-likelihood parameters that produced the reference expectations, and their log-likelihood."""
    with (CDNOW / "reference_parameters.csv").open(encoding="utf-8") as file:
        rows = {row["model"]: row for row in csv.DictReader(file) if row["tool"] == TOOL and "exact" in row["data"]}
    return {
        name: {
            **{p: float(rows[TITLES[name]][f"p{i}"]) for i, p in enumerate(names, 1)},
            "": float(rows[TITLES[name]]["loglik"]),
        }
        for name, names in NAMES.items()
    }


def parameters_of(golden: dict[str, dict[str, float]], name: str) -> dict[str, float]:
    return {key: value for key, value in golden[name].items() if key}


@pytest.fixture(scope="session")
def backtested(cdnow: Shop) -> Backtest:
    return backtest(
        cdnow.summaries, cdnow.spend, cdnow.holdout, cdnow.weeks, history_weeks=cdnow.history_weeks, policy=Policy()
    )


def test_the_sample_is_that_of_the_references(cdnow: Shop) -> None:
    digest = hashlib.sha256(cdnow_csv().encode()).hexdigest()
    assert digest == "1a673feb5291c8e5cdac2cf95f7153500207d69026c374c2be872c6a8f4c83c6"
    assert cdnow.summaries.customers == 2357


@pytest.mark.parametrize("name", PREFIX)
def test_a_fit_finds_the_reference_parameters(name: str, reference: Reference, golden) -> None:
    fit = MODELS[name].fit(reference.summaries)
    assert fit.converged
    assert fit.at_bound == ()
    assert fit.log_likelihood == pytest.approx(golden[name][""], abs=1e-6)
    for parameter, value in parameters_of(golden, name).items():
        assert fit.parameters[parameter] == pytest.approx(value, rel=5e-5), parameter


def test_gamma_gamma_finds_the_reference_parameters(reference: Reference, golden) -> None:
    fit = GAMMA_GAMMA.fit(reference.spend)
    assert fit.customers == 946
    assert fit.log_likelihood == pytest.approx(golden["gamma_gamma"][""], abs=1e-6)
    for parameter, value in parameters_of(golden, "gamma_gamma").items():
        assert fit.parameters[parameter] == pytest.approx(value, rel=5e-5), parameter


@pytest.mark.parametrize("name", PREFIX)
def test_every_customers_expectation_equals_the_reference(name: str, reference: Reference, golden) -> None:
    model, parameters, known = MODELS[name], parameters_of(golden, name), reference.summaries
    assert model.log_likelihood(parameters, known) == pytest.approx(golden[name][""], abs=1e-8)
    alive = model.probability_alive(parameters, known.x, known.t_x, known.t)
    expected = model.expected_purchases(parameters, known.x, known.t_x, known.t, 39)
    np.testing.assert_allclose(alive, reference[f"{PREFIX[name]}_p_alive"], atol=1e-9)
    np.testing.assert_allclose(expected, reference[f"{PREFIX[name]}_exp39"], atol=1e-9)


@pytest.mark.parametrize("name", PREFIX)
def test_every_customers_expectation_from_our_own_fit_is_within_tolerance(name: str, reference: Reference) -> None:
    model, known = MODELS[name], reference.summaries
    parameters = model.fit(known).parameters
    alive = model.probability_alive(parameters, known.x, known.t_x, known.t)
    expected = model.expected_purchases(parameters, known.x, known.t_x, known.t, 39)
    np.testing.assert_allclose(alive, reference[f"{PREFIX[name]}_p_alive"], atol=1e-3)
    np.testing.assert_allclose(expected, reference[f"{PREFIX[name]}_exp39"], atol=1e-3)


def spend_of(golden, reference: Reference) -> np.ndarray:
    x = np.where(reference.has_spend, reference["x"], 0.0)
    base, slope = GAMMA_GAMMA.line(parameters_of(golden, "gamma_gamma"), x)
    return base + slope * x * reference["m_x"]


def test_every_customers_expected_spend_equals_the_reference(reference: Reference, golden) -> None:
    np.testing.assert_allclose(spend_of(golden, reference), reference["gg_exp_avg_profit"], rtol=1e-9)


def test_dert_of_every_customer_equals_the_reference(reference: Reference, golden) -> None:
    """Its 15 % a year are continuous: ln(1.15) / 52 a week."""
    known, rate = reference.summaries, np.log(1.15) / 52
    parameters = parameters_of(golden, "pareto_nbd")
    found = PARETO_NBD.discounted_residual_transactions(parameters, known.x, known.t_x, known.t, rate)
    np.testing.assert_allclose(found, reference["pnbd_dert_15pct"], atol=1e-9)
    np.testing.assert_allclose(found * spend_of(golden, reference), reference["clv_dert_pnbd_gg"], rtol=1e-9)


@pytest.mark.parametrize(
    ("column", "times", "rate"),
    [
        ("clv39_undiscounted_bgnbd_gg", np.array([0.0, 39.0]), 0.0),
        ("clv12m_1pct_month_bgnbd_gg", np.arange(13) * WEEKS_A_MONTH, 0.01),
        ("clv52w_10pct_year_bgnbd_gg", np.arange(53.0), 1.1 ** (1 / 52) - 1),
    ],
)
def test_lifetime_value_of_every_customer_equals_the_reference(column, times, rate, reference, golden) -> None:
    model, known = MODELS["bg_nbd"], reference.summaries
    parameters = parameters_of(golden, "bg_nbd")
    ahead = model.purchases_if_alive(parameters, known.x, known.t, times)
    alive = model.probability_alive(parameters, known.x, known.t_x, known.t)
    value = alive * discounted(ahead, weekly_factors(rate, len(times) - 1)) * spend_of(golden, reference)
    np.testing.assert_allclose(value, reference[column], rtol=1e-8)


def test_scores_with_frozen_parameters_equal_the_reference(cdnow: Shop, reference: Reference, golden) -> None:
    """The way that the pipeline takes: backtest, score, then the line in the customer's own repeat value."""
    frozen = {name: parameters_of(golden, name) for name in ("bg_nbd", "gamma_gamma")}
    kept = backtest(
        reference.summaries,
        reference.spend,
        cdnow.holdout,
        cdnow.weeks,
        history_weeks=39,
        policy=Policy(),
        frozen=frozen,
    )
    known = reference.summaries
    scores = score(kept, ScoredSummaries(known.x, known.t_x, known.t, reference.has_spend), Policy())
    assert (scores.model_name, scores.grade) == ("bg_nbd", "A")
    value = scores.value_base + scores.value_slope * reference["x"] * reference["m_x"]
    np.testing.assert_allclose(value, reference["gg_exp_avg_profit"], rtol=1e-9)
    np.testing.assert_allclose(scores.discounted_orders * value, reference["clv52w_10pct_year_bgnbd_gg"], rtol=1e-8)


@pytest.mark.parametrize(
    ("name", "expected", "mae"),
    [
        ("bg_nbd", 1653.4, 0.7855),
        ("mbg_nbd", 1576.7, 0.7648),
        ("pareto_nbd", 1665.5, 0.7545),
        ("naive_rate", 2930.1, 1.0237),
        ("zero", 0.0, 0.7985),
    ],
)
def test_the_holdout_equals_the_published_figures(name: str, expected: float, mae: float, backtested: Backtest) -> None:
    found = next(candidate for candidate in backtested.candidates if candidate.name == name).holdout
    assert (found.customers, found.purchases) == (2357, 1882)
    assert found.expected == pytest.approx(expected, abs=0.06)
    assert found.mae == pytest.approx(mae, abs=6e-5)


@pytest.mark.parametrize("name", PREFIX)
def test_calibration_by_frequency_equals_the_reference(name: str, cdnow: Shop) -> None:
    frozen = {name: MODELS[name].fit(cdnow.holdout.summaries).parameters}
    table = backtest(
        cdnow.summaries, cdnow.spend, cdnow.holdout, cdnow.weeks, history_weeks=78, policy=Policy(), frozen=frozen
    ).calibration
    for place, row in enumerate(cdnow_by_frequency()):
        customers = float(row["n"])
        assert table.customers[place] == customers
        assert table.actual[place] == pytest.approx(float(row["x_star"]) * customers, abs=1e-9)
        assert table.expected[place] / customers == pytest.approx(float(row[f"{PREFIX[name]}_exp39"]), abs=1e-3)


def test_cdnow_is_graded_a_and_tracked_within_a_few_percent(backtested: Backtest) -> None:
    assert backtested.choice.grade == "A"
    assert backtested.choice.name == "pareto_nbd"
    assert backtested.best_baseline.name == "same_as_calibration"
    tracked = backtested.tracking
    assert tracked.actual_cumulative[-1] == 4339
    at_border = np.flatnonzero(tracked.is_holdout)[0]
    error = tracked.expected_cumulative / tracked.actual_cumulative - 1
    assert np.abs(error[at_border - 5 :]).max() < 0.06
    assert backtested.gains.actual.sum() == pytest.approx(1882)
    assert backtested.gains.cumulative_share[1] > 0.6


def test_weeks_ahead_end_where_the_plain_expectation_does(reference: Reference, golden) -> None:
    known, parameters = reference.summaries, parameters_of(golden, "pareto_nbd")
    plain, worth = purchases_ahead(PARETO_NBD, parameters, known.x, known.t, Policy())
    np.testing.assert_allclose(plain, PARETO_NBD.expected_if_alive(parameters, known.x, known.t, 52), rtol=1e-12)
    assert ((worth < plain) & (worth > plain / 1.1)).all()
