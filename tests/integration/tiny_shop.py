"""A shop of a few dozen customers as CSV files, and what its net revenue has to be, computed without Kehu."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

CUSTOMERS = 30
FIRST_DAY = datetime.fromisoformat("2024-01-02T09:00:00")
LAST_DAY = datetime.fromisoformat("2024-03-04T20:00:00")
PERSONAL = "quillfeather"
"""Part of every name, address and nickname, and of nothing else."""
PRODUCTS = {"tea": Decimal("12.50"), "cup": Decimal("7.00"), "pot": Decimal("39.90")}

SOURCES = """
sources:
  - name: shop
    kind: files
    path: {folder}
    entities:
      customers: {{}}
      products: {{}}
      orders:
        file: orders_*.csv
      order_lines:
        file: order_lines_*.csv
"""


@dataclass(frozen=True)
class Order:
    """One order of one line."""

    order_id: str
    customer_id: str
    ordered_at: datetime
    product: str
    quantity: int

    @property
    def amount(self) -> Decimal:
        return PRODUCTS[self.product] * self.quantity


def orders() -> Iterator[Order]:
    """The same orders at every call: customer n buys every n-th week or so, something else each time."""
    names = list(PRODUCTS)
    for customer in range(1, CUSTOMERS + 1):
        moment, number = FIRST_DAY + timedelta(hours=7 * customer), 0
        while moment < LAST_DAY:
            product = names[(customer + number) % len(names)]
            yield Order(f"o{customer}-{number}", f"c{customer}", moment, product, 1 + (customer * number) % 3)
            moment, number = moment + timedelta(days=5 + customer), number + 1


def net_revenue(until: str) -> Decimal:
    """The revenue of all orders up to the end of that day."""
    return sum((order.amount for order in orders() if order.ordered_at.date().isoformat() <= until), Decimal(0))


def write_shop(folder: Path) -> Path:
    """Write the shop's files and its sources.yml; returns the latter."""
    folder.mkdir(parents=True)
    everything = list(orders())
    _write_customers(folder / "customers.csv")
    products = ([name, name.title(), str(price)] for name, price in PRODUCTS.items())
    _write(folder / "products.csv", ["product_id", "name", "list_price"], products)
    write_orders(folder, "1", everything)
    write_lines(folder, "1", everything)
    file = folder / "sources.yml"
    file.write_text(SOURCES.format(folder=folder), encoding="utf-8")
    return file


def _write_customers(file: Path) -> None:
    """The customers, one more whose row cannot be used, and one whose row cannot even be parsed."""
    columns = ["customer_id", "created_at", "country", "full_name", "email", "Nickname"]
    mine = [[f"{PERSONAL} {n}", f"{PERSONAL}{n}@example.com", f"{PERSONAL} the {n}th"] for n in range(1, CUSTOMERS + 3)]
    rows = [[f"c{n}", FIRST_DAY.isoformat(), "DE", *mine[n - 1]] for n in range(1, CUSTOMERS + 1)]
    rows.append(["", f"{PERSONAL}'s day", "DE", *mine[-2]])
    rows.append(["rejected", FIRST_DAY.isoformat(), "DE", *mine[-1], f"{PERSONAL} has a field too many"])
    _write(file, columns, rows)


def write_orders(folder: Path, part: str, some: Iterable[Order]) -> None:
    """One more file of orders."""
    rows = ([order.order_id, order.customer_id, order.ordered_at.isoformat()] for order in some)
    _write(folder / f"orders_{part}.csv", ["order_id", "customer_id", "ordered_at"], rows)


def write_lines(folder: Path, part: str, some: Iterable[Order], times: int = 1) -> None:
    """One more file of order lines; ``times`` multiplies the quantities."""
    columns = ["order_id", "line_id", "product_id", "quantity", "unit_price"]
    rows = (
        [order.order_id, "1", order.product, str(order.quantity * times), str(PRODUCTS[order.product])]
        for order in some
    )
    _write(folder / f"order_lines_{part}.csv", columns, rows)


def _write(file: Path, columns: list[str], rows: Iterable[list[str]]) -> None:
    with file.open("w", newline="", encoding="utf-8") as output:
        writer = csv.writer(output)
        writer.writerow(columns)
        writer.writerows(rows)
