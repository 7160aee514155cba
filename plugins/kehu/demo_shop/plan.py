"""What a demo shop is drawn from: its size, its days, its seed, and what is planted in it at all.

Everything random is drawn from ``Plan.random(stream, …)``: a stream of its own for each purpose and day, so that a day depends on
the plan and on what the days before have left (the state), never on how many of them were written at once.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any

import numpy as np

from kehu.errors import UsageError

Array = np.ndarray[Any, Any]
"""One value an item, as everywhere in this room."""

LAST_DAY = date(2025, 12, 31)
"""The last business day of a shop, unless another one is asked for: nothing here asks the clock."""

SECONDS_A_DAY = 86_400
LOOK_AHEAD_DAYS = 21
"""So many days before their first order customers may appear as leads: the people of these days are known."""


@dataclass(frozen=True)
class Plan:
    """One demo shop.

    Attributes:
        customers: people who register within the planned days.
        days: business days that are planned; more may be added later.
        seed: the same seed gives the same bytes.
        last_day: the last planned business day.
        has_seasons: weekdays, seasons and festivals move the purchases; without them they are a plain Poisson process.
        has_dirt: bad, late, changed and repeated rows are planted.
        breaks_header: on the last planned day one file has another name for a column that is needed.
        first_load_days: so many days come as one first delivery, as when a company begins.
    """

    customers: int
    days: int
    seed: int
    last_day: date = LAST_DAY
    has_seasons: bool = True
    has_dirt: bool = True
    breaks_header: bool = False
    first_load_days: int = 0

    def check(self) -> None:
        """Hold the numbers against what a shop needs.

        Raises:
            UsageError: too few customers or days, or a seed below 0; names the parameter.
        """
        limits = {"customers": (20, 20_000_000), "days": (30, 3_660), "seed": (0, 2**63), "first_load": (0, self.days)}
        given = {"customers": self.customers, "days": self.days, "seed": self.seed, "first_load": self.first_load_days}
        for name, (low, high) in limits.items():
            if not low <= given[name] <= high:
                raise UsageError(
                    f"{name} must be between {low:,} and {high:,}", fix=f"correct --{name}", given=given[name]
                )

    @property
    def first_day(self) -> date:
        """The business day of number 0."""
        return self.last_day - timedelta(days=self.days - 1)

    @cached_property
    def epoch(self) -> int:
        """Seconds from 1970 to the begin of day 0, in UTC."""
        return (self.first_day - date(1970, 1, 1)).days * SECONDS_A_DAY

    def day(self, number: int) -> date:
        """The business day of a number."""
        return self.first_day + timedelta(days=number)

    def midnight(self, number: int) -> int:
        """Seconds from 1970 to the begin of a day, in UTC."""
        return self.epoch + number * SECONDS_A_DAY

    def random(self, stream: str, *numbers: int) -> np.random.Generator:
        """The generator of one purpose, and of one day or block of it."""
        return np.random.default_rng([self.seed, zlib.crc32(stream.encode()), *numbers])

    def registered(self, number: int) -> int:
        """How many people have registered by the end of a day: many in the beginning, after the planned days evenly."""
        if number < 0:
            return 0
        share = min(1.0, (number + 1) / self.days)
        planned = 0.7 * (1 - (1 - share) ** 2) + 0.3 * share
        later = max(0, number + 1 - self.days) * 0.3 * self.customers / self.days
        return round(self.customers * planned) + int(later)

    def registered_by_day(self, days: int) -> Array:
        """``registered`` of the days 0 to ``days`` - 1."""
        return np.array([self.registered(number) for number in range(days)], dtype=np.int64)
