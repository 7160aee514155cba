"""What is recommended to whom: what must never be, planted affinities, and the record against a count of its own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from random import Random
from typing import Any

import pandas as pd
import pytest

from tests.support.dbt_shop import DbtShop

AS_OF = date(2024, 12, 31)
MODELS = (
    "feat_customer_products",
    "feat_product_offers",
    "feat_basket_pairs",
    "feat_recommendations",
    "customer_recommendations",
    "recommendation_record",
    "product_performance",
    "segment_category",
)
PLANTED = [("p00", "p30"), ("p01", "p31"), ("p02", "p32")]
"""Who buys the first buys the second with it in two of three baskets."""


def tables() -> dict[str, pd.DataFrame]:
    random, lines, refunds = Random(5), [], []
    for number in range(4000):
        order, customer = f"o{number}", f"c{random.randrange(400)}" if random.random() < 0.9 else None
        day = AS_OF - timedelta(random.randrange(430))
        basket = {f"p{random.randrange(60):02}" for _ in range(random.randint(1, 3))}
        basket |= {second for first, second in PLANTED if first in basket and random.random() < 0.67}
        for place, product in enumerate(sorted(basket | ({"post"} if random.random() < 0.4 else set()))):
            price = 5 + int(product[1:]) if product != "post" else 4
            lines.append((order, str(place), product, customer, 1, price, 0, price / 2, False, day))
            if random.random() < 0.05:
                refunds.append((order, str(place), price, price / 2, min(day + timedelta(5), AS_OF)))
    columns = ["order_id", "line_id", "product_id", "customer_id", "quantity", "gross_revenue", "discounts", "cost"]
    bought = pd.DataFrame(lines, columns=[*columns, "is_return", "order_date"])
    names = [f"p{number:02}" for number in range(60)] + ["post"]
    products = pd.DataFrame({"product_id": names, "list_price": None, "is_non_product": [*[False] * 60, True]})
    products["category_id"] = [f"k{number % 6}" for number in range(61)]
    products["list_price"] = pd.to_numeric(products["list_price"])
    products["is_active"] = [number % 10 != 7 for number in range(61)]
    products["in_stock"] = [number % 10 != 8 for number in range(61)]
    customers = [f"c{number}" for number in range(420)]
    spent = bought.dropna(subset="customer_id").merge(products, on="product_id")
    spent = spent.assign(level=1, path=spent.category_id, net_revenue=spent.gross_revenue)
    grouped = spent.groupby(["customer_id", "level", "path"], as_index=False)
    return {
        "feat_order_lines": bought,
        "feat_refunds": pd.DataFrame(refunds, columns=["order_id", "line_id", "amount", "cost_credit", "refund_date"]),
        "feat_products": products,
        "feat_margin_rate": pd.DataFrame({"margin_rate": [0.4]}),
        "feat_customers_known": pd.DataFrame({"customer_id": customers}),
        "feat_customer_categories": grouped.agg(
            net_revenue=("net_revenue", "sum"), order_count=("order_id", "nunique")
        ),
        "int_products_list_categories": products.assign(level=1, path=products.category_id)[
            ["product_id", "level", "path"]
        ],
        "customer_segments": pd.DataFrame(
            {"customer_id": customers, "segmentation": "demographic", "segment": "female_25_34"}
        ),
    }


@pytest.fixture(scope="module")
def shop(module_shop: Callable[[], DbtShop]) -> DbtShop:
    shop = module_shop()
    places = {"int_products_list_categories": "intermediate", "customer_segments": shop.candidate}
    with shop.connection() as connection:
        for name, frame in tables().items():
            schema = places.get(name, f"{shop.candidate}_features")
            connection.execute(f"create schema if not exists {schema}")
            connection.register("given", frame)
            dates = "* replace (order_date::date as order_date)" if "order_date" in frame else "*"
            dates = "* replace (refund_date::date as refund_date)" if "refund_date" in frame else dates
            connection.execute(f"create or replace table {schema}.{name} as select {dates} from given")
    shop.dbt("run", "--select", *MODELS, as_of=AS_OF.isoformat())
    return shop


def recommended(shop: DbtShop) -> list[dict[str, Any]]:
    return shop.records(f"select * from {shop.candidate}.customer_recommendations")


def test_nothing_is_recommended_that_was_bought_given_back_or_cannot_be_sold(shop: DbtShop) -> None:
    given = tables()
    lines, products = given["feat_order_lines"], given["feat_products"].set_index("product_id")
    bought = set(lines[["customer_id", "product_id"]].dropna().itertuples(index=False, name=None))
    back = lines.merge(given["feat_refunds"][["order_id", "line_id"]], on=["order_id", "line_id"])
    returned = set(back[["customer_id", "product_id"]].dropna().itertuples(index=False, name=None))
    rows = recommended(shop)
    assert {row["kind"] for row in rows} == {"cross_sell", "attached_sell", "up_sell", "replenish", "popular"}
    for row in rows:
        pair, product = (row["customer_id"], row["product_id"]), products.loc[row["product_id"]]
        assert product.is_active and product.in_stock and not product.is_non_product, row
        assert pair not in returned, row
        assert (pair in bought) == (row["kind"] == "replenish"), row


def test_ten_at_most_the_greatest_expected_margin_first(shop: DbtShop) -> None:
    frame = pd.DataFrame(recommended(shop)).sort_values(["customer_id", "recommendation_rank"])
    assert frame.groupby("customer_id").size().max() == 10
    for _, rows in frame.groupby("customer_id"):
        assert list(rows.recommendation_rank) == list(range(1, len(rows) + 1))
        own = rows[rows.kind != "popular"].expected_margin.tolist()
        assert own == sorted(own, reverse=True)
        assert rows.product_id.is_unique
    # who has never bought gets what is popular
    assert set(frame[frame.customer_id == "c410"].kind) == {"popular"}
    margin = frame.confidence * frame.price.astype(float) * 0.4
    assert (margin - frame.expected_margin.astype(float)).abs().max() < 0.006


def test_planted_affinities_are_the_pairs_of_the_best_score(shop: DbtShop) -> None:
    best = shop.rows(
        f"select item_id_a, item_id_b, is_notable from {shop.candidate}_features.feat_basket_pairs"
        f" where level = 'product' and observed_on = date '{AS_OF}' order by score desc limit 3"
    )
    assert sorted(best) == [(*pair, True) for pair in PLANTED]


def test_the_record_counts_what_was_bought_since(shop: DbtShop) -> None:
    day = AS_OF - timedelta(90)
    sql = f"select kind, customer_id, product_id from {shop.candidate}_features.feat_recommendations"
    lines = tables()["feat_order_lines"]
    since = set(
        lines[lines.order_date > day][["customer_id", "product_id"]].dropna().itertuples(index=False, name=None)
    )
    shown = shop.rows(f"{sql} where observed_on = date '{day}'")
    record = {row["kind"]: row for row in shop.records(f"select * from {shop.candidate}.recommendation_record")}
    for kind in {"all"} | {row[0] for row in shown}:
        mine = [(customer, product) for of, customer, product in shown if kind in ("all", of)]
        hits = sum(pair in since for pair in mine)
        assert (record[kind]["recommendations"], record[kind]["hits"]) == (len(mine), hits)
        assert record[kind]["hit_rate_at_10"] == pytest.approx(hits / len(mine))
    assert record["most_popular"]["recommendations"] <= record["all"]["recommendations"]
    assert record["most_popular"]["customers"] == record["all"]["customers"]
    # nothing in these histories but the planted pairs repeats itself
    assert record["all"]["recommended_on"] == day


def test_products_perform_as_their_lines_do(shop: DbtShop) -> None:
    given = tables()
    lines = given["feat_order_lines"]
    window = lines[lines.order_date > AS_OF - timedelta(90)]
    back = given["feat_refunds"][given["feat_refunds"].refund_date > AS_OF - timedelta(90)].merge(
        lines[["order_id", "line_id", "product_id"]], on=["order_id", "line_id"]
    )
    sizes = lines.groupby("order_id").product_id.nunique()
    for row in shop.records(f"select * from {shop.candidate}.product_performance where window_days = 90"):
        mine = window[window.product_id == row["product_id"]]
        returned = back[back.product_id == row["product_id"]].amount.sum()
        days = mine.dropna(subset="customer_id").groupby("customer_id").order_date.nunique()
        assert (row["order_count"], row["buyers"], row["repeat_buyers"]) == (len(mine), len(days), (days > 1).sum())
        assert float(row["goods_revenue"]) == pytest.approx(mine.gross_revenue.sum() - returned)
        assert row["attach_rate"] == pytest.approx((sizes.loc[mine.order_id] > 1).mean())


def test_revenue_as_all_of_segments_is_what_they_bring_in_all(shop: DbtShop) -> None:
    sums = shop.rows(
        "select segmentation, sum(category_revenue), sum(revenue_as_all), min(index_to_all), max(index_to_all)"
        f" from {shop.candidate}.segment_category group by all"
    )
    assert len(sums) == 1
    assert float(sums[0][1]) == pytest.approx(float(sums[0][2]), abs=0.05)
    assert sums[0][3:] == pytest.approx((1.0, 1.0))
