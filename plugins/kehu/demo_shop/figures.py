"""What is exported beside people and orders: the catalogue, exchange rates, spend, benchmarks."""

from __future__ import annotations

from math import sin

import numpy as np
import pyarrow as pa

from kehu.demo_shop.catalogue import PRODUCTS, category_rows, membership_rows, product_rows
from kehu.demo_shop.columns import constant, days_as_text, money
from kehu.demo_shop.dirt import deliver
from kehu.demo_shop.places import COUNTRIES
from kehu.demo_shop.seasons import PRICE_DAYS, campaign_of, price_epoch
from kehu.demo_shop.world import World

SPEND_CHANNELS = ("search", "social", "affiliate")
_BENCHMARKS = (("nps", 31.0), ("csat", 0.78), ("repeat_rate", 0.42))


def export_figures(world: World, day: int) -> None:
    """Rates and spend every day; prices when a list changes; benchmarks on the first of a month."""
    _export_catalogue(world, day)
    _export_rates(world, day)
    _export_spend(world, day)
    if world.plan.day(day).day == 1 or day == 0:
        _export_benchmarks(world, day)


def rate_texts(day: int) -> list[str]:
    """Dollars for one unit of each currency but the dollar itself: they swing by a few per cent around the parity."""
    return [
        f"{(1 + 0.03 * sin(day / 50 + number) + 0.004 * sin(day * 1.7 + 2 * number)) / country.parity:.6f}"
        for number, country in enumerate(COUNTRIES)
        if country.currency != "USD"
    ]


def _export_catalogue(world: World, day: int) -> None:
    if day % PRICE_DAYS:
        return
    price_list = price_epoch(day)
    which = np.arange(PRODUCTS)
    if day:
        prices = world.catalogue.price
        which = np.flatnonzero(prices[price_list] != prices[price_list - 1])
        world.truth.add("price_changes", {
            "day": np.full(len(which), day), "product": which,
            "price_before": prices[price_list - 1][which], "price": prices[price_list][which],
        })  # fmt: skip
    else:
        deliver(world, "shop.categories", 0, category_rows())
        deliver(world, "shop.product_categories", 0, membership_rows(world.catalogue))
    rows = product_rows(world.catalogue, price_list, world.plan.midnight(day), which)
    deliver(world, "shop.products", day, rows)


def _export_rates(world: World, day: int) -> None:
    rates = rate_texts(day)
    count = len(rates)
    columns = {
        "rate_date": constant(str(world.plan.day(day)), count),
        "from_currency": pa.array([country.currency for country in COUNTRIES if country.currency != "USD"]),
        "to_currency": constant("USD", count),
        "rate": pa.array(rates),
    }
    world.files.write("shop.exchange_rates", day, columns)


def _export_spend(world: World, day: int) -> None:
    count = len(SPEND_CHANNELS)
    daily = world.plan.customers * 2000 // world.plan.days
    cents = world.plan.random("spend", day).integers(daily // 2, 3 * daily // 2 + 2, count)
    campaign = campaign_of(day)
    columns = {
        "spend_date": days_as_text(np.full(count, world.plan.midnight(day) // 86_400)),
        "channel": pa.array(SPEND_CHANNELS),
        "campaign_id": pa.array([None if campaign is None else f"K{campaign:03d}", *[None] * (count - 1)], pa.string()),
        "amount": money(cents),
        "currency": constant("USD", count),
    }
    world.truth.add("spend", {"day": np.full(count, day), "channel": columns["channel"], "amount": cents})
    world.files.write("shop.marketing_spend", day, columns)


def _export_benchmarks(world: World, day: int) -> None:
    count = len(_BENCHMARKS)
    columns = {
        "benchmark_date": constant(str(world.plan.day(day)), count),
        "metric": pa.array([metric for metric, _ in _BENCHMARKS]),
        "market": constant("retail", count),
        "segment": constant("all", count),
        "source": constant("invented panel", count),
        "value": pa.array([str(value) for _, value in _BENCHMARKS]),
        "currency": constant(None, count),
    }
    world.files.write("shop.benchmarks", day, columns)
