"""Release drift: how far a candidate moved away from the release that BI reads (docs/definitions.md#release-drift)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from kehu.errors import KehuError, ReleaseError
from kehu.gate.accepted import with_accepted
from kehu.gate.comparison import Pair
from kehu.gate.outcomes import figure, safe_message
from kehu.gate.published import OpenPublished, PublishedUnreadable, published_as_of
from kehu.gate.results import READABLE, WHOLE_LAYER, CheckResult, Severity, Status
from kehu.gate.thresholds import Thresholds, load_thresholds
from kehu.ops.tables import candidate_schema
from kehu.session import Session
from kehu.settings import Settings

LAYER = "drift"
DAYS_A_MONTH = 30.4375
FOLLOW_SEEDS = frozenset({"priority", "need", "loyalty_tier"})
"""Segmentations that move with a capacity or a seed that analysts edit: theirs is a warning."""


@dataclass(frozen=True)
class _Drift:
    """Everything that the single checks share."""

    release_id: str
    pair: Pair
    thresholds: Thresholds
    published_as_of: date
    as_of: date

    def result(
        self,
        table: str,
        check: str,
        passed: bool,
        *,
        observed: str,
        expected: str,
        reason: str,
        severity: Severity = "critical",
    ) -> CheckResult:
        status: Status = "passed" if passed else "failed"
        return CheckResult(self.release_id, LAYER, table, check, severity, status, observed, expected, reason)


def check_drift(
    settings: Settings,
    session: Session,
    open_published: OpenPublished,
    *,
    release_id: str,
    as_of: date,
    accepted: frozenset[str],
    ignored: frozenset[str],
) -> list[CheckResult]:
    """Compare a candidate with the published release; whatever goes wrong becomes a check that blocks.

    Args:
        settings: where the thresholds are.
        session: an open session of the working warehouse.
        open_published: opens the release that BI reads.
        release_id: the candidate.
        as_of: the candidate's day; a published release of a later day is not compared.
        accepted: names of checks whose failure is meant to be; they are recorded as accepted.
        ignored: tables that are not compared.
    """
    try:
        with open_published() as published:
            pair = None if published is None else Pair(session, published, candidate_schema(release_id), ignored)
            results = _compare(settings, pair, release_id, as_of)
    except (PublishedUnreadable, ReleaseError) as error:
        results = [_unreadable(release_id, error)]
    except Exception as error:
        message = str(error) if isinstance(error, KehuError) else safe_message(str(error), type(error).__name__)
        reason = "what cannot be compared is not published"
        one = CheckResult(release_id, LAYER, WHOLE_LAYER, "drift", "critical", "error", message, "a comparison", reason)
        return [one]
    return with_accepted(release_id, LAYER, results, accepted)


def _compare(settings: Settings, pair: Pair | None, release_id: str, as_of: date) -> list[CheckResult]:
    thresholds = load_thresholds(settings.expectations / "drift.yml")
    if pair is None:
        return [_skipped(release_id, "no earlier release", "nothing was published yet")]
    published_id, published_day = published_as_of(pair.published)
    if published_day > as_of:
        return [_skipped(release_id, f"{published_id} is of a later day", "only an earlier release is compared")]
    return list(_all_checks(_Drift(release_id, pair, thresholds, published_day, as_of)))


def _all_checks(drift: _Drift) -> Iterator[CheckResult]:
    published, candidate = drift.pair.published_columns(), drift.pair.candidate_columns()
    for table, columns in published.items():
        yield _removed(drift, table, columns, candidate.get(table))
        yield _retyped(drift, table, columns, candidate.get(table, {}))
    both = {table: set(columns) & set(candidate[table]) for table, columns in published.items() if table in candidate}
    for table in both:
        if table.startswith(("dim_", "fct_")):
            yield from _size(drift, table)
    # a release of the version before says revenue
    revenue = [name for name in ("net_revenue", "revenue") if {"month", name} <= both.get("kpi_monthly", set())]
    if revenue:
        yield from _restatement(drift, revenue[0])
    if {"segmentation", "segment", "share_of_customers"} <= both.get("segment_summary", set()):
        yield from _stability(drift)
    if "predicted_clv" in both.get("customer_lifetime_value", set()):
        yield _predicted_value(drift)


def _removed(drift: _Drift, table: str, old: dict[str, str], new: dict[str, str] | None) -> CheckResult:
    gone = ["the whole table"] if new is None else [column for column in old if column not in new]
    return drift.result(
        table,
        f"column_removed:{table}",
        not gone,
        observed=f"gone: {', '.join(gone)}" if gone else "none gone",
        expected="every published column",
        reason="a dashboard that reads it breaks",
    )


def _retyped(drift: _Drift, table: str, old: dict[str, str], new: dict[str, str]) -> CheckResult:
    other = [f"{name} {kind} → {new[name]}" for name, kind in old.items() if name in new and new[name] != kind]
    return drift.result(
        table,
        f"column_retyped:{table}",
        not other,
        observed=", ".join(other) or "none retyped",
        expected="the published types",
        reason="a dashboard that reads it may break",
    )


def _size(drift: _Drift, table: str) -> Iterator[CheckResult]:
    old, new = drift.pair.row_counts(table)
    if old < drift.thresholds.min_rows:
        return
    observed = f"{old} → {new} rows"
    reason = "entries of a dimension or fact do not go away by themselves"
    yield drift.result(
        table, f"shrink:{table}", new >= old, observed=observed, expected=f"at least {old} rows", reason=reason
    )
    share = drift.thresholds.max_growth_per_month
    months = max((drift.as_of - drift.published_as_of).days / DAYS_A_MONTH, 1.0)
    limit = int(old * (1 + share * months))
    reason = f"{figure(100 * share)} % a month, {figure(months)} months elapsed"
    yield drift.result(
        table, f"growth:{table}", new <= limit, observed=observed, expected=f"at most {limit} rows", reason=reason
    )


def _restatement(drift: _Drift, revenue: str) -> Iterator[CheckResult]:
    limit = drift.thresholds.max_restatement
    months = drift.pair.revenue_by_month(revenue, until=drift.published_as_of)
    restated = {f"{month:%Y-%m}": (old, new) for month, old, new in months if abs(new - old) > limit * abs(old)}
    found = {f"restatement:{month}": f"revenue {old:.2f} → {new:.2f}" for month, (old, new) in restated.items()}
    for check, observed in (found or {"restatement": f"none of {len(months)} months"}).items():
        yield drift.result(
            "kpi_monthly",
            check,
            not found,
            observed=observed,
            expected=f"within {figure(100 * limit)} %",
            reason="the month had ended when it was published",
        )


def _stability(drift: _Drift) -> Iterator[CheckResult]:
    limit = drift.thresholds.max_psi
    for segmentation, index in drift.pair.stability(drift.thresholds.share_floor):
        yield drift.result(
            "segment_summary",
            f"psi:{segmentation}",
            index <= limit,
            observed=figure(round(index, 6)),
            expected=f"at most {figure(limit)}",
            reason="population stability index: customers do not change their segments all at once",
            severity="warning" if segmentation in FOLLOW_SEEDS else "critical",
        )


def _predicted_value(drift: _Drift) -> CheckResult:
    limit = drift.thresholds.max_clv_change
    old, new = drift.pair.mean_predicted_clv()
    return drift.result(
        "customer_lifetime_value",
        "clv_mean",
        old is None or (new is not None and abs(new - old) <= limit * abs(old)),
        observed=f"{'none' if old is None else figure(old)} → {'none' if new is None else figure(new)}",
        expected=f"within {figure(100 * limit)} %",
        reason="nothing was predicted before" if old is None else "mean predicted value of a customer",
    )


def _unreadable(release_id: str, error: KehuError) -> CheckResult:
    """Fails closed, under a name that can be accepted: with no release to go back to there is no other way out."""
    reason = "the release that BI should read is lost or damaged, so that there is nothing to compare with"
    expected = "a published release that can be read"
    return CheckResult(release_id, LAYER, WHOLE_LAYER, READABLE, "critical", "failed", error.problem, expected, reason)


def _skipped(release_id: str, observed: str, reason: str) -> CheckResult:
    expected = "an earlier release"
    return CheckResult(release_id, LAYER, WHOLE_LAYER, "drift", "critical", "skipped", observed, expected, reason)
