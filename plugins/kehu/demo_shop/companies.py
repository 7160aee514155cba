"""Companies that buy: who they are, what is offered to them, how they are spoken with."""

from __future__ import annotations

import numpy as np

from kehu.demo_shop.columns import blank_where, booleans, constant, joined_rows, labels, moments, money, together, words
from kehu.demo_shop.dirt import deliver, note
from kehu.demo_shop.people import account_count
from kehu.demo_shop.phrases import NEEDS, NEUTRAL
from kehu.demo_shop.places import cities, codes
from kehu.demo_shop.plan import SECONDS_A_DAY, Array
from kehu.demo_shop.registrations import crm_contacts
from kehu.demo_shop.texts import drawn_texts, themes, truth_of, written
from kehu.demo_shop.world import World

SWITCHBOARD_CONTACTS = 14
"""Employees of one company with the number of its exchange: more than a number may have to tell who somebody is."""
_INDUSTRIES = ("retail", "hospitality", "education", "health", "manufacturing")
_STAGES = ("qualified", "proposal", "negotiation")


def work_with_companies(world: World, day: int) -> None:
    """Export companies on the first day, and every day what is done with them."""
    if day == 0:
        _export_companies(world)
        _export_switchboard(world)
    _export_deals(world, day)
    _export_talks(world, day)


def _export_companies(world: World) -> None:
    number = np.arange(account_count(world.plan))
    random = world.plan.random("companies")
    employees = np.round(np.exp(random.normal(4, 1.3, len(number)))).astype(np.int64) + 1
    country = random.integers(0, 5, len(number))
    since = moments(np.full(len(number), world.plan.midnight(0) - 100 * SECONDS_A_DAY))
    columns = {
        "account_id": labels("A", number, 5),
        "name": labels("Example Trading ", number),
        "industry": words(_INDUSTRIES, random.integers(0, len(_INDUSTRIES), len(number))),
        "employee_count": labels("", employees),
        "annual_revenue": money(employees * random.integers(50_000, 200_000, len(number)) * 100),
        "currency": constant("USD", len(number)),
        "country": codes(country),
        "city": cities(number, country),
        "parent_account_id": blank_where(labels("A", number // 10 * 10, 5), (number % 10 != 3)),
        "created_at": since,
        "updated_at": since,
    }
    deliver(world, "crm.accounts", 0, columns)


def _export_switchboard(world: World) -> None:
    number = np.arange(SWITCHBOARD_CONTACTS)
    ids = labels("CS", number, 4)
    since = moments(np.full(len(number), world.plan.midnight(0)))
    columns = {
        "customer_id": ids,
        "created_at": since,
        "full_name": labels("Desk ", number),
        "email": together(labels("desk.", number), "@example.com"),
        "phone": constant("+16005550100", len(number)),
        "country": constant("US", len(number)),
        "account_id": constant("A00000", len(number)),
        "updated_at": since,
    }
    columns["occupation"] = constant("operator", len(number))
    columns["external_ids"] = constant(None, len(number))
    world.truth.add("records", {
        "source": constant("crm", len(number)), "entity": constant("customers", len(number)), "id": ids,
        "person_id": ids, "day": np.zeros(len(number), np.int64), "linked_by": constant("first", len(number)),
    })  # fmt: skip
    deliver(world, "crm.customers", 0, columns)


def _contacts(world: World, day: int) -> Array:
    """Who buys for a company and is known already."""
    return np.flatnonzero(world.people.account[: world.plan.registered(day)] >= 0)


def _export_deals(world: World, day: int) -> None:
    random = world.plan.random("deals", day)
    contacts = _contacts(world, day)
    count = random.poisson(len(contacts) / 60)
    who = contacts[random.integers(0, len(contacts), count)] if count else np.empty(0, np.int64)
    new = {
        "person": who,
        "code": int(world.plan.day(day).strftime("%y%m%d")) * 10_000 + np.arange(count),
        "created": np.full(count, world.plan.midnight(day) + 36_000),
        "amount": random.integers(50_000, 5_000_000, count),
        "stage": random.integers(0, len(_STAGES), count),
        "is_won": (random.random(count) < 0.4).astype(np.int64),
    }
    parts = [new | {"is_closed": np.zeros(count, np.int64)}]
    closed = world.agenda.take("deals", day)
    world.agenda.add("deals", day + random.integers(8, 80, count), new)
    if closed:
        parts.append(closed | {"is_closed": np.ones(len(closed["code"]), np.int64)})
        note(world, "changed", "crm.opportunities", day, labels("D", closed["code"], 10))
    rows = joined_rows(parts)
    is_open = rows["is_closed"] == 0
    now = moments(np.full(len(is_open), world.plan.midnight(day) + 50_000))
    columns = {
        "opportunity_id": labels("D", rows["code"], 10),
        "account_id": labels("A", world.people.account[rows["person"]], 5),
        "customer_id": crm_contacts(rows["person"]),
        "name": labels("Supply ", rows["code"] % 1000),
        "stage": words([*_STAGES, "won", "lost"], np.where(is_open, rows["stage"], 4 - rows["is_won"])),
        "amount": money(rows["amount"]),
        "currency": constant("USD", len(is_open)),
        "created_at": moments(rows["created"]),
        "closed_at": blank_where(now, is_open),
        "is_won": blank_where(booleans(rows["is_won"]), is_open),
        "updated_at": now,
    }
    deliver(world, "crm.opportunities", day, columns)


def _export_talks(world: World, day: int) -> None:
    """Calls and meetings, and what was noted of them: half of the notes speak of needs."""
    random = world.plan.random("talks", day)
    contacts = _contacts(world, day)
    count = random.poisson(len(contacts) / 25)
    if not count:
        return
    who = contacts[random.integers(0, len(contacts), count)]
    need = np.where(random.random(count) < 0.5, NEUTRAL, random.integers(0, len(NEEDS), count))
    language = world.people.language[who]
    numbers = drawn_texts(random, world.phrases, language, themes(random, need, random.integers(0, 3, count)))
    code = int(world.plan.day(day).strftime("%y%m%d")) * 10_000 + np.arange(count)
    ids = labels("N", code, 10)
    columns = {
        "interaction_id": ids,
        "customer_id": crm_contacts(who),
        "occurred_at": moments(world.plan.midnight(day) + random.integers(28_000, 64_000, count)),
        "channel": words(["phone", "email", "on site"], random.integers(0, 3, count)),
        "direction": words(["inbound", "outbound"], random.integers(0, 2, count)),
        "kind": words(["call", "email", "meeting", "chat", "visit"], random.integers(0, 5, count)),
        "outcome": written(world.phrases, numbers),
    }
    world.truth.add("texts", truth_of(world.phrases, numbers, "crm.interactions.outcome", ids, person=who, day=day))
    deliver(world, "crm.interactions", day, columns)
