"""What makes people write to the desk on a day: orders, reasons to leave, and weeks in which something goes wrong."""

from __future__ import annotations

import numpy as np

from kehu.demo_shop.columns import Rows, joined_rows
from kehu.demo_shop.people import LEAVING_DAYS, REASONS
from kehu.demo_shop.phrases import NEEDS, NEUTRAL, NOTHING, PRAISE, PROBLEM
from kehu.demo_shop.plan import Array
from kehu.demo_shop.world import World

KINDS = ("complaint", "inquiry", "service")
COMPLAINT, INQUIRY, SERVICE = range(3)
TICKETS_AN_ORDER = 0.07
COMPLAINTS_OF_A_LEAVER = 3.0
"""On average, in the weeks before leaving."""
_NEED_SHARES = np.array([0.10, 0.18, 0.20, 0.08, 0.10, 0.06, 0.10, 0.06, 0.05, 0.05, 0.02])
_OF_REASON = np.array([NOTHING, *(NEEDS.index(reason) for reason in REASONS[1:])])


def troubles(world: World, day: int, orders: Rows) -> Rows:
    """One row a ticket: person, kind, need, tone, product (or -1), alert (or -1)."""
    parts = [_of_orders(world, day), _of_leavers(world, day), _of_alerts(world, day, orders)]
    return joined_rows(parts)


def plan_troubles(world: World, day: int, orders: Rows, lines: Rows) -> None:
    """Let some of today's orders lead to a ticket within two weeks."""
    random = world.plan.random("troubles", day)
    person = orders["person"]
    writes = np.flatnonzero((person >= 0) & (random.random(len(person)) < TICKETS_AN_ORDER))
    count = len(writes)
    product = _first_products(lines, writes)
    kind = random.choice(3, count, p=[0.35, 0.40, 0.25])
    need = random.choice(len(NEEDS), count, p=_NEED_SHARES)
    need = np.where((kind == INQUIRY) & (random.random(count) < 0.3), NEUTRAL, need)
    tone = np.where(kind == COMPLAINT, PROBLEM, random.integers(0, 3, count))
    rows = {"person": person[writes], "kind": kind, "need": need, "tone": tone, "product": product}
    world.agenda.add("tickets", day + random.integers(0, 15, count), rows | {"alert": np.full(count, -1)})


def _first_products(lines: Rows, orders: Array) -> Array:
    """The product of each order's first line; -1 where it has no lines."""
    if not len(lines["order"]):
        return np.full(len(orders), -1)
    at = np.minimum(np.searchsorted(lines["order"], orders), len(lines["order"]) - 1)
    return np.where(lines["order"][at] == orders, lines["product"][at], -1)


def _of_orders(world: World, day: int) -> Rows:
    waiting = world.agenda.take("tickets", day)
    return waiting or _complaints(np.empty(0, np.int64), np.empty(0, np.int64))


def _of_leavers(world: World, day: int) -> Rows:
    """Leavers complain about what drives them away."""
    people, known = world.people, world.plan.registered(day - 1)
    leaving = world.leavers[
        np.searchsorted(world.leaving_days, day) : np.searchsorted(world.leaving_days, day + LEAVING_DAYS, side="right")
    ]
    leaving = leaving[leaving < known]
    random = world.plan.random("leavers", day)
    who = np.sort(leaving[random.random(len(leaving)) < COMPLAINTS_OF_A_LEAVER / LEAVING_DAYS])
    return _complaints(who, _OF_REASON[people.reason[who]])


def _of_alerts(world: World, day: int, orders: Rows) -> Rows:
    """People who have just bought complain all about the same thing."""
    parts = [_complaints(np.empty(0, np.int64), np.empty(0, np.int64))]
    for number, alert in enumerate(world.alerts):
        if not alert.begin <= day < alert.begin + 7:
            continue
        random = world.plan.random("alert", day, number)
        buyers = np.unique(orders["person"][(orders["person"] >= 0) & ~orders["is_market"]])
        everybody = np.arange(world.plan.registered(day))
        who = buyers if len(buyers) >= alert.complaints_a_day else everybody
        who = np.sort(random.choice(who, min(alert.complaints_a_day, len(who)), replace=False))
        part = _complaints(who, np.full(len(who), alert.need))
        part["product"] = np.full(len(who), alert.product)
        part["alert"] = np.full(len(who), number)
        parts.append(part)
    return joined_rows(parts)


def _complaints(who: Array, need: Array) -> Rows:
    count = len(who)
    return {
        "person": who.astype(np.int64),
        "kind": np.full(count, COMPLAINT),
        "need": need.astype(np.int64),
        "tone": np.full(count, PROBLEM),
        "product": np.full(count, -1),
        "alert": np.full(count, -1),
    }


def tone_of_score(random: np.random.Generator, is_low: Array, is_high: Array) -> Array:
    """People who are content praise, others complain, those between do either."""
    return np.where(is_low, PROBLEM, np.where(is_high, PRAISE, random.integers(0, 3, len(is_low))))
