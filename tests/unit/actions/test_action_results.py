"""What actions changed: planted effects, SciPy's intervals, and who counts."""

from __future__ import annotations

from math import sqrt

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from kehu.scoring.score_tables import SCORE_TABLES
from tests.support.action_shop import ActionShop

DAY, DUE = "2026-12-31", "2026-07-01"
TRIALS, PERSONS = 400, 800
HELD_OUT = 0.25
RATE, EFFECT = 0.20, 0.08
MEAN = 30.0
"""Mean margin of an order in the trials."""


def rows_of(shop: ActionShop, **tables: pd.DataFrame) -> None:
    """Replace tables that stand for customer_actions and events."""
    for name, frame in tables.items():
        shop.connection.register("given", frame)
        shop.connection.execute(f"create or replace table {name} as from given")


def listed(
    customers: list[str], arms: list[str], action: str | list[str] = "win_back", **others: object
) -> pd.DataFrame:
    plain = {"kind": "marketing", "is_evaluated": True, "due_date": pd.Timestamp(DUE), "left_evaluation_on": pd.NaT}
    frame = pd.DataFrame({"customer_id": customers, "arm": arms}).assign(action=action, **{**plain, **others})
    return frame.astype({"due_date": "datetime64[s]", "left_evaluation_on": "datetime64[s]"})


def results(shop: ActionShop, as_of: str = DAY, **variables: object) -> dict[tuple[str, str], dict[str, object]]:
    shop.build(as_of, "action_results", **variables)
    return {(row["action"], row["arm"]): row for row in shop.records("from action_results")}


@pytest.fixture
def shop() -> ActionShop:
    made = ActionShop()
    made.put(DAY, {})
    return made


def test_planted_effects_lie_within_the_interval_in_95_of_100_trials(shop: ActionShop) -> None:
    random = np.random.default_rng(20261129)
    trial = np.repeat(np.arange(TRIALS), PERSONS)
    is_held = random.random(trial.size) < HELD_OUT
    has_bought = random.random(trial.size) < np.where(is_held, RATE, RATE + EFFECT)
    ids = np.char.add("s:", np.arange(trial.size).astype(str))
    actions = np.char.add("trial", trial.astype(str))
    margins = np.round(random.gamma(2.0, MEAN / 2, trial.size), 2)
    orders = pd.DataFrame({"customer_id": ids, "order_date": pd.Timestamp("2026-08-01"), "gross_revenue": margins})[
        has_bought
    ]
    rules = pd.DataFrame({"action": [f"trial{number}" for number in range(TRIALS)], "kind": "marketing"})
    rows_of(
        shop,
        action_rules=rules,
        customer_actions=listed(list(ids), list(np.where(is_held, "holdout", "treatment")), list(actions)),
        feat_orders=orders.assign(discounts=0.0, cost=0.0),
    )
    found = results(shop, holdout_share=HELD_OUT)
    trials = [row for (action, arm), row in found.items() if arm == "treatment" and action != "all"]
    assert len(trials) == TRIALS
    assert sum(row["effect_low"] <= EFFECT <= row["effect_high"] for row in trials) >= 369
    margin_effect = EFFECT * MEAN
    assert (
        sum(float(row["margin_effect_low"]) <= margin_effect <= float(row["margin_effect_high"]) for row in trials)
        >= 369
    )
    whole = found["all", "treatment"]
    assert whole["persons"] + found["all", "holdout"]["persons"] == trial.size
    assert whole["effect"] == pytest.approx(has_bought[~is_held].mean() - has_bought[is_held].mean(), abs=1e-12)
    # 80 of 100 see an effect as large as that which is said to be detectable
    seen = np.mean([row["effect_low"] > 0 for row in trials])
    detectable = np.mean([row["detectable_effect"] for row in trials])
    error = detectable / (stats.norm.ppf(0.975) + stats.norm.ppf(0.8))
    assert seen == pytest.approx(stats.norm.cdf(EFFECT / error - stats.norm.ppf(0.975)), abs=0.08)


def test_figures_are_those_of_scipy(shop: ActionShop) -> None:
    random = np.random.default_rng(7)
    arms = ["treatment"] * 90 + ["holdout"] * 12
    ids = [f"s:{number}" for number in range(len(arms))]
    bought = random.random(len(arms)) < 0.4
    margin = np.where(bought, np.round(random.gamma(2, 20, len(arms)), 2), 0.0)
    orders = pd.DataFrame({"customer_id": ids, "order_date": pd.Timestamp("2026-07-02"), "gross_revenue": margin})
    rows_of(
        shop,
        customer_actions=listed(ids, arms),
        feat_orders=orders[bought].assign(discounts=0.0, cost=0.0).astype({"gross_revenue": float}),
    )
    row = results(shop)["win_back", "treatment"]
    treated, held = margin[:90], margin[90:]
    welch = stats.ttest_ind(treated, held, equal_var=False).confidence_interval(0.95)
    assert float(row["margin_effect"]) == pytest.approx(treated.mean() - held.mean(), abs=0.006)
    assert (float(row["margin_effect_low"]), float(row["margin_effect_high"])) == pytest.approx(tuple(welch), abs=0.05)
    p, n = (bought[:90].sum(), bought[90:].sum()), (90, 12)
    ends = [stats.binomtest(int(hits), size).proportion_ci(0.95, "wilson") for hits, size in zip(p, n, strict=True)]
    rates = [hits / size for hits, size in zip(p, n, strict=True)]
    low = rates[0] - rates[1] - sqrt((rates[0] - ends[0].low) ** 2 + (ends[1].high - rates[1]) ** 2)
    high = rates[0] - rates[1] + sqrt((ends[0].high - rates[0]) ** 2 + (rates[1] - ends[1].low) ** 2)
    assert (row["effect_low"], row["effect_high"]) == pytest.approx((low, high), abs=1e-9)
    z = (12 - 10.2) / sqrt(102 * 0.1 * 0.9)
    assert row["sample_ratio_p_value"] == pytest.approx(2 * stats.norm.sf(z), abs=1e-6)


def test_who_counts_and_from_when(shop: ActionShop) -> None:
    """The last day of the window is out of it, what is not over yet, not judged or left is not in it, each person is once."""
    begun = [
        listed(["s:1", "s:2", "s:3"], ["treatment", "treatment", "holdout"]),
        listed(["s:1"], ["treatment"], due_date=pd.Timestamp("2026-09-01")),
        listed(["s:4"], ["treatment"], due_date=pd.Timestamp("2026-10-03")),
        listed(["s:5"], ["treatment"], is_evaluated=False),
        listed(["s:6"], ["treatment"], is_evaluated=False, left_evaluation_on=pd.Timestamp("2026-08-01")),
    ]
    days = {"s:1": "2026-09-28", "s:2": "2026-09-29", "s:3": "2026-06-30"}
    shop.put(
        DAY,
        {},
        feat_orders=[
            {"customer_id": one, "gross_revenue": 100, "discounts": 10, "cost": 50, "order_date": day}
            for one, day in days.items()
        ],
        feat_refunds=[{"customer_id": "s:1", "amount": 5, "cost_credit": 1, "refund_date": "2026-09-28"}],
        feat_tickets=[{"customer_id": "s:1", "created_date": "2026-07-01"}],
        feat_campaign_arms=[
            {"customer_id": "s:1", "arm": "treatment", "start_date": "2026-07-05", "cost_amount": 2},
            {"customer_id": "s:3", "arm": "treatment", "start_date": "2026-07-05", "cost_amount": 3},
        ],
    )
    rows_of(shop, customer_actions=pd.concat(begun))
    found = results(shop, cost_per_ticket=5)
    treated, held = found["win_back", "treatment"], found["win_back", "holdout"]
    assert (treated["persons"], treated["buyers"], treated["orders"]) == (2, 1, 1)
    assert float(treated["margin"]) == 40 - 5 + 1 - 5 - 2
    assert (held["persons"], held["buyers"], float(held["margin"]), held["contaminated_persons"]) == (1, 0, -3.0, 1)
    assert treated["persons_left"] == 1
    nothing = found["birthday", "treatment"]
    assert (nothing["persons"], nothing["effect"], nothing["detectable_effect"]) == (0, None, None)


def test_arms_of_the_wrong_size_are_marked(shop: ActionShop) -> None:
    ids = [f"s:{number}" for number in range(1000)]
    rows_of(shop, customer_actions=listed(ids, ["holdout"] * 140 + ["treatment"] * 860))
    assert results(shop)["win_back", "holdout"]["has_wrong_ratio"]
    rows_of(shop, customer_actions=listed(ids, ["holdout"] * 115 + ["treatment"] * 885))
    assert not results(shop)["win_back", "holdout"]["has_wrong_ratio"]


def test_what_the_next_release_goes_on_from_is_published() -> None:
    """Every column of last_actions is one of customer_actions."""
    shop = ActionShop()
    shop.put(DAY, {"s:1": {}})
    shop.build(DAY)
    published = {row["column_name"] for row in shop.records("describe customer_actions")}
    assert {column.split()[0] for column in SCORE_TABLES["last_actions"].split(",")} <= published
