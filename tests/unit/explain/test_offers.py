"""What an explanation tells of offers is what the release holds; an older release is told so instead of failing."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import Any, cast

import duckdb
import pytest

from kehu.explain.facts import Facts
from kehu.explain.sections.offers import offers_section
from kehu.explain.wording import words_in

TABLES = """
create table analytics.customer_loyalty as select 's:a' as customer_id, 'silver' as loyalty_tier, date '2020-01-31' as tier_since,
    1234.5::decimal(18, 2) as balance, 40::decimal(18, 2) as points_expiring_30d, 'gold' as next_tier,
    3500::decimal(18, 2) as points_to_next_tier;
create table analytics.dim_products as from (values ('s:1', 'Tea'), ('s:2', 'Cup'), ('s:3', null))
    as t (product_id, product_name);
create table analytics.customer_recommendations as from (values
    ('s:a', 's:3', 'popular', 'Food > Tea', 2), ('s:a', 's:2', 'cross_sell', 's:1', 1), ('s:a', 's:1', 'replenish', 's:1', 3),
    ('s:a', 's:4', 'up_sell', 'Food', 4), ('s:b', 's:1', 'popular', 'Food', 1)
) as t (customer_id, product_id, kind, because_of, recommendation_rank);
create table analytics.fct_campaign_contacts as from (values
    ('s:a', 'treatment'), ('s:a', 'treatment'), ('s:a', 'control'), ('s:b', 'control')) as t (customer_id, arm);
"""


class Release:
    """As much of a release as a section reads."""

    def __init__(self, tables: str) -> None:
        self.connection = duckdb.connect()
        self.connection.execute(f"create schema analytics; {tables}")

    def rows(self, sql: str, parameters: Any = ()) -> list[tuple[Any, ...]]:
        return self.connection.execute(sql, list(parameters)).fetchall()

    def records(self, sql: str, parameters: Any = ()) -> list[dict[str, Any]]:
        cursor = self.connection.execute(sql, list(parameters))
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def columns(self) -> dict[str, dict[str, str]]:
        return {table: {} for (table,) in self.rows("select table_name from information_schema.tables")}


def lines(tables: str, customer: str, language: str = "en") -> list[str]:
    facts = Facts(
        words=words_in(language),
        language=language,
        currency="USD",
        rules=cast("Any", SimpleNamespace(thresholds={})),
        as_of=date(2020, 3, 31),
        customer_id=customer,
        release=cast("Any", Release(tables)),
    )
    return offers_section(facts)


def test_points_tier_recommendations_and_campaigns_are_told() -> None:
    assert lines(TABLES, "s:a") == [
        "What to offer",
        "  loyalty tier silver, since 2020-01-31, by the points earned in the last loyalty_window_days",
        "  1,234.50 points, of which 40.00 are lost within 30 days",
        "  3,500.00 more earned points lead to gold",
        "  to recommend, by expected margin:",
        "    Cup: often in one basket with Tea, which was bought",
        "    s:3: bought by most of the customer's demographic segment in Food > Tea",
        "    Tea: due again by its usual gap",
        "  campaigns contacted the customer 2 times and held the customer back 1 times",
    ]


def test_who_is_no_member_and_an_older_release_are_told_so() -> None:
    assert lines(TABLES, "s:c")[1:] == [
        "  no loyalty transaction up to this day",
        "  no product to recommend",
        "  campaigns contacted the customer 0 times and held the customer back 0 times",
    ]
    assert lines("select 1", "s:a")[1:] == ["  this release holds neither points nor recommendations"]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_kind_of_offer_and_tier_has_its_words(language: str) -> None:
    words = words_in(language)
    keys = [f"offer_{kind}" for kind in ("cross_sell", "attached_sell", "up_sell", "replenish", "popular")]
    for key in (*keys, *(f"tier_{tier}" for tier in ("bronze", "silver", "gold", "platinum"))):
        assert words(key, product="p", because_of="b") != key
    assert not any("{" in line for line in lines(TABLES, "s:a", language))
