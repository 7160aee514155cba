"""What comes in: the distinct RFM summaries (x, t_x, T), with the number of customers who share each of them.

Definitions (docs/definitions.md#lifetime-value): x = purchase days - 1, t_x = (last - first) / 7, T = (D - first) / 7, in weeks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from kehu.clv.arrays import Booleans, Floats, floats, freeze, share

TOLERANCE = 1e-9


@dataclass(frozen=True)
class Summaries:
    """RFM summaries, shape (summaries,) each; ``weight`` counts the customers of a summary.

    Raises:
        ValueError: shapes differ, or a summary cannot be an RFM summary.
    """

    x: Floats
    t_x: Floats
    t: Floats
    weight: Floats

    def __post_init__(self) -> None:
        freeze(self, **_checked(x=self.x, t_x=self.t_x, t=self.t, weight=self.weight))

    @property
    def distinct(self) -> int:
        """Number of distinct summaries."""
        return len(self.x)

    @property
    def customers(self) -> float:
        """Number of customers."""
        return float(self.weight.sum())

    @property
    def repeat_customers(self) -> float:
        """Number of customers who bought on a second day."""
        return float(self.weight[self.x > 0].sum())

    @property
    def repeat_share(self) -> float:
        """Share of the customers who bought on a second day."""
        return share(self.repeat_customers, self.customers)

    @property
    def purchase_rate(self) -> float:
        """Repeat purchase days per customer and week, Σx/ΣT; 0 where no time has passed."""
        return share(float(self.weight @ self.x), float(self.weight @ self.t))


@dataclass(frozen=True)
class Holdout:
    """Summaries up to the end of calibration, with the purchase days that followed.

    Args:
        x, t_x, t, weight: as in `Summaries`, up to the end of calibration; shape (summaries,).
        holdout_x: purchase days within the holdout; shape (summaries,).
        weeks: length of the holdout; 0 means that there is none.
        calibration_weeks: from the first purchase of anybody to the end of calibration.

    Raises:
        ValueError: as in `Summaries`, or a count is negative.
    """

    x: Floats
    t_x: Floats
    t: Floats
    weight: Floats
    holdout_x: Floats
    weeks: float
    calibration_weeks: float

    def __post_init__(self) -> None:
        columns = _checked(x=self.x, t_x=self.t_x, t=self.t, weight=self.weight)
        holdout_x = floats(self.holdout_x, "holdout_x")
        if holdout_x.shape != columns["x"].shape or (holdout_x < 0).any():
            raise ValueError("holdout_x must be one count >= 0 per summary")
        freeze(self, **columns, holdout_x=holdout_x)

    @property
    def summaries(self) -> Summaries:
        """The calibration summaries, what followed left out."""
        return Summaries(self.x, self.t_x, self.t, self.weight)


@dataclass(frozen=True)
class Spend:
    """Repeat spend of customers with x > 0 and a positive sum; shape (summaries,).

    Args:
        x: repeat purchase days.
        total: x · m_x, money spent on them, in the reporting currency.
        weight: customers.

    Raises:
        ValueError: shapes differ, or a customer without positive repeat spend is among them.
    """

    x: Floats
    total: Floats
    weight: Floats

    def __post_init__(self) -> None:
        x, total, weight = floats(self.x, "x"), floats(self.total, "total"), floats(self.weight, "weight")
        if not x.shape == total.shape == weight.shape:
            raise ValueError("x, total and weight must have the same shape")
        if (x < 1).any() or (x != np.rint(x)).any() or (total <= 0).any() or (weight <= 0).any():
            raise ValueError("spend is of customers with x > 0 and a total > 0 only")
        freeze(self, x=x, total=total, weight=weight)

    @property
    def customers(self) -> float:
        """Number of customers."""
        return float(self.weight.sum())

    @property
    def mean(self) -> float:
        """Money per repeat purchase day; 0 where there is none."""
        return share(float(self.weight @ self.total), float(self.weight @ self.x))


@dataclass(frozen=True)
class ScoredSummaries:
    """What is scored: the distinct RFM summaries at D, and whether a summary's customers have positive repeat spend.

    Raises:
        ValueError: as in `Summaries`, or has_spend where x = 0.
    """

    x: Floats
    t_x: Floats
    t: Floats
    has_spend: Booleans

    def __post_init__(self) -> None:
        columns = _checked(x=self.x, t_x=self.t_x, t=self.t)
        has_spend = np.asarray(self.has_spend, dtype=np.bool_)
        if has_spend.shape != columns["x"].shape or (has_spend & (columns["x"] == 0)).any():
            raise ValueError("has_spend must be one flag per summary, and false where x = 0")
        freeze(self, **columns, has_spend=has_spend)

    @property
    def spend_x(self) -> Floats:
        """Repeat purchases where they count for spend, else 0: days without money tell nothing of it."""
        return np.where(self.has_spend, self.x, 0.0)


@dataclass(frozen=True)
class Weeks:
    """Repeat purchases by week since the first purchase of anybody, of customers acquired within calibration.

    Args:
        week: 1, 2, …; shape (weeks,).
        purchases: repeat purchase days of the week.
        is_holdout: whether the week lies in the holdout.
        end: weeks since the first purchase at which the row ends (the last one may be cut short by D).

    Raises:
        ValueError: shapes differ, or the weeks do not follow each other.
    """

    week: Floats
    purchases: Floats
    is_holdout: Booleans
    end: Floats

    def __post_init__(self) -> None:
        columns = {name: floats(getattr(self, name), name) for name in ("week", "purchases", "end")}
        is_holdout = np.asarray(self.is_holdout, dtype=np.bool_)
        if len({len(column) for column in (*columns.values(), is_holdout)}) != 1:
            raise ValueError("week, purchases, is_holdout and end must have the same shape")
        if (np.diff(columns["week"]) <= 0).any() or (np.diff(columns["end"]) < 0).any():
            raise ValueError("weeks must be in order")
        freeze(self, **columns, is_holdout=is_holdout)


def _checked(**given: npt.ArrayLike) -> dict[str, npt.NDArray[Any]]:
    columns: dict[str, npt.NDArray[Any]] = {name: floats(values, name) for name, values in given.items()}
    x, t_x, t = columns["x"], columns["t_x"], columns["t"]
    if len({len(column) for column in columns.values()}) != 1:
        raise ValueError(f"{', '.join(columns)} must have the same shape")
    problems = {
        "x must be a whole number >= 0": (x < 0) | (x != np.rint(x)),
        "t_x must be within 0 and T": (t_x < 0) | (t_x > t + TOLERANCE),
        "t_x must be 0 where x = 0": (x == 0) & (t_x != 0),
        "t_x must be above 0 where x > 0": (x > 0) & (t_x <= 0),
    }
    if "weight" in columns:
        problems["weight must be above 0"] = columns["weight"] <= 0
    for problem, rows in problems.items():
        if rows.any():
            raise ValueError(f"{problem}: {int(rows.sum())} of {len(x)} summaries are not RFM summaries")
    return columns
