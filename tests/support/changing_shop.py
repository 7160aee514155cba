"""A shop whose past keeps changing: batches of new, late, corrected and deleted orders, lines, prices, refunds and persons."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random

from tests.support.dbt_shop import DbtShop

Row = dict[str, str | None]

FIRST_DAY = date(2020, 1, 1)
DAYS = 700
CUSTOMERS = [f"c{number:02d}" for number in range(30)]
PRODUCTS = [f"p{number}" for number in range(6)]
TILL = "till"
"""A second source, whose orders come as snapshots: what is not in the last one is gone."""


@dataclass
class ChangingShop:
    """Lands random batches; ``kinds`` counts what has happened, ``orders`` are the last versions landed."""

    shop: DbtShop
    random: Random
    choice: Random = field(default_factory=lambda: Random(7))
    """Chooses what is taken back: what lands stays the same, whatever that is."""
    kinds: Counter[str] = field(default_factory=Counter)
    orders: dict[str, Row] = field(default_factory=dict)
    lines: dict[tuple[str, str], Row] = field(default_factory=dict)
    till: dict[str, Row] = field(default_factory=dict)

    def begin(self) -> None:
        """The first landing: everybody with a record, two years of orders without lines, a till, prices, refunds."""
        with self.shop.landing_together():
            self.shop.land("customers", [self._record(customer) for customer in CUSTOMERS])
            self.shop.land("products", [self._product(product) for product in PRODUCTS[:-1]])
            self.orders = {str(order["order_id"]): order for order in self._new_orders(150)}
            self.shop.land("orders", list(self.orders.values()))
            self._land_till(25)
            self.shop.land("refunds", [self._refund(number) for number in range(10)])

    def change(self) -> None:
        """One more landing, of several kinds of changes at once."""
        with self.shop.landing_together():
            for change in self.random.sample(
                [self._grow, self._correct, self._delete, self._reprice, self._meet, self._part, self._refund_again], 5
            ):
                change()
            self._take_back()
            if self.random.random() < 0.5:
                self._land_till(self.random.randrange(15, 30))
                self.kinds["snapshot"] += 1

    def one_order(self, customer: str) -> str:
        """Land one more order of a customer, without lines and the earliest of all; returns its id."""
        day = FIRST_DAY - timedelta(days=1)
        order = self._order(customer) | {
            "order_id": "the first",
            "ordered_at": f"{day} 10:00:00",
            "status": "completed",
        }
        self.shop.land("orders", [order])
        return str(order["order_id"])

    # What can change --------------------------------------------------------------------------------------------------

    def _grow(self) -> None:
        self._land(self._new_orders(self.random.randrange(1, 12)))
        self.kinds["new or late order"] += 1

    def _correct(self) -> None:
        chosen = self.random.sample(sorted(self.orders), 6)
        for order_id in chosen:
            changed = self._order(self.random.choice([*CUSTOMERS, None])) | {"order_id": order_id}
            kept = self.random.sample(sorted(changed), 3)
            self.orders[order_id] = {**changed, **{name: self.orders[order_id].get(name) for name in kept}}
        self.shop.land("orders", [self.orders[order_id] for order_id in chosen])
        orders = self.random.sample(sorted(self.orders), 15)
        self.shop.land("order_lines", [self._line(order, self.random.choice("01")) for order in orders])
        self.kinds["corrected"] += 1

    def _delete(self) -> None:
        # a customer loses everything, others an order or a line
        loser = self.random.choice(CUSTOMERS)
        mine = [order for order, row in self.orders.items() if row["customer_id"] == loser]
        gone = {*mine, *self.random.sample(sorted(self.orders), 3)}
        self.shop.land("orders", [{**self.orders.pop(order), "is_deleted": "true"} for order in sorted(gone)])
        lines = self.random.sample(sorted(self.lines), min(4, len(self.lines)))
        self.shop.land("order_lines", [{**self.lines.pop(key), "is_deleted": "true"} for key in lines])
        self.kinds["deleted"] += 1

    def _reprice(self) -> None:
        # all prices are delivered again, few are other ones; the last product is known late
        self.shop.land("products", [self._product(product) for product in PRODUCTS])
        self.kinds["price"] += 1

    def _meet(self) -> None:
        for customer in self.random.sample(CUSTOMERS, 3):
            self.shop.land("customers", [self._record(customer) | {"email": f"{self.random.choice(CUSTOMERS)}@x.org"}])
        self.kinds["merged"] += 1

    def _part(self) -> None:
        self.shop.land("customers", [self._record(customer) for customer in self.random.sample(CUSTOMERS, 4)])
        self.kinds["parted"] += 1

    def put_all_back(self) -> None:
        """Nothing is taken back any more."""
        self.shop.turn(*(row[0] for row in self.shop.rows("select batch_id from ops.batches where is_withdrawn")))

    def _take_back(self) -> None:
        # what was taken back the last time is put back, and another one of the later deliveries taken back
        gone = self.shop.rows("select batch_id from ops.batches where is_withdrawn order by sequence")
        known = self.shop.rows(
            "select batch_id from ops.batches where mode = 'append' and sequence > 6 order by sequence"
        )
        taken = self.choice.sample(known, min(1, len(known)))
        self.shop.turn(*{row[0] for row in gone} ^ {row[0] for row in taken})
        self.kinds["taken back"] += len(taken)

    def _refund_again(self) -> None:
        self.shop.land("refunds", [self._refund(self.random.randrange(30)) for _ in range(4)])
        self.kinds["refund"] += 1

    # Rows -------------------------------------------------------------------------------------------------------------

    def _new_orders(self, count: int) -> list[Row]:
        return [self._order(self.random.choice([*CUSTOMERS, *CUSTOMERS, None])) for _ in range(count)]

    def _land(self, orders: list[Row]) -> None:
        self.orders |= {str(order["order_id"]): order for order in orders}
        self.shop.land("orders", orders)
        keys = [(str(order["order_id"]), str(n)) for order in orders for n in range(self.random.randrange(3))]
        # a line whose order comes later, if ever
        keys.append((str(len(self.orders) + self.random.randrange(4)), "early"))
        self.shop.land("order_lines", [self._line(*key) for key in keys])

    def _land_till(self, count: int) -> None:
        known = self.random.sample(sorted(self.till), min(len(self.till), count // 2))
        fresh = [self._order(self.random.choice(CUSTOMERS)) for _ in range(count - len(known))]
        self.till = {order: self.till[order] for order in known} | {f"t{row['order_id']}": row for row in fresh}
        rows = [{**row, "order_id": order} for order, row in self.till.items()]
        self.shop.land("orders", rows, source=TILL, mode="snapshot")

    def _order(self, customer: str | None) -> Row:
        self.kinds["orders drawn"] += 1
        moment = datetime.combine(FIRST_DAY, datetime.min.time()) + timedelta(hours=self.random.randrange(DAYS * 24))
        return {
            "order_id": str(self.kinds["orders drawn"]),
            "customer_id": customer,
            "ordered_at": f"{moment:%Y-%m-%d %H:%M:%S}",
            "status": self.random.choice(["completed", "completed", "completed", "cancelled"]),
            "subtotal_amount": self.random.choice(["10.00", "19.99", "120.00", "-15.00"]),
            "discount_amount": self.random.choice(["0", "1.50"]),
        }

    def _line(self, order_id: str, line_id: str) -> Row:
        row: Row = {
            "order_id": order_id,
            "line_id": line_id,
            "product_id": self.random.choice(PRODUCTS),
            "quantity": self.random.choice(["1", "2", "-1"]),
            "unit_price": self.random.choice(["9.99", "25"]),
        }
        self.lines[order_id, line_id] = row
        return row

    def _product(self, product: str) -> Row:
        return {"product_id": product, "unit_cost": self.random.choice(["4", "4", "4", "5.25"])}

    def _refund(self, number: int) -> Row:
        order_id = self.random.choice(sorted(self.orders))
        moment = f"{FIRST_DAY + timedelta(days=self.random.randrange(DAYS))} 09:00:00"
        return {"refund_id": f"r{number}", "order_id": order_id, "refunded_at": moment, "amount": "3.00"}

    def _record(self, customer: str) -> Row:
        return {"customer_id": customer, "email": f"{customer}@x.org", "created_at": "2019-12-01 08:00:00"}
