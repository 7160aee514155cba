"""The RFM summaries of a release, read from its features into what ``kehu.clv`` takes. No customer is named here.

All numbers of days are integers in the warehouse and become weeks (days / 7) here, once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from kehu.clv.new_customers import Channel
from kehu.clv.summaries import Holdout, ScoredSummaries, Spend, Summaries, Weeks
from kehu.session import Session

DAYS_A_WEEK = 7.0
EVERYBODY = "all"
"""The segment of all customers together."""

_SUMMARIES = """
    select x, t_x_days, t_days, has_spend, cast(sum(customers) as bigint) as customers
    from {features}.feat_purchase_rfm_summaries
    where period = 'full' and {condition}
    group by x, t_x_days, t_days, has_spend
    order by x, t_x_days, t_days, has_spend
"""
_HOLDOUT = """
    select x, t_x_days, t_days, holdout_x, cast(sum(customers) as bigint) as customers
    from {features}.feat_purchase_rfm_summaries
    where period = 'calibration' and {condition}
    group by x, t_x_days, t_days, holdout_x
    order by x, t_x_days, t_days, holdout_x
"""
_SPEND = """
    select x, cast(repeat_value as double precision) as total, cast(sum(customers) as bigint) as customers
    from {features}.{table}
    where {condition}
    group by x, repeat_value
    order by x, repeat_value
"""
_WEEKS = """
    select week, cast(sum(purchases) as bigint) as purchases, max(case when is_holdout then 1 else 0 end) as is_holdout
    from {features}.feat_purchase_weeks
    where {condition}
    group by week
    order by week
"""
_CHANNELS = """
    select acquisition_channel, sum(customers), sum(case when x > 0 then customers else 0 end)
    from {features}.feat_purchase_channels
    group by acquisition_channel
    order by acquisition_channel
"""
_CHANNEL = """
    select x, t_x_days, t_days, cast(sum(customers) as bigint) as customers
    from {features}.feat_purchase_channels
    where acquisition_channel = ?
    group by x, t_x_days, t_days
    order by x, t_x_days, t_days
"""


@dataclass(frozen=True)
class Window:
    """The spans of the history in days, and the holdout in weeks."""

    history_days: int
    holdout_weeks: int

    @property
    def history_weeks(self) -> float:
        """Weeks from the first purchase of anybody to D."""
        return self.history_days / DAYS_A_WEEK

    @property
    def calibration_weeks(self) -> float:
        """Weeks from the first purchase of anybody to the last day before the holdout."""
        return self.history_weeks - self.holdout_weeks


@dataclass(frozen=True)
class SegmentSummaries:
    """What is known of one segment; ``keys`` are the integer keys of ``scored``, row by row."""

    keys: pa.Table
    scored: ScoredSummaries
    summaries: Summaries
    spend: Spend
    holdout: Holdout
    weeks: Weeks


@dataclass(frozen=True)
class ChannelCount:
    """How many customers a channel has won, and how many of them bought again."""

    name: str
    customers: int
    repeat_customers: int


class RfmSummaries:
    """Reads the features of one release.

    Args:
        session: an open session of the working warehouse.
        features: the schema of the features.
    """

    def __init__(self, session: Session, features: str) -> None:
        self._session = session
        self._features = features
        row = session.rows(f"select history_days, holdout_weeks from {features}.feat_purchase_window")[0]
        self.window = Window(*row)

    def segments(self) -> list[str]:
        """The segments that are there, sorted; none where nobody has bought."""
        rows = self._session.rows(
            f"select distinct segment from {self._features}.feat_purchase_rfm_summaries order by segment"
        )
        return [row[0] for row in rows]

    def read(self, segment: str | None) -> SegmentSummaries:
        """The summaries of one segment, or of all customers together with None."""
        condition, given = ("true", []) if segment is None else ("segment = ?", [segment])
        found = self._columns(_SUMMARIES, condition, given)
        summaries = _summaries(found)
        keys = found.table.drop_columns(["customers"])
        return SegmentSummaries(
            keys=keys,
            scored=ScoredSummaries(summaries.x, summaries.t_x, summaries.t, found["has_spend"].astype(np.bool_)),
            summaries=summaries,
            spend=self._spend("feat_purchase_spend", condition, given),
            holdout=self._holdout(condition, given),
            weeks=self._weeks(condition, given),
        )

    def channels(self) -> list[ChannelCount]:
        """The acquisition channels, sorted."""
        rows = self._session.rows(_CHANNELS.format(features=self._features))
        return [ChannelCount(name, int(customers), int(repeat)) for name, customers, repeat in rows]

    def channel(self, name: str) -> Channel:
        """The summaries of the customers of one acquisition channel."""
        found = self._columns(_CHANNEL, "", [name])
        return Channel(_summaries(found), self._spend("feat_purchase_channel_spend", "acquisition_channel = ?", [name]))

    def _holdout(self, condition: str, given: Sequence[object]) -> Holdout:
        found = self._columns(_HOLDOUT, condition, given)
        one = _summaries(found)
        window = self.window
        return Holdout(
            *(one.x, one.t_x, one.t, one.weight, found["holdout_x"]), window.holdout_weeks, window.calibration_weeks
        )

    def _spend(self, table: str, condition: str, given: Sequence[object]) -> Spend:
        found = self._columns(_SPEND, condition, given, table=table)
        return Spend(found["x"], found["total"], found["customers"])

    def _weeks(self, condition: str, given: Sequence[object]) -> Weeks:
        found = self._columns(_WEEKS, condition, given)
        end = np.minimum(found["week"], self.window.history_weeks)
        return Weeks(found["week"], found["purchases"], found["is_holdout"].astype(np.bool_), end)

    def _columns(self, sql: str, condition: str, given: Sequence[object], **names: str) -> _Columns:
        query = sql.format(features=self._features, condition=condition, **names)
        return _Columns(self._session.arrow(query, given))


@dataclass(frozen=True)
class _Columns:
    """The columns of a result as arrays of floats; truth values as 0 and 1."""

    table: pa.Table

    def __getitem__(self, name: str) -> Any:
        column = self.table.column(name).to_numpy()
        return column.astype(np.float64)


def _summaries(found: _Columns) -> Summaries:
    return Summaries(found["x"], found["t_x_days"] / DAYS_A_WEEK, found["t_days"] / DAYS_A_WEEK, found["customers"])
