"""What campaigns changed: against published trials, SciPy, planted effects, and histories whose answer is known by hand."""

from __future__ import annotations

from collections.abc import Callable
from math import sqrt
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from tests.support.dbt_shop import DbtShop

AS_OF = "2024-06-30"
TRIALS = {
    "promotion, training": (42364, 721, 42170, 319, 0.00945454782, 0.00797979766, 0.01095193753),
    "promotion, test": (20748, 339, 20902, 141, 0.009593158278, 0.007560595105, 0.01167792632),
    "civic duty": (38218, 12021, 191243, 56730, 0.01789934408, 0.01282944096, 0.02300008366),
    "hawthorne": (38204, 12316, 191243, 56730, 0.02573631213, 0.02063689656, 0.03086518817),
    "self": (38218, 13191, 191243, 56730, 0.04851319096, 0.04333864075, 0.05371311629),
    "neighbors": (38201, 14438, 191243, 56730, 0.08130991292, 0.076044171, 0.08659510552),
}
"""Two randomised trials, a shop's promotion and the mailing of 2006 about voting (Gerber, Green & Larimer 2008): treated, of them
responded, controls, of them responded, and the uplift with Newcombe's interval as statsmodels gives it."""
PLAIN = {
    "lifecycle": "active",
    "relationship": "stable",
    "rfm": "loyal",
    "value_tier": "high",
    "contact_cost": 0.0,
    "revenue": 0.0,
    "gross_margin": 0.0,
    "is_complete": True,
    "is_in_both_arms": False,
    "is_overlapping": False,
}


def put(shop: DbtShop, **tables: pd.DataFrame) -> None:
    features = f"{shop.candidate}_features"
    with shop.connection() as connection:
        connection.execute(f"create schema if not exists {features}")
        for name, frame in tables.items():
            connection.register("given", frame)
            connection.execute(f"create or replace table {features}.{name} as from given")


def campaigns(**costs: float) -> pd.DataFrame:
    return pd.DataFrame({"campaign_id": list(costs), "campaign_cost": list(costs.values())})


def arm(campaign: str, name: str, n: int, responded: int, **others: Any) -> pd.DataFrame:
    frame = pd.DataFrame({"customer_id": [f"{name}{number}" for number in range(n)]}).assign(**(PLAIN | others))
    return frame.assign(campaign_id=campaign, arm=name, has_responded=np.arange(n) < responded)


def responses(shop: DbtShop, where: str = "segmentation = 'all'") -> dict[str, dict[str, Any]]:
    shop.dbt("run", "--select", "campaign_response", as_of=AS_OF)
    rows = shop.records(f"select * from {shop.candidate}.campaign_response where {where}")
    return {row["campaign_id"] + ("" if row["segment"] == "all" else "/" + row["segment"]): row for row in rows}


def test_uplift_and_interval_are_those_of_published_trials(new_shop: Callable[[], DbtShop]) -> None:
    shop = new_shop()
    frames = [
        arm(name, arm_name, *counts)
        for name, (n_t, x_t, n_c, x_c, *_) in TRIALS.items()
        for arm_name, counts in (("treatment", (n_t, x_t)), ("control", (n_c, x_c)))
    ]
    put(shop, feat_campaign_outcomes=pd.concat(frames), feat_campaigns=campaigns(**dict.fromkeys(TRIALS, 0.0)))
    found = responses(shop)
    assert found.keys() == TRIALS.keys()
    for name, (n_t, x_t, n_c, x_c, *expected) in TRIALS.items():
        row = found[name]
        assert (row["contacted"], row["responded"], row["controls"], row["controls_responded"]) == (n_t, x_t, n_c, x_c)
        assert [row["uplift"], row["uplift_low"], row["uplift_high"]] == pytest.approx(expected, abs=1e-6)
        pooled = (x_t + x_c) / (n_t + n_c)
        z = (x_t / n_t - x_c / n_c) / sqrt(pooled * (1 - pooled) * (1 / n_t + 1 / n_c))
        assert row["p_value"] == pytest.approx(2 * stats.norm.sf(abs(z)), abs=3e-7)
        assert row["is_significant"] and not row["is_thin"] and row["roi"] is None


def test_a_planted_uplift_is_inside_the_interval(new_shop: Callable[[], DbtShop]) -> None:
    shop, random = new_shop(), np.random.default_rng(20260101)
    trials, n = 400, 250
    frames = []
    for name, rate in (("treatment", 0.16), ("control", 0.1)):
        frame = pd.DataFrame({"campaign_id": np.repeat([f"c{trial:03}" for trial in range(trials)], n)}).assign(**PLAIN)
        frame = frame.assign(
            arm=name, customer_id=np.tile(np.arange(n), trials), has_responded=random.random(trials * n) < rate
        )
        frames.append(frame)
    costs = {f"c{trial:03}": 0.0 for trial in range(trials)}
    put(shop, feat_campaign_outcomes=pd.concat(frames), feat_campaigns=campaigns(**costs))
    found = responses(shop).values()
    assert len(found) == trials
    assert sum(row["uplift_low"] <= 0.06 <= row["uplift_high"] for row in found) >= 369


def test_money_is_compared_by_welch_and_segments_by_holm(new_shop: Callable[[], DbtShop]) -> None:
    shop, random = new_shop(), np.random.default_rng(3)
    frames, sizes = [], {"at_risk": (140, 60), "loyal": (150, 150), "new": (40, 12)}
    for stage, (treated, held) in sizes.items():
        for name, n in (("treatment", treated), ("control", held)):
            frame = arm("s:1", name, n, 0, lifecycle=stage, contact_cost=0.5)
            frame["customer_id"] = stage + frame["customer_id"]
            rate = {"at_risk": 0.5, "loyal": 0.2, "new": 0.2}[stage] if name == "treatment" else 0.2
            frame["has_responded"] = random.random(n) < rate
            frame["gross_margin"] = np.round(frame["has_responded"] * random.gamma(2, 9, n), 2)
            frame["revenue"] = (frame["gross_margin"] * 3).round(2)
            frames.append(frame)
    everybody = pd.concat(frames)
    put(shop, feat_campaign_outcomes=everybody, feat_campaigns=campaigns(**{"s:1": 65.0}))
    found = responses(shop, "segmentation in ('all', 'lifecycle')")
    groups = {f"s:1/{stage}": everybody[everybody.lifecycle == stage] for stage in sizes} | {"s:1": everybody}
    for key, rows in groups.items():
        treated, held = rows[rows.arm == "treatment"], rows[rows.arm == "control"]
        row, welch = found[key], stats.ttest_ind(treated.revenue, held.revenue, equal_var=False).confidence_interval()
        effect = treated.revenue.mean() - held.revenue.mean()
        assert [float(row[f"revenue_effect{end}"]) for end in ("", "_low", "_high")] == pytest.approx(
            [effect, welch.low, welch.high], abs=0.011
        )
        cost = 0.5 * len(treated) + 65.0 * len(treated) / (140 + 150 + 40)
        assert float(row["cost"]) == pytest.approx(cost, abs=0.006)
        ends = stats.ttest_ind(treated.gross_margin, held.gross_margin, equal_var=False).confidence_interval()
        margin = treated.gross_margin.mean() - held.gross_margin.mean()
        for column, mean in (("roi", margin), ("roi_low", ends.low), ("roi_high", ends.high)):
            assert row[column] == pytest.approx((len(treated) * mean - cost) / cost, abs=0.01)
    segments = sorted((found[f"s:1/{stage}"] for stage in sizes), key=lambda row: row["p_value"])
    expected, least = [], 0.0
    for place, row in enumerate(segments):
        least = max(least, min(1.0, row["p_value"] * (3 - place)))
        expected.append(least)
    assert [row["adjusted_p_value"] for row in segments] == pytest.approx(expected)
    assert found["s:1/new"]["is_thin"] and not found["s:1"]["is_thin"]
    # 140 of 200 are treated, 330 of 552 in all
    share = 330 / 552
    split = stats.norm.sf(abs(140 - 200 * share) / sqrt(200 * share * (1 - share))) * 2
    assert found["s:1/at_risk"]["sample_ratio_p_value"] == pytest.approx(split, abs=3e-7)


def contact(campaign: str, customer: str, arm_name: str, at: str, **others: Any) -> dict[str, Any]:
    times = dict.fromkeys(("sent_at", "bounced_at", "opened_at", "clicked_at", "responded_at", "unsubscribed_at"))
    given = {"contact_id": f"{campaign}-{customer}-{arm_name}-{at}", "campaign_id": campaign, "customer_id": customer}
    given |= {"arm": arm_name, "cost_amount": 1, "is_counted": True, "started_at": at, "start_date": at[:10]}
    return given | times | ({"sent_at": at} if arm_name == "treatment" else {}) | others


def test_who_counts_when_and_in_which_segment(new_shop: Callable[[], DbtShop]) -> None:
    shop = new_shop()
    contacts = [
        contact("s:a", "twice", "treatment", "2024-05-10 09:00"),
        contact("s:a", "twice", "treatment", "2024-05-20 09:00"),
        contact("s:a", "both", "treatment", "2024-05-10 09:00"),
        contact("s:a", "both", "control", "2024-05-10 09:00"),
        contact("s:a", "at_once", "treatment", "2024-05-10 09:00"),
        contact("s:a", "last_moment", "treatment", "2024-05-10 09:00"),
        contact("s:a", "too_late", "treatment", "2024-05-10 09:00"),
        contact("s:a", "redeems", "control", "2024-05-10 09:00", responded_at="2024-05-11 09:00"),
        contact("s:a", "running", "treatment", "2024-06-17 09:00"),
        contact("s:a", "ending", "treatment", "2024-06-16 00:00"),
        contact("s:b", "at_once", "treatment", "2024-05-24 09:00"),
        contact("s:b", "excluded", "treatment", "2024-05-24 09:00", is_counted=False),
    ]
    contacts[9] |= {"started_at": "2024-06-15 09:00", "start_date": "2024-06-15"}
    orders = {
        "twice": "2024-05-26 09:00",
        "both": "2024-05-12 09:00",
        "at_once": "2024-05-10 09:00",
        "last_moment": "2024-05-24 09:00",
        "too_late": "2024-05-24 09:01",
        "redeems": "2024-05-12 09:00",
    }
    bought = pd.DataFrame({"customer_id": list(orders), "ordered_at": list(orders.values())})
    bought = bought.assign(order_id=bought.customer_id, gross_revenue=30.0, discounts=5.0, cost=10.0)
    stages = [("twice", "at_risk", "2024-03-31", "2024-05-31"), ("twice", "active", "2024-05-31", None)]
    stages += [("last_moment", "new", "2024-04-30", None), ("too_late", "new", "2024-05-31", None)]
    periods = pd.DataFrame(stages, columns=["customer_id", "lifecycle_stage", "valid_from", "valid_to"])
    periods = periods.assign(relationship_stage="stable", rfm_segment="loyal", value_tier="high")
    frame = pd.DataFrame(contacts)
    for column in [*frame.filter(like="_at"), "start_date"]:
        frame[column] = pd.to_datetime(frame[column])
    frame["start_date"] = frame["start_date"].dt.date
    bought["ordered_at"] = pd.to_datetime(bought["ordered_at"])
    for column in ("valid_from", "valid_to"):
        periods[column] = pd.to_datetime(periods[column])
    put(shop, feat_campaign_arms=frame, feat_orders=bought, feat_customer_stage_periods=periods)
    put(shop, feat_campaigns=campaigns(**{"s:a": 0.0, "s:b": 0.0}))
    shop.dbt("run", "--select", "feat_campaign_outcomes", "campaign_response", "campaign_summary", as_of=AS_OF)
    outcomes = shop.records(f"select * from {shop.candidate}_features.feat_campaign_outcomes")
    found = {(row["campaign_id"], row["customer_id"], row["arm"]): row for row in outcomes}
    assert len(found) == len(outcomes) == 10
    assert {key for key, row in found.items() if row["has_responded"]} == {
        ("s:a", "both", "treatment"),
        ("s:a", "both", "control"),
        ("s:a", "last_moment", "treatment"),
        ("s:a", "redeems", "control"),
    }
    assert {key[1] for key, row in found.items() if not row["is_complete"]} == {"running"}
    assert {key[1] for key, row in found.items() if row["is_overlapping"]} == {"at_once"}
    assert found["s:a", "twice", "treatment"]["lifecycle"] == "at_risk"
    assert found["s:a", "twice", "treatment"]["contact_cost"] == 2
    assert found["s:a", "too_late", "treatment"]["lifecycle"] == "unknown"
    (whole,) = shop.records(
        f"select * from {shop.candidate}.campaign_response where segment = 'all' and campaign_id = 's:a'"
    )
    assert (whole["contacted"], whole["responded"], whole["controls"], whole["controls_responded"]) == (5, 1, 1, 1)
    assert (whole["is_thin"], whole["is_significant"], float(whole["revenue"])) == (True, False, 25.0)
    summary = {row["campaign_id"]: row for row in shop.records(f"select * from {shop.candidate}.campaign_summary")}
    assert (summary["s:a"]["in_both_arms"], summary["s:a"]["controls_reached"]) == (1, 1)
    assert summary["s:b"]["uplift"] is None and summary["s:b"]["treated"] == 1
