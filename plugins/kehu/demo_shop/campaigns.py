"""Campaigns: whom they reach, who is held back to compare, and the purchases that only they bring about."""

from __future__ import annotations

import numpy as np

from kehu.demo_shop.columns import Rows, blank_where, constant, labels, moments, money, taken, words
from kehu.demo_shop.dirt import deliver
from kehu.demo_shop.orders import shop_customers
from kehu.demo_shop.people import AGE_BANDS, MARKET_ONLY
from kehu.demo_shop.places import COUNTRIES
from kehu.demo_shop.plan import SECONDS_A_DAY, Array
from kehu.demo_shop.seasons import RESPONSE_DAYS, campaign_of
from kehu.demo_shop.world import World

CONTACTED = 0.35
CONTROLS = 0.25
SEGMENTATIONS = ("age_band", "country", "gender")
"""What a campaign's effect depends on, in turn."""
GENDERS = ("female", "male", "unknown")
EXTRA = {
    "age_band": (0.12, 0.08, 0.04, 0.02, 0.0, 0.0),
    "country": (0.10, 0.03, 0.03, 0.0, 0.06),
    "gender": (0.08, 0.02, 0.02),
}
"""The chance that a contact makes a purchase that would not have been made: by segmentation, a number a segment."""
SEGMENTS = {"age_band": AGE_BANDS, "country": tuple(country.code for country in COUNTRIES), "gender": GENDERS}
CHANNELS = ("email", "sms")
_CHECK_DAYS = RESPONSE_DAYS


def run_campaigns(world: World, day: int) -> None:
    """Start a campaign, follow one up, close one, where today is the day."""
    started = campaign_of(day)
    if started is not None:
        _start(world, day, started)
    followed = world.agenda.take("campaign_news", day)
    if followed:
        _deliver_contacts(world, day, followed, is_follow_up=True)
    judged = world.agenda.take("campaign_ends", day)
    if judged:
        _tell(world, day, judged)


def _start(world: World, day: int, number: int) -> None:
    random = world.plan.random("campaign", number)
    people, known = world.people, world.plan.registered(day - 1)
    may = people.has_consent[:known] & (people.home[:known] != MARKET_ONLY) & (people.account[:known] < 0)
    who = np.flatnonzero(may & (random.random(known) < CONTACTED))
    is_control = random.random(len(who)) < CONTROLS
    extra = np.array(EXTRA[_segmentation(number)])[_segments(world, number, who)]
    # Who has left cannot be brought back by a campaign.
    responds = ~is_control & (random.random(len(who)) < extra) & (people.leave[who] > day + RESPONSE_DAYS)
    delay = random.integers(1, RESPONSE_DAYS, len(who))
    world.agenda.add(
        "campaign_orders",
        (day + delay)[responds],
        {"person": who[responds], "campaign": np.full(responds.sum(), number)},
    )
    begin = world.plan.midnight(day)
    rows = {
        "campaign": np.full(len(who), number),
        "person": who,
        "contact": np.arange(len(who)),
        "is_control": is_control,
        "responds": responds,
        "delay": delay,
        "begin": np.full(len(who), begin),
        "drawn": random.random(len(who)),
    }
    _deliver_campaign(world, day, number)
    _deliver_contacts(world, day, rows, is_follow_up=False)
    reached = taken(rows, ~is_control)
    world.agenda.add("campaign_news", np.full(len(reached["person"]), day + RESPONSE_DAYS), reached)
    world.agenda.add("campaign_ends", np.full(len(who), day + _CHECK_DAYS), rows)


def _segmentation(number: int) -> str:
    return SEGMENTATIONS[number % len(SEGMENTATIONS)]


def _segments(world: World, number: int, who: Array) -> Array:
    """The segment of each person, as the campaign's effect goes by."""
    people = world.people
    values = {"age_band": people.age_band, "country": people.country, "gender": people.gender}
    return values[_segmentation(number)][who].astype(np.int64)


def _deliver_campaign(world: World, day: int, number: int) -> None:
    begin = np.array([world.plan.midnight(day)])
    columns = {
        "campaign_id": labels("K", np.array([number]), 3),
        "name": constant(f"{world.plan.day(day):%B %Y}, no. {number}", 1),
        "channel": constant(CHANNELS[number % 2], 1),
        "objective": constant("sales", 1),
        "started_at": moments(begin),
        "ended_at": moments(begin + RESPONSE_DAYS * SECONDS_A_DAY),
        "cost_amount": money(np.array([50_000])),
        "currency": constant("USD", 1),
    }
    deliver(world, "shop.campaigns", day, columns)


def _deliver_contacts(world: World, day: int, rows: Rows, is_follow_up: bool) -> None:
    """Everybody who was drawn; after two weeks again those who were reached, with what they did."""
    count = len(rows["person"])
    is_control, drawn = rows["is_control"], rows["drawn"]
    sent = rows["begin"] + 9 * 3600
    is_bounced = drawn > 0.97
    opened = is_follow_up & (drawn < 0.35) & ~is_control
    clicked = opened & (drawn < 0.10)
    redeemed = is_follow_up & rows["responds"] & (drawn < 0.6)
    gone = is_follow_up & (drawn > 0.96) & ~is_bounced

    def at(mask: Array | bool, hours: int) -> object:
        return moments(np.where(mask, sent + hours * 3600, -1))

    columns = {
        "contact_id": labels("CC", rows["campaign"] * 10_000_000 + rows["contact"], 10),
        "campaign_id": labels("K", rows["campaign"], 3),
        "customer_id": shop_customers(rows["person"]),
        "arm": words(["treatment", "control"], is_control.astype(np.int8)),
        "assigned_at": moments(rows["begin"] + 8 * 3600),
        "sent_at": at(~is_control, 0),
        "bounced_at": at(is_bounced & ~is_control, 1),
        "opened_at": at(opened, 5),
        "clicked_at": at(clicked, 6),
        "responded_at": moments(np.where(redeemed, rows["begin"] + rows["delay"] * SECONDS_A_DAY + 3600, -1)),
        "unsubscribed_at": at(gone, 30),
        "cost_amount": blank_where(constant("0.05", count), is_control),
        "updated_at": moments(np.full(count, world.plan.midnight(day) + 8 * 3600)),
    }
    deliver(world, "shop.campaign_contacts", day, columns)


def _tell(world: World, day: int, rows: Rows) -> None:
    """The truth of a campaign whose window is over: what was planted in each segment, and what became of it."""
    number = int(rows["campaign"][0])
    segment = _segments(world, number, rows["person"])
    names = SEGMENTS[_segmentation(number)]
    start = day - _CHECK_DAYS
    would_buy = world.last_base_day[rows["person"]] > start
    treated = ~rows["is_control"]

    def counted(mask: Array) -> Array:
        return np.bincount(segment[mask], minlength=len(names))

    count = len(names)
    world.truth.add(
        "campaign_uplift",
        {
            "campaign_id": labels("K", np.full(count, number), 3),
            "start_day": np.full(count, start),
            "segmentation": constant(_segmentation(number), count),
            "segment": np.array(names),
            "extra_chance": np.array(EXTRA[_segmentation(number)]),
            "treated": counted(treated),
            "treated_who_have_not_left": counted(treated & (world.people.leave[rows["person"]] > day)),
            "controls": counted(~treated),
            "extra_buyers": counted(treated & rows["responds"]),
            "treated_who_buy_anyway": counted(treated & would_buy),
            "controls_who_buy_anyway": counted(~treated & would_buy),
        },
    )
