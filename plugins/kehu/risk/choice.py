"""The nested choice in time: which candidate scores D, and what the same choice one horizon earlier was worth.

Candidates fitted on one window are compared on the next one, and the winner is fitted anew on that. The record is of the
choice made one window earlier, judged on a window that neither the choice nor its fit has seen (docs/definitions.md#churn-risk).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from kehu.risk.candidates import BASELINES, CANDIDATES, Fit, fit
from kehu.risk.policy import Policy
from kehu.risk.record import Record, judge
from kehu.risk.window import Window

INSUFFICIENT = "insufficient"


@dataclass(frozen=True)
class Choice:
    """What scores D and how far to trust it.

    Attributes:
        used: the candidate that scores D; None where nothing is said.
        judged: the candidate whose record stands for the choice.
        grade: A, B, C or insufficient.
        reason: why this grade, in words.
        fits: every candidate that can be fitted, on the latest window; that of ``used`` scores D.
        judged_fit: the judged one, as it was fitted before the window that judges it.
        records: how every candidate did on the latest window, fitted on the one before.
    """

    used: str | None
    judged: str | None
    grade: str
    reason: str
    fits: Mapping[str, Fit] = field(default_factory=dict)
    judged_fit: Fit | None = None
    records: Mapping[str, Record] = field(default_factory=dict)


def choose(windows: tuple[Window, Window, Window], customers: int, history_days: int, policy: Policy) -> Choice:
    """Choose by the windows D − h → D, D − 2h → D − h and D − 3h → D − 2h, the latest first.

    Args:
        windows: the samples, the latest first.
        customers: how many customers there are to score at D.
        history_days: days from the first purchase of anybody to D.
        policy: the thresholds.
    """
    latest, middle, earliest = windows
    reason = _too_little(latest, middle, customers, history_days, policy)
    if reason:
        return Choice(None, None, INSUFFICIENT, reason)
    fits = _fits(middle, policy)
    records = {name: judge(one.predict(latest), latest.left, policy) for name, one in fits.items()}
    again = _fits(latest, policy)
    used, judged = _best(records), _winner_before(middle, earliest, policy)
    if judged not in records:
        reason, grade, used, judged = _unjudged(earliest, middle, policy), "C", BASELINES[0], BASELINES[0]
    else:
        grade, reason = _grade(judged, records, policy)
        if grade == "C" or used not in again:
            used = judged = _best(records, tuple(name for name in BASELINES if name in again))
            reason, grade = f"{reason}; {used} is used", "C"
    return Choice(used, judged, grade, reason, again, fits[judged], records)


def _fits(window: Window, policy: Policy) -> dict[str, Fit]:
    found = {name: fit(name, window, policy) for name in CANDIDATES}
    return {name: one for name, one in found.items() if one is not None}


def _best(records: Mapping[str, Record], names: tuple[str, ...] = CANDIDATES) -> str:
    """The lowest log loss; of equal ones the simplest."""
    known = [name for name in names if name in records]
    return min(known, key=lambda name: (round(records[name].log_loss, 9), CANDIDATES.index(name)))


def _winner_before(middle: Window, earliest: Window, policy: Policy) -> str | None:
    """The candidate that the choice would have used one horizon ago; None where there was too little to choose by."""
    if earliest.customers < policy.risk_min_customers:
        return None
    fits = _fits(earliest, policy)
    return _best({name: judge(one.predict(middle), middle.left, policy) for name, one in fits.items()})


def _too_little(latest: Window, middle: Window, customers: int, history_days: int, policy: Policy) -> str:
    horizon = policy.risk_horizon_days
    if customers < policy.risk_min_customers:
        return f"{customers} customers to score, {policy.risk_min_customers} are needed"
    if history_days < 2 * horizon:
        return f"{history_days} days of history, {2 * horizon} are needed"
    for window, ago in ((latest, horizon), (middle, 2 * horizon)):
        if window.customers < policy.risk_min_customers:
            return f"{window.customers} customers {ago} days ago, {policy.risk_min_customers} are needed"
    return ""


def _unjudged(earliest: Window, middle: Window, policy: Policy) -> str:
    if earliest.customers < policy.risk_min_customers:
        ago = 3 * policy.risk_horizon_days
        return f"{earliest.customers} customers {ago} days ago are too few to judge a choice; base_rate is used"
    return f"{'nobody' if middle.base_rate == 0 else 'everybody'} left in the window before; base_rate is used"


def _grade(judged: str, records: Mapping[str, Record], policy: Policy) -> tuple[str, str]:
    one = records[judged]
    baselines = [records[name] for name in BASELINES if name in records]
    loss = min(baseline.log_loss for baseline in baselines)
    aucs = [baseline.auc for baseline in baselines if baseline.auc is not None]
    told = f"{judged} had a log loss of {one.log_loss:.3f}, the best baseline {loss:.3f}"
    if one.auc is not None and aucs:
        told += f"; AUC {one.auc:.3f} and {max(aucs):.3f}; the mean probability was off by {one.bias:.3f}"
        if one.auc >= max(aucs) + policy.risk_grade_a_auc and one.bias <= policy.risk_grade_a_calibration:
            return "A", told
    return ("B", told) if judged not in BASELINES and one.log_loss < loss else ("C", told)
