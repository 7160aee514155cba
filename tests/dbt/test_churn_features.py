"""Features of churn risk: the definitions in plain Python, a day rebuilt later, and facts of a later day that change nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pytest

from tests.support.churn_oracle import churn_features
from tests.support.dbt_shop import DbtShop
from tests.support.random_shop import random_shop

AS_OF = date(2020, 6, 15)
HORIZON = timedelta(days=90)
DAYS = [AS_OF - periods * HORIZON for periods in range(4)]
SELECT = "tag:features,+feat_churn_inputs"

Rows = dict[tuple[date, str], dict[str, Any]]


class ChurnShop:
    """A random shop with complaints and answers, some of them of later days."""

    def __init__(self, shop: DbtShop, seed: int = 17) -> None:
        self.shop, self.random, self.events = shop, Random(seed), random_shop(seed)
        self.complaints: dict[str, list[tuple[date, date | None]]] = defaultdict(list)
        self.answers: dict[str, list[tuple[str, str, str, date]]] = defaultdict(list)
        customers = sorted({sale.customer for sale in self.events.sales if sale.customer})
        tickets = [self.ticket(number, self.random.choice(customers)) for number in range(120)]
        answers = [self.answer(number, self.random.choice(customers)) for number in range(300)]
        with shop.landing_together():
            shop.land("orders", self.events.orders)
            shop.land("refunds", self.events.refund_rows)
            shop.land("tickets", tickets)
            shop.land("survey_responses", answers)
        shop.build("tag:state", with_tests=False)

    def ticket(self, number: int, customer: str) -> dict[str, str | None]:
        """A ticket, every second one a complaint, some of them with an end."""
        created = self.day()
        ended = created + timedelta(days=self.random.randrange(100)) if self.random.random() < 0.6 else None
        kind = ("complaint", "inquiry")[number % 2]
        if kind == "complaint":
            self.complaints[customer].append((created, ended))
        return {
            "ticket_id": f"t{number}",
            "customer_id": customer.removeprefix("shop:"),
            "kind": kind,
            "created_at": f"{created} 10:00:00",
            "resolved_at": f"{ended} 11:00:00" if ended else None,
        }

    def answer(self, number: int, customer: str) -> dict[str, str | None]:
        """An answer to one of three surveys."""
        kind, low, high = self.random.choice([("nps", 0, 10), ("csat", 1, 5), ("ces2", 1, 7)])
        answered, score, name = self.day(), str(self.random.randint(low, high)), f"shop:a{number:03d}"
        self.answers[customer].append((kind, score, name, answered))
        return {
            "response_id": name.removeprefix("shop:"),
            "customer_id": customer.removeprefix("shop:"),
            "survey_type": kind,
            "score": score,
            "responded_at": f"{answered} 12:00:00",
        }

    def day(self) -> date:
        """A day of the last three years, up to six weeks after D."""
        return AS_OF + timedelta(days=self.random.randrange(-1000, 42))

    def features(self, as_of: date) -> Rows:
        """The features as of a day, by day and customer."""
        self.shop.build(SELECT, with_tests=False, as_of=str(as_of))
        rows = self.shop.records(f"select * from {self.shop.candidate}_features.feat_churn_features")
        return {(row["observed_on"], row["customer_id"]): row for row in rows}


@pytest.fixture(scope="module")
def churn_shop(module_shop: Callable[[], DbtShop]) -> ChurnShop:
    return ChurnShop(module_shop())


@pytest.fixture(scope="module")
def built(churn_shop: ChurnShop) -> Rows:
    return churn_shop.features(AS_OF)


def test_every_feature_is_what_the_definitions_say(churn_shop: ChurnShop, built: Rows) -> None:
    for day in DAYS:
        expected = churn_features(churn_shop.events, churn_shop.complaints, churn_shop.answers, day)
        found = {customer: row for (on, customer), row in built.items() if on == day}
        assert set(found) == set(expected)
        assert len(found) > 20
        for customer, features in expected.items():
            for name, value in features.items():
                got = found[customer][name]
                shown = float(got) if isinstance(got, Decimal) else got
                assert shown == (value if value is None else pytest.approx(value, abs=1e-6)), (day, customer, name)
    assert any(row["satisfaction_change"] for row in built.values())
    assert any(row["open_complaints"] for row in built.values())


def test_who_left_did_not_buy_within_the_horizon_and_of_d_nobody_knows(churn_shop: ChurnShop, built: Rows) -> None:
    bought = {(sale.customer, sale.day) for sale in churn_shop.events.sales}
    left = set()
    for (day, customer), row in built.items():
        if day > AS_OF - HORIZON:
            assert row["has_left"] is None
            continue
        after = [on for who, on in bought if who == customer and day < on <= day + HORIZON]
        assert row["has_left"] is (not after)
        left.add(row["has_left"])
    assert left == {True, False}


def test_month_ends_hold_those_who_left_only(churn_shop: ChurnShop, built: Rows) -> None:
    ends = {on for (on, _), row in built.items() if row["purpose"] == "lead_time"}
    assert ends == {date(2020, 3, 31), date(2020, 4, 30), date(2020, 5, 31)}
    recent = {sale.customer for sale in churn_shop.events.sales if AS_OF - HORIZON < sale.day <= AS_OF}
    assert not recent & {customer for (on, customer) in built if on in ends}


def test_a_past_day_built_again_has_the_features_that_it_had(churn_shop: ChurnShop, built: Rows) -> None:
    before = churn_shop.features(AS_OF - HORIZON)
    for day in DAYS[1:]:
        names = [name for name in next(iter(built.values())) if name != "has_left"]
        then, now = (
            {customer: [row[name] for name in names] for (on, customer), row in rows.items() if on == day}
            for rows in (before, built)
        )
        assert then == now


def test_facts_of_a_later_day_change_nothing(churn_shop: ChurnShop, built: Rows) -> None:
    orders = [
        {**row, "ordered_at": str(row["ordered_at"]).replace(str(row["ordered_at"])[:10], "2020-07-30")}
        for row in churn_shop.events.orders
        if str(row["ordered_at"])[:10] > str(AS_OF)
    ]
    orders += [
        {"order_id": f"late{number}", "customer_id": customer.removeprefix("shop:"), "ordered_at": "2020-06-16 09:00:00",
         "status": "completed", "subtotal_amount": "77.00", "discount_amount": "0"}
        for number, customer in enumerate(sorted({customer for _, customer in built}))
    ]  # fmt: skip
    tickets: list[dict[str, str | None]] = [
        {
            "ticket_id": f"late{number}",
            "customer_id": f"c{number:02d}",
            "kind": "complaint",
            "created_at": "2020-06-16 09:00:00",
        }
        for number in range(60)
    ]
    churn_shop.shop.land("orders", orders)
    churn_shop.shop.land("tickets", tickets)
    churn_shop.shop.build("tag:state", with_tests=False)
    assert churn_shop.features(AS_OF) == built
