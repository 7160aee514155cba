"""Writes a demo shop: day by day what its systems export, beside it what is true."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from kehu.demo_shop.campaigns import run_campaigns
from kehu.demo_shop.companies import work_with_companies
from kehu.demo_shop.figures import export_figures
from kehu.demo_shop.keeping import begun, finished, recover, written
from kehu.demo_shop.loyalty import deliver_points, earn_points
from kehu.demo_shop.orders import deliver_orders, orders_of, tell_orders
from kehu.demo_shop.plan import Plan
from kehu.demo_shop.planted import tell_people, tell_plan
from kehu.demo_shop.registrations import register
from kehu.demo_shop.returns import deliver_refunds, plan_returns
from kehu.demo_shop.reviews import deliver_reviews, plan_reviews
from kehu.demo_shop.sources_file import sources_text
from kehu.demo_shop.surveys import run_surveys
from kehu.demo_shop.tickets import deliver_tickets
from kehu.demo_shop.troubles import plan_troubles
from kehu.demo_shop.web import deliver_visits
from kehu.demo_shop.world import World, world_of
from kehu.errors import UsageError


@dataclass(frozen=True)
class Written:
    """What a call has written.

    Attributes:
        folder: where the shop is.
        days: how many days the shop has now.
        new_days: how many of them were written by this call.
    """

    folder: Path
    plan: Plan
    days: int
    new_days: int

    def describe(self) -> str:
        """One line for the terminal."""
        last = self.plan.day(self.days - 1)
        return f"{self.folder}: {self.days} days until {last}, {self.new_days} of them new; read by {self.folder}/sources.yml"


def write_shop(folder: Path, plan: Plan, add_days: int = 0, told: Callable[[str], None] = lambda _: None) -> Written:
    """Write a shop, or the days that it lacks; what is there already stays as it is.

    Args:
        folder: a new folder, or that of a shop of the same plan.
        plan: what the shop is drawn from.
        add_days: so many days are added to those that are there, or to the planned ones of a new shop.
        told: is told how far the writing has come.

    Raises:
        UsageError: the folder holds something else, a shop of another plan, or the plan is impossible.
    """
    plan.check()
    recover(folder)
    before = written(folder)
    if before is not None and before[0] != plan:
        raise UsageError(
            "the folder holds a shop of another plan", fix="name a new folder", folder=str(folder), plan=str(before[0])
        )
    begin = before[1] if before else 0
    end = (begin or plan.days) + add_days
    if begin < end:
        _write_days(folder, plan, begin, end, told)
    return Written(folder, plan, end, end - begin)


def live(world: World, day: int) -> None:
    """Everything that happens on one day."""
    plan = world.plan
    register(world, day)
    orders, lines = orders_of(world, day)
    tell_orders(world, day, orders, lines)
    earn_points(world, orders)
    plan_returns(world, day, orders, lines)
    plan_reviews(world, day, orders, lines)
    plan_troubles(world, day, orders, lines)
    is_renamed = plan.breaks_header and day == plan.days - 1 and plan.first_load_days < plan.days
    has_drifted = plan.has_dirt and day >= max(plan.days // 2, plan.first_load_days)
    deliver_orders(world, day, orders, lines, drift=int(has_drifted))
    refunds = deliver_refunds(world, day, is_renamed)
    deliver_points(world, day, orders, refunds)
    deliver_visits(world, day, orders)
    deliver_reviews(world, day)
    deliver_tickets(world, day, orders)
    run_surveys(world, day)
    run_campaigns(world, day)
    work_with_companies(world, day)
    export_figures(world, day)


def _write_days(folder: Path, plan: Plan, begin: int, end: int, told: Callable[[str], None]) -> None:
    following = begun(folder)
    world = world_of(plan, folder, following / "truth", end - 1, is_new=begin == 0)
    with world.files:
        for day in range(begin, end):
            live(world, day)
            if (day + 1) % 30 == 0:
                told(f"{plan.day(day)}: {day + 1 - begin} of {end - begin} days")
    tell_people(world, end)
    tell_plan(world)
    world.truth.add("files", {name: np.array(values) for name, values in world.files.counted().items()})
    world.truth.close()
    world.save(following)
    (following / "sources.yml").write_text(sources_text(plan.day(end - 1)), encoding="utf-8")
    finished(folder, plan, end)
