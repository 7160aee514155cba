"""What ``kehu.clv`` found, as Arrow tables for the scores schema (``scoring/score_tables.py``)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from kehu.clv.backtest import Backtest
from kehu.clv.backtest_tables import LAST_BUCKET
from kehu.clv.choice import Candidate
from kehu.clv.fit import Fit
from kehu.clv.gamma_gamma import GAMMA_GAMMA
from kehu.clv.new_customers import NewCustomer
from kehu.clv.score import Scores

Row = dict[str, Any]

_ARRAYS = ("probability_alive", "expected_orders", "discounted_orders", "value_base", "value_slope")
_INTERVAL = ("low_base", "low_slope", "high_base", "high_slope")


def score_table(segment: str, keys: pa.Table, scores: Scores) -> pa.Table:
    """The rows of ``clv_scores``; a number that is not finite becomes null, which the gate does not let pass."""
    rows = len(keys)
    columns: dict[str, Any] = {name: keys.column(name) for name in ("x", "t_x_days", "t_days", "has_spend")}
    columns["segment"] = pa.repeat(segment, rows)
    columns["model_name"] = pa.repeat(scores.model_name, rows)
    columns["model_grade"] = pa.repeat(scores.grade, rows)
    for name in (*_ARRAYS, *_INTERVAL):
        values = getattr(scores, name)
        columns[name] = pa.nulls(rows, pa.float64()) if values is None else _finite(values)
    return pa.table(columns)


def quality_rows(segment: str, found: Backtest, history_weeks: float, pooled: str = "") -> Iterator[Row]:
    """The rows of ``clv_model_quality``.

    Args:
        segment: the group of customers.
        found: the backtest that they are scored by.
        history_weeks: length of the history up to D.
        pooled: why the backtest is that of all customers; empty if it is the segment's own. Then only what is in use
            is listed, because the backtest stands in the rows of all customers.
    """
    about = {"segment": segment, "history_weeks": history_weeks, "is_pooled": bool(pooled)}
    about |= {"customers": round(found.summaries.customers), "tuples": found.summaries.distinct}
    about |= {"repeat_customers": round(found.summaries.repeat_customers)}
    rows = [*_candidates(found), *_spend(found)]
    for row in rows:
        if pooled and not row["is_chosen"]:
            continue
        reason = f"{pooled}, so the fit of all customers is used: {row['reason']}" if pooled else row["reason"]
        yield {**about, **row, "reason": reason}


def parameter_rows(segment: str, found: Backtest) -> Iterator[Row]:
    """The rows of ``clv_parameters``."""
    fits = [(one.fit, "model", one.name == found.choice.name) for one in found.candidates]
    for fit, kind, is_chosen in [*fits, (found.spend.fit, "spend", found.spend.is_trustworthy)]:
        if fit is None:
            continue
        errors = fit.standard_errors or {}
        for name, value in fit.parameters.items():
            yield {
                "segment": segment,
                "model_name": fit.model,
                "kind": kind,
                "parameter": name,
                "value": _number(value),
                "standard_error": _number(errors.get(name)),
                "is_chosen": is_chosen,
                "is_frozen": fit.is_frozen,
            }


def tracking_rows(segment: str, found: Backtest) -> Iterator[Row]:
    """The rows of ``clv_tracking``."""
    weeks = found.tracking
    for index, week in enumerate(weeks.week):
        yield {
            "segment": segment,
            "model_name": weeks.model,
            "week": int(week),
            "is_holdout": bool(weeks.is_holdout[index]),
            "actual": _number(weeks.actual[index]),
            "expected": None if weeks.expected is None else _number(weeks.expected[index]),
            "cumulative_actual": _number(weeks.actual_cumulative[index]),
            "cumulative_expected": None
            if weeks.expected_cumulative is None
            else _number(weeks.expected_cumulative[index]),
        }


def calibration_rows(segment: str, found: Backtest) -> Iterator[Row]:
    """The rows of ``clv_calibration``: means of a customer; a frequency that nobody has is left out."""
    table = found.calibration
    if table is None:
        return
    for index, customers in enumerate(table.customers):
        if customers > 0:
            frequency = int(table.frequency[index])
            yield {
                "segment": segment,
                "frequency": f"{frequency}+" if frequency == LAST_BUCKET else str(frequency),
                "sort_order": frequency,
                "customers": round(customers),
                "actual": _number(table.actual[index] / customers),
                "expected": _number(table.expected[index] / customers),
            }


def gains_rows(segment: str, found: Backtest) -> Iterator[Row]:
    """The rows of ``clv_gains``."""
    table = found.gains
    if table is None:
        return
    shares = np.diff(table.cumulative_share, prepend=0.0)
    for index, decile in enumerate(table.decile):
        yield {
            "segment": segment,
            "decile": int(decile),
            "customers": _number(table.customers[index]),
            "actual": _number(table.actual[index]),
            "expected": _number(table.expected[index]),
            "share_of_actual": _number(max(shares[index], 0.0)),
            "cumulative_share_of_actual": _number(min(table.cumulative_share[index], 1.0)),
        }


def new_customer_row(channel: str, found: NewCustomer, grade: str, counts: tuple[int, int], is_pooled: bool) -> Row:
    """A row of ``clv_new_customers``; ``counts`` are the customers of the channel and those who bought again."""
    return {
        "acquisition_channel": channel,
        "model_name": found.model_name,
        "model_grade": grade,
        "reason": found.reason or ("the fit of all customers" if is_pooled else "a fit of its own"),
        "customers": counts[0],
        "repeat_customers": counts[1],
        "expected_orders": _number(found.expected_orders),
        "discounted_orders": _number(found.discounted_orders),
        "expected_order_value": _number(found.expected_order_value),
        "is_pooled": is_pooled,
    }


def _candidates(found: Backtest) -> Iterator[Row]:
    best = found.best_baseline
    shared: Row = {"best_baseline": best.name if best else None}
    shared["best_baseline_rmse"] = best.holdout.rmse if best and best.holdout else None
    for one in found.candidates:
        is_chosen = one.name == found.choice.name
        yield {
            "model_name": one.name,
            "kind": one.kind,
            "grade": found.choice.grade if is_chosen else None,
            "reason": _reason(one, found),
            "is_trustworthy": one.is_trustworthy,
            "is_chosen": is_chosen,
            **_fit_columns(one.fit),
            **_holdout_columns(one),
            **shared,
        }
    if found.choice.kind == "none":
        nothing = {"kind": "none", "is_chosen": True, "is_frozen": False, "is_trustworthy": False}
        yield {"model_name": found.choice.name, "grade": found.choice.grade, "reason": found.choice.reason, **nothing}


def _spend(found: Backtest) -> Iterator[Row]:
    rule = found.spend
    shared = {"kind": "spend", "value_frequency_correlation": rule.correlation}
    yield {
        "model_name": GAMMA_GAMMA.name,
        "reason": rule.reason or "the value of a purchase is modelled",
        "is_trustworthy": rule.is_trustworthy,
        "is_chosen": rule.is_trustworthy,
        **_fit_columns(rule.fit),
        **shared,
    }
    if not rule.is_trustworthy:
        parameters = json.dumps({"mean": rule.mean})
        used = {"reason": rule.reason, "is_trustworthy": True, "is_chosen": True, "is_frozen": False}
        yield {"model_name": rule.name, "parameters": parameters, **used, **shared}


def _reason(one: Candidate, found: Backtest) -> str:
    if one.name == found.choice.name:
        return found.choice.reason
    if one.kind == "baseline":
        return "a baseline to compare with"
    return one.reason or f"trustworthy; {found.choice.name} is used"


def _fit_columns(fit: Fit | None) -> Row:
    if fit is None:
        return {"is_frozen": False}
    return {
        "parameters": json.dumps({name: _number(value) for name, value in sorted(fit.parameters.items())}),
        "at_bound": ",".join(fit.at_bound) or None,
        "log_likelihood": _number(fit.log_likelihood),
        "is_converged": fit.converged,
        "is_frozen": fit.is_frozen,
    }


def _holdout_columns(one: Candidate) -> Mapping[str, Any]:
    errors = one.holdout
    if errors is None:
        return {}
    return {
        "holdout_weeks": round(errors.weeks),
        "holdout_customers": round(errors.customers),
        "holdout_purchases": round(errors.purchases),
        "holdout_expected": _number(errors.expected),
        "holdout_mae": _number(errors.mae),
        "holdout_rmse": _number(errors.rmse),
        "holdout_total_error": _number(errors.total_error),
    }


def _number(value: Any) -> float | None:
    """A finite float, or nothing."""
    return float(value) if value is not None and np.isfinite(value) else None


def _finite(values: np.ndarray[Any, Any]) -> pa.Array:
    return pa.array(values, mask=~np.isfinite(values))
