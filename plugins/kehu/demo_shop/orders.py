"""The orders of a day: where they are placed, what they cost, how they end, and how the shop and the market export them."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from kehu.demo_shop.baskets import PARITIES, lines_of
from kehu.demo_shop.catalogue import product_ids
from kehu.demo_shop.columns import (
    Rows,
    blank_where,
    chosen,
    constant,
    joined_rows,
    labels,
    moments,
    money,
    taken,
    words,
)
from kehu.demo_shop.dirt import deliver, note, soiled
from kehu.demo_shop.people import MARKET_ONLY
from kehu.demo_shop.places import COUNTRIES, CURRENCIES
from kehu.demo_shop.plan import Array
from kehu.demo_shop.purchases import CAMPAIGN, CAUSES, GUEST, purchases
from kehu.demo_shop.world import World

PAID, PENDING, CANCELLED, REFUNDED, UNKNOWN = range(5)
SHOP_STATUS = ("paid", "pending", "cancelled", "refunded", "beamed_up")
MARKET_STATUS = ("交易成功", "等待买家付款", "交易关闭", "已退款", "神秘失踪")
STATUSES = ("paid", "pending", "cancelled", "refunded", "unknown")
CHANNELS = ("web", "app", "store")
_TAXES = np.array([country.tax for country in COUNTRIES])
_FREIGHT_CENTS, _FREE_FROM_CENTS = 490, 5000


def orders_of(world: World, day: int) -> tuple[Rows, Rows]:
    """Today's orders and lines as numbers, whether they are delivered today or later.

    A market order has no lines: its goods are one sum, in the market's currency.
    """
    rows = purchases(world, day)
    random = world.plan.random("orders", day)
    person = rows["person"]
    count = len(person)
    rows["code"] = int(world.plan.day(day).strftime("%y%m%d")) * 1_000_000 + np.arange(count)
    rows["is_market"] = _at_market(world, random, rows, day)
    rows["moment"] = world.plan.midnight(day) + rows["second"]
    rows["channel"] = random.choice(3, count, p=[0.55, 0.3, 0.15])
    rows["is_second"] = (person >= 0) & (world.people.second_day[person] < day) & (random.random(count) < 0.5)
    lines = lines_of(world, day, rows)
    _price(world, random, rows, lines)
    lines = taken(lines, ~rows["is_market"][lines["order"]])
    _end(random, rows, day)
    rows["first_status"] = np.where(soiled(world, "unknown_status", day, count), UNKNOWN, rows["first_status"])
    is_unknown = rows["first_status"] == UNKNOWN
    rows["final_status"] = np.where(is_unknown, UNKNOWN, rows["final_status"])
    rows["final_on"] = np.where(is_unknown, day, rows["final_on"])
    is_late = soiled(world, "late", day, count) & ~is_unknown & (rows["final_on"] == day)
    rows["delivered_on"] = np.where(is_late, day + random.integers(1, 6, count), day)
    return rows, lines


def deliver_orders(world: World, day: int, orders: Rows, lines: Rows, drift: int) -> None:
    """Export what is due today: today's orders that are not late, late ones of earlier days, and changes."""
    lines = lines | {"code": orders["code"][lines["order"]], "country": orders["country"][lines["order"]]}
    for ahead in range(6):
        is_due = orders["delivered_on"] == day + ahead
        part, part_lines = taken(orders, is_due), taken(lines, is_due[lines["order"]])
        if ahead:
            due = np.full(is_due.sum(), day + ahead)
            world.agenda.add("late_orders", due, part)
            world.agenda.add("late_lines", np.full(len(part_lines["code"]), day + ahead), part_lines)
        else:
            today, today_lines = part, part_lines
    is_changing = orders["final_on"] > day
    world.agenda.add("order_changes", orders["final_on"][is_changing], taken(orders, is_changing))
    late = world.agenda.take("late_orders", day)
    if late:
        _note_by_shop(world, "late", day, late)
        today = joined_rows([today, late])
        late_lines = world.agenda.take("late_lines", day)
        today_lines = joined_rows([today_lines, late_lines]) if late_lines else today_lines
    today["status"], today["changed"] = today["first_status"], today["moment"]
    changed = world.agenda.take("order_changes", day)
    if changed:
        _note_by_shop(world, "changed", day, changed)
        at = world.plan.midnight(day) + changed["second"] // 2 + 3600
        today = joined_rows([today, changed | {"status": changed["final_status"], "changed": at}])
    _note_by_shop(world, "unknown_status", day, taken(today, today["status"] == UNKNOWN), column="status")
    _export_shop(world, day, taken(today, ~today["is_market"]), drift)
    _export_market(world, day, taken(today, today["is_market"]))
    _export_lines(world, day, today_lines)


def tell_orders(world: World, day: int, rows: Rows, lines: Rows) -> None:
    """The truth about every order of a day."""
    count = len(rows["code"])
    sizes = np.bincount(lines["order"], minlength=count)
    is_guest = rows["cause"] == GUEST
    world.truth.add(
        "orders",
        {
            "source": words(["shop", "market"], rows["is_market"].astype(np.int8)),
            "order_id": order_ids(rows["code"], rows["is_market"]),
            "person_id": blank_where(labels("P", rows["person"]), is_guest),
            "day": np.full(count, day),
            "ordered_at": rows["moment"],
            "delivered_on": rows["delivered_on"],
            "cause": words(CAUSES, rows["cause"]),
            "currency": words(CURRENCIES, rows["country"]),
            **{name: rows[name] for name in ("goods", "discount", "tax", "freight", "total")},
            "line_count": sizes,
            "first_status": words(STATUSES, rows["first_status"]),
            "final_status": words(STATUSES, rows["final_status"]),
            "final_on": rows["final_on"],
        },
    )


def order_ids(codes: Array, is_market: Array | bool = False) -> pa.Array:
    """The numbers that the shop and the market give to orders."""
    return chosen(np.broadcast_to(is_market, len(codes)), labels("7300", codes, 12), labels("SO", codes, 12))


def shop_customers(person: Array, is_second: Array | bool = False) -> pa.Array:
    """Customer numbers of the shop; a second registration has a number of its own."""
    return labels("", 1_000_000 + person.astype(np.int64) + 500_000_000 * np.broadcast_to(is_second, len(person)))


def market_customers(person: Array) -> pa.Array:
    """Names at the market."""
    return labels("买家", person, 7)


def _at_market(world: World, random: np.random.Generator, rows: Rows, day: int) -> Array:
    """Who has accounts at both goes to the market four times in ten."""
    person = np.maximum(rows["person"], 0)
    may = (rows["person"] >= 0) & (world.people.market_day[person] <= day) & (rows["cause"] != CAMPAIGN)
    must = world.people.home[person] == MARKET_ONLY
    return may & (must | ((world.people.market_day[person] < day) & (random.random(len(person)) < 0.4)))


def _price(world: World, random: np.random.Generator, rows: Rows, lines: Rows) -> None:
    """Goods, discount, tax, freight, total, in cents of the order's currency."""
    count = len(rows["person"])
    rows["goods"] = np.bincount(lines["order"], lines["amount"], count).astype(np.int64)
    likes = np.where(rows["person"] >= 0, world.people.likes_discounts[rows["person"]], False)
    is_reduced = (random.random(count) < np.where(likes, 0.6, 0.08)) & ~rows["is_market"]
    rows["discount"] = np.where(is_reduced, rows["goods"] // 10, 0)
    parity, tax = PARITIES[rows["country"]], np.where(rows["is_market"], 0, _TAXES[rows["country"]])
    rows["tax"] = np.round((rows["goods"] - rows["discount"]) * tax).astype(np.int64)
    is_free = (rows["goods"] >= _FREE_FROM_CENTS * parity) | (rows["channel"] == 2)
    rows["freight"] = np.where(is_free, 0, np.round(_FREIGHT_CENTS * parity)).astype(np.int64)
    rows["total"] = rows["goods"] - rows["discount"] + rows["tax"] + rows["freight"]


def _end(random: np.random.Generator, rows: Rows, day: int) -> None:
    """How orders begin and end: most are paid at once, some later or never, some are cancelled, some market ones refunded."""
    count = len(rows["person"])
    drawn, later = random.random(count), random.random(count)
    waits = (drawn >= 0.02) & (drawn < 0.06)
    is_refunded = rows["is_market"] & (drawn >= 0.96)
    rows["first_status"] = np.where(drawn < 0.02, CANCELLED, np.where(waits, PENDING, PAID))
    after_waiting = np.where(later < 0.75, PAID, CANCELLED)
    ended = np.where(waits, after_waiting, np.where(is_refunded, REFUNDED, rows["first_status"]))
    rows["final_status"] = ended
    after = np.where(waits, random.integers(1, 4, count), np.where(is_refunded, random.integers(3, 16, count), 0))
    rows["final_on"] = day + after


def _note_by_shop(world: World, kind: str, day: int, rows: Rows, *, column: str | None = None) -> None:
    for source, is_market in (("shop", False), ("market", True)):
        codes = rows["code"][rows["is_market"] == is_market]
        note(world, kind, f"{source}.orders", day, order_ids(codes, is_market), column=column)


def _export_shop(world: World, day: int, rows: Rows, drift: int) -> None:
    count = len(rows["code"])
    columns = {
        "order_id": order_ids(rows["code"]),
        "customer_id": blank_where(shop_customers(rows["person"], rows["is_second"]), rows["person"] < 0),
        "ordered_at": moments(rows["moment"]),
        "status": words(SHOP_STATUS, rows["status"]),
        "currency": words(CURRENCIES, rows["country"]),
        "channel": words(CHANNELS, rows["channel"]),
        "subtotal_amount": money(rows["goods"]),
        "discount_amount": money(rows["discount"]),
        "tax_amount": money(rows["tax"]),
        "shipping_amount": money(rows["freight"]),
        "total_amount": money(rows["total"]),
        "campaign_id": blank_where(labels("K", rows["campaign"], 3), rows["campaign"] < 0),
        "updated_at": moments(rows["changed"]),
    }
    unreadable = np.flatnonzero(soiled(world, "unreadable", day, count))
    usable = np.concatenate((rows["status"] != UNKNOWN, np.zeros(len(unreadable), bool)))
    if len(unreadable):
        copies = taken(columns, unreadable)
        copies["order_id"] = labels("SX", rows["code"][unreadable], 12)
        copies["ordered_at"] = constant("2025-02-30 25:61:00", len(unreadable))
        note(world, "unreadable", "shop.orders", day, copies["order_id"], column="ordered_at")
        columns = joined_rows([columns, copies])
    deliver(world, "shop.orders", day, columns, drift=drift, usable=usable)


def _export_market(world: World, day: int, rows: Rows) -> None:
    columns = {
        "order_id": order_ids(rows["code"], True),
        "customer_id": market_customers(rows["person"]),
        "ordered_at": moments(rows["moment"], 8),
        "status": words(MARKET_STATUS, rows["status"]),
        "subtotal_amount": money(rows["goods"]),
        "shipping_amount": money(rows["freight"]),
        "total_amount": money(rows["total"]),
        "updated_at": moments(rows["changed"], 8),
    }
    deliver(world, "market.orders", day, columns, usable=rows["status"] != UNKNOWN)


def _export_lines(world: World, day: int, lines: Rows) -> None:
    columns = {
        "order_id": order_ids(lines["code"]),
        "line_id": labels("", lines["line"]),
        "product_id": product_ids(lines["product"]),
        "quantity": labels("", lines["quantity"]),
        "unit_price": money(lines["price"]),
        "amount": money(lines["amount"]),
        "unit_cost": money(lines["cost"]),
    }
    deliver(world, "shop.order_lines", day, columns)
