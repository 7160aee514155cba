"""Who buys on a day, and why: first purchases, everybody's own rhythm, campaigns, guests."""

from __future__ import annotations

import numpy as np

from kehu.demo_shop.columns import Rows, joined_rows
from kehu.demo_shop.plan import SECONDS_A_DAY, Array
from kehu.demo_shop.seasons import factors, highest
from kehu.demo_shop.world import World

CAUSES = ("first", "rhythm", "campaign", "guest")
FIRST, RHYTHM, CAMPAIGN, GUEST = range(4)
GUEST_SHARE = 0.03


def purchases(world: World, day: int) -> Rows:
    """One row a purchase: person (-1 for a guest), cause, campaign (or -1), second of the day, country."""
    new = _newcomers(world, day)
    first = new[world.people.rate[new] > 0]
    rhythm = _by_rhythm(world, day)
    campaign = world.agenda.take("campaign_orders", day) or {
        "person": np.empty(0, np.int64),
        "campaign": np.empty(0, np.int64),
    }
    random = world.plan.random("purchases", day)
    guests = random.poisson(GUEST_SHARE * (len(first) + len(rhythm)))
    rows = joined_rows(
        [
            {"person": who.astype(np.int64), "cause": np.full(len(who), cause), "campaign": np.full(len(who), -1)}
            for cause, who in ((FIRST, first), (RHYTHM, rhythm), (GUEST, np.full(guests, -1)))
        ]
        + [campaign | {"cause": np.full(len(campaign["person"]), CAMPAIGN)}]
    )
    count = len(rows["person"])
    # People buy by day: between half past six and midnight.
    rows["second"] = np.floor((0.27 + 0.73 * random.beta(2.2, 1.8, count)) * SECONDS_A_DAY).astype(np.int64) - 1
    drawn = random.integers(0, 5, count)
    rows["country"] = np.where(rows["person"] >= 0, world.people.country[rows["person"]], drawn).astype(np.int64)
    world.last_order_day[rows["person"][rows["person"] >= 0]] = day
    own = rows["person"][(rows["cause"] == FIRST) | (rows["cause"] == RHYTHM)]
    world.last_base_day[own] = day
    order = np.argsort(rows["second"], kind="stable")
    return {name: values[order] for name, values in rows.items()}


def _newcomers(world: World, day: int) -> Array:
    return np.arange(world.plan.registered(day - 1), world.plan.registered(day))


def _by_rhythm(world: World, day: int) -> Array:
    """Everybody's Poisson process, thinned: drawn at the highest rate there can be, kept with what is left of it today."""
    known = world.plan.registered(day - 1)
    if not known:
        return np.empty(0, np.int64)
    random = world.plan.random("rhythm", day)
    cumulated = world.cumulated_rate[:known]
    limit = highest(world.plan)
    drawn = random.poisson(cumulated[-1] * limit)
    who = np.searchsorted(cumulated, random.random(drawn) * cumulated[-1], side="right")
    who = np.minimum(who, known - 1)
    people = world.people
    chance = factors(world.plan, day)[people.country[who]] / limit * people.slowing(who, day)
    return np.sort(who[(people.leave[who] > day) & (random.random(drawn) < chance)])
