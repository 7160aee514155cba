"""Random small shops with every oddity that the money policy speaks of, as rows of canonical entities."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

Rows = list[dict[str, str | None]]

FIRST_SECOND = datetime(2019, 12, 1, tzinfo=UTC)
SPAN_SECONDS = 400 * 86400

RATES: Mapping[str, tuple[tuple[str, str], ...]] = {
    "EUR": (("2019-01-01", "1.10"), ("2020-03-10", "1.23456789"), ("2020-09-01", "0.98765432")),
    "JPY": (("2019-06-30", "0.00912345"), ("2020-07-01", "0.009")),
    "GBP": (("2020-05-05", "1.305"),),
}
"""What a unit is worth in USD from a day on. Nothing is sold in GBP, but some unit costs are."""


@dataclass
class Shop:
    """One source: its rows by entity, and which of its customers are excluded."""

    name: str
    entities: dict[str, Rows] = field(default_factory=dict)
    excluded: list[str] = field(default_factory=list)


def rate_rows() -> Rows:
    """The entity exchange_rates."""
    return [
        {"rate_date": day, "from_currency": currency, "to_currency": "USD", "rate": rate}
        for currency, steps in RATES.items()
        for day, rate in steps
    ]


def random_shop(name: str, seed: int) -> Shop:
    """A shop of some twenty orders; the same seed gives the same shop."""
    return _Maker(name, random.Random(seed)).shop()


class _Maker:
    def __init__(self, name: str, chance: random.Random) -> None:
        self.name = name
        self.chance = chance
        self.has_status = chance.random() < 0.7
        self.has_currency = chance.random() < 0.6
        self.products = [f"p{number}" for number in range(5)]
        self.customers = [f"c{number}" for number in range(chance.randint(1, 6))]

    def shop(self) -> Shop:
        shop = Shop(self.name)
        orders = [self.order(number) for number in range(self.chance.randint(8, 28))]
        lines = [line for order in orders for line in self.lines(str(order["order_id"]))]
        lines += self.lines("unknown#1")
        shop.entities = {
            "orders": orders,
            "order_lines": lines,
            "refunds": self.refunds(orders, lines),
            "products": self.product_rows(),
            "customers": self.customer_rows(),
            "tickets": self.ticket_rows(),
            "campaigns": [{"campaign_id": "spring", "currency": "EUR"}, {"campaign_id": "autumn", "currency": None}],
            "campaign_contacts": self.contact_rows(),
        }
        shop.excluded = [customer for customer in self.customers if self.chance.random() < 0.15]
        return shop

    def moment(self) -> str:
        moment = FIRST_SECOND + timedelta(seconds=self.chance.randrange(SPAN_SECONDS))
        if self.chance.random() < 0.15:
            moment = moment.replace(hour=4, minute=30, second=0)
        return moment.strftime("%Y-%m-%d %H:%M:%S")

    def money(self, low: float, high: float, places: int | None = None) -> str:
        places = self.chance.choice((0, 1, 2, 2, 3, 4)) if places is None else places
        return f"{self.chance.uniform(low, high):.{places}f}"

    def maybe(self, share: float, value: str) -> str | None:
        return value if self.chance.random() < share else None

    def order(self, number: int) -> dict[str, str | None]:
        odd = self.chance.choice(("", "", "", "#", "%23"))
        row: dict[str, str | None] = {
            "order_id": f"{odd}{number}",
            "customer_id": self.maybe(0.75, self.chance.choice(self.customers)),
            "ordered_at": self.moment(),
            "subtotal_amount": self.maybe(0.6, self.money(-40, 160)),
            "discount_amount": self.maybe(0.4, self.money(-5, 12)),
            "tax_amount": "3.21",
            "shipping_amount": "4.90",
            "total_amount": "999.99",
        }
        if self.has_status:
            row["status"] = self.chance.choice(("completed", "completed", "completed", "placed", "cancelled", "test"))
        if self.has_currency:
            row["currency"] = self.chance.choice(("USD", "EUR", "eur", "JPY", None))
        return row

    def lines(self, order_id: str) -> Rows:
        kind = self.chance.choice(("none", "mixed", "sold", "sold", "sold", "returned"))
        if kind == "none":
            return []
        return [self.line(order_id, f"{number}", kind) for number in range(self.chance.randint(1, 4))]

    def line(self, order_id: str, line_id: str, kind: str) -> dict[str, str | None]:
        quantity = self.chance.choice(("1", "1", "2", "3", "0.5", "1.333", "0"))
        price = self.chance.choice((self.money(0, 90), "0.015", "1.005", "0", "33.335"))
        amount = self.maybe(0.4, self.money(0, 120))
        returned = kind == "returned" or (kind == "mixed" and self.chance.random() < 0.4)
        if returned and self.chance.random() < 0.7:
            quantity = f"-{self.chance.choice(('1', '2', '0.25'))}"
            amount = amount and self.chance.choice((amount, f"-{amount}"))
        elif returned:
            quantity, price = self.chance.choice(("1", "2")), f"-{self.money(1, 50)}"
            amount = amount and f"-{self.money(1, 50)}"
        return {
            "order_id": order_id,
            "line_id": line_id,
            "product_id": self.maybe(0.9, self.chance.choice([*self.products, "unlisted"])),
            "quantity": quantity,
            "unit_price": price if amount is None else self.maybe(0.5, price),
            "amount": amount,
            "discount_amount": self.maybe(0.4, self.chance.choice((self.money(0, 9), self.money(-3, 0), "40"))),
            "unit_cost": self.maybe(0.4, self.money(0, 30)),
        }

    def refunds(self, orders: Rows, lines: Rows) -> Rows:
        rows: Rows = []
        for number in range(self.chance.randint(0, 12)):
            order = self.chance.choice(orders)
            named = [line for line in lines if line["order_id"] == order["order_id"]]
            line = self.chance.choice(named) if named and self.chance.random() < 0.7 else {"line_id": None}
            row = {
                "refund_id": f"r{number}",
                "order_id": order["order_id"] if self.chance.random() < 0.85 else "unknown",
                "line_id": line["line_id"] if self.chance.random() < 0.9 else "no such line",
                "refunded_at": self.moment() if self.chance.random() < 0.7 else order["ordered_at"],
                "amount": self.money(-10, 60),
            }
            if self.has_currency:
                row["currency"] = self.chance.choice((None, "USD", "EUR"))
            rows.append(row)
        return rows

    def product_rows(self) -> Rows:
        return [
            {
                "product_id": product,
                "unit_cost": self.maybe(0.6, self.money(0, 20)),
                "currency": self.chance.choice((None, "USD", "EUR", "GBP", "JPY")),
            }
            for product in self.products
        ]

    def customer_rows(self) -> Rows:
        return [
            {"customer_id": customer, "created_at": self.maybe(0.7, self.moment()), "country": "DE"}
            for customer in [*self.customers, "never_seen"]
            if self.chance.random() < 0.7
        ]

    def ticket_rows(self) -> Rows:
        return [
            {
                "ticket_id": f"t{number}",
                "customer_id": self.maybe(0.9, self.chance.choice([*self.customers, "caller"])),
                "created_at": self.moment(),
                "email": "a@example.org",
            }
            for number in range(self.chance.randint(0, 6))
        ]

    def contact_rows(self) -> Rows:
        return [
            {
                "campaign_id": campaign,
                "customer_id": customer,
                "sent_at": self.moment(),
                "cost_amount": self.maybe(0.8, self.money(0, 3)),
            }
            for campaign in ("spring", "autumn", "unlisted")
            for customer in self.customers
            if self.chance.random() < 0.4
        ]


def cut_at(shop: Shop, last_second: datetime) -> Shop:
    """The same shop as its rows were at a moment: what happened later is not there."""
    limit = last_second.strftime("%Y-%m-%d %H:%M:%S")
    happened = {
        "orders": "ordered_at",
        "refunds": "refunded_at",
        "tickets": "created_at",
        "campaign_contacts": "sent_at",
        "customers": "created_at",
    }
    entities = {
        entity: [row for row in rows if entity not in happened or (row[happened[entity]] or "") <= limit]
        for entity, rows in shop.entities.items()
    }
    kept = {row["order_id"] for row in entities["orders"]}
    dropped = {row["order_id"] for row in shop.entities["orders"]} - kept
    entities["order_lines"] = [row for row in entities["order_lines"] if row["order_id"] not in dropped]
    return Shop(shop.name, entities, shop.excluded)
