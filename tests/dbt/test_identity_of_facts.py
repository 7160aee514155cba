"""What follows from identity: facts, attributes, exclusion and publication speak of the person, not of the record."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest

from tests.support.dbt_shop import DbtShop

AS_OF = "2019-12-31"
PUBLISHED = (
    "dim_customers",
    "dim_excluded_customers",
    "map_source_customers_to_customers",
    "customer_record_links",
    "identity_clusters_to_review",
    "identity_summary",
)


@pytest.fixture(scope="module")
def shop(module_shop: Callable[[], DbtShop]) -> DbtShop:
    """Ann of shop, crm and a lead; Bob of shop and crm; a tester with two accounts; a lead who is nobody else."""
    shop = module_shop()
    with shop.landing_together():
        shop.land(
            "customers",
            [
                {"customer_id": "1", "email": "Ann@example.com", "city": "Bonn", "created_at": "2019-03-01"},
                {"customer_id": "2", "phone": "030 1234567", "country": "DE", "created_at": "2019-02-01"},
                {"customer_id": "3", "email": "test@example.com", "created_at": "2019-02-01"},
                {"customer_id": "4", "email": "late@example.com", "created_at": "2020-02-01"},
            ],
        )
        shop.land(
            "customers",
            [
                {
                    "customer_id": "7",
                    "email": "ann@example.com ",
                    "city": "Köln",
                    "gender": "f",
                    "created_at": "2018-01-01",
                },
                {"customer_id": "8", "phone": "+49 (0)30 1234567", "external_ids": "desk:99"},
                {"customer_id": "9", "email": "TEST@example.com", "referrer_customer_id": "8"},
                {"customer_id": "10", "referrer_customer_id": "7", "created_at": "2019-01-01"},
            ],
            source="crm",
        )
        shop.land(
            "leads",
            [
                {"lead_id": "1", "email": "ann@EXAMPLE.com", "created_at": "2017-06-01", "source": "fair"},
                {"lead_id": "2", "email": "solo@example.com", "created_at": "2019-06-01", "source": "web form"},
                {"lead_id": "3", "created_at": "2019-06-01", "converted_customer_id": "77"},
            ],
            source="crm",
        )
        orders = [
            ("1", "1", "2019-03-01"),
            ("2", "2", "2019-04-01"),
            ("3", "3", "2019-04-01"),
            ("4", "1", "2019-05-01"),
        ]
        shop.land("orders", [order(*words) for words in orders])
        shop.land("orders", [order("1", "7", "2019-05-01"), order("2", "9", "2019-04-02")], source="crm")
        shop.land(
            "refunds", [{"refund_id": "1", "order_id": "1", "refunded_at": "2019-06-01", "amount": "4"}], source="crm"
        )
        addresses = [{"email": "ANN@example.com"}, {"phone": "0049 30 1234567"}, {"email": "nobody@example.com"}]
        shop.land("tickets", tickets([*addresses, {"email": "test@example.com"}]), source="desk")
        shop.land("tickets", tickets([{"customer_id": "7"}, {"customer_id": "9"}]), source="crm")
        shop.land(
            "campaign_contacts",
            [
                {"campaign_id": "c", "customer_id": one, "sent_at": "2019-06-01", "cost_amount": "1"}
                for one in ("7", "8")
            ],
            source="crm",
        )
    shop.dbt("seed", "--select", "excluded_customers", "survivorship_rules")
    with shop.connection() as connection:
        connection.execute("insert into seeds.excluded_customers values ('crm:9', 'tester')")
        connection.execute("insert into seeds.survivorship_rules values ('city', 'shop', 1)")
        connection.execute(
            "insert into ops.runs (release_id, as_of_date, built_at) values (?, ?, timestamp '2026-01-02 03:15:00')",
            [shop.release_id, AS_OF],
        )
    seeds = ("resource_type:seed,excluded_customers", "resource_type:seed,survivorship_rules")
    shop.build("tag:state", "tag:features", as_of=AS_OF, exclude=seeds)
    shop.score()
    shop.build(*(f"tag:candidate,+{table}" for table in PUBLISHED), as_of=AS_OF)
    return shop


def order(order_id: str, customer_id: str, day: str) -> dict[str, str | None]:
    """An order of 10."""
    return {"order_id": order_id, "customer_id": customer_id, "ordered_at": f"{day} 10:00:00", "subtotal_amount": "10"}


def tickets(whose: list[dict[str, str | None]]) -> list[dict[str, str | None]]:
    """A ticket for each."""
    return [{"ticket_id": str(number), "created_at": "2018-06-01", **row} for number, row in enumerate(whose)]


def test_the_orders_of_all_records_are_the_persons(shop: DbtShop) -> None:
    days = shop.rows("select customer_id, purchase_date, order_count from work.core_purchase_days order by 1, 2")
    assert days == [
        ("shop:1", date(2019, 3, 1), 1),
        ("shop:1", date(2019, 5, 1), 2),
        ("shop:2", date(2019, 4, 1), 1),
    ]
    numbers = shop.rows("select order_id, order_number from work.core_orders where customer_id = 'shop:1' order by 2")
    assert numbers == [("shop:1", 1), ("crm:1", 2), ("shop:4", 3)]
    [found] = shop.records(f"select * from {shop.candidate}.dim_customers where customer_id = 'shop:1'")
    assert found["source_customer_ids"] == "crm:7,crm:lead:1,shop:1"
    assert found["source_customer_ids_json"] == '["crm:7","crm:lead:1","shop:1"]'
    assert (found["order_count"], found["net_revenue"], found["refunds"]) == (3, Decimal("26.00"), Decimal("4.00"))
    assert (found["ticket_count"], found["is_inferred"]) == (2, False)


def test_attributes_survive_by_the_rules_and_a_person_begins_with_the_first_record(shop: DbtShop) -> None:
    rows = shop.rows(
        "select customer_id, city, gender, acquisition_channel, referrer_customer_id, first_seen_date, first_event_date"
        " from work.core_customers where not is_excluded order by 1"
    )
    assert rows == [
        ("crm:10", None, None, None, "shop:1", date(2019, 1, 1), None),
        ("crm:77", None, None, None, None, date(2019, 6, 1), date(2019, 6, 1)),
        ("crm:lead:2", None, None, "web form", None, date(2019, 6, 1), None),
        ("shop:1", "Bonn", "f", "fair", None, date(2017, 6, 1), date(2018, 6, 1)),
        ("shop:2", None, None, None, None, date(2019, 2, 1), date(2018, 6, 1)),
        ("shop:4", None, None, None, None, date(2020, 2, 1), None),
    ]


def test_a_person_is_excluded_if_any_record_is(shop: DbtShop) -> None:
    assert shop.rows("select customer_id, is_excluded from work.core_customers where is_excluded") == [("shop:3", True)]
    listed = shop.rows(f"select customer_id, reason, order_count from {shop.candidate}.dim_excluded_customers")
    assert listed == [("shop:3", "tester", 2)]
    assert (
        shop.rows(f"select * from {shop.candidate}.map_source_customers_to_customers where customer_id = 'shop:3'")
        == []
    )


def test_a_lead_that_is_nobody_else_is_a_prospect_and_who_comes_after_d_is_not_there(shop: DbtShop) -> None:
    stages = dict(shop.rows(f"select customer_id, lifecycle_stage from {shop.candidate}.dim_customers"))
    assert stages["crm:lead:2"] == "prospect"
    assert set(stages) == {"shop:1", "shop:2", "crm:10", "crm:77", "crm:lead:2"}


def test_a_contact_with_a_record_costs_the_person(shop: DbtShop) -> None:
    contacts = shop.rows("select customer_id, record_id, cost_amount from work.core_campaign_contacts order by 1")
    assert contacts == [("shop:1", "crm:7", Decimal("1.00")), ("shop:2", "crm:8", Decimal("1.00"))]


def test_the_map_and_the_summary_say_what_was_done(shop: DbtShop) -> None:
    rows = shop.rows(
        "select source_customer_id, customer_id, merged_into, linked_by, linked_to, record_kind, is_primary"
        f" from {shop.candidate}.map_source_customers_to_customers order by 1"
    )
    assert rows == [
        ("crm:10", "crm:10", None, "none", None, "customer", True),
        ("crm:7", "shop:1", "shop:1", "email", "shop:1", "customer", False),
        ("crm:77", "crm:77", None, "none", None, "inferred", True),
        ("crm:8", "shop:2", "shop:2", "phone", "shop:2", "customer", False),
        ("crm:lead:1", "shop:1", "shop:1", "email", "shop:1", "lead", False),
        ("crm:lead:2", "crm:lead:2", None, "none", None, "lead", True),
        ("crm:lead:3", "crm:77", "crm:77", "conversion", "crm:77", "lead", False),
        ("shop:1", "shop:1", None, "none", None, "customer", True),
        ("shop:2", "shop:2", None, "none", None, "customer", True),
    ]
    summary = {
        (topic, item): total
        for topic, item, total in shop.rows(f"select topic, item, row_total from {shop.candidate}.identity_summary")
        if total
    }
    assert summary == {
        ("records", "customer"): 5,
        ("records", "inferred"): 1,
        ("records", "lead"): 3,
        ("persons", "of_one_record"): 2,
        ("persons", "of_several_records"): 3,
        ("merged_records", "email"): 2,
        ("merged_records", "phone"): 1,
        ("merged_records", "conversion"): 1,
        ("links", "email"): 2,
        ("links", "phone"): 1,
        ("links", "conversion"): 1,
        ("tickets", "by_customer_id"): 1,
        ("tickets", "by_email"): 1,
        ("tickets", "by_phone"): 1,
        ("tickets", "unassigned"): 1,
        ("tickets", "of_excluded_customers"): 2,
    }
    review = shop.rows(f"select customer_id, reason_code from {shop.candidate}.identity_clusters_to_review")
    assert review == [("shop:2", "only_a_phone_in_common")]


def test_no_published_table_of_identity_holds_an_identifier(shop: DbtShop) -> None:
    for table in PUBLISHED:
        with shop.connection() as connection:
            text = str(connection.execute(f"select * from {shop.candidate}.{table}").fetchall())
        assert "@" not in text
        assert "1234567" not in text
