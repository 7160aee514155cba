"""Everything that the steps of a day share: who there is, what is sold, what waits, where it is written."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from kehu.demo_shop.agenda import Agenda
from kehu.demo_shop.alert_weeks import AlertWeek, alert_weeks
from kehu.demo_shop.catalogue import Catalogue, catalogue_of
from kehu.demo_shop.day_files import DayFiles
from kehu.demo_shop.people import People, people_of
from kehu.demo_shop.phrases import Phrases, all_phrases
from kehu.demo_shop.plan import Array, Plan
from kehu.demo_shop.seasons import price_epoch
from kehu.demo_shop.truth import Truth

STATE = "state"
LONG_AGO = -(10**6)


@dataclass
class World:
    """A shop that lives.

    Attributes:
        points: everybody's balance of points.
        last_base_day: the day of everybody's last purchase that no campaign made, or LONG_AGO.
        last_order_day: the day of everybody's last purchase.
        cumulated_rate, tastes: cumulative shares to draw people and products by.
        leavers, leaving_days: who leaves with a reason, by the day on which they do.
        alerts: the weeks in which something goes wrong.
    """

    plan: Plan
    people: People
    catalogue: Catalogue
    phrases: Phrases
    agenda: Agenda
    files: DayFiles
    truth: Truth
    points: Array
    last_base_day: Array
    last_order_day: Array
    cumulated_rate: Array = field(init=False)
    tastes: Array = field(init=False)
    leavers: Array = field(init=False)
    leaving_days: Array = field(init=False)
    alerts: tuple[AlertWeek, ...] = field(init=False)

    def __post_init__(self) -> None:
        self.cumulated_rate = np.cumsum(self.people.rate)
        self.tastes = self.catalogue.tastes
        leavers = np.flatnonzero(self.people.reason)
        self.leavers = leavers[np.argsort(self.people.leave[leavers], kind="stable")]
        self.leaving_days = self.people.leave[self.leavers]
        self.alerts = alert_weeks(self.plan, int(self.catalogue.shares.sum(axis=0).argmax()))

    def save(self, folder: Path) -> None:
        """Keep what the next day needs."""
        state = folder / STATE
        state.mkdir(exist_ok=True)
        for old in state.glob("*.parquet"):
            old.unlink()
        arrays = {name: getattr(self, name) for name in ("points", "last_base_day", "last_order_day")}
        pq.write_table(pa.table(arrays), state / "people.parquet")
        self.agenda.save(state)


def world_of(plan: Plan, folder: Path, truth: Path, through: int, is_new: bool) -> World:
    """The shop as it stands before the days that are to be written.

    Args:
        plan: the plan of the shop.
        folder: where it is written.
        truth: where the truth is written.
        through: the number of the last day to be written.
        is_new: whether nothing has been written yet.
    """
    people = people_of(plan, through)
    count = len(people.arrival)
    arrays = {name: np.full(count, begin, np.int64) for name, begin in _BEGINS.items()}
    agenda = Agenda()
    if not is_new:
        kept = pq.read_table(folder / STATE / "people.parquet")
        for name, values in arrays.items():
            values[: kept.num_rows] = kept[name].to_numpy()
        agenda = Agenda.load(folder / STATE)
    return World(
        plan=plan,
        people=people,
        catalogue=catalogue_of(plan, price_epoch(through) + 1),
        phrases=all_phrases(),
        agenda=agenda,
        files=DayFiles(plan, folder),
        truth=Truth(truth),
        **arrays,
    )


_BEGINS = {"points": 0, "last_base_day": LONG_AGO, "last_order_day": LONG_AGO}
