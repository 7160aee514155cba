"""What is sold: a tree of categories, products in one or several of them, prices that change, goods that go together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from kehu.demo_shop.columns import booleans, constant, labels, moments, money, words
from kehu.demo_shop.plan import Array, Plan

PRODUCTS = 360
TASTES = ("young women", "men", "everybody else")
FAVOURED = (("new arrivals", 3.0), ("outdoor", 2.0), ("kitchen", 1.5))
"""Of each taste: the category that its people like, and how much more they buy there than all do."""
PAIRS = 24
_TREE = {
    "home 家居": ("kitchen 厨房", "bedroom 卧室", "lighting 灯具"),
    "fashion 服饰": ("new arrivals 新品", "shoes 鞋", "accessories 配饰"),
    "electronics 数码": ("audio 音响", "wearables 穿戴", "chargers 充电"),
    "leisure 休闲": ("outdoor 户外", "books 图书", "games 游戏"),
}
_NOUNS = (
    "lamp",
    "mug",
    "scarf",
    "kettle",
    "speaker",
    "backpack",
    "notebook",
    "watch",
    "pillow",
    "boots",
    "charger",
    "tent",
)
_BRANDS = ("Alder", "Birch", "Cedar", "Dogwood", "Elm")


@dataclass(frozen=True)
class Catalogue:
    """Products are numbers; money is whole cents of a dollar.

    Attributes:
        leaf: number of each product's own category among the leaves.
        second: another leaf that it is in, or -1.
        price: list price, one row a price list, one column a product.
        cost: what the shop pays.
        return_rate: share of its lines that come back.
        tastes: cumulative shares of what people of a taste buy, one row a taste.
        partner: the product that is often bought with it, or -1.
        partner_rate: how often the partner is added to a basket because of it.
    """

    leaf: Array
    second: Array
    price: Array
    cost: Array
    return_rate: Array
    shares: Array
    partner: Array
    partner_rate: Array

    @property
    def tastes(self) -> Array:
        """Cumulative shares, the last of each row exactly 1."""
        cumulated = np.cumsum(self.shares, axis=1)
        return cumulated / cumulated[:, -1:]


def catalogue_of(plan: Plan, price_lists: int) -> Catalogue:
    """Draw what is sold; later price lists do not change earlier ones."""
    random = plan.random("catalogue")
    leaf = np.arange(PRODUCTS) % len(leaves())
    second = np.where(
        random.random(PRODUCTS) < 0.3, (leaf + random.integers(1, len(leaves()), PRODUCTS)) % len(leaves()), -1
    )
    base = np.round(np.exp(random.normal(3.2, 0.7, PRODUCTS))) * 100 + 99
    popularity = 1 / (1 + random.permutation(PRODUCTS)) ** 0.7
    liked = np.array([_liked(leaf, category, factor) for category, factor in FAVOURED])
    partner = np.full(PRODUCTS, -1)
    pairs = random.permutation(PRODUCTS)[: 2 * PAIRS].reshape(2, PAIRS)
    partner[pairs[0]] = pairs[1]
    rate = np.where(partner >= 0, random.uniform(0.3, 0.6, PRODUCTS), 0.0)
    return_rate = np.clip(random.gamma(2, 0.02, PRODUCTS), 0.005, 0.25)
    cost = np.round(base * random.uniform(0.45, 0.7, PRODUCTS)).astype(np.int64)
    price = _prices(plan, base.astype(np.int64), price_lists)
    return Catalogue(leaf, second, price, cost, return_rate, popularity * liked, partner, rate)


def taste_of(gender: Array, age: Array) -> Array:
    """Number in ``TASTES``."""
    return np.where((gender == 0) & (age < 35), 0, np.where(gender == 1, 1, 2))


def leaves() -> list[str]:
    """The categories that products are in."""
    return [name for children in _TREE.values() for name in children]


def category_rows() -> dict[str, pa.Array]:
    """The tree: its root, its branches, its leaves."""
    branches = list(_TREE)
    ids = ["ALL", *(f"B{number}" for number in range(len(branches)))]
    parents = ["", *["ALL"] * len(branches)]
    names = ["everything 全部", *branches]
    for number, children in enumerate(_TREE.values()):
        for name in children:
            ids.append(f"L{len(ids) - len(branches) - 1}")
            parents.append(f"B{number}")
            names.append(name)
    order = [str(number) for number in range(len(ids))]
    return {
        "category_id": pa.array(ids),
        "parent_category_id": pa.array([parent or None for parent in parents]),
        "name": pa.array(names),
        "sort_order": pa.array(order),
    }


def product_rows(catalogue: Catalogue, price_list: int, changed_at: int, which: Array) -> dict[str, pa.Array]:
    """Some products as the price list has them."""
    return {
        "product_id": product_ids(which),
        "name": product_names(which),
        "brand": words(_BRANDS, which % len(_BRANDS)),
        "list_price": money(catalogue.price[price_list, which]),
        "unit_cost": money(catalogue.cost[which]),
        "currency": constant("USD", len(which)),
        "is_active": booleans(which % 40 != 7),
        "in_stock": booleans((which + price_list) % 23 != 5),
        "updated_at": moments(np.full(len(which), changed_at)),
    }


def membership_rows(catalogue: Catalogue) -> dict[str, pa.Array]:
    """Which product is in which category: first its own, then the second one."""
    several = np.flatnonzero(catalogue.second >= 0)
    product = np.concatenate((np.arange(PRODUCTS), several))
    leaf = np.concatenate((catalogue.leaf, catalogue.second[several]))
    return {
        "product_id": product_ids(product),
        "category_id": labels("L", leaf),
        "is_primary": booleans(np.arange(len(product)) < PRODUCTS),
    }


def product_ids(which: Array) -> pa.Array:
    """``P001`` and so on."""
    return labels("P", which, 3)


def product_names(which: Array) -> pa.Array:
    """A brand and a thing."""
    return words([f"{_BRANDS[n % len(_BRANDS)]} {_NOUNS[n % len(_NOUNS)]} {n:03d}" for n in range(PRODUCTS)], which)


def _liked(leaf: Array, category: str, factor: float) -> Array:
    names = [name.rsplit(" ", 1)[0] for name in leaves()]
    return np.where(leaf == names.index(category), factor, 1.0)


def _prices(plan: Plan, base: Array, count: int) -> Array:
    """Each list changes a tenth of the prices of the one before."""
    lists = [base]
    for number in range(1, count):
        random = plan.random("prices", number)
        is_changed = random.random(PRODUCTS) < 0.1
        moved = np.round(lists[-1] * random.uniform(0.85, 1.2, PRODUCTS) / 100).astype(np.int64) * 100 + 99
        lists.append(np.where(is_changed, moved, lists[-1]))
    return np.array(lists)
