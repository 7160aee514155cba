"""Which customers share a fit: everybody, or each segment that has enough repeat buyers, the others with everybody."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import pyarrow as pa

from kehu.clv.backtest import Backtest, backtest
from kehu.clv.new_customers import new_customer_value
from kehu.clv.policy import Policy
from kehu.clv.score import score
from kehu.clv.trust import data_reasons
from kehu.scoring.rfm_summaries import EVERYBODY, RfmSummaries, SegmentSummaries
from kehu.scoring.score_rows import (
    Row,
    calibration_rows,
    gains_rows,
    new_customer_row,
    parameter_rows,
    quality_rows,
    score_table,
    tracking_rows,
)
from kehu.scoring.score_tables import arrow_rows

Frozen = Mapping[str, Mapping[str, Mapping[str, float]]]
"""Parameters by segment, model and name."""

_BACKTEST: dict[str, Callable[[str, Backtest], Iterator[Row]]] = {
    "clv_parameters": parameter_rows,
    "clv_tracking": tracking_rows,
    "clv_calibration": calibration_rows,
    "clv_gains": gains_rows,
}


@dataclass(frozen=True)
class SegmentOutcome:
    """What came of one segment, for logs and ops metadata."""

    segment: str
    model_name: str
    grade: str
    reason: str
    seconds: float


class SegmentScorer:
    """Assesses and scores the segments of one release.

    Args:
        summaries: the features of the release.
        policy: the thresholds.
        frozen: the parameters in force, by segment; empty where they are fitted.
    """

    def __init__(self, summaries: RfmSummaries, policy: Policy, frozen: Frozen) -> None:
        self.outcomes: list[SegmentOutcome] = []
        self._summaries = summaries
        self._policy = policy
        self._frozen = frozen
        self._weeks = summaries.window.history_weeks
        self._scores: list[pa.Table] = []
        self._rows: dict[str, list[Row]] = {}

    def run(self) -> dict[str, pa.Table]:
        """Score every segment, and what a new customer of each acquisition channel is worth.

        Returns:
            The tables of ``scoring/score_tables.py``.
        """
        started = time.perf_counter()
        everybody = self._summaries.read(None)
        pooled = self._backtest(EVERYBODY, everybody)
        self._keep(EVERYBODY, pooled)
        names = self._summaries.segments()
        if names in ([], [EVERYBODY]):
            self._score(EVERYBODY, everybody, pooled, started)
        else:
            for name in names:
                self._segment(name, pooled)
        self._add("clv_new_customers", self._new_customers(pooled))
        found = {name: arrow_rows(name, rows) for name, rows in self._rows.items()}
        return found | {"clv_scores": pa.concat_tables(self._scores)}

    def _segment(self, name: str, pooled: Backtest) -> None:
        """One segment by its own fit, or by that of everybody where it has too little data for one."""
        started = time.perf_counter()
        one = self._summaries.read(name)
        reasons = data_reasons(one.summaries, self._policy, "at D")
        if reasons:
            self._add("clv_model_quality", quality_rows(name, pooled, self._weeks, pooled="; ".join(reasons)))
            self._score(name, one, pooled, started)
            return
        own = self._backtest(name, one)
        self._keep(name, own)
        self._score(name, one, own, started)

    def _backtest(self, name: str, one: SegmentSummaries) -> Backtest:
        frozen = {model: dict(parameters) for model, parameters in self._frozen.get(name, {}).items()}
        return backtest(
            one.summaries,
            one.spend,
            one.holdout,
            one.weeks,
            history_weeks=self._weeks,
            policy=self._policy,
            frozen=frozen or None,
        )

    def _keep(self, name: str, found: Backtest) -> None:
        self._add("clv_model_quality", quality_rows(name, found, self._weeks))
        for table, rows in _BACKTEST.items():
            self._add(table, rows(name, found))

    def _score(self, name: str, one: SegmentSummaries, found: Backtest, started: float) -> None:
        self._scores.append(score_table(name, one.keys, score(found, one.scored, self._policy)))
        choice = found.choice
        seconds = time.perf_counter() - started
        self.outcomes.append(SegmentOutcome(name, choice.name, choice.grade, choice.reason, seconds))

    def _add(self, table: str, rows: Iterator[Row]) -> None:
        self._rows.setdefault(table, []).extend(rows)

    def _new_customers(self, pooled: Backtest) -> Iterator[Row]:
        """A new customer of everybody, and of each acquisition channel; a single channel is everybody."""
        grade = pooled.choice.grade
        everybody = new_customer_value(pooled, self._policy)
        counts = (round(pooled.summaries.customers), round(pooled.summaries.repeat_customers))
        yield new_customer_row(EVERYBODY, everybody, grade, counts, is_pooled=False)
        channels = self._summaries.channels()
        for one in channels:
            is_only = len(channels) == 1
            channel = None if is_only else self._summaries.channel(one.name)
            found = everybody if channel is None else new_customer_value(pooled, self._policy, channel)
            counts = (one.customers, one.repeat_customers)
            yield new_customer_row(one.name, found, grade, counts, is_pooled=not is_only and found.is_pooled)
