"""What ``kehu.risk`` chose, as Arrow tables for the scores schema (``scoring/score_tables.py``)."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa

from kehu.risk.candidates import CANDIDATES, Fit, LinearFit, TableFit
from kehu.risk.choice import Choice
from kehu.scoring.score_tables import arrow_rows

Row = dict[str, object]


def risk_tables(choice: Choice) -> dict[str, pa.Table]:
    """The tables ``risk_*`` of a choice."""
    fits = [("used" if name == choice.used else "shown", name, one) for name, one in choice.fits.items()]
    if choice.judged_fit is not None and choice.judged is not None:
        fits.append(("judged", choice.judged, choice.judged_fit))
    one: Row = {"model_name": choice.used, "judged_name": choice.judged, "grade": choice.grade, "reason": choice.reason}
    rows: dict[str, list[Row]] = {
        "risk_choice": [one],
        "risk_coefficients": [row for given in fits for row in _coefficients(*given)],
        "risk_table": [row for purpose, _, fit in fits for row in _cells(purpose, fit)],
        "risk_record": list(_records(choice)),
        "risk_tenths": list(_tenths(choice)),
    }
    return {name: arrow_rows(name, found) for name, found in rows.items()}


def _coefficients(purpose: str, name: str, fit: Fit) -> Iterator[Row]:
    if not isinstance(fit, LinearFit):
        return
    about: Row = {"purpose": purpose, "model_name": name}
    yield {**about, "feature": "intercept", "sort_order": 0, "coefficient": fit.intercept}
    for place, (feature, term) in enumerate(fit.terms.items(), 1):
        measured = {"mean": term.mean, "deviation": term.deviation, "coefficient": term.coefficient}
        yield {**about, "feature": feature, "sort_order": place, **measured}


def _cells(purpose: str, fit: Fit) -> Iterator[Row]:
    if not isinstance(fit, TableFit):
        return
    for (frequency, overdue), probability in (
        ((row, column), fit.probability[row, column])
        for row in range(fit.probability.shape[0])
        for column in range(fit.probability.shape[1])
    ):
        yield {
            "purpose": purpose,
            "frequency_band": frequency + 1,
            "overdue_band": overdue + 1,
            "customers": round(fit.customers[frequency, overdue]),
            "customers_left": round(fit.left[frequency, overdue]),
            "probability": float(probability),
        }


def _records(choice: Choice) -> Iterator[Row]:
    for name, one in choice.records.items():
        yield {
            "model_name": name,
            "sort_order": CANDIDATES.index(name) + 1,
            "is_used": name == choice.used,
            "is_judged": name == choice.judged,
            "customers": one.customers,
            "base_rate": one.base_rate,
            "mean_probability": one.mean_probability,
            "auc": one.auc,
            "log_loss": one.log_loss,
            "brier": one.brier,
            "calibration_error": one.calibration_error,
            "precision_high": one.precision_high,
            "recall_high": one.recall_high,
            "precision_medium": one.precision_medium,
            "recall_medium": one.recall_medium,
            "lift_top_tenth": one.lift_top_tenth,
        }


def _tenths(choice: Choice) -> Iterator[Row]:
    for name, one in choice.records.items():
        for tenth in one.tenths:
            yield {
                "model_name": name,
                "tenth": tenth.tenth,
                "customers": tenth.customers,
                "expected_left": tenth.expected,
                "customers_left": tenth.left,
            }
