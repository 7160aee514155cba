"""Who buys: everything about a person that is drawn once, before the first day.

People are numbered in the order in which they register. Their traits are drawn in blocks of a fixed size, so that the first
people of a shop are the same however many follow.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kehu.demo_shop.places import CHINA, COUNTRIES
from kehu.demo_shop.plan import LOOK_AHEAD_DAYS, Array, Plan

BLOCK = 1 << 16
RATE_SHAPE, RATE_SCALE_WEEKS = 0.9, 5.2
LIFE_SHAPE, LIFE_SCALE_WEEKS = 0.8, 60.0
"""Pareto/NBD: purchases at rate ~ Gamma(r, α) a week until a lifetime ~ Exp(μ), μ ~ Gamma(s, β)."""
BUYERS = 0.92
LEAVERS = 0.20
LEAVING_DAYS = 60
"""So many days before they leave, leavers slow down, complain and answer badly."""
REASONS = ("", "price", "quality", "delivery", "service")
NEVER = 1 << 29

SHOP_ONLY, SHOP_AND_MARKET, MARKET_ONLY = range(3)
AGE_BANDS = ("18-24", "25-34", "35-44", "45-54", "55-64", "65+")
_OLDEST_OF_BAND = np.array([24, 34, 44, 54, 64])
_SATISFACTION_BY_BAND = np.array([-0.9, -0.3, 0.0, 0.2, 0.5, 0.8])
_SATISFACTION_BY_COUNTRY = np.array([0.3, 0.1, -0.2, -0.7, 0.0])
MEAN_SATISFACTION = 7.9


@dataclass(frozen=True)
class People:
    """Traits, one value a person; days are numbers of the plan.

    Attributes:
        arrival: the day on which they register and, if they buy at all, buy first.
        rate: purchases a day after that, 0 for who never buys.
        leave: from this day on they buy no more.
        reason: number in ``REASONS``; 0 for those whose end nothing announces.
        home: where they have a customer account: shop, market or both.
        market_day: from this day on they have an account at the market.
        second_day: on this day they register a second time at the shop, or NEVER.
        in_crm: whether the CRM knows them.
        account: number of the company that they buy for, or -1.
    """

    arrival: Array
    country: Array
    language: Array
    gender: Array
    age: Array
    rate: Array
    leave: Array
    reason: Array
    satisfaction: Array
    home: Array
    market_day: Array
    second_day: Array
    in_crm: Array
    account: Array
    is_member: Array
    has_consent: Array
    likes_discounts: Array

    @property
    def age_band(self) -> Array:
        """Number in ``AGE_BANDS``."""
        return np.searchsorted(_OLDEST_OF_BAND, self.age)

    def slowing(self, who: Array, number: int) -> Array:
        """What is left of some people's rates on a day: leavers slow down in their last weeks."""
        left = (self.leave[who] - number) / LEAVING_DAYS
        return np.where(self.reason[who] > 0, np.clip(0.25 + 0.75 * left, 0.25, 1.0), 1.0)

    def is_leaving(self, who: Array, number: int) -> Array:
        """Who of some people is in the last weeks before leaving with a reason."""
        left = self.leave[who] - number
        return (self.reason[who] > 0) & (left >= 0) & (left <= LEAVING_DAYS)


def people_of(plan: Plan, through: int) -> People:
    """Everybody who registers up to a day, and the next ones, who may be leads already."""
    by_day = plan.registered_by_day(through + LOOK_AHEAD_DAYS + 1)
    count = int(by_day[-1])
    arrival = np.searchsorted(by_day, np.arange(count), side="right").astype(np.int32)
    blocks = [_block(plan, number) for number in range(-(-count // BLOCK))]
    drawn = {name: np.concatenate([block[name] for block in blocks])[:count] for name in blocks[0]}
    since = arrival.astype(np.int64)
    home = drawn.pop("home")
    after = drawn.pop("market_after")
    drawn["market_day"] = np.where(home == MARKET_ONLY, since, np.where(home == SHOP_ONLY, NEVER, since + after))
    drawn["second_day"] = np.where(home == MARKET_ONLY, NEVER, since + drawn.pop("second_after"))
    drawn["leave"] = np.minimum(since + drawn.pop("life"), NEVER)
    return People(arrival=arrival, home=home, **drawn)


def _block(plan: Plan, number: int) -> dict[str, Array]:
    random = plan.random("people", number)
    country = random.choice(len(COUNTRIES), BLOCK, p=[place.share for place in COUNTRIES]).astype(np.int8)
    speaks_chinese = np.array([1.0, 0.06, 0.03, 0.02, 0.7])[country]
    gender = random.choice(3, BLOCK, p=[0.50, 0.44, 0.06]).astype(np.int8)
    age = np.clip(random.gamma(3.2, 7.0, BLOCK) + 17, 18, 85).astype(np.int16)
    is_business = random.random(BLOCK) < 0.05
    where = random.random(BLOCK)
    in_china = country == CHINA
    home = np.where(in_china & (where < 0.15), MARKET_ONLY, np.where(in_china & (where < 0.40), SHOP_AND_MARKET, 0))
    home = np.where(is_business, SHOP_ONLY, home).astype(np.int8)
    traits = {
        "country": country,
        "language": (random.random(BLOCK) < speaks_chinese).astype(np.int8),
        "gender": gender,
        "age": age,
        "home": home,
        "market_after": random.integers(10, 50, BLOCK),
        "second_after": np.where(random.random(BLOCK) < 0.02, random.integers(20, 80, BLOCK), NEVER),
        "in_crm": (is_business | ((random.random(BLOCK) < 0.05) & (home != MARKET_ONLY))),
        "account": np.where(is_business, random.integers(0, _accounts(plan), BLOCK), -1).astype(np.int32),
        "is_member": (random.random(BLOCK) < 0.55) & (home != MARKET_ONLY),
        "has_consent": random.random(BLOCK) < 0.75,
        "likes_discounts": random.random(BLOCK) < 0.25,
    }
    return traits | _process(random, traits)


def _process(random: np.random.Generator, traits: dict[str, Array]) -> dict[str, Array]:
    """How often, how long and how content."""
    weekly = random.gamma(RATE_SHAPE, 1 / RATE_SCALE_WEEKS, BLOCK)
    is_buyer = random.random(BLOCK) < BUYERS
    hazard = random.gamma(LIFE_SHAPE, 1 / LIFE_SCALE_WEEKS, BLOCK)
    silent_life = np.minimum(random.exponential(1.0, BLOCK) / np.maximum(hazard, 1e-12) * 7, NEVER / 2)
    is_leaver = (random.random(BLOCK) < LEAVERS) & is_buyer
    told_life = LEAVING_DAYS + random.exponential(250, BLOCK)
    reason = np.where(is_leaver, random.integers(1, len(REASONS), BLOCK), 0)
    band = np.searchsorted(_OLDEST_OF_BAND, traits["age"])
    loyal = np.clip(0.4 * np.log(np.maximum(weekly, 1e-9) * RATE_SCALE_WEEKS / RATE_SHAPE), -0.8, 0.8)
    noise = random.normal(0, 1.5, BLOCK)
    content = (
        MEAN_SATISFACTION + _SATISFACTION_BY_BAND[band] + _SATISFACTION_BY_COUNTRY[traits["country"]] + loyal + noise
    )
    return {
        "rate": np.where(is_buyer, weekly / 7, 0.0),
        "life": np.ceil(np.where(is_leaver, told_life, silent_life)).astype(np.int64),
        "reason": reason.astype(np.int8),
        "satisfaction": content.astype(np.float32),
    }


def account_count(plan: Plan) -> int:
    """How many companies buy at the shop."""
    return _accounts(plan)


def _accounts(plan: Plan) -> int:
    return max(4, plan.customers // 60)
