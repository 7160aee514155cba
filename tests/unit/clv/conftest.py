"""CDNOW as the references have it, and data drawn from known parameters."""

from __future__ import annotations

import csv
from collections import defaultdict
from dataclasses import dataclass
from datetime import date

import numpy as np
import pytest

from kehu.clv.summaries import Holdout, Spend, Summaries, Weeks
from tests.support.reference_data import cdnow_csv, cdnow_reference

CALIBRATION_END = date(1997, 9, 30).toordinal()
END = date(1998, 6, 30).toordinal()
HOLDOUT_WEEKS = 39


@pytest.fixture(autouse=True)
def _no_silent_infinity():
    with np.errstate(divide="raise", over="raise", invalid="raise"):
        yield


@dataclass(frozen=True)
class Reference:
    """`reference_expected.csv.gz`, one array per column, and the days behind its weeks."""

    columns: dict[str, np.ndarray]

    def __getitem__(self, name: str) -> np.ndarray:
        return self.columns[name]

    @property
    def summaries(self) -> Summaries:
        return Summaries(self["x"], self["t_x"], self["T"], np.ones(len(self["x"])))

    @property
    def has_spend(self) -> np.ndarray:
        return (self["x"] > 0) & (self["m_x"] > 0)

    @property
    def spend(self) -> Spend:
        rows = self.has_spend
        return Spend(self["x"][rows], (self["x"] * self["m_x"])[rows], np.ones(rows.sum()))


@pytest.fixture(scope="session")
def reference() -> Reference:
    texts = {"customer_id", "sample_id", "first"}
    rows = cdnow_reference()
    columns = {name: np.array([float(row[name]) for row in rows]) for name in rows[0] if name not in texts}
    for name in ("t_x", "T"):
        columns[name] = np.rint(columns[name] * 7) / 7
    return Reference(columns)


@dataclass(frozen=True)
class Shop:
    """What `backtest` takes, from purchase days by customer."""

    summaries: Summaries
    spend: Spend
    holdout: Holdout
    weeks: Weeks
    history_weeks: float
    has_spend: np.ndarray
    repeat_value: np.ndarray


def shop_of(days: list[dict[int, float]], as_of: int, holdout_weeks: int) -> Shop:
    """Summarise purchase days ({day: value} per customer) the slow, plain way."""
    known = [{day: value for day, value in one.items() if day <= as_of} for one in days]
    known = [one for one in known if one]
    start, border = min(min(one) for one in known), as_of - 7 * holdout_weeks
    before = [{day: value for day, value in one.items() if day <= border} for one in known]
    after = [len(one) - len(early) for one, early in zip(known, before, strict=True) if early]
    early = [one for one in before if one]
    now = _columns(known, as_of)
    value = np.array([sum(one.values()) - one[min(one)] for one in known])
    has_spend = (now[0] > 0) & (value > 0)
    one = np.ones(len(known))
    history = as_of - start
    ends = np.arange(1, -(-history // 7) + 1)
    bought = np.zeros(len(ends))
    for late, was in zip(known, before, strict=True):
        for day in sorted(late)[1:] if was else []:
            bought[-(-(day - start) // 7) - 1] += 1
    return Shop(
        Summaries(*now, one),
        Spend(now[0][has_spend], value[has_spend], one[has_spend]),
        Holdout(*_columns(early, border), np.ones(len(early)), after, holdout_weeks, (border - start) / 7),
        Weeks(ends, bought, 7 * ends > border - start, np.minimum(7 * ends, history) / 7),
        history / 7,
        has_spend,
        np.where(has_spend, value, 0.0),
    )


def _columns(days: list[dict[int, float]], as_of: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    x = np.array([len(one) - 1.0 for one in days])
    t_x = np.array([(max(one) - min(one)) / 7 for one in days])
    return x, t_x, np.array([(as_of - min(one)) / 7 for one in days])


@pytest.fixture(scope="session")
def cdnow() -> Shop:
    """The sample as of 1998-06-30 with a holdout of 39 weeks."""
    days: dict[str, dict[int, float]] = defaultdict(lambda: defaultdict(float))
    for row in csv.DictReader(cdnow_csv().splitlines()):
        days[row["customer_id"]][date.fromisoformat(row["date"]).toordinal()] += float(row["amount"])
    return shop_of([dict(days[key]) for key in sorted(days)], END, HOLDOUT_WEEKS)
