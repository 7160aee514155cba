"""Bad and odd data, one by one: each ends in a published grade with a reason, never in NaN, infinity or a crash."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np
import pytest

from kehu.clv.backtest import Backtest, backtest
from kehu.clv.models import MODELS
from kehu.clv.new_customers import Channel, new_customer_value
from kehu.clv.policy import Policy
from kehu.clv.score import Scores, score
from kehu.clv.summaries import Holdout, ScoredSummaries, Spend, Summaries, Weeks
from tests.unit.clv.conftest import Shop, shop_of
from tests.unit.clv.processes import BG, live, spread_out

POLICY = Policy()
DAY = 730_000
Days = list[dict[int, float]]


def one_customer() -> Days:
    return [{DAY + 30 * month: 10.0 for month in range(12)}]


def everybody_once() -> Days:
    return [{DAY + number % 300: 20.0} for number in range(500)]


def everybody_again() -> Days:
    """Accounts that order every month: nobody bought once."""
    return [{DAY + number % 25 + 30 * month: 100.0 for month in range(14)} for number in range(300)]


def one_day() -> Days:
    return [{DAY: 5.0 + number} for number in range(400)]


def ordinary(value: Callable[[int], float]) -> Days:
    """Customers by the story of BG/NBD over a year, each day worth what ``value`` says."""
    lives = live("bg_nbd", BG, 1500, 53.0, 4)
    first = np.random.default_rng(4).integers(0, 200, 1500)
    days: Days = [{DAY + int(day): 10.0} for day in first]
    for who, when in zip(lives.customer, lives.time, strict=True):
        day = DAY + int(first[who]) + max(1, int(np.ceil(when * 7)))
        if day <= DAY + 400:
            days[who][day] = value(who)
    return days


def backtested(shop: Shop) -> Backtest:
    return backtest(
        shop.summaries, shop.spend, shop.holdout, shop.weeks, history_weeks=shop.history_weeks, policy=POLICY
    )


def published(days: Days, as_of: int) -> tuple[Backtest, Scores, Shop]:
    """What is published of a shop, checked for numbers that are none."""
    span = as_of - min(min(one) for one in days if min(one) <= as_of)
    shop = shop_of(days, as_of, min(39, -(-span // 14)))
    found = backtested(shop)
    known = shop.summaries
    scores = score(found, ScoredSummaries(known.x, known.t_x, known.t, shop.has_spend), POLICY)
    for field in dataclasses.fields(scores):
        values = getattr(scores, field.name)
        assert values is None or isinstance(values, str) or np.isfinite(values).all(), field.name
    assert found.choice.grade in {"A", "B", "C", "insufficient"}
    assert found.choice.reason
    if found.choice.grade != "insufficient":
        worth = scores.discounted_orders * (scores.value_base + scores.value_slope * shop.repeat_value)
        assert (worth >= 0).all()
    return found, scores, shop


def test_a_single_customer_is_insufficient() -> None:
    found, scores, _ = published(one_customer(), DAY + 350)
    assert found.choice.grade == "insufficient"
    assert "1 customers had bought by the start of the holdout, 30 are needed" in found.choice.reason
    assert scores.expected_orders is None
    assert new_customer_value(found, POLICY).value is None


def test_where_everybody_bought_once_nothing_is_expected() -> None:
    found, scores, _ = published(everybody_once(), DAY + 400)
    assert (found.choice.name, found.choice.grade) == ("zero", "C")
    assert "almost nobody had bought again" in found.choice.reason
    assert scores.expected_orders.sum() == 0
    assert scores.probability_alive is None
    assert found.spend.name == "no_spend"
    assert new_customer_value(found, POLICY).value == 0


def test_accounts_that_all_buy_regularly_end_in_a_named_fallback() -> None:
    found, scores, _ = published(everybody_again(), DAY + 420)
    assert found.choice.kind == "baseline"
    assert found.choice.grade == "C"
    assert "almost everybody had bought again at D (0.00% bought once)" in found.choice.reason
    assert found.choice.name == found.best_baseline.name
    assert found.choice.name in found.choice.reason
    assert scores.expected_orders.min() > 5
    new = new_customer_value(found, POLICY)
    assert new.model_name == "population_mean"
    assert new.value > 0


def test_all_orders_on_the_day_itself_are_insufficient() -> None:
    found, _, _ = published(one_day(), DAY)
    assert found.choice.grade == "insufficient"
    assert "too short for a holdout" in found.choice.reason


def test_all_orders_on_one_day_long_ago_are_worth_nothing_more() -> None:
    found, scores, _ = published(one_day(), DAY + 300)
    assert (found.choice.name, found.choice.grade) == ("zero", "C")
    assert scores.expected_orders.sum() == 0


def test_orders_after_the_day_are_not_rfm_summaries() -> None:
    """SQL leaves them out; a summary that has one all the same is refused by name."""
    with pytest.raises(ValueError, match="t_x must be within 0 and T: 1 of 2 summaries"):
        Summaries([1, 1], [3.0, 5.0], [4.0, 4.0], [1, 1])
    with pytest.raises(ValueError, match="t_x must be within"):
        Summaries([0], [0.0], [-1.0], [1])


def test_repeat_purchases_worth_nothing_are_worth_nothing_in_future() -> None:
    found, scores, _ = published(ordinary(lambda _who: 0.0), DAY + 400)
    assert found.choice.kind == "model"
    assert found.spend.name == "no_spend"
    assert "no repeat purchase had a positive value" in found.spend.reason
    assert scores.expected_orders.sum() > 0
    for values in (scores.value_base, scores.value_slope, scores.high_base, scores.high_slope):
        assert not values.any()


def test_negative_net_values_count_as_no_spend() -> None:
    found, scores, shop = published(ordinary(lambda who: -5.0 if who % 3 else 30.0 + who % 11), DAY + 400)
    assert found.choice.kind == "model"
    assert found.spend.customers == shop.has_spend.sum() < shop.summaries.repeat_customers
    unknown = ~shop.has_spend
    assert len(np.unique(scores.value_base[unknown])) == 1
    assert (scores.low_base <= scores.high_base).all()


def test_values_that_are_all_equal_fall_back_to_their_mean() -> None:
    """Gamma-Gamma runs to its bounds where nothing varies."""
    found, scores, _ = published(ordinary(lambda _who: 25.0), DAY + 400)
    assert found.spend.name == "mean_spend"
    assert "every purchase counts the mean, 25.00" in found.spend.reason
    assert found.spend.correlation is None
    np.testing.assert_allclose(scores.value_base, 25.0, rtol=1e-12)
    assert not scores.value_slope.any()
    assert (scores.high_base >= scores.low_base).all()


@pytest.mark.parametrize(("x", "t_x", "t"), [(3, 10.0, 20.0), (0, 0.0, 20.0), (1, 20.0, 20.0), (0, 0.0, 0.0)])
def test_a_million_customers_with_the_same_history(x: int, t_x: float, t: float) -> None:
    before = max(t - 10, 0.0)
    first = min(x, int(before > 0))
    weeks = Weeks(np.arange(1.0, 21), np.zeros(20), np.arange(20) >= 10, np.arange(1.0, 21))
    known = Summaries([x], [t_x], [t], [1e6])
    spend = Spend([x], [30.0 * x], [1e6]) if x else Spend([], [], [])
    holdout = Holdout([first], [before * (first > 0)], [before], [1e6], [x - first], 10, 10.0)
    found = backtest(known, spend, holdout, weeks, history_weeks=52.0, policy=POLICY)
    assert found.choice.grade == "C"
    assert "almost" in found.choice.reason
    scores = score(found, ScoredSummaries([x], [t_x], [t], [x > 0]), POLICY)
    assert np.isfinite([scores.expected_orders[0], scores.value_base[0]]).all()


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize(
    "known",
    [
        Summaries([3], [10.0], [20.0], [1e6]),
        Summaries([0], [0.0], [20.0], [500]),
        Summaries([0], [0.0], [0.0], [500]),
        Summaries([2], [0.4], [0.4], [1]),
        Summaries([0, 40], [0.0, 39.0], [39.0, 39.0], [1, 1]),
        Summaries([], [], [], []),
    ],
    ids=["same", "once", "today", "one", "two", "nobody"],
)
def test_a_fit_of_too_little_says_so(name: str, known: Summaries) -> None:
    """Asked directly, a fit of such data has finite parameters and is at a bound, or says that it failed."""
    fit = MODELS[name].fit(known)
    assert np.isfinite(list(fit.parameters.values())).all()
    assert np.isfinite(fit.log_likelihood)
    assert fit.at_bound or not fit.converged
    assert fit.converged or fit.message


def test_an_empty_shop_is_insufficient() -> None:
    nobody = Summaries([], [], [], [])
    found = backtest(
        nobody,
        Spend([], [], []),
        Holdout([], [], [], [], [], 0, 0.0),
        Weeks([], [], [], []),
        history_weeks=0,
        policy=POLICY,
    )
    assert (found.choice.name, found.choice.grade) == ("none", "insufficient")
    assert found.choice.reason == "no prediction: nobody has bought"
    assert score(found, ScoredSummaries([], [], [], []), POLICY).expected_orders is None


def test_a_short_history_has_no_model_whatever_the_fit() -> None:
    found, _, _ = published(ordinary(lambda who: 10.0 + who % 9), DAY + 150)
    assert found.choice.kind == "baseline"
    assert "the history is 21.4 weeks long, 26 are needed" in found.choice.reason


def test_too_few_repeat_buyers_have_no_model() -> None:
    days = [{DAY + number % 50: 10.0} for number in range(400)]
    for number in range(40):
        days[number][DAY + 60 + 3 * number] = 12.0
        days[number][DAY + 200 + number] = 13.0
    found, _, _ = published(days, DAY + 380)
    assert found.choice.kind == "baseline"
    assert "40 customers had bought again at D, 100 are needed" in found.choice.reason
    assert "40 customers have positive repeat spend, 100 are needed" in found.spend.reason


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (([1.5], [1.0], [2.0], [1]), "x must be a whole number"),
        (([-1], [0.0], [2.0], [1]), "x must be a whole number"),
        (([0], [1.0], [2.0], [1]), "t_x must be 0 where x = 0"),
        (([1], [0.0], [2.0], [1]), "t_x must be above 0 where x > 0"),
        (([1], [1.0], [2.0], [0]), "weight must be above 0"),
        (([1], [np.nan], [2.0], [1]), "t_x holds a value that is not a finite number"),
        (([1, 2], [1.0], [2.0], [1]), "must have the same shape"),
    ],
)
def test_what_is_no_history_is_refused(arguments, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        Summaries(*arguments)


def test_spend_without_money_is_refused() -> None:
    with pytest.raises(ValueError, match="total > 0 only"):
        Spend([1], [0.0], [1])
    with pytest.raises(ValueError, match="false where x = 0"):
        ScoredSummaries([0], [0.0], [1.0], [True])


def test_a_channel_with_too_little_takes_the_parameters_of_all() -> None:
    found, _, shop = published(ordinary(lambda who: 10.0 + who % 9), DAY + 400)
    known, rows = shop.summaries, np.arange(60)
    few = Summaries(known.x[rows], known.t_x[rows], known.t[rows], known.weight[rows])
    pooled, small = (
        new_customer_value(found, POLICY),
        new_customer_value(found, POLICY, Channel(few, Spend([], [], []))),
    )
    assert small.is_pooled
    assert small.is_spend_pooled
    assert "100 are needed" in small.reason
    assert small.value == pooled.value > 0
    whole = new_customer_value(found, POLICY, Channel(known, shop.spend))
    assert not whole.is_pooled
    assert whole.value == pytest.approx(pooled.value, rel=1e-6)
    t = spread_out(1500, 20, 57, 9)
    better = live("bg_nbd", BG | {"r": 1.5}, 1500, 57.0, 9).summaries(t)
    assert new_customer_value(found, POLICY, Channel(better, shop.spend)).value > 2 * pooled.value
