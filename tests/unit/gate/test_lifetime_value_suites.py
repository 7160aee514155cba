"""What the suites of lifetime value keep away from BI: predictions without proof, without a value, or against sense."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence

import pytest

from kehu.errors import CandidateRejected
from kehu.gate.suites import suite_files
from kehu.settings import PROJECT_ROOT, Settings
from tests.support.contracts import DEFAULTS, marts
from tests.unit.gate.small_release import RELEASE, SCHEMA, check_candidate, make_tables, run_sql

Values = Mapping[str, str]

pytestmark = pytest.mark.slow

MARTS = marts()
WEEKS = DEFAULTS["clv_horizon_weeks"]
BUYER = {
    "clv_tier": "'high'", "model_name": "'bg_nbd'", "model_grade": "'A'", "order_count": "3", "x": "2", "t_x": "10",
    "t": "20", "probability_alive": "0.5", f"expected_orders_{WEEKS}w": "2.5", "expected_order_value": "10",
    "historic_revenue": "30", "predicted_clv": "12", "predicted_clv_low": "3", "predicted_clv_high": "30",
}  # fmt: skip
"""SQL of the columns of a buyer about whom nothing is wrong."""
PROOF = {
    "segment": "'all'", "model_name": "'bg_nbd'", "kind": "'model'", "grade": "'A'", "reason": "'lowest RMSE'",
    "is_chosen": "true", "is_trustworthy": "true", "is_converged": "true", "holdout_rmse": "0.7", "best_baseline_rmse": "0.9",
    "margin_rate": "0.4",
}  # fmt: skip


DEFECTS = {
    "a_grade_that_promises_a_value_keeps_its_word": [{"predicted_clv": "null"}, {f"expected_orders_{WEEKS}w": "null"}],
    "insufficient_data_make_no_numbers": [{"model_grade": "'insufficient'"}],
    "prediction_interval_is_finite": [{"predicted_clv_high": "null"}],
    "prediction_interval_is_not_upside_down": [{"predicted_clv_low": "31"}],
    "no_loss_where_the_margin_is_positive": [{"predicted_clv": "-1"}, {"predicted_clv_low": "-1"}],
}
"""What may be wrong with a buyer, by the check that it is there for."""
UNPROVED = {
    "a_model_in_use_is_trustworthy": [{"is_trustworthy": "false"}, {"at_bound": "'a'"}],
    "a_model_in_use_beats_the_best_baseline": [{"holdout_rmse": "1.0"}, {"holdout_rmse": "null"}],
}


def candidate(settings: Settings, buyers: Sequence[Values], proofs: Sequence[Values]) -> None:
    """The small candidate with these buyers and models besides one without fault, under the suites of the repository."""
    rows = {"customer_lifetime_value": (BUYER, buyers), "clv_model_quality": (PROOF, proofs)}
    for table, (good, others) in rows.items():
        suite = suite_files(PROJECT_ROOT / "expectations" / "marts")[table]
        shutil.copyfile(suite, settings.expectations / "marts" / suite.name)
        selects = (_row(table, {**good, "customer_id": f"'shop:{n}'", **one}) for n, one in enumerate(others, start=1))
        make_tables(settings, {table: " union all ".join(selects)})


def _row(table: str, values: Values) -> str:
    columns = (f'cast({values.get(name, "null")} as {kind}) as "{name}"' for name, kind in MARTS[table].items())
    return f"select {', '.join(columns)}"


def statuses(settings: Settings) -> set[str]:
    """What came of the checks of a candidate that passes."""
    return {result.status for result in check_candidate(settings, variables=DEFAULTS)}


def failed(settings: Settings) -> dict[str, str]:
    """The checks that block and what they observed, after making sure that they do."""
    with pytest.raises(CandidateRejected):
        statuses(settings)
    rows = run_sql(
        settings,
        "select check_name, observed from ops.check_results where status in ('failed', 'error')"
        f" and severity = 'critical' and release_id = '{RELEASE}'",
    )
    return {str(name): str(observed) for name, observed in rows}


def test_a_proved_prediction_passes(home: Settings) -> None:
    candidate(home, [{}], [{}])
    assert statuses(home) == {"passed", "skipped"}


def test_without_the_proof_nothing_is_published(home: Settings) -> None:
    candidate(home, [{}], [{}])
    run_sql(home, f"drop table {SCHEMA}.clv_model_quality", "select 1")
    assert failed(home)


def test_every_prediction_against_sense_is_seen_by_its_own_check(home: Settings) -> None:
    candidate(home, [{}, *(one for defects in DEFECTS.values() for one in defects)], [{}])
    found = failed(home)
    assert found.keys() == DEFECTS.keys()
    assert {name: observed.split()[0] for name, observed in found.items()} == {
        name: str(len(defects)) for name, defects in DEFECTS.items()
    }


def test_every_model_in_use_without_proof_is_seen_by_its_own_check(home: Settings) -> None:
    candidate(home, [{}], [{}, *(one for defects in UNPROVED.values() for one in defects)])
    found = failed(home)
    assert {name: observed.split()[0] for name, observed in found.items()} == dict.fromkeys(UNPROVED, "2")


def test_a_loss_may_be_published_where_the_margin_is_one(home: Settings) -> None:
    loss = {"predicted_clv": "-12", "predicted_clv_low": "-30", "predicted_clv_high": "-3"}
    candidate(home, [loss], [{"margin_rate": "-0.4"}])
    assert statuses(home) == {"passed", "skipped"}
