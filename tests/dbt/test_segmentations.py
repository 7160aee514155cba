"""Every segmentation against pandas on random customers; two more that an analyst adds, without Python; personas in SQL."""

from __future__ import annotations

import shutil
from collections import defaultdict
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from kehu.personas.policy import Policy
from tests.support.dbt_shop import PROJECT, DbtFailed, DbtShop
from tests.support.people_shop import AS_OF, people_shop
from tests.support.segmentation_oracle import People

SEEDED = {
    *("education", "occupation", "household", "referral"),
    *("demographic", "income", "geographic", "firmographic_industry", "firmographic_size", "frequency", "channel"),
    *(
        "discount",
        "category_interest",
        "interest",
        "rfm",
        "value_tier",
        "lifecycle",
        "relationship",
        "clv_tier",
        "persona",
        "priority",
        "need",
        "loyalty_tier",
    ),
}
ADDED = {"spender", "evenness"}
"""One by a row of the seed, one by a file."""

VARS = {"home_country": "CN, China,中国", "home_city": "Shanghai"}
DAY = AS_OF.isoformat()


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project, to which an analyst has added a row and a file."""
    copy = tmp_path_factory.mktemp("project") / "dbt_project"
    shutil.copytree(PROJECT, copy, ignore=shutil.ignore_patterns("target", "logs"))
    with (copy / "seeds" / "segmentation_rules.csv").open("a", encoding="utf-8") as file:
        file.write("spender,1,big,average_order_value,in_range,,20,,Big spender,,20 and more an order,sales\n")
    (copy / "models" / "scored" / "segmentations" / "segmentation_evenness.sql").write_text(
        "select customer_id, 'even' as segment\nfrom {{ ref('feat_customer_orders') }}\nwhere order_count % 2 = 0\n"
    )
    return copy


class Built:
    """The marts beside the oracle."""

    def __init__(self, shop: DbtShop) -> None:
        history = people_shop(seed=20230228)
        with shop.landing_together():
            for entity, rows in history.rows().items():
                shop.land(entity, rows)
        shop.build("tag:state", "tag:features", as_of=DAY, **VARS)
        shop.score(**VARS)
        self.personas = shop.find_personas(Policy())
        wanted = (
            "dim_customers",
            "customer_segments",
            "personas",
            "persona_traits",
            "persona_choice",
            "customer_category_interest",
        )
        audit = ("value_distribution", "value_lorenz", "period_to_period", "base_health", "cohort_over_time")
        marts = [
            f"tag:candidate,+{name}" for name in (*wanted, *audit, "cohorts_compared", "kpi_monthly", "fct_refunds")
        ]
        self.printed = shop.dbt(
            "build", "--exclude-resource-type", "unit_test", "--select", *marts, "assert_every_segment_has_labels*",
            as_of=DAY, **VARS,
        )  # fmt: skip
        self.shop, self.people = shop, People(history)
        self.placed: dict[str, dict[str, str]] = defaultdict(dict)
        for row in self.records("customer_segments"):
            self.placed[row["segmentation"]][row["customer_id"]] = row["segment"]

    def records(self, table: str) -> list[dict[str, Any]]:
        return self.shop.records(f"select * from {self.shop.candidate}.{table}")

    def segments(self, segmentation: str) -> dict[str, str]:
        return self.placed[segmentation]


@pytest.fixture(scope="module")
def built(module_shop: Callable[[], DbtShop], project: Path) -> Built:
    shop = module_shop()
    shop.project = project
    return Built(shop)


def published(values: pd.Series) -> dict[str, str]:
    """The oracle's segments by published id."""
    return {f"shop:{customer}": segment for customer, segment in values.items()}


@pytest.mark.parametrize(
    "segmentation",
    ["demographic", "income", "geographic", "firmographic_industry", "firmographic_size", "frequency", "channel", "discount",
     "category_interest", "interest", "education", "occupation", "household", "referral"],
)  # fmt: skip
def test_a_segmentation_is_that_of_the_definitions(built: Built, segmentation: str) -> None:
    expected = published(getattr(built.people, segmentation)())
    found = built.segments(segmentation)
    differing = {who: (found.get(who), segment) for who, segment in expected.items() if found.get(who) != segment}
    assert differing == {}
    assert found.keys() == expected.keys()
    assert len(set(found.values())) >= 3, "the random customers should reach several segments"


def test_every_customer_is_in_exactly_one_segment_of_each_segmentation(built: Built) -> None:
    rows = built.records("customer_segments")
    pairs = {(row["customer_id"], row["segmentation"]) for row in rows}
    everybody = {f"shop:{customer}" for customer in built.people.customers.index}
    assert {row["segmentation"] for row in rows} == SEEDED | ADDED
    assert pairs == {(customer, name) for customer in everybody for name in SEEDED | ADDED}
    assert len(pairs) == len(rows)


def test_segments_hold_the_customers_and_their_revenue(built: Built) -> None:
    nets = dict(built.shop.rows(f"select customer_id, net_revenue from {built.shop.candidate}.dim_customers"))
    for row in built.records("segment_summary"):
        members = [who for who, segment in built.segments(row["segmentation"]).items() if segment == row["segment"]]
        assert (row["customers"], row["net_revenue"]) == (
            len(members),
            sum((nets[who] for who in members), Decimal("0.00")),
        )


def test_what_the_brought_are_worth_is_the_sum_over_them(built: Built) -> None:
    rows = {row["customer_id"]: row for row in built.records("dim_customers")}
    brought: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows.values():
        if row["referrer_customer_id"] is not None:
            brought[row["referrer_customer_id"]].append(row)
    assert "shop:ghost" in brought and "shop:ghost" not in rows
    for customer, row in rows.items():
        assert row["referrer_customer_id"] != customer
        mine = brought[customer]
        assert (row["referred_customers"], row["referred_net_revenue"], row["referred_margin"]) == (
            len(mine),
            sum((one["net_revenue"] for one in mine), Decimal("0.00")),
            sum((one["margin"] for one in mine), Decimal("0.00")),
        )


def test_a_row_of_the_seed_is_a_segmentation(built: Built) -> None:
    sql = f"select customer_id, average_order_value from {built.shop.candidate}.dim_customers"
    expected = {who: "big" if value is not None and value >= 20 else "unknown" for who, value in built.shop.rows(sql)}
    assert built.segments("spender") == expected
    assert set(expected.values()) == {"big", "unknown"}


def test_a_file_is_a_segmentation_and_whom_it_leaves_out_is_unknown(built: Built) -> None:
    sql = f"select customer_id, order_count from {built.shop.candidate}.dim_customers"
    assert built.segments("evenness") == {
        who: "unknown" if orders % 2 else "even" for who, orders in built.shop.rows(sql)
    }


def test_a_missing_label_is_the_segment_s_own_name_and_is_reported(built: Built) -> None:
    sql = f"""
        select distinct segmentation, segment, label_en, label_zh from {built.shop.candidate}.customer_segments
        where segmentation in ('spender', 'evenness') order by 1, 2
    """
    assert built.shop.rows(sql) == [
        ("evenness", "even", "even", "even"),
        ("evenness", "unknown", "unknown", "unknown"),
        ("spender", "big", "Big spender", "big"),
        ("spender", "unknown", "Unknown", "未知"),
    ]
    assert "WARN 3 assert_every_segment_has_labels_in_both_languages" in built.printed


def test_a_segmentation_that_is_not_listed_is_refused(built: Built) -> None:
    with pytest.raises(DbtFailed, match=r"does not list '[a-z_]+', which has a model"):
        built.shop.dbt("compile", "--select", "customer_segments", as_of=DAY, segmentations=["persona"], **VARS)


def test_the_top_category_of_every_level_is_that_of_the_definitions(built: Built) -> None:
    expected = {
        (f"shop:{row.customer}", row.level): (row.path, row.net) for row in built.people.top_categories().itertuples()
    }
    rows = [row for row in built.records("customer_category_interest") if row["path"] is not None]
    assert {(row["customer_id"], row["level"]): (row["path"], row["net_revenue"]) for row in rows} == expected
    assert {level for _, level in expected} == {1, 2, 3}


# Personas -------------------------------------------------------------------------------------------------------------


def test_every_buyer_is_of_the_persona_whose_centre_is_nearest(built: Built) -> None:
    features = f"{built.shop.candidate}_features"
    rows = built.shop.rows(f"select * from {features}.feat_persona_points order by customer_id")
    points = np.array([[float(value) for value in row[1:]] for row in rows])
    centres = np.array([one.centre for one in built.personas.found])
    nearest = ((points[:, None, :] - centres[None]) ** 2).sum(axis=2).argmin(axis=1)
    expected = {row[0]: built.personas.found[place].code for row, place in zip(rows, nearest, strict=True)}
    found = built.segments("persona")
    assert {who: found[who] for who in expected} == expected
    assert {segment for who, segment in found.items() if who not in expected} == {"unknown"}
    assert len(centres) >= 2


def test_points_are_standardised_measures(built: Built) -> None:
    features = f"{built.shop.candidate}_features"
    measures = built.shop.records(f"select * from {features}.feat_persona_measures order by customer_id")
    points = built.shop.records(f"select * from {features}.feat_persona_points order by customer_id")
    frame, found = pd.DataFrame(measures).set_index("customer_id"), pd.DataFrame(points).set_index("customer_id")
    levels = frame.copy()
    for name in set(frame) - {"discounted_share", "refund_share"}:
        levels[name] = np.log1p(frame[name].astype(float))
    levels = levels.astype(float)
    expected = ((levels - levels.mean()) / levels.std(ddof=0)).clip(-3, 3).fillna(0)
    assert (found.astype(float) - expected[found.columns]).abs().max().max() <= 0.00501


def test_personas_are_published_with_their_size_figures_and_names(built: Built) -> None:
    rows = {row["persona"]: row for row in built.records("personas")}
    members = pd.Series(built.segments("persona")).value_counts()
    assert {name: row["customers"] for name, row in rows.items() if row["customers"]} == members.to_dict()
    assert [row["label_en"] for row in rows.values() if row["persona"] != "unknown"] == [
        one.label_en for one in built.personas.found
    ]
    assert rows["unknown"]["reason_en"] == "no valid order"
    traits = built.records("persona_traits")
    assert len(traits) == 8 * len(rows)
    for row in traits:
        assert (row["centre"] is None) is (row["persona"] == "unknown")


def test_a_persona_s_mean_is_that_of_its_customers(built: Built) -> None:
    features = f"{built.shop.candidate}_features"
    frame = pd.DataFrame(built.shop.records(f"select * from {features}.feat_persona_measures")).set_index("customer_id")
    means = frame.groupby(pd.Series(built.segments("persona"))).mean()
    for row in built.records("persona_traits"):
        if row["persona"] != "unknown":
            mean = float(means.loc[row["persona"], row["measure"]])
            assert row["mean"] == (None if np.isnan(mean) else pytest.approx(mean, abs=1e-6))
            assert row["mean_of_all"] == pytest.approx(frame[row["measure"]].mean(), abs=1e-6)


# The lenses -----------------------------------------------------------------------------------------------------------


def test_movements_are_those_of_pandas(built: Built) -> None:
    bought = built.people.bought
    ages = (pd.Timestamp(AS_OF) - bought.day).dt.days
    now, before = set(bought[ages < 365].customer_id), set(bought[(ages >= 365) & (ages < 730)].customer_id)
    ever = set(bought[ages >= 365].customer_id)
    expected = {
        "kept": len(now & before),
        "lost": len(before - now),
        "new": len(now - ever),
        "returned": len((now & ever) - before),
        "idle": len(built.people.customers) - len(now | before),
        "guests": 0,
    }
    assert {row["movement"]: row["customers"] for row in built.records("period_to_period")} == expected
    (latest,) = [row for row in built.records("base_health") if row["period_number"] == 1]
    assert (latest["active_customers"], latest["kept_customers"], latest["new_customers"], latest["lost_customers"]) == (
        len(now), len(now & before), len(now - ever), len(before - now),
    )  # fmt: skip


def test_cohorts_are_compared_over_the_same_days_of_their_own_life(built: Built) -> None:
    bought = built.people.bought
    first = bought.groupby("customer_id").day.min()
    age = (bought.day - bought.customer_id.map(first)).dt.days
    for row in built.records("cohorts_compared"):
        cohort = first[first.dt.to_period("M").dt.start_time.dt.date == row["cohort_month"]]
        known = cohort[(pd.Timestamp(AS_OF) - cohort).dt.days >= row["within_days"]]
        orders = (
            bought[bought.customer_id.isin(known.index) & (age <= row["within_days"])].groupby("customer_id").size()
        )
        assert (row["cohort_size"], row["observed_customers"]) == (len(cohort), len(known))
        assert (row["order_count"], row["repeat_customers"]) == (orders.sum(), (orders >= 2).sum())


def test_the_lorenz_curve_is_the_tenths_read_from_the_worst(built: Built) -> None:
    points = {row["percentile"]: row for row in built.records("value_lorenz")}
    assert (points[0]["share_of_revenue"], points[100]["share_of_revenue"]) == (0, 1)
    shares = [points[percentile]["share_of_revenue"] for percentile in range(101)]
    assert shares == sorted(shares)
    assert all(
        later - sooner <= after - later + 1e-9
        for sooner, later, after in zip(shares, shares[10:], shares[20:], strict=False)
    )
