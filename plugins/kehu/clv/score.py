"""Scores of the distinct summaries at D: who is alive, what they will buy, what a purchase is worth, how sure that is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kehu.clv.arrays import Floats, Parameters
from kehu.clv.backtest import Backtest
from kehu.clv.baselines import predict_ahead
from kehu.clv.discounting import discounted, weekly_factors
from kehu.clv.grouping import Pairs
from kehu.clv.intervals import Simulator, interval
from kehu.clv.models import MODELS
from kehu.clv.policy import Policy
from kehu.clv.purchase_model import PurchaseModel
from kehu.clv.summaries import ScoredSummaries

CHUNK = 20_000


@dataclass(frozen=True)
class Scores:
    """One value per summary, shape (summaries,) each; None where the whole column is null.

    Money is linear in the customer's own repeat value (x · m_x, 0 where not has_spend):

        expected_order_value = value_base + value_slope · repeat_value
        predicted_clv        = margin_rate · discounted_orders · expected_order_value
        predicted_clv_low    = margin_rate · (low_base + low_slope · repeat_value), high alike

    Args:
        model_name: model or baseline in use; "none" for the grade insufficient, where every column is None.
        grade: A, B, C or insufficient.
        probability_alive: None for a baseline, which knows nothing of it.
        expected_orders: purchase days within the horizon.
        discounted_orders: the same, each week's discounted to its end.
        low_base, low_slope, high_base, high_slope: of the prediction interval; None for a baseline, which has none.
    """

    model_name: str
    grade: str
    probability_alive: Floats | None = None
    expected_orders: Floats | None = None
    discounted_orders: Floats | None = None
    value_base: Floats | None = None
    value_slope: Floats | None = None
    low_base: Floats | None = None
    low_slope: Floats | None = None
    high_base: Floats | None = None
    high_slope: Floats | None = None


def score(backtest: Backtest, scored: ScoredSummaries, policy: Policy) -> Scores:
    """Score summaries with what a backtest has chosen.

    Args:
        backtest: of the population that the summaries belong to.
        scored: distinct summaries at D.
        policy: horizon, discount rate, interval, draws and seed.
    """
    choice = backtest.choice
    if choice.kind == "none":
        return Scores(choice.name, choice.grade)
    if choice.kind == "baseline":
        return _by_baseline(backtest, scored, policy)
    return _by_model(backtest, scored, policy)


def _by_baseline(backtest: Backtest, scored: ScoredSummaries, policy: Policy) -> Scores:
    choice, horizon = backtest.choice, policy.clv_horizon_weeks
    mean_rate = backtest.summaries.purchase_rate
    expected = predict_ahead(choice.name, scored.x, scored.t, mean_rate, holdout=backtest.holdout, horizon=horizon)
    base, slope = backtest.spend.line(scored.spend_x)
    return Scores(
        model_name=choice.name,
        grade=choice.grade,
        expected_orders=expected,
        discounted_orders=expected * weekly_factors(policy.weekly_discount_rate, horizon).mean(),
        value_base=base,
        value_slope=slope,
    )


def _by_model(backtest: Backtest, scored: ScoredSummaries, policy: Policy) -> Scores:
    model, fit = MODELS[backtest.choice.name], backtest.fit
    assert fit is not None
    alive = model.probability_alive(fit.parameters, scored.x, scored.t_x, scored.t)
    expected, discounted_orders = purchases_ahead(model, fit.parameters, scored.x, scored.t, policy)
    base, slope = backtest.spend.line(scored.spend_x)
    simulator = Simulator(model, fit.parameters, backtest.spend, policy)
    low, high = interval(simulator, alive, scored)
    unit_base, unit_slope = simulator.unit()
    return Scores(
        model_name=backtest.choice.name,
        grade=backtest.choice.grade,
        probability_alive=alive,
        expected_orders=alive * expected,
        discounted_orders=alive * discounted_orders,
        value_base=base,
        value_slope=slope,
        low_base=low * unit_base,
        low_slope=low * unit_slope,
        high_base=high * unit_base,
        high_slope=high * unit_slope,
    )


def purchases_ahead(
    model: PurchaseModel, parameters: Parameters, x: Floats, t: Floats, policy: Policy
) -> tuple[Floats, Floats]:
    """Expected purchases within the horizon given alive, plain and discounted; shape of x each.

    Taken once per distinct (x, T), in chunks.
    """
    pairs = Pairs.of(x, t)
    factors = weekly_factors(policy.weekly_discount_rate, policy.clv_horizon_weeks)
    weeks = np.arange(policy.clv_horizon_weeks + 1.0)
    plain, worth = np.empty(len(pairs.x)), np.empty(len(pairs.x))
    for start in range(0, len(pairs.x), CHUNK):
        rows = slice(start, start + CHUNK)
        cumulative = model.purchases_if_alive(parameters, pairs.x[rows], pairs.y[rows], weeks)
        plain[rows], worth[rows] = cumulative[:, -1], discounted(cumulative, factors)
    return plain[pairs.index], worth[pairs.index]
