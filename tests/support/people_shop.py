"""Random customers with everything that segmentations look at, and what goes wrong with it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

AS_OF = date(2023, 2, 28)
"""Not a leap year: who was born on 29 February has no birthday today."""

Row = dict[str, str | None]

GENDERS = ["F", "female", "女", "m", "Male", "男性", "x", "secret", None]
PLACES = [
    ("CN", "Shanghai"),
    ("china", "SHANGHAI"),
    ("China", "Beijing"),
    ("中国", None),
    ("DE", "Shanghai"),
    (None, "Shanghai"),
]
PLACES += [("US", None), (None, None)]
INTERESTS = ["tea, books", "Books;Tea", "茶、书", "art | tea", " , ; ", "unknown", None, None]
INCOMES = ["under 20k", "20-50k", "50k+", "Unknown", None]
CHANNELS = ["web", "app", "shop", None]
SCHOOLS = ["school", "University", "unknown", None]
TRADES = ["nurse", "Engineer", None]
HOUSEHOLDS = ["0", "1", "2", "3", "4", "5", "11", None]
AMOUNTS = ["10.00", "10.00", "20.00", "19.99", "0.00", "35.50"]
PRODUCTS = ["tea", "cup", "pot", "gift", "mystery", "orphan", "twice"]

BORDERS = (0, 1, 29, 100, 364, 365, 366, 500, 729, 730, 731, 1000, -1)
"""Days before D at which windows and periods begin and end, and one after D."""

CATEGORIES: list[Row] = [
    {"category_id": "food", "name": "Food"},
    {"category_id": "drinks", "name": "Drinks", "parent_category_id": "food"},
    {"category_id": "teas", "name": "Tea", "parent_category_id": "drinks"},
    {"category_id": "home", "name": "Home"},
    {"category_id": "kitchen", "name": "Kitchen", "parent_category_id": "home"},
    {"category_id": "gifts", "name": "Gifts"},
    {"category_id": "food2", "name": "Food"},
    {"category_id": "lost", "name": "Lost", "parent_category_id": "nowhere"},
]
PLACED = [("tea", "teas"), ("tea", "gifts"), ("cup", "kitchen"), ("pot", "kitchen"), ("pot", "home"), ("gift", "gifts")]
PLACED += [("mystery", "nowhere"), ("orphan", "lost"), ("twice", "food2"), ("twice", "teas")]
"""`tea` stands in two trees, `pot` in a category and in the one above, `mystery` in one that is unknown, `twice` under two
roots of the same name."""


@dataclass
class PeopleShop:
    """Rows to land, by entity."""

    customers: list[Row] = field(default_factory=list)
    accounts: list[Row] = field(default_factory=list)
    orders: list[Row] = field(default_factory=list)
    order_lines: list[Row] = field(default_factory=list)
    refunds: list[Row] = field(default_factory=list)

    def rows(self) -> dict[str, list[Row]]:
        """Every entity with its rows."""
        placed = [{"product_id": product, "category_id": category} for product, category in PLACED]
        return {
            **{name: getattr(self, name) for name in ("customers", "accounts", "orders", "order_lines", "refunds")},
            "categories": CATEGORIES,
            "product_categories": placed,
        }


def people_shop(seed: int, people: int = 220) -> PeopleShop:
    """A shop of so many described customers, some more who are known from orders only, and guests."""
    random, shop = Random(seed), PeopleShop()
    sizes = ["0", "49", "50", "249", "250", "9000", None]
    shop.accounts = [
        {"account_id": f"a{n}", "employee_count": size, "industry": random.choice(["retail", "Steel", "unknown", None])}
        for n, size in enumerate(sizes * 2)
    ]
    for number in range(people):
        shop.customers.append(_person(random, f"c{number}"))
    everybody = (
        [f"c{number}" for number in range(people)] + [f"only_orders{number}" for number in range(12)] + [None] * 3
    )
    for customer in everybody:
        count = random.choice((0, 1, 1, 2, 3, 5, 16))
        for _ in range(count):
            day = random.choice(BORDERS) if count < 16 else random.randrange(400)
            _order(shop, random, customer, AS_OF - timedelta(days=day))
    return shop


def _person(random: Random, customer: str) -> Row:
    country, city = random.choice(PLACES)
    created = AS_OF - timedelta(days=random.choice((0, 1, 400, 900, -1)))
    return {
        "customer_id": customer,
        "created_at": random.choice([f"{created} 23:59:00", None, f"{created} 08:00:00"]),
        "birth_date": _birthday(random),
        "gender": random.choice(GENDERS),
        "income_band": random.choice(INCOMES),
        "country": country,
        "city": city,
        "interests": random.choice(INTERESTS),
        "account_id": random.choice([None, f"a{random.randrange(16)}"]),
        **_circumstances(customer),
    }


def _circumstances(customer: str) -> Row:
    """Drawn apart: what else a person is does not depend on it. Some say that they brought themselves, or somebody unknown."""
    random = Random(f"circumstances of {customer}")
    return {
        "education": random.choice(SCHOOLS),
        "occupation": random.choice(TRADES),
        "household_size": random.choice(HOUSEHOLDS),
        "referrer_customer_id": random.choice([f"c{random.randrange(60)}", customer, "ghost", None, None, None]),
    }


def _birthday(random: Random) -> str | None:
    """At the borders of the bands: the birthday is today, was yesterday or is tomorrow; or on a leap day."""
    kind = random.randrange(6)
    if kind == 0:
        return random.choice([None, "1900-01-01", "2023-03-01", "2023-02-28"])
    if kind == 1:
        return f"{random.choice((1948, 1956, 1988, 2000, 2004))}-02-29"
    age = random.choice((17, 18, 24, 25, 34, 35, 44, 45, 54, 55, 64, 65, 90))
    day = AS_OF.replace(year=AS_OF.year - age) + timedelta(days=random.choice((-1, 0, 1, 200)))
    return day.isoformat()


def _order(shop: PeopleShop, random: Random, customer: str | None, day: date) -> None:
    order_id = f"o{len(shop.orders)}"
    shop.orders.append(
        {
            "order_id": order_id,
            "customer_id": customer,
            "ordered_at": f"{day} {random.choice(('10:00:00', '10:00:01'))}",
            "status": random.choice(("completed",) * 9 + ("cancelled",)),
            "channel": random.choice(CHANNELS),
            "discount_amount": random.choice(("0",) * 6 + ("3.33",)),
        }
    )
    for line in range(random.choice((1, 1, 2, 3))):
        amount = random.choice(AMOUNTS)
        shop.order_lines.append(
            {
                "order_id": order_id,
                "line_id": str(line),
                "product_id": random.choice(PRODUCTS),
                "quantity": "1",
                "amount": f"-{amount}" if line == 2 and random.random() < 0.3 else amount,
                "discount_amount": random.choice(("0",) * 6 + ("1.50",)),
            }
        )
    if random.random() < 0.15:
        back = day + timedelta(days=random.choice((0, 1, 60)))
        shop.refunds.append(
            {
                "refund_id": f"r{len(shop.refunds)}",
                "order_id": order_id,
                "line_id": random.choice((None, "0")),
                "refunded_at": f"{back} 09:00:00",
                "amount": random.choice(("5.00", "10.00", "500.00")),
            }
        )
