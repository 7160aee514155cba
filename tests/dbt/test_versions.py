"""The materialization `versions`: which version of a record is in force, row by row."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

import pytest

from tests.support.dbt_shop import DbtShop

ON = {"ordered_at": "2017-03-01"}
JANUARY_1, JANUARY_2 = (datetime.fromisoformat(f"2020-01-0{day}") for day in (1, 2))


@pytest.fixture(scope="module")
def shop(module_shop: Callable[[], DbtShop]) -> DbtShop:
    """One source a rule, built at once."""
    shop = module_shop()
    with shop.landing_together():
        _versions(shop)
        _deletions(shop)
        _snapshot(shop)
        _window(shop)
        line = {"quantity": "1", "amount": "1"}
        keys = [("1", "1"), ("1", "2"), ("2", "1"), ("2", "1")]
        shop.land("order_lines", [{"order_id": order, "line_id": number, **line} for order, number in keys])
    shop.build("map_order_status", "placeholders", "+base_orders", "base_order_lines", with_tests=False)
    return shop


def _versions(shop: DbtShop) -> None:
    """Two rows of each of five orders, told apart by one thing each."""
    first = [
        {"order_id": "updated", "updated_at": "2017-03-05", **ON},
        {"order_id": "landed", "updated_at": "", **ON},
        {"order_id": "twice", "updated_at": "", "_row_number": "4", **ON},
        {"order_id": "twice", "updated_at": "", "_row_number": "5", **ON},
        {"order_id": "dated", "updated_at": "2017-03-05", "_row_number": "6", **ON},
    ]
    second = [
        {"order_id": "updated", "updated_at": "2017-03-04", **ON},
        {"order_id": "landed", "updated_at": "", **ON},
        {"order_id": "dated", "updated_at": "", **ON},
    ]
    shop.land("orders", first, source="v", extracted_at=JANUARY_1)
    shop.land("orders", second, source="v", extracted_at=JANUARY_1)
    # extracted later, though landed earlier
    shop.land("orders", [{"order_id": "extracted", "updated_at": "", **ON}], source="v", extracted_at=JANUARY_2)
    shop.land("orders", [{"order_id": "extracted", "updated_at": "", **ON}], source="v", extracted_at=JANUARY_1)


def _deletions(shop: DbtShop) -> None:
    shop.land(
        "orders", [{"order_id": "1", "is_deleted": "", **ON}, {"order_id": "2", "is_deleted": "true", **ON}], source="d"
    )
    shop.land(
        "orders", [{"order_id": "1", "is_deleted": "Yes", **ON}, {"order_id": "2", "is_deleted": "0", **ON}], source="d"
    )
    # systems tell the key of what they have deleted, and nothing else
    shop.land("orders", [{"order_id": number, **ON} for number in ("1", "2")], source="k")
    told = [("1", "true"), ("2", ""), ("", "true")]
    shop.land("orders", [{"order_id": key, "is_deleted": gone, "ordered_at": ""} for key, gone in told], source="k")


def _snapshot(shop: DbtShop) -> None:
    old = [{"order_id": "1", "updated_at": "2018-01-01", **ON}, {"order_id": "2", "updated_at": "", **ON}]
    shop.land("orders", old, source="s")
    shop.land("orders", [{"order_id": "1", "updated_at": "2017-01-01", **ON}], source="s", mode="snapshot")
    shop.land("orders", [{"order_id": "3", **ON}], source="s")


def _window(shop: DbtShop) -> None:
    times = [
        "2017-03-01T23:30:00-05:00",
        "2017-03-02",
        "2017-03-03 23:59:59",
        "2017-03-04T00:30:00+08:00",
        " 2017-03-02 ",
    ]
    old = [{"order_id": str(number), "ordered_at": time} for number, time in enumerate(times, start=1)]
    shop.land("orders", old, source="w")
    shop.land(
        "orders",
        [{"order_id": "3", "ordered_at": "2017-03-02"}],
        source="w",
        mode="window",
        window_column="ordered_at",
        window=(date(2017, 3, 2), date(2017, 3, 3)),
    )


def dispositions(shop: DbtShop, source: str) -> list[tuple[str, str]]:
    """Order and disposition of a source's rows, as they were landed."""
    return shop.rows(
        "select source_order_id, _disposition from staging.base_orders where _source = ? order by _sequence, _row_number",
        [source],
    )


def test_the_latest_version_is_in_force_by_update_extraction_landing_and_row(shop: DbtShop) -> None:
    assert dispositions(shop, "v") == [
        ("updated", "staged"),
        ("landed", "superseded"),
        ("twice", "superseded"),
        ("twice", "staged"),
        ("dated", "staged"),
        ("updated", "superseded"),
        ("landed", "staged"),
        ("dated", "superseded"),
        ("extracted", "staged"),
        ("extracted", "superseded"),
    ]


def test_a_record_is_deleted_if_its_latest_version_says_so(shop: DbtShop) -> None:
    assert dispositions(shop, "d") == [("1", "superseded"), ("2", "superseded"), ("1", "deleted"), ("2", "staged")]


def test_a_deletion_needs_the_key_and_nothing_else(shop: DbtShop) -> None:
    assert dispositions(shop, "k") == [
        ("1", "superseded"),
        ("2", "staged"),
        ("1", "deleted"),
        ("2", "quarantined"),
        (None, "quarantined"),
    ]


def test_a_snapshot_deletes_what_it_does_not_have(shop: DbtShop) -> None:
    assert dispositions(shop, "s") == [("1", "superseded"), ("2", "deleted"), ("1", "staged"), ("3", "staged")]
    replaced = "select source_order_id, _is_replaced from staging.base_orders where _source = 's' order by _sequence, 1"
    assert shop.rows(replaced) == [("1", True), ("2", True), ("1", False), ("3", False)]


def test_a_window_deletes_what_it_does_not_have_of_its_days_as_written(shop: DbtShop) -> None:
    assert dispositions(shop, "w") == [
        ("1", "staged"),
        ("2", "deleted"),
        ("3", "superseded"),
        ("4", "staged"),
        ("5", "deleted"),
        ("3", "staged"),
    ]


def test_a_line_is_known_by_its_order_and_its_id(shop: DbtShop) -> None:
    found = shop.rows("select _row_number, _disposition from staging.base_order_lines order by 1")
    assert found == [(1, "staged"), (2, "staged"), (3, "superseded"), (4, "staged")]


def test_an_increment_without_a_pending_batch_of_the_entity_touches_nothing(shop: DbtShop) -> None:
    with shop.connection() as connection:
        connection.execute("update staging.base_orders set source_order_id = 'seen' where source_order_id = 'twice'")
    shop.land("customers", [{"customer_id": "1"}])
    printed = shop.dbt("run", "--select", "base_orders")
    assert "NOTHING PENDING" in printed
    assert shop.rows("select count(*) from staging.base_orders where source_order_id = 'seen'") == [(2,)]
