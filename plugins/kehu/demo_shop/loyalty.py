"""Points: earned with orders, taken back with refunds, redeemed, given as an apology."""

from __future__ import annotations

import numpy as np

from kehu.demo_shop.baskets import PARITIES
from kehu.demo_shop.columns import Rows, blank_where, joined_rows, labels, moments, words
from kehu.demo_shop.dirt import deliver
from kehu.demo_shop.orders import PAID, order_ids, shop_customers
from kehu.demo_shop.plan import SECONDS_A_DAY, Array
from kehu.demo_shop.world import World

KINDS = ("earn", "redeem", "adjust")
EARN, REDEEM, ADJUST = range(3)
REDEEMED_AT_ONCE = 200
GOODWILL = 50
VALID_DAYS = 365


def earn_points(world: World, orders: Rows) -> None:
    """Sets ``points`` of each order: one a whole dollar of goods that a member has paid for at the shop."""
    person = orders["person"]
    is_member = (person >= 0) & world.people.is_member[person] & ~orders["is_market"] & (orders["first_status"] == PAID)
    dollars = (orders["goods"] - orders["discount"]) // np.round(PARITIES[orders["country"]] * 100).astype(np.int64)
    orders["points"] = np.where(is_member, dollars, 0)


def deliver_points(world: World, day: int, orders: Rows, refunds: Rows) -> None:
    """Export today's bookings and keep everybody's balance."""
    random = world.plan.random("points", day)
    earned = _bookings(orders, orders["points"] > 0, EARN, orders["points"])
    parts = [earned]
    enough = world.points[earned["person"]] >= REDEEMED_AT_ONCE
    redeems = enough & (random.random(len(enough)) < 0.3)
    who, first = np.unique(earned["person"][redeems], return_index=True)
    at = np.flatnonzero(redeems)[first]
    parts.append(
        _some(earned, at) | {"kind": np.full(len(who), REDEEM), "points": np.full(len(who), -REDEEMED_AT_ONCE)}
    )
    if refunds:
        back = np.minimum(
            refunds["points"], refunds["amount"] // np.round(PARITIES[refunds["country"]] * 100).astype(np.int64)
        )
        parts.append(_bookings(refunds, back > 0, EARN, -back))
    goodwill = world.agenda.take("goodwill", day)
    if goodwill:
        is_member = world.people.is_member[goodwill["person"]]
        parts.append(_bookings(goodwill, is_member, ADJUST, np.full(len(is_member), GOODWILL)))
    rows = joined_rows(parts)
    np.add.at(world.points, rows["person"], rows["points"])
    _export(world, day, rows)


def _bookings(rows: Rows, which: Array, kind: int, points: Array) -> Rows:
    return {
        "person": rows["person"][which],
        "code": rows["code"][which] if "code" in rows else np.full(which.sum(), -1),
        "moment": rows["moment"][which],
        "kind": np.full(which.sum(), kind),
        "points": points[which],
    }


def _some(rows: Rows, at: Array) -> Rows:
    return {name: values[at] for name, values in rows.items()}


def _export(world: World, day: int, rows: Rows) -> None:
    count = len(rows["person"])
    if not count:
        return
    number = int(world.plan.day(day).strftime("%y%m%d")) * 1_000_000 + np.arange(count)
    expires = np.where((rows["kind"] == REDEEM) | (rows["points"] < 0), -1, rows["moment"] + VALID_DAYS * SECONDS_A_DAY)
    columns = {
        "transaction_id": labels("PT", number, 12),
        "customer_id": shop_customers(rows["person"]),
        "occurred_at": moments(rows["moment"]),
        "kind": words(KINDS, rows["kind"]),
        "points": labels("", rows["points"]),
        "order_id": blank_where(order_ids(rows["code"]), rows["code"] < 0),
        "expires_at": moments(expires),
    }
    deliver(world, "shop.loyalty_transactions", day, columns)
