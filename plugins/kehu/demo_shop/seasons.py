"""When the shop is busy: weekdays, the course of the year, festivals; and which days something is planned for."""

from __future__ import annotations

from datetime import date
from math import pi, sin

import numpy as np

from kehu.demo_shop.places import COUNTRIES
from kehu.demo_shop.plan import Array, Plan

HIGHEST = 3.2
"""No factor is above it."""
WAVE_DAYS = 91
FIRST_WAVE = 20
CAMPAIGN_DAYS = 42
FIRST_CAMPAIGN = 28
PRICE_DAYS = 28
RESPONSE_DAYS = 14

_CHINESE_NEW_YEAR = {
    2020: (1, 25), 2021: (2, 12), 2022: (2, 1), 2023: (1, 22), 2024: (2, 10),
    2025: (1, 29), 2026: (2, 17), 2027: (2, 6), 2028: (1, 26), 2029: (2, 13),
}  # fmt: skip
_WEST = np.array([0.90, 0.88, 0.92, 0.98, 1.10, 1.18, 1.04])
_EAST = np.array([0.97, 0.98, 0.98, 1.00, 1.02, 1.05, 1.00])


def factors(plan: Plan, number: int) -> Array:
    """How much more than usual is bought on a day, one factor a country; all are 1 without seasons."""
    if not plan.has_seasons:
        return np.ones(len(COUNTRIES))
    day = plan.day(number)
    course = 1 + 0.15 * sin(2 * pi * (day.timetuple().tm_yday - 250) / 365.25)
    west = course * _WEST[day.weekday()] * _western_event(day)
    east = course * _EAST[day.weekday()] * _chinese_event(day)
    return np.minimum(np.array([east if country.code in ("CN", "HK") else west for country in COUNTRIES]), HIGHEST)


def highest(plan: Plan) -> float:
    """What no factor of the plan exceeds."""
    return HIGHEST if plan.has_seasons else 1.0


def wave_of(number: int) -> int | None:
    """The number of the NPS wave that goes out on a day."""
    past = number - FIRST_WAVE
    return past // WAVE_DAYS if past >= 0 and past % WAVE_DAYS == 0 else None


def campaign_of(number: int) -> int | None:
    """The number of the campaign that starts on a day."""
    past = number - FIRST_CAMPAIGN
    return past // CAMPAIGN_DAYS if past >= 0 and past % CAMPAIGN_DAYS == 0 else None


def price_epoch(number: int) -> int:
    """The number of the price list that is valid on a day."""
    return number // PRICE_DAYS


def _western_event(day: date) -> float:
    if day.month == 11 and 24 <= day.day <= 30:
        return 1.9
    if day.month == 12:
        return 1.4 if day.day < 22 else 0.7
    return 1.0


def _chinese_event(day: date) -> float:
    if (day.month, day.day) in {(11, 11), (6, 18)}:
        return 2.6
    month, of_month = _CHINESE_NEW_YEAR.get(day.year, (2, 5))
    since = (day - date(day.year, month, of_month)).days
    if -14 <= since < -3:
        return 1.4
    return 0.5 if -3 <= since <= 7 else 1.0
