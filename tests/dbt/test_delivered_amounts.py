"""Amounts of one basis: what a shop calls total, refunds with tax in them, statuses that mean money back."""

from __future__ import annotations

import csv
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from tests.support.dbt_shop import DbtShop

CASES = Path(__file__).resolve().parents[1] / "data" / "cases"
LANDED = ("refund_includes_tax", "refunded_status_without_refund", "total_only")
AT = {"ordered_at": "2024-05-01 10:00:00", "status": "completed"}


@pytest.fixture(scope="module")
def shop(module_shop: Callable[[], DbtShop]) -> DbtShop:
    """Every case as a source of its own."""
    shop = module_shop()
    with shop.landing_together():
        for case in LANDED:
            for file in sorted((CASES / case).glob("*.csv")):
                with file.open(encoding="utf-8", newline="") as text:
                    shop.land(file.stem, list(csv.DictReader(text)), source=case)
        orders = [
            {"order_id": "1", "total_amount": "120.00", "tax_amount": "20.00", **AT},
            {"order_id": "2", "total_amount": "120.00", **AT},
            {"order_id": "3", "total_amount": "90.00", "discount_amount": "-10.00", **AT},
            {"order_id": "4", "subtotal_amount": "bad", "total_amount": "50.00", **AT},
            {"order_id": "5", "total_amount": "999.00", **AT},
        ]
        shop.land("orders", orders, source="totals")
        shop.land(
            "order_lines", [{"order_id": "5", "line_id": "1", "quantity": "1", "amount": "7.00"}], source="totals"
        )
    shop.build("+core_orders", "+core_refunds", with_tests=False)
    return shop


def values(shop: DbtShop, source: str) -> dict[str, tuple[Decimal, Decimal]]:
    """Gross and net of what counts, by order."""
    sql = """
        with refunds as (select order_id, sum(amount) as amount from work.core_refunds group by order_id)
        select orders.source_order_id, orders.gross_revenue,
            orders.gross_revenue - orders.discounts - coalesce(refunds.amount, 0)
        from work.core_orders as orders left join refunds on orders.order_id = refunds.order_id
        where orders.order_id like ? || ':%'"""
    return {order: (gross, net) for order, gross, net in shop.rows(sql, [source])}


def test_where_only_a_total_is_delivered_the_goods_are_what_it_leaves(shop: DbtShop) -> None:
    assert {gross for gross, _ in values(shop, "total_only").values()} == {Decimal("100.00"), Decimal("50.00")}


def test_a_total_without_tax_a_discount_and_an_unreadable_subtotal(shop: DbtShop) -> None:
    found = values(shop, "totals")
    assert found == {
        "1": (Decimal("100.00"), Decimal("100.00")),
        "2": (Decimal("120.00"), Decimal("120.00")),
        "3": (Decimal("100.00"), Decimal("90.00")),
        "4": (Decimal("50.00"), Decimal("50.00")),
        "5": (Decimal("7.00"), Decimal("7.00")),
    }
    derived = (
        "select source_order_id from staging.stg_orders where _source = 'totals' and is_subtotal_derived order by 1"
    )
    assert [row[0] for row in shop.rows(derived)] == ["1", "2", "3", "4", "5"]


def test_a_refund_of_the_whole_bill_takes_back_the_goods_only(shop: DbtShop) -> None:
    assert sum(net for _, net in values(shop, "refund_includes_tax").values()) == Decimal("100.00")
    assert values(shop, "refund_includes_tax")["1"] == (Decimal("100.00"), Decimal("0.00"))


def test_a_status_that_means_money_back_books_a_refund(shop: DbtShop) -> None:
    net = {order: net for order, (_, net) in values(shop, "refunded_status_without_refund").items()}
    assert net == {
        "1": Decimal("100.00"),
        "2": Decimal("0.00"),
        "3": Decimal("0.00"),
        "4": Decimal("0.00"),
        "5": Decimal("100.00"),
        "6": Decimal("0.00"),
    }
