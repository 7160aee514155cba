"""Writes a demo shop: a source whose truth is known."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

from kehu.demo_shop.plan import LAST_DAY, Plan
from kehu.demo_shop.shop import write_shop
from kehu.errors import UsageError


def demo_shop(folder: Path, until: str | None, add_days: int, told: Callable[[str], None], **planned: int) -> str:
    """Write a demo shop into a folder, or add days to the one that is there.

    Args:
        folder: where to.
        until: the last planned business day; default: a fixed one.
        add_days: so many days are added.
        told: is told how far the writing has come.
        planned: the fields of ``Plan``.

    Raises:
        UsageError: a parameter is not valid, or the folder holds something else.
    """
    try:
        last_day = date.fromisoformat(until) if until else LAST_DAY
    except ValueError:
        raise UsageError("the last day is no date", fix="write --until YYYY-MM-DD", given=until) from None
    plan = Plan(**planned, last_day=last_day)  # type: ignore[arg-type]
    return write_shop(folder, plan, add_days, told).describe()
