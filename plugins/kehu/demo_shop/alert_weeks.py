"""Weeks in which something goes wrong, and everybody complains about it."""

from __future__ import annotations

from dataclasses import dataclass

from kehu.demo_shop.phrases import NEEDS
from kehu.demo_shop.plan import Plan


@dataclass(frozen=True)
class AlertWeek:
    """A week in which complaints about one need, or about one product too, come in numbers."""

    name: str
    begin: int
    need: int
    product: int
    complaints_a_day: int


def alert_weeks(plan: Plan, best_seller: int) -> tuple[AlertWeek, ...]:
    """A bad batch of one product after three fifths of the days, a strike of the couriers after five sixths."""
    usual = plan.customers * 0.007 / 11 * min(1.0, 10.0 / 3)
    strength = max(3, round(usual / 3))
    bad_batch, strike = plan.days * 3 // 5, plan.days * 5 // 6
    return (
        AlertWeek("bad batch", _monday(plan, bad_batch), NEEDS.index("quality"), best_seller, strength),
        AlertWeek("couriers on strike", _monday(plan, strike), NEEDS.index("delivery"), -1, strength),
    )


def _monday(plan: Plan, number: int) -> int:
    return number - plan.day(number).weekday()
