"""CDNOW through a ``sources.yml`` alone gives the published purchase models: parameters, expectations, the holdout."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from kehu.clv.models import MODELS as PURCHASE_MODELS
from kehu.clv.pareto_nbd import PARETO_NBD
from kehu.clv.policy import Policy
from kehu.pipeline.lifetime_value import score_features
from kehu.scoring.rfm_summaries import RfmSummaries
from kehu.settings import Settings, load_settings
from kehu.warehouse.on_duckdb.duckdb_backend import DuckDBSession
from tests.integration.conftest import candidate
from tests.support.reference_data import cdnow_by_frequency, cdnow_csv, cdnow_reference, example

CALIBRATION, END = date(1997, 9, 30), date(1998, 6, 30)
MODELS = {
    "bg_nbd": {"r": 0.24259, "alpha": 4.41360, "a": 0.79292, "b": 2.42591},
    "mbg_nbd": {"r": 0.52484, "alpha": 6.18308, "a": 0.89136, "b": 1.61400},
    "pareto_nbd": {"r": 0.55327, "alpha": 10.5777, "s": 0.60621, "beta": 11.668},
    "gamma_gamma": {"p": 6.24957, "q": 3.74422, "gamma": 15.4435},
}
LIKELIHOODS = {"bg_nbd": -9582.4292, "mbg_nbd": -9582.1357, "pareto_nbd": -9594.9762, "gamma_gamma": -4055.9177}
HOLDOUT = {"bg_nbd": (1653.4, 0.7855), "mbg_nbd": (1576.7, 0.7648), "pareto_nbd": (1665.5, 0.7545)}
HOLDOUT |= {"naive_rate": (2930.1, 1.0237), "zero": (0.0, 0.798)}
PREFIXES = {"bg_nbd": "bgnbd", "mbg_nbd": "mbgnbd", "pareto_nbd": "pnbd"}

Rows = list[dict[str, Any]]


@pytest.fixture(scope="module")
def home(new_home: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = tmp_path_factory.mktemp("cdnow_example")
    (folder / "cdnow_sample.csv").write_text(cdnow_csv(), encoding="utf-8")
    return load_settings(home=new_home("cdnow"), sources=example("cdnow/sources.yml", folder, folder))


@pytest.fixture(scope="module")
def schemas(home: Settings) -> dict[date, str]:
    """The candidates of both days; the second one finds the state of the first."""
    return {day: candidate(home, day) for day in (CALIBRATION, END)}


@pytest.fixture(scope="module")
def warehouse(home: Settings, schemas: dict[date, str]) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(home.warehouse_path), read_only=True) as connection:
        yield connection


@pytest.fixture(scope="module")
def reference() -> dict[str, dict[str, str]]:
    """The reference of every customer, by published id."""
    return {f"cdnow:{row['customer_id']}": row for row in cdnow_reference()}


@pytest.fixture(scope="module")
def rows(warehouse: duckdb.DuckDBPyConnection, schemas: dict[date, str]) -> Callable[[date, str], Rows]:
    """A published table of a day."""

    def read(day: date, table: str) -> Rows:
        return warehouse.sql(f"select * from {schemas[day]}.{table}").to_arrow_table().to_pylist()

    return read


def near(found: float, expected: float, relative: float = 0.0, absolute: float = 1e-3) -> bool:
    return abs(found - expected) <= max(absolute, relative * abs(expected))


@pytest.mark.parametrize("model", MODELS)
def test_parameters_and_likelihood_are_the_published_ones(rows: Callable[[date, str], Rows], model: str) -> None:
    parameters = {
        row["parameter"]: row["value"] for row in rows(CALIBRATION, "clv_parameters") if row["model_name"] == model
    }
    assert parameters == {name: pytest.approx(value, rel=0.005) for name, value in MODELS[model].items()}
    (quality,) = (row for row in rows(CALIBRATION, "clv_model_quality") if row["model_name"] == model)
    assert quality["log_likelihood"] == pytest.approx(LIKELIHOODS[model], abs=0.01)
    assert json.loads(quality["parameters"]) == pytest.approx(parameters)


def test_histories_are_the_reference_s(rows: Callable[[date, str], Rows], reference: dict[str, Any]) -> None:
    found = {row["customer_id"]: row for row in rows(CALIBRATION, "customer_lifetime_value")}
    assert found.keys() == reference.keys()
    for customer, row in found.items():
        theirs = reference[customer]
        assert row["x"] == int(theirs["x"])
        assert near(row["t_x"], float(theirs["t_x"]), absolute=1e-9)
        assert near(row["t"], float(theirs["T"]), absolute=1e-9)
        if row["x"]:
            assert near(float(row["mean_repeat_value"]), float(theirs["m_x"]), absolute=0.0051)


def test_the_model_in_use_says_of_every_customer_what_the_reference_says(
    rows: Callable[[date, str], Rows], reference: dict[str, Any]
) -> None:
    (chosen,) = (row for row in rows(CALIBRATION, "clv_model_quality") if row["is_chosen"] and row["kind"] == "model")
    prefix = PREFIXES[chosen["model_name"]]
    for row in rows(CALIBRATION, "customer_lifetime_value"):
        theirs = reference[row["customer_id"]]
        assert near(row["probability_alive"], float(theirs[f"{prefix}_p_alive"]))
        assert near(float(row["expected_order_value"]), float(theirs["gg_exp_avg_profit"]), 1e-3, 0.006)


@pytest.mark.parametrize("model", PREFIXES)
def test_every_model_s_expectations_are_the_reference_s(
    warehouse: duckdb.DuckDBPyConnection, schemas: dict[date, str], reference: dict[str, Any], model: str
) -> None:
    """The grouped summaries of the warehouse under the published parameters, joined back to each customer."""
    features, parameters = f"{schemas[CALIBRATION]}_features", MODELS[model]
    found = RfmSummaries(DuckDBSession(warehouse), features).read(None)
    one = (found.scored.x, found.scored.t_x, found.scored.t)
    scored = found.keys.append_column("alive", pa.array(PURCHASE_MODELS[model].probability_alive(parameters, *one)))
    expected = PURCHASE_MODELS[model].expected_purchases(parameters, *one, 39.0)
    scored = scored.append_column("expected", pa.array(expected))
    if model == "pareto_nbd":
        dert = PARETO_NBD.discounted_residual_transactions(parameters, *one, math.log(1.15) / 52)
        scored = scored.append_column("dert", pa.array(dert))
    rows = joined(warehouse, features, scored, "scored.*")
    assert len(rows) == 2357
    for row in rows:
        theirs = reference[row["customer_id"]]
        assert near(row["expected"], float(theirs[f"{PREFIXES[model]}_exp39"]), 1e-3)
        assert near(row["alive"], float(theirs[f"{PREFIXES[model]}_p_alive"]))
        if model == "pareto_nbd":
            assert near(row["dert"], float(theirs["pnbd_dert_15pct"]), 1e-3)


def joined(warehouse: duckdb.DuckDBPyConnection, features: str, scored: pa.Table, columns: str) -> Rows:
    """Every customer with what was scored for its history."""
    warehouse.register("scored", scored)
    sql = f"""
        select customer_id, {columns}
        from {features}.feat_customer_purchases as customers
        inner join scored using (x, t_x_days, t_days, has_spend)
    """
    try:
        return warehouse.sql(sql).to_arrow_table().to_pylist()
    finally:
        warehouse.unregister("scored")


def test_the_value_of_52_weeks_is_the_reference_s(
    warehouse: duckdb.DuckDBPyConnection, schemas: dict[date, str], reference: dict[str, Any]
) -> None:
    features = f"{schemas[CALIBRATION]}_features"
    frozen = {"all": {"bg_nbd": MODELS["bg_nbd"], "gamma_gamma": MODELS["gamma_gamma"]}}
    scored = score_features(DuckDBSession(warehouse), features, Policy(clv_draws=100), frozen)[0]["clv_scores"]
    value = "value_base + value_slope * case when has_spend then repeat_value else 0 end"
    rows = joined(warehouse, features, scored, f"model_name, discounted_orders * ({value}) as clv, {value} as value")
    assert len(rows) == 2357
    for row in rows:
        theirs = reference[row["customer_id"]]
        assert row["model_name"] == "bg_nbd"
        assert near(row["value"], float(theirs["gg_exp_avg_profit"]), 1e-3)
        assert near(row["clv"], float(theirs["clv52w_10pct_year_bgnbd_gg"]), 1e-3)


def test_the_holdout_of_39_weeks_is_the_published_one(rows: Callable[[date, str], Rows]) -> None:
    quality = {row["model_name"]: row for row in rows(END, "clv_model_quality") if row["kind"] in ("model", "baseline")}
    for name, (expected, mae) in HOLDOUT.items():
        row = quality[name]
        assert (row["holdout_weeks"], row["holdout_customers"], row["holdout_purchases"]) == (39, 2357, 1882)
        assert row["holdout_expected"] == pytest.approx(expected, abs=0.5)
        assert row["holdout_mae"] == pytest.approx(mae, abs=5e-4)
    (chosen,) = (row for row in quality.values() if row["is_chosen"])
    assert chosen["grade"] == "A"
    assert chosen["holdout_rmse"] == min(row["holdout_rmse"] for row in quality.values() if row["is_trustworthy"])
    assert chosen["holdout_rmse"] <= 0.9 * chosen["best_baseline_rmse"]


def test_calibration_by_frequency_has_the_reference_s_purchases(rows: Callable[[date, str], Rows]) -> None:
    theirs = {int(row["calibration_x_7plus"]): row for row in cdnow_by_frequency()}
    (chosen,) = (row for row in rows(END, "clv_model_quality") if row["is_chosen"] and row["kind"] == "model")
    column = f"{PREFIXES[chosen['model_name']]}_exp39"
    found = rows(END, "clv_calibration")
    assert len(found) == len(theirs) == 8
    for row in found:
        expected = theirs[row["sort_order"]]
        assert row["customers"] == int(expected["n"])
        assert row["actual"] == pytest.approx(float(expected["x_star"]))
        assert row["expected"] == pytest.approx(float(expected[column]), rel=2e-3)


def test_tracking_ends_where_the_purchases_of_both_periods_end(rows: Callable[[date, str], Rows]) -> None:
    weeks = sorted(rows(END, "clv_tracking"), key=lambda row: row["week"])
    assert [row["week"] for row in weeks] == list(range(1, 79))
    assert weeks[-1]["cumulative_actual"] == 2457 + 1882
    assert sum(row["actual"] for row in weeks if not row["is_holdout"]) == pytest.approx(2457, abs=40)


def test_every_customer_has_a_value_and_a_tier(rows: Callable[[date, str], Rows]) -> None:
    for day in (CALIBRATION, END):
        found = rows(day, "customer_lifetime_value")
        assert len(found) == 2357
        for row in found:
            assert row["model_grade"] == "A"
            assert 0 <= row["predicted_clv_low"] <= row["predicted_clv_high"]
            assert row["clv_tier"] in {"high", "medium", "low"}
        (tiers,) = ([row for row in rows(day, "segment_summary") if row["segmentation"] == "clv_tier"],)
        assert sum(row["customers"] for row in tiers) == 2357
        assert sum(row["predicted_clv"] or 0 for row in tiers) == sum(row["predicted_clv"] for row in found)


def test_who_leaves_is_told_better_than_by_silence_alone(
    warehouse: duckdb.DuckDBPyConnection, schemas: dict[date, str]
) -> None:
    """The procedure of a quarter ago, judged on the last quarter, which it had not seen."""
    rows = warehouse.execute(
        f"select candidate, auc, log_loss, customers, is_judged, grade from {schemas[END]}.churn_risk_record"
    ).fetchall()
    record = {row[0]: row[1:] for row in rows}
    judged = next(row for row in record.values() if row[3])
    assert judged[0] >= 0.73
    assert judged[1] < record["recency"][1]
    assert judged[2] == 652
    assert record["recency"][0] == pytest.approx(0.686, abs=5e-4)
    assert record["recency"][1] == pytest.approx(0.606, abs=5e-4)
    assert {row[4] for row in record.values()} == {"A", None}


def test_probabilities_are_those_of_everybody_who_is_not_churned(
    warehouse: duckdb.DuckDBPyConnection, schemas: dict[date, str]
) -> None:
    rows = warehouse.execute(
        f"""
        select count(*), count(risks.churn_probability), count(stages.customer_id), count(dims.churn_risk_band)
        from {schemas[END]}.customer_lifecycle as stages
        full join {schemas[END]}.customer_churn_risk as risks using (customer_id)
        left join {schemas[END]}.dim_customers as dims using (customer_id)
        where stages.lifecycle_stage not in ('churned', 'prospect') or risks.customer_id is not null
        """
    ).fetchall()
    assert len(set(rows[0])) == 1
    assert rows[0][0] > 500
