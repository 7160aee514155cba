"""Amounts of one basis: what a shop calls total, refunds with tax in them, statuses that mean money back."""

from __future__ import annotations

import csv
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from kehu.gate.intake import tell_intake
from kehu.warehouse.on_duckdb.duckdb_backend import DuckDBSession
from tests.support.dbt_shop import DbtFailed, DbtShop

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
        guarded = [
            {"order_id": '="1"', "customer_id": "0", "subtotal_amount": "5", "currency": "", **AT},
            {
                "order_id": "2",
                "customer_id": "NULL",
                "subtotal_amount": "0",
                "discount_amount": "bad",
                "currency": "USD",
                **AT,
            },
            {"order_id": "3", "customer_id": "c", "subtotal_amount": "5", "currency": "XXX", **AT},
        ]
        shop.land("orders", guarded, source="guarded")
        refunds = [
            {"refund_id": str(number), "order_id": "1", "refunded_at": "2024-05-02", "amount": amount}
            for number, amount in enumerate(("-1.00", "-2.00", "1.00"))
        ]
        shop.land("refunds", refunds, source="guarded")
    shop.build("path:seeds", "path:models/staging", "+core_orders", "+core_refunds", with_tests=False)
    return shop


def test_what_was_made_of_what_came_in_is_told(shop: DbtShop) -> None:
    with shop.connection() as connection:
        found = {f"{one.table_name}.{one.check_name}": one for one in tell_intake(DuckDBSession(connection), "r")}
    observed = {name: one.observed for name, one in found.items()}
    assert observed["orders.rows_can_be_used"] == "1 rows in quarantine: currency has no exchange rate (1)"
    assert observed["orders.optional_values_can_be_read"] == "1 values left out, their rows kept: discount_amount (1)"
    assert observed["orders.ids_are_clean"].endswith("or of .0: order_id (1)")
    assert observed["orders.values_are_no_placeholders"] == "2 placeholders taken for nothing: customer_id (2)"
    assert observed["orders.currencies_are_filled"].endswith("the reporting currency: currency (1)")
    assert observed["orders.goods_are_delivered"].startswith(
        "6 orders of total_only, totals are worth what their total"
    )
    assert observed["orders.orders_are_worth_something"] == "1 orders of guarded count and are worth 0.00"
    assert observed["refunds.money_back_is_delivered"].startswith("4 orders of refunded_status_without_refund")
    assert observed["refunds.refunds_say_whether_tax_is_in_them"].startswith("1 refunds of refund_includes_tax")
    assert observed["refunds.refunds_of_a_source_have_one_sign"].startswith("1 refunds of guarded have another sign")
    assert observed["orders.status_is_delivered"].split(" taken ")[0] == "2 orders of total_only"
    assert "guarded" not in observed["orders.currency_is_delivered"]
    warned = {name.split(".")[1] for name, one in found.items() if one.status == "failed"}
    assert warned == {"rows_can_be_used", "optional_values_can_be_read", "refunds_of_a_source_have_one_sign"}
    assert {one.severity for one in found.values()} == {"warning"}, "it is told, and stops nobody"
    assert not any(one.blocks for one in found.values())


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


@pytest.fixture(scope="module")
def worthless(module_shop: Callable[[], DbtShop]) -> DbtShop:
    """Sources of which one order in two, one in three and none is worth something; one whose orders do not count."""
    shop = module_shop()
    with shop.landing_together():
        for source, amounts in {"half": "01", "third": "011", "none": "00", "placed": "00"}.items():
            status = "placed" if source == "placed" else "completed"
            orders = [
                {"order_id": str(number), "ordered_at": AT["ordered_at"], "status": status, "subtotal_amount": amount}
                for number, amount in enumerate(amounts)
            ]
            shop.land("orders", orders, source=source)
    shop.build("+int_orders_value", with_tests=False)
    return shop


@pytest.mark.parametrize(("share", "sources"), [("0.2", 3), ("0.4", 2), ("0.5", 1), ("1", 0)])
def test_a_source_whose_orders_are_worth_nothing_stops_the_run(worthless: DbtShop, share: str, sources: int) -> None:
    name = "assert_most_orders_that_count_are_worth_something"
    if not sources:
        worthless.dbt("test", "--select", name, max_worthless_order_share=float(share))
        return
    with pytest.raises(DbtFailed, match=f"FAIL {sources} {name}"):
        worthless.dbt("test", "--select", name, max_worthless_order_share=float(share))
