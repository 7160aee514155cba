"""The state's increments: after any batch the incremental tables hold, row by row, what a full build of them would."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import pytest

from tests.support.changing_shop import ChangingShop
from tests.support.dbt_shop import DbtShop

TABLES = ("intermediate.int_order_lines_value", "intermediate.int_orders_value", "work.core_purchase_days")
"""In the order of their building: what stands on a table is compared with a full build from what that table holds."""
FULL = ("+core_purchase_days", "+core_refund_days", "+core_order_lines")
SETTING = {"cadence_gaps": 3}
"""Fewer gaps than customers have purchase days: the medians of a day do not look back on all of them."""
STOPPED = ("+int_order_lines_value", "+int_orders_value")
"""Builds that ended there, as if killed: the tables after them miss a state."""


class Increments:
    """A shop that changes, and the SQL of a full build of each incremental table."""

    def __init__(self, shop: DbtShop, seed: int) -> None:
        self.shop = shop
        self.changing = ChangingShop(shop, Random(seed))
        self.changing.begin()
        shop.build(*FULL, with_tests=False, **SETTING)
        compiled = shop.folder / "target" / "compiled" / "kehu" / "models"
        self.full = {table: next(compiled.rglob(f"{table.split('.')[1]}.sql")).read_text() for table in TABLES}
        with shop.connection() as connection:
            connection.execute("insert into seeds.excluded_customers values ('shop:c03', 'a test')")

    def build(self, *select: str) -> None:
        """One increment; the seeds stay as they are."""
        self.shop.build(*(select or FULL), with_tests=False, exclude=("resource_type:seed",), **SETTING)

    def whole(self, table: str) -> list[tuple[Any, ...]]:
        """All rows of a table, the number of the state included."""
        return sorted(self.shop.rows(f"select * from {table}"), key=repr)

    def check(self) -> None:
        """Hold every table against a full build."""
        for table in TABLES:
            columns = [name for name in self.shop.columns(*table.split(".")) if name != "_changed_in"]
            listed = ", ".join(columns)
            found = self.shop.rows(f"select {listed} from {table}")
            wanted = self.shop.rows(f"select {listed} from ({self.full[table]}) as full_build")
            assert sorted(found, key=repr) == sorted(wanted, key=repr), table


@pytest.fixture(scope="module")
def increments(module_shop: Callable[[], DbtShop]) -> Increments:
    """The shop of all tests of this file, which run in order: what has landed only grows."""
    return Increments(module_shop(), 20260115)


def test_the_yardstick_is_a_full_build_and_sees_a_difference(increments: Increments) -> None:
    assert all("touched" not in sql for sql in increments.full.values())
    with pytest.raises(AssertionError, match="int_orders_value"):
        # somebody has been excluded since
        increments.check()


def test_after_every_batch_the_tables_are_those_of_a_full_build(increments: Increments, is_long: bool) -> None:
    buyers: set[str] = set()
    for number in range(12 if is_long else 3):
        increments.changing.change()
        if number % 2:
            increments.build(STOPPED[(number // 2 + 1) % 2])
            increments.changing.change()
        increments.build()
        increments.check()
        now = {row[0] for row in increments.shop.rows("select distinct customer_id from work.core_purchase_days")}
        increments.changing.kinds["nothing bought any more"] += len(buyers - now)
        merges = increments.shop.rows("select count(*) from intermediate.int_records_merge")[0][0]
        increments.changing.kinds["persons of several records"] += merges
        buyers = now
    increments.changing.put_all_back()
    increments.build()
    increments.check()
    for table in TABLES:
        assert increments.shop.rows(f"select count(*) > 40 from {table}") == [(True,)], table
    assert {
        *("new or late order", "corrected", "deleted", "price", "merged", "parted", "refund", "snapshot", "taken back"),
        *("nothing bought any more", "persons of several records"),
    } <= set(+increments.changing.kinds)


def test_a_second_increment_changes_nothing(increments: Increments) -> None:
    before = {table: increments.whole(table) for table in TABLES}
    increments.build()
    assert {table: increments.whole(table) for table in TABLES} == before


def test_one_order_touches_the_orders_of_its_customer_only(increments: Increments) -> None:
    landed = increments.changing.one_order("c07")
    increments.build()
    increments.check()
    written = increments.shop.rows(
        "select distinct customer_id from intermediate.int_orders_value"
        " where _changed_in = (select count(*) + coalesce(sum(withdrawal_count), 0) from ops.batches)"
    )
    persons = increments.shop.rows("select customer_id from intermediate.int_records_map where record_id = 'shop:c07'")
    assert written == persons
    first = increments.shop.rows("select order_number from work.core_orders where source_order_id = ?", [landed])
    assert first == [(1,)], "all later orders of the customer have moved up by one"
