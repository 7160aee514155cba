"""What real exports hold besides values: placeholders, guards, invisible marks, totals. Each case and its siblings."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.dbt_shop import DbtFailed, DbtShop

CASES = Path(__file__).resolve().parents[1] / "data" / "cases"
LANDED = (
    "bad_optional_field_loses_the_customer",
    "email_invisible_characters",
    "epoch_zero_order",
    "float_customer_ids",
    "guest_placeholders",
    "scientific_order_ids",
    "scientific_phones",
)
AT = {"ordered_at": "2024-05-01 10:00:00"}
GUARDED = ['="3001"', "'3001", "3001\t", "\u30003001\u200b", "3001\r\n"]
RULES = {"placeholders": {"own": {"person": ["walk-in"], "value": ["unknown"]}}}


@pytest.fixture(scope="module")
def shop(module_shop: Callable[[], DbtShop]) -> DbtShop:
    """Every case as a source of its own, whose e-mail addresses nobody else has."""
    shop = module_shop()
    with shop.landing_together():
        for case in LANDED:
            for file in sorted((CASES / case).glob("*.csv")):
                with file.open(encoding="utf-8", newline="") as text:
                    rows = [
                        {name: value.replace("mail.example", f"{case}.example") for name, value in row.items()}
                        for row in csv.DictReader(text)
                    ]
                shop.land(file.stem, rows, source=case)
        _siblings(shop)
    shop.build("path:seeds", "path:models/staging", "+int_records_map", with_tests=False, source_rules=RULES)
    return shop


def _siblings(shop: DbtShop) -> None:
    orders = [{"order_id": str(number), "customer_id": text, **AT} for number, text in enumerate(GUARDED, start=1)]
    shop.land("orders", orders, source="guarded")
    mixed = [{"order_id": "1", "customer_id": "1001.0", **AT}, {"order_id": "2", "customer_id": "A-7", **AT}]
    shop.land("orders", mixed, source="mixed")
    nobody = ["-1", "N/A", "guest", "  ", "walk-in", "#N/A"]
    orders = [{"order_id": str(number), "customer_id": text, **AT} for number, text in enumerate(nobody, start=1)]
    shop.land("orders", orders, source="own")
    shop.land("orders", orders, source="other")
    people = [
        {"customer_id": "1", "created_at": "1970-01-01 00:00:00", "household_size": "unknown"},
        {"customer_id": "2", "created_at": "1969-12-31T19:00:00-05:00", "household_size": "NULL"},
        {"customer_id": "3", "created_at": "0000-00-00", "household_size": "-"},
        {"customer_id": "4", "created_at": "1970-01-03 00:00:00", "household_size": "two"},
        {"customer_id": "0", "created_at": "2024-01-01"},
        {"customer_id": "Total", "household_size": "9"},
    ]
    shop.land("customers", people, source="own")
    totals = [
        {"order_id": "Total: 3 orders", "subtotal_amount": "99"},
        {"order_id": "合计", "subtotal_amount": "99"},
        {"order_id": "Summe", **AT},
        {"order_id": "summer-1", "subtotal_amount": "1"},
        {"order_id": "9", "ordered_at": "1970-01-01 08:00:00"},
        {"order_id": "10", "ordered_at": "1970-01-02T00:00:00Z"},
    ]
    shop.land("orders", totals, source="totals")
    phones = ["4.47900E+11", "11111111", "+49 1", "+49 170 5550173"]
    shop.land(
        "customers", [{"customer_id": str(n), "phone": one} for n, one in enumerate(phones, start=1)], source="phones"
    )
    shop.land(
        "customers", [{"customer_id": f"{n}b", "phone": one} for n, one in enumerate(phones, start=1)], source="phones"
    )


def persons(shop: DbtShop, source: str) -> list[set[str]]:
    """The records of a source by person, those that somebody delivered."""
    sql = """
        select string_agg(substr(record_id, length(_source) + 2), ' ' order by record_id)
        from intermediate.int_records_map
        inner join (select distinct _source, customer_id from staging.stg_customers) as delivered
        on record_id = delivered.customer_id where _source = ? group by int_records_map.customer_id order by 1"""
    return [set(row[0].split()) for row in shop.rows(sql, [source])]


def customers_of_orders(shop: DbtShop, source: str) -> list[str | None]:
    sql = "select customer_id from staging.stg_orders where _source = ? order by cast(source_order_id as integer)"
    return [row[0] for row in shop.rows(sql, [source])]


def test_a_bad_optional_value_costs_the_value_and_not_the_customer(shop: DbtShop) -> None:
    case = "bad_optional_field_loses_the_customer"
    assert shop.rows("select count(*), count(country) from staging.stg_customers where _source = ?", [case]) == [
        (10, 10)
    ]
    assert {"1", "7"} in persons(shop, case)
    assert len(persons(shop, case)) == 9
    told = shop.rows(
        "select column_name, delivered_value from staging.quarantined_values where _source = ? order by 1, 2", [case]
    )
    assert told == [
        ("birth_date", "05-01"),
        ("birth_date", "1985"),
        ("birth_date", "1990-13-01"),
        ("marketing_consent", "subscribed"),
    ]
    assert shop.rows("select count(*) from staging.quarantine_customers where _source = ?", [case]) == [(0,)]


def test_placeholders_of_optional_values_are_missing_and_not_wrong(shop: DbtShop) -> None:
    people = shop.rows(
        "select source_customer_id, cast(created_at as varchar), household_size, _problems from staging.base_customers"
        " where _source = 'own' order by _row_number"
    )
    assert people == [
        ("1", None, None, None),
        ("2", None, None, None),
        ("3", None, None, None),
        ("4", "1970-01-03 00:00:00", None, "household_size"),
        (None, "2024-01-01 00:00:00", None, None),
        ("Total", None, 9, None),
    ]
    reasons = (
        "select _row_number, reason, reason_column from staging.quarantine_customers where _source = 'own' order by 1"
    )
    assert shop.rows(reasons) == [
        (5, "customer_id is missing", "customer_id"),
        (6, "row is a total, not a record", None),
    ]


def test_an_order_at_the_epoch_is_quarantined(shop: DbtShop) -> None:
    sql = "select reason, count(*) from staging.quarantine_orders where _source = ? group by reason"
    assert shop.rows(sql, ["epoch_zero_order"]) == [("ordered_at is a placeholder", 2)]


def test_a_row_of_totals_is_no_order_and_a_word_that_begins_like_one_is(shop: DbtShop) -> None:
    sql = "select _row_number, reason from staging.quarantine_orders where _source = 'totals' order by 1"
    assert shop.rows(sql) == [
        (1, "row is a total, not a record"),
        (2, "row is a total, not a record"),
        (4, "ordered_at is missing"),
        (5, "ordered_at is a placeholder"),
        (6, "ordered_at is a placeholder"),
    ]


def test_ids_that_went_through_floating_point_numbers_meet_their_customers(shop: DbtShop) -> None:
    case = "float_customer_ids"
    orders = [f"{case}:1001", f"{case}:1002", None, f"{case}:1003"]
    assert customers_of_orders(shop, case) == orders
    assert customers_of_orders(shop, "mixed") == ["mixed:1001.0", "mixed:A-7"], (
        "where other ids are no numbers it is one"
    )


def test_what_excel_puts_around_an_id_is_not_part_of_it(shop: DbtShop) -> None:
    assert set(customers_of_orders(shop, "guarded")) == {"guarded:3001"}
    assert len(customers_of_orders(shop, "guarded")) == len(GUARDED)


def test_a_placeholder_for_a_guest_is_nobody(shop: DbtShop) -> None:
    case = "guest_placeholders"
    assert [one for one in customers_of_orders(shop, case) if one] == [f"{case}:17"]
    assert customers_of_orders(shop, "own") == [None] * 6
    assert [one for one in customers_of_orders(shop, "other") if one] == ["other:walk-in"], (
        "a source's own word is its own"
    )


def test_an_id_in_scientific_notation_is_none(shop: DbtShop) -> None:
    case = "scientific_order_ids"
    found = shop.rows(
        "select reason, reason_value, count(*) from staging.quarantine_orders where _source = ? group by all", [case]
    )
    assert found == [("order_id is no id, but a number that was rounded", "2.02401E+17", 5)]
    assert shop.rows("select source_order_id from staging.stg_orders where _source = ?", [case]) == [("7001",)]


def test_marks_around_an_address_part_nobody(shop: DbtShop) -> None:
    assert persons(shop, "email_invisible_characters") == [set("12345678")]


def test_what_is_no_telephone_number_joins_nobody(shop: DbtShop) -> None:
    assert persons(shop, "scientific_phones") == [{"1"}, {"2"}, {"3"}, {"4"}, {"5"}]
    assert persons(shop, "phones") == [{"1"}, {"1b"}, {"2"}, {"2b"}, {"3"}, {"3b"}, {"4", "4b"}]


@pytest.fixture(scope="module")
def doubled(module_shop: Callable[[], DbtShop]) -> DbtShop:
    """Deliveries with keys that several rows share, one source a kind."""
    shop = module_shop()
    line = {"order_id": "1", "quantity": "1"}
    with shop.landing_together():
        for source in ("export", "meant"):
            with (CASES / "shopify_export_rows_of_an_order" / "orders_export.csv").open(
                encoding="utf-8", newline=""
            ) as text:
                rows = list(csv.DictReader(text))
            orders = [
                {"order_id": row["Name"], "ordered_at": row["Created at"], "subtotal_amount": row["Subtotal"]}
                for row in rows
            ]
            shop.land("orders", orders, source=source)
        equal = [{"order_id": "1", "subtotal_amount": "5", **AT}] * 2
        shop.land("orders", equal, source="equal")
        versions = [{"order_id": "1", "subtotal_amount": str(n), "updated_at": f"2024-05-0{n}", **AT} for n in (1, 2)]
        shop.land("orders", versions, source="versions")
        for amount in ("1", "2"):
            shop.land("orders", [{"order_id": "1", "subtotal_amount": amount, **AT}], source="deliveries")
        shop.land(
            "order_lines",
            [{"line_id": "mug", "amount": "5", **line}, {"line_id": "mug", "amount": "6", **line}],
            source="sku",
        )
    rules = {"on_duplicate_key": {"orders": ["meant"]}}
    shop.build("path:seeds", "path:models/staging", with_tests=False, source_rules=rules)
    return shop


def test_different_rows_under_one_key_in_one_delivery_are_named(doubled: DbtShop) -> None:
    found = doubled.rows("select entity, record_key, _file, row_total from staging.duplicate_keys order by 1, 2")
    assert found == [
        ("order_lines", "sku:1, mug", "order_lines.csv", 2),
        ("orders", "export:#1001", "orders.csv", 2),
        ("orders", "export:#1003", "orders.csv", 2),
    ]


def test_a_delivery_with_different_rows_under_one_key_stops_the_run(doubled: DbtShop) -> None:
    name = "assert_no_delivery_holds_different_records_under_one_key"
    with pytest.raises(DbtFailed, match=f"FAIL 3 {name}"):
        doubled.dbt("test", "--select", name)


@pytest.fixture(scope="module")
def strangers(module_shop: Callable[[], DbtShop]) -> DbtShop:
    """Orders whose customers are not those that are delivered."""
    shop = module_shop()
    folder = CASES / "not_a_delivered_customer"
    with shop.landing_together():
        for entity in ("customers", "orders"):
            with (folder / f"{entity}.csv").open(encoding="utf-8", newline="") as text:
                shop.land(entity, list(csv.DictReader(text)), source="zeros")
        orders = [{"order_id": str(n), "customer_id": str(n), **AT} for n in range(1, 5)]
        shop.land("orders", orders, source="half")
        shop.land("customers", [{"customer_id": "1"}, {"customer_id": "2"}], source="half")
        shop.land("orders", orders, source="no_list")
        shop.land("orders", [{**order, "customer_id": "0"} for order in orders], source="guests")
        shop.land("customers", [{"customer_id": "1"}], source="guests")
    shop.build("path:seeds", "path:models/staging", with_tests=False)
    return shop


def test_orders_whose_customers_nobody_delivers_stop_the_run(strangers: DbtShop) -> None:
    name = "assert_the_customers_of_orders_are_delivered"
    with pytest.raises(DbtFailed, match=f"FAIL 1 {name}"):
        strangers.dbt("test", "--select", name, max_unknown_customer_share=0.5)
    with pytest.raises(DbtFailed, match=f"FAIL 2 {name}"):
        strangers.dbt("test", "--select", name, max_unknown_customer_share=0.4)
    strangers.dbt("test", "--select", name, max_unknown_customer_share=1)
