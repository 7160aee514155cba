"""Records of people: at the shop, a second time at the shop, at the market, in the CRM, as leads; and moves to other cities.

The truth says which records are one person, and what they can be recognised by.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from kehu.demo_shop.columns import (
    Rows,
    blank_where,
    booleans,
    chosen,
    constant,
    joined_rows,
    labels,
    moments,
    together,
    words,
)  # fmt: skip
from kehu.demo_shop.dirt import deliver, note
from kehu.demo_shop.orders import market_customers, shop_customers
from kehu.demo_shop.people import MARKET_ONLY
from kehu.demo_shop.places import cities, codes, emails, names, phones, spaced_phones
from kehu.demo_shop.plan import SECONDS_A_DAY, Array
from kehu.demo_shop.seasons import RESPONSE_DAYS, campaign_of
from kehu.demo_shop.world import World

CAME_BY = ("search", "social", "referral", "affiliate", "direct")
_INCOMES = ("under 25k", "25-50k", "50-100k", "over 100k")
_INTERESTS = ("cooking", "running", "music", "gardening", "阅读", "旅行")


def register(world: World, day: int) -> None:
    """Export the records that come into being today, and those that change."""
    new = np.arange(world.plan.registered(day - 1), world.plan.registered(day))
    people = world.people
    at_shop = new[people.home[new] != MARKET_ONLY]
    again = _recent(world, day, 90, people.second_day)
    moved = _moved(world, day)
    _tell(world, day, "shop.customers", shop_customers(at_shop), at_shop, linked_by="first")
    _tell(world, day, "shop.customers", shop_customers(again, True), again, linked_by="email")
    parts = [_shop_rows(world, day, at_shop), _shop_rows(world, day, again, is_second=True)]
    if len(moved):
        parts.append(_shop_rows(world, day, moved, moves=1))
        note(world, "changed", "shop.customers", day, shop_customers(moved))
    deliver(world, "shop.customers", day, joined_rows(parts))
    _register_at_market(world, day)
    _register_in_crm(world, day, new[people.in_crm[new]])


def crm_contacts(person: Array) -> pa.Array:
    """Numbers of the CRM."""
    return labels("C", person, 7)


def _recent(world: World, day: int, within: int, due: Array) -> Array:
    """Who of those who have come in the last days has something due today."""
    some = np.arange(world.plan.registered(day - within), world.plan.registered(day))
    return some[due[some] == day]


def _moved(world: World, day: int) -> Array:
    known = world.plan.registered(day - 1)
    if not known or not world.plan.has_dirt:
        return np.empty(0, np.int64)
    random = world.plan.random("moves", day)
    who = np.unique(random.integers(0, known, random.poisson(max(known * 0.0003, 0.15))))
    return who[world.people.home[who] != MARKET_ONLY]


def _shop_rows(world: World, day: int, who: Array, is_second: bool = False, moves: int = 0) -> Rows:
    people, count = world.people, len(who)
    language = people.language[who]
    first, last, _ = names(who, language)
    email, phone = emails(who, language), phones(who, people.country[who])
    arrived = world.plan.midnight(0) + people.arrival[who].astype(np.int64) * SECONDS_A_DAY
    created = np.full(count, world.plan.midnight(day)) if is_second else arrived
    by_friend = (who % 20 == 7) & (people.home[who // 2] != MARKET_ONLY) & (who > 40)
    campaign = campaign_of(day - day % RESPONSE_DAYS)
    born = world.plan.first_day.year - people.age[who].astype(np.int64)
    birthday = words([f"-{m:02d}-{d:02d}" for m in range(1, 13) for d in range(1, 29)], who * 7 % 336)
    gender = words(["F", "M", None], people.gender[who])
    consent = booleans(people.has_consent[who])
    return {
        "customer_id": shop_customers(who, is_second),
        "created_at": moments(created + 25_000 + who % 5_000),
        "first_name": first,
        "last_name": last,
        "email": pc.utf8_upper(email) if is_second else email,
        "phone": spaced_phones(phone) if is_second else phone,
        "birth_date": blank_where(together(labels("", born), birthday), who % 4 == 3),
        "gender": gender,
        "country": codes(people.country[who]),
        "region": words(["North", "East", "South", "West"], who // 3 % 4),
        "city": cities(who, people.country[who], moves),
        "postal_code": labels("", 10_000 + who * 37 % 80_000),
        "language": words(["en", "zh"], language),
        "acquisition_channel": words(CAME_BY, np.where(by_friend, 2, who % 11 % 5)),
        "acquisition_campaign_id": blank_where(
            labels("K", np.full(count, campaign or 0), 3), (who % 9 > 0) | (campaign is None)
        ),
        "referrer_customer_id": blank_where(shop_customers(who // 2), ~by_friend),
        "income_band": words([*_INCOMES, None], who // 3 % 5),
        "household_size": labels("", 1 + who // 5 % 5),
        "education": words(["school", "college", "university", None], who // 2 % 4),
        "marital_status": words(["single", "married", None], who // 11 % 3),
        "interests": words([*_INTERESTS, None], who // 7 % 7),
        "marketing_consent": consent,
        "email_consent": consent,
        "sms_consent": booleans(people.has_consent[who] & (who % 3 == 0)),
        "phone_consent": booleans(people.has_consent[who] & (who % 5 == 0)),
        "consent_updated_at": moments(arrived + 30_000),
        "preferred_channel": words(["email", "sms", "phone", None], who % 4),
        "updated_at": moments(np.full(count, world.plan.midnight(day) + 30_100)),
    }


def _register_at_market(world: World, day: int) -> None:
    people = world.people
    who = _recent(world, day, 60, people.market_day)
    language = people.language[who]
    columns = {
        "customer_id": market_customers(who),
        "created_at": moments(np.full(len(who), world.plan.midnight(day) + 3600), 8),
        "full_name": names(who, language)[2],
        "phone": pc.utf8_slice_codeunits(phones(who, people.country[who]), 3),
        "country": constant("CN", len(who)),
        "city": cities(who, people.country[who]),
        "updated_at": moments(np.full(len(who), world.plan.midnight(day) + 3600), 8),
    }
    is_known = people.home[who] != MARKET_ONLY
    _tell(world, day, "market.customers", columns["customer_id"], who, linked_by=chosen(is_known, "phone", "first"))
    deliver(world, "market.customers", day, columns)


def _register_in_crm(world: World, day: int, who: Array) -> None:
    """Half of the contacts name their number at the shop, the others have the same address."""
    people = world.people
    names_shop = who % 2 == 0
    language = people.language[who]
    seconds = np.full(len(who), world.plan.midnight(day) + 40_000)
    columns = {
        "customer_id": crm_contacts(who),
        "created_at": moments(seconds),
        "full_name": names(who, language)[2],
        "email": blank_where(emails(who, language), names_shop),
        "country": codes(people.country[who]),
        "occupation": words(["buyer", "assistant", "director"], who % 3),
        "account_id": blank_where(labels("A", people.account[who], 5), people.account[who] < 0),
        "external_ids": blank_where(together("shop:", shop_customers(who)), ~names_shop),
        "updated_at": moments(seconds),
    }
    _tell(
        world, day, "crm.customers", columns["customer_id"], who, linked_by=chosen(names_shop, "external_id", "email")
    )
    deliver(world, "crm.customers", day, columns)
    _export_leads(world, day, who[_was_lead(who)])


def _was_lead(who: Array) -> Array:
    return who % 3 == 0


def _lead_days(who: Array) -> Array:
    return 1 + who // 3 % 20


def _export_leads(world: World, day: int, converted: Array) -> None:
    """Leads of people who come later, leads that come to nothing, and those who have come today."""
    people = world.people
    ahead = np.arange(world.plan.registered(day), world.plan.registered(day + 20))
    coming = ahead[people.in_crm[ahead] & _was_lead(ahead) & (people.arrival[ahead] - _lead_days(ahead) == day)]
    random = world.plan.random("leads", day)
    others = random.poisson(0.15 * max(1, len(coming)) + 0.25)
    number = int(world.plan.day(day).strftime("%y%m%d")) * 1000 + np.arange(others)
    _tell(world, day, "crm.leads", labels("L", coming, 7), coming, linked_by="first")
    lost = labels("LX", number, 9)
    world.truth.add("records", {
        "source": constant("crm", others), "entity": constant("leads", others), "id": lost, "person_id": lost,
        "day": np.full(others, day), "linked_by": constant("first", others),
    })  # fmt: skip
    parts = [_lead_rows(world, day, coming, False), _lead_rows(world, day, converted, True)]
    parts.append({
        "lead_id": lost,
        "created_at": moments(np.full(others, world.plan.midnight(day) + 33_000)),
        "email": together("lead.", labels("", number), "@example.net"),
        "phone": constant(None, others),
        "full_name": names(number, number % 2)[2],
        "source": words(["fair", "web form"], number % 2),
        "channel": words(CAME_BY, number % 5),
        "status": words(["new", "lost"], number % 2),
        "converted_customer_id": constant(None, others),
        "converted_at": constant(None, others),
        "updated_at": moments(np.full(others, world.plan.midnight(day) + 33_000)),
    })  # fmt: skip
    note(world, "changed", "crm.leads", day, parts[1]["lead_id"])
    deliver(world, "crm.leads", day, joined_rows(parts))


def _lead_rows(world: World, day: int, who: Array, is_converted: bool) -> Rows:
    people, count = world.people, len(who)
    language = people.language[who]
    created = world.plan.midnight(0) + (people.arrival[who].astype(np.int64) - _lead_days(who)) * SECONDS_A_DAY + 31_000
    now = np.full(count, world.plan.midnight(day) + 32_000)
    none = constant(None, count)
    return {
        "lead_id": labels("L", who, 7),
        "created_at": moments(created),
        "email": emails(who, language),
        "phone": phones(who, people.country[who]),
        "full_name": names(who, language)[2],
        "source": words(["fair", "web form"], who % 2),
        "channel": words(CAME_BY, who % 5),
        "status": constant("converted" if is_converted else "new", count),
        "converted_customer_id": crm_contacts(who) if is_converted else none,
        "converted_at": moments(now) if is_converted else none,
        "updated_at": moments(now),
    }


def _tell(world: World, day: int, export: str, ids: pa.Array, who: Array, *, linked_by: pa.Array | str) -> None:
    count = len(who)
    source, entity = export.split(".")
    world.truth.add(
        "records",
        {
            "source": constant(source, count),
            "entity": constant(entity, count),
            "id": ids,
            "person_id": labels("P", who),
            "day": np.full(count, day),
            "linked_by": constant(linked_by, count) if isinstance(linked_by, str) else linked_by,
        },
    )
