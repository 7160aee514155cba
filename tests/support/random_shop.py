"""Random purchase histories that hold what goes wrong: ties, one-day lives, long gaps, refunds beyond the sales, a leap day."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from random import Random
from zoneinfo import ZoneInfo

from tests.support.segment_oracle import ZERO, Refund, Sale

FIRST_DAY = date(2018, 1, 3)
LAST_DAY = date(2020, 7, 31)
LEAP_DAY = date(2020, 2, 29)
AMOUNTS = [Decimal(text) for text in ("10.00", "10.00", "19.99", "20.00", "49.95", "0.00", "120.00")]
"""Few amounts, so that monetary values tie."""
RHYTHMS = {"daily": (1, 5), "weekly": (5, 12), "monthly": (20, 45), "quarterly": (60, 130), "moody": (10, 420)}
"""Shortest and longest gap in days."""


@dataclass
class RandomShop:
    """Rows to land, and the same events for the oracle."""

    orders: list[dict[str, str | None]] = field(default_factory=list)
    refund_rows: list[dict[str, str | None]] = field(default_factory=list)
    customer_rows: list[dict[str, str | None]] = field(default_factory=list)
    sales: list[Sale] = field(default_factory=list)
    refunds: list[Refund] = field(default_factory=list)
    first_seen: dict[str, date] = field(default_factory=dict)
    """Customer → the day from which they are known."""

    def order(
        self, customer: str | None, day: date, amount: Decimal, discount: Decimal = ZERO, status: str = "completed"
    ) -> str:
        """An order without lines; a negative amount makes it a return document."""
        order_id = str(len(self.orders) + 1)
        self.orders.append(
            {
                "order_id": order_id,
                "customer_id": customer,
                "ordered_at": f"{day} 12:{len(self.orders) % 60:02d}:00",
                "status": status,
                "subtotal_amount": str(amount),
                "discount_amount": str(discount),
            }
        )
        published = f"shop:{customer}" if customer else None
        if published:
            self.first_seen[published] = min(day, self.first_seen.get(published, day))
        if status == "completed" and amount >= 0:
            self.sales.append(Sale(order_id, published, day, amount, discount))
        elif status == "completed":
            self.refunds.append(Refund(published, day, -amount))
        return order_id

    def refund(self, order_id: str, day: date, amount: Decimal, counts: bool = True) -> None:
        """Money back for an order; ``counts`` is false where the order never counted."""
        refund_id = f"r{len(self.refund_rows) + 1}"
        self.refund_rows.append(
            {"refund_id": refund_id, "order_id": order_id, "refunded_at": f"{day} 09:00:00", "amount": str(amount)}
        )
        if counts:
            customer = self.orders[int(order_id) - 1]["customer_id"]
            self.refunds.append(Refund(f"shop:{customer}" if customer else None, day, amount))

    def prospect(self, customer: str, created: date) -> None:
        """Somebody known who never ordered."""
        self.customer_rows.append({"customer_id": customer, "created_at": f"{created} 08:00:00"})
        self.first_seen[f"shop:{customer}"] = created


@dataclass
class ZonedShop(RandomShop):
    """A shop whose business days are those of a zone with summer time: orders come around midnight and around the change."""

    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Europe/Berlin"))

    def order(
        self, customer: str | None, day: date, amount: Decimal, discount: Decimal = ZERO, status: str = "completed"
    ) -> str:
        """The same, at a local time of the day at which the date in UTC is often another one."""
        order_id = super().order(customer, day, amount, discount, status)
        local = time(*((0, 15), (1, 45), (2, 30), (12, 0), (23, 50))[len(self.orders) % 5], len(self.orders) % 60)
        moment = datetime.combine(day, local, self.zone).astimezone(UTC)
        self.orders[-1]["ordered_at"] = f"{moment:%Y-%m-%d %H:%M:%S}"
        return order_id


def random_shop(seed: int, shop: RandomShop | None = None) -> RandomShop:
    """A shop of about 80 customers between FIRST_DAY and LAST_DAY; fills ``shop`` if one is given."""
    random, shop = Random(seed), shop or RandomShop()
    for number in range(60):
        _live(shop, random, f"c{number:02d}", random.choice(list(RHYTHMS)))
    for number in range(8):
        day = FIRST_DAY + timedelta(days=random.randrange(900))
        for _ in range(random.choice((1, 1, 2))):
            shop.order(f"once{number}", day, random.choice(AMOUNTS))
    for number in range(40):
        day = FIRST_DAY + timedelta(days=random.randrange(900))
        order_id = shop.order(None, day, random.choice(AMOUNTS))
        if number % 8 == 0:
            shop.refund(order_id, min(day + timedelta(days=40), LAST_DAY), Decimal("5.00"))
    _add_corner_cases(shop)
    return shop


def _live(shop: RandomShop, random: Random, customer: str, rhythm: str) -> None:
    day = FIRST_DAY + timedelta(days=random.randrange(700))
    end = day + timedelta(days=random.choice((90, 400, 1000)))
    while day <= min(end, LAST_DAY):
        for _ in range(random.choice((1, 1, 1, 2))):
            amount = random.choice(AMOUNTS)
            order_id = shop.order(customer, day, amount, min(amount, random.choice((ZERO, ZERO, Decimal("1.50")))))
            if random.random() < 0.12:
                back = random.choice((amount, amount * 3, Decimal("0.01")))
                shop.refund(order_id, day + timedelta(days=random.randrange(60)), back)
        if random.random() < 0.1:
            cancelled = shop.order(customer, day, Decimal("75.00"), status="cancelled")
            shop.refund(cancelled, day, Decimal("75.00"), counts=False)
        gap = random.randint(*RHYTHMS[rhythm])
        day += timedelta(days=random.randint(181, 760) if random.random() < 0.05 else gap)


def _add_corner_cases(shop: RandomShop) -> None:
    """What chance might leave out."""
    shop.order("leap", LEAP_DAY, Decimal("10.00"))
    shop.order("leap", date(2019, 2, 28), Decimal("10.00"))
    shop.order("loss", date(2018, 5, 1), Decimal("10.00"))
    shop.refund(shop.order("loss", date(2018, 5, 2), Decimal("20.00")), LEAP_DAY, Decimal("500.00"))
    shop.order("returns_only", date(2018, 4, 30), Decimal("-33.00"))
    shop.order("returns_first", date(2018, 2, 1), Decimal("-7.00"))
    shop.order("returns_first", date(2018, 5, 31), Decimal("19.99"))
    shop.order("cancels_only", date(2018, 3, 3), Decimal("10.00"), status="cancelled")
    # A gap of 185 days: beyond the limit of the two gaps of 30 before it, within that of two gaps of 60.
    for customer, gap in (("back", 30), ("not_back", 60)):
        last = date(2019, 12, 1)
        for days in (185 + 2 * gap, 185 + gap, 185, 0):
            shop.order(customer, last - timedelta(days=days), Decimal("10.00"))
    shop.prospect("early", date(2018, 1, 10))
    shop.prospect("on_the_day", LEAP_DAY)
    shop.prospect("late", date(2020, 7, 1))
