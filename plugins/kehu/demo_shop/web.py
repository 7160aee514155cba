"""Visits of the web shop: pages, products, baskets, checkouts, and the purchases that some of them end with."""

from __future__ import annotations

import numpy as np

from kehu.demo_shop.catalogue import PRODUCTS, product_ids
from kehu.demo_shop.columns import Rows, blank_where, labels, moments, words
from kehu.demo_shop.dirt import deliver
from kehu.demo_shop.orders import shop_customers
from kehu.demo_shop.people import MARKET_ONLY
from kehu.demo_shop.plan import SECONDS_A_DAY
from kehu.demo_shop.world import World

TRACKED = 0.2
"""Share of the web orders whose visit was recorded: the others did not consent."""
VISITS_AN_ORDER = 2.0
EVENTS = ("page_view", "view_item", "add_to_cart", "begin_checkout", "purchase")
PURCHASE = len(EVENTS)
_DEPTHS = (0.30, 0.35, 0.20, 0.15)
"""How far visits without a purchase come: to a page, a product, the basket, the checkout."""
_SOURCES = ("google", "newsletter", "wechat", "direct", "instagram")
_MEDIA = ("cpc", "email", "social", "none", "social")


def deliver_visits(world: World, day: int, orders: Rows) -> None:
    """Export the events of today's visits."""
    random = world.plan.random("visits", day)
    is_buying = (orders["channel"] != 2) & ~orders["is_market"] & (random.random(len(orders["code"])) < TRACKED)
    buyers = orders["person"][is_buying]
    idle = random.poisson(VISITS_AN_ORDER * len(buyers))
    known = world.plan.registered(day)
    idlers = np.where(random.random(idle) < 0.3, random.integers(0, known, idle), -1)
    idlers = np.where(world.people.home[idlers] == MARKET_ONLY, -1, idlers)
    person = np.concatenate((buyers, idlers))
    depth = np.concatenate((np.full(len(buyers), PURCHASE), 1 + random.choice(len(_DEPTHS), idle, p=_DEPTHS)))
    until = np.concatenate(
        (orders["moment"][is_buying], world.plan.midnight(day) + random.integers(0, SECONDS_A_DAY - 700, idle) + 600)
    )
    count = len(person)
    visit = np.repeat(np.arange(count), depth)
    step = np.arange(len(visit)) - np.repeat(np.cumsum(depth) - depth, depth)
    moment = np.maximum(until[visit] - (depth[visit] - 1 - step) * 61, world.plan.midnight(day))
    source = random.integers(0, len(_SOURCES), count)[visit]
    product = random.integers(0, PRODUCTS, count)[visit]
    number = int(world.plan.day(day).strftime("%y%m%d")) * 1_000_000
    _tell(world, day, depth)
    if not count:
        return
    columns = {
        "event_id": labels("E", number * 10 + np.arange(len(visit)), 13),
        "customer_id": blank_where(shop_customers(person[visit]), person[visit] < 0),
        "anonymous_id": labels("v", number + visit),
        "occurred_at": moments(moment),
        "name": words(EVENTS, step),
        "page": words(["/", "/p", "/cart", "/checkout", "/thanks"], step),
        "product_id": blank_where(product_ids(product), step == 0),
        "session_id": labels("s", number + visit),
        "device": words(["phone", "desktop", "tablet"], (visit % 7) // 3),
        "utm_source": words(_SOURCES, source),
        "utm_medium": words(_MEDIA, source),
    }
    deliver(world, "shop.web_events", day, columns)


def _tell(world: World, day: int, depth: np.ndarray) -> None:
    reached = [int((depth > step).sum()) for step in range(len(EVENTS))]
    world.truth.add("visits", {"day": np.full(len(EVENTS), day), "step": np.array(EVENTS), "visits": np.array(reached)})
