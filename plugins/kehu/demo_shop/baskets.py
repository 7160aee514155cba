"""What is in the baskets of a day: products by taste, partners that go together, quantities, prices."""

from __future__ import annotations

import numpy as np

from kehu.demo_shop.catalogue import PRODUCTS, taste_of
from kehu.demo_shop.columns import Rows
from kehu.demo_shop.places import COUNTRIES
from kehu.demo_shop.plan import Array
from kehu.demo_shop.seasons import price_epoch
from kehu.demo_shop.world import World

PARITIES = np.array([country.parity for country in COUNTRIES])
MORE_PRODUCTS = 0.6


def lines_of(world: World, day: int, orders: Rows) -> Rows:
    """One row a line: order (position among the orders), product, quantity, price, amount in cents of the order's currency."""
    random = world.plan.random("baskets", day)
    count = len(orders["person"])
    size = 1 + np.minimum(random.poisson(MORE_PRODUCTS, count), 7)
    order = np.repeat(np.arange(count), size)
    person = orders["person"][order]
    taste = np.where(person >= 0, taste_of(world.people.gender[person], world.people.age[person]), 2)
    product = _drawn(world, random, taste)
    partner = world.catalogue.partner[product]
    is_joined = random.random(len(product)) < world.catalogue.partner_rate[product]
    order = np.concatenate((order, order[is_joined]))
    product = np.concatenate((product, partner[is_joined]))
    both = np.unique(order * PRODUCTS + product)
    order, product = both // PRODUCTS, both % PRODUCTS
    is_business = (orders["person"] >= 0) & (world.people.account[orders["person"]] >= 0)
    many = np.where(is_business[order], random.integers(2, 15, len(order)), 1 + (random.random(len(order)) < 0.1))
    dollars = world.catalogue.price[price_epoch(day), product]
    price = np.round(dollars * PARITIES[orders["country"][order]]).astype(np.int64)
    begins = np.searchsorted(order, np.arange(count))
    return {
        "order": order,
        "line": np.arange(len(order)) - begins[order] + 1,
        "product": product,
        "quantity": many.astype(np.int64),
        "price": price,
        "amount": price * many,
        "cost": np.round(world.catalogue.cost[product] * PARITIES[orders["country"][order]]).astype(np.int64),
    }


def _drawn(world: World, random: np.random.Generator, taste: Array) -> Array:
    """One product a row, by what people of the taste buy."""
    steps = (world.tastes + np.arange(len(world.tastes))[:, None]).ravel()
    found = np.searchsorted(steps, taste + random.random(len(taste)), side="right")
    return np.minimum(found, steps.size - 1) % PRODUCTS
