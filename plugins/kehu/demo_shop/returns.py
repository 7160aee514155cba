"""Goods that come back: refunds of lines, some weeks after the order."""

from __future__ import annotations

import numpy as np

from kehu.demo_shop.catalogue import product_ids
from kehu.demo_shop.columns import Rows, constant, labels, moments, money, words
from kehu.demo_shop.dirt import deliver
from kehu.demo_shop.orders import PAID, order_ids
from kehu.demo_shop.places import CURRENCIES
from kehu.demo_shop.plan import SECONDS_A_DAY
from kehu.demo_shop.world import World

REASONS = ("does not fit", "broken", "changed my mind", "wrong item", "尺寸不合适", "质量问题")


def plan_returns(world: World, day: int, orders: Rows, lines: Rows) -> None:
    """Let some lines of today's orders come back: each product has its own share."""
    random = world.plan.random("returns", day)
    order = lines["order"]
    is_back = random.random(len(order)) < world.catalogue.return_rate[lines["product"]]
    is_back &= (orders["first_status"] == PAID)[order]
    order = order[is_back]
    amount = lines["amount"][is_back]
    # What was paid for the line: its share of the order's discount is not given back.
    off = amount * orders["discount"][order] // np.maximum(orders["goods"][order], 1)
    world.agenda.add(
        "refunds",
        day + random.integers(6, 31, len(order)),
        {
            "code": orders["code"][order],
            "line": lines["line"][is_back],
            "product": lines["product"][is_back],
            "amount": amount - off,
            "country": orders["country"][order],
            "person": orders["person"][order],
            "points": orders["points"][order],
            "reason": random.integers(0, len(REASONS), len(order)),
        },
    )


def deliver_refunds(world: World, day: int, renames: bool) -> Rows:
    """Export the refunds of today; returns them as numbers, or nothing."""
    rows = world.agenda.take("refunds", day)
    if not rows:
        return {}
    count = len(rows["code"])
    seconds = world.plan.random("refunds", day).integers(8 * 3600, SECONDS_A_DAY - 3600, count)
    rows["moment"] = world.plan.midnight(day) + seconds
    ids = labels("RF", rows["code"] * 100 + rows["line"], 14)
    columns = {
        "refund_id": ids,
        "order_id": order_ids(rows["code"]),
        "line_id": labels("", rows["line"]),
        "refunded_at": moments(rows["moment"]),
        "amount": money(rows["amount"]),
        "amount_includes_tax": constant("false", count),
        "currency": words(CURRENCIES, rows["country"]),
        "reason": words(REASONS, rows["reason"]),
    }
    world.truth.add(
        "refunds",
        {
            "day": np.full(count, day),
            "refund_id": ids,
            "order_id": columns["order_id"],
            "line": rows["line"],
            "product_id": product_ids(rows["product"]),
            "amount": rows["amount"],
            "currency": columns["currency"],
        },
    )
    deliver(world, "shop.refunds", day, columns, drift=2 if renames else 0)
    return rows
