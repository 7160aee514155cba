"""The scoring step on hand-made features: every shop ends in a published grade with a reason, never in a NaN or a crash."""

from __future__ import annotations

import json
import math
import random
import warnings
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from kehu.clv.policy import Policy
from kehu.errors import ConfigurationError
from kehu.pipeline.lifetime_value import policy_in_force, score_features
from kehu.scoring.score_tables import SCORE_TABLES, replace_scores
from kehu.scoring.segment_scores import Frozen
from kehu.warehouse.on_duckdb.duckdb_backend import DuckDBSession
from tests.support.dbt_shop import DEFAULT_VARS
from tests.support.purchase_features import SCHEMA, Buyers, write_features

SCORES = "candidate_test_scores"
YEAR = 364
FAST = Policy(clv_draws=200)

Rows = list[dict[str, Any]]


@pytest.fixture
def session(tmp_path: Path) -> Iterator[DuckDBSession]:
    with duckdb.connect(str(tmp_path / "kehu.duckdb")) as connection:
        yield DuckDBSession(connection)


class Published:
    """The score tables of a shop, as the marts read them."""

    def __init__(self, session: DuckDBSession, policy: Policy = FAST, frozen: Frozen | None = None) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            tables, self.outcomes = score_features(session, SCHEMA, policy, frozen or {})
        replace_scores(session, SCORES, tables)
        self._session = session

    def rows(self, table: str, condition: str = "true") -> Rows:
        return self._session.arrow(f"select * from {SCORES}.{table} where {condition}").to_pylist()

    @property
    def chosen(self) -> dict[str, Any]:
        """What is used for all customers."""
        (row,) = self.rows("clv_model_quality", "segment = 'all' and is_chosen and kind <> 'spend'")
        return row


def shop(
    session: DuckDBSession, buyers: Sequence[Buyers], last_day: int = YEAR, policy: Policy = FAST, **frozen: Any
) -> Published:
    write_features(session, buyers, last_day)
    return Published(session, policy, frozen or None)


def mixed(count: int = 600, seed: int = 7, **common: Any) -> list[Buyers]:
    """An ordinary shop: customers come at their own pace, and may leave after any purchase but the first."""
    chance = random.Random(seed)
    buyers = []
    for number in range(count):
        days, day = {number % 150}, float(number % 150)
        rate, leaving = chance.gammavariate(0.6, 1 / 25), chance.betavariate(0.8, 2.4)
        while (day := day + chance.expovariate(rate)) < YEAR:
            days.add(round(day))
            if chance.random() < leaving:
                break
        buyers.append(Buyers(tuple(sorted(days)), Decimal(chance.randint(500, 9000)) / 100, **common))
    return buyers


BAD = {
    "nobody at all": ([], YEAR),
    "one customer only": ([Buyers((0, 30, 60))], YEAR),
    "everybody bought once": ([Buyers((n % 200,), copies=3) for n in range(200)], YEAR),
    "nobody bought once": ([Buyers((n % 30, 60 + n % 40, 150 + n % 100, 300)) for n in range(300)], YEAR),
    "all orders on one day": ([Buyers((0,), copies=500)], 0),
    "all orders on one day, long ago": ([Buyers((0,), copies=500)], YEAR),
    "all-zero repeat spend": ([Buyers(one.days, Decimal(0)) for one in mixed()], YEAR),
    "negative repeat values": ([Buyers(one.days, Decimal(-5)) for one in mixed()], YEAR),
    "a million customers with the same history": ([Buyers((0, 100, 200), copies=1_000_000)], YEAR),
    "a million customers who bought once": ([Buyers((0,), copies=1_000_000)], YEAR),
    "accounts that buy like a clock": ([Buyers(tuple(range(n % 14, YEAR, 14))) for n in range(250)], YEAR),
    "a history of ten weeks": ([Buyers((n % 20, 30 + n % 30)) for n in range(300)], 70),
    "a history of one day": ([Buyers((0,)), Buyers((0, 1))], 1),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_ends_in_a_grade_with_a_reason(session: DuckDBSession, name: str) -> None:
    buyers, last_day = BAD[name]
    found = shop(session, buyers, last_day)
    chosen = found.chosen
    assert chosen["grade"] in {"A", "B", "C", "insufficient"}
    assert len(chosen["reason"]) > 20
    assert (chosen["kind"] == "none") == (chosen["grade"] == "insufficient")
    for table in SCORE_TABLES:
        for row in found.rows(table):
            numbers = [value for value in row.values() if isinstance(value, float)]
            assert all(math.isfinite(value) for value in numbers), row
            assert row.get("reason", "a reason"), row
    scores = found.rows("clv_scores")
    assert len({tuple(row[key] for key in ("x", "t_x_days", "t_days", "has_spend")) for row in scores}) == len(scores)
    assert {(row["model_name"], row["model_grade"]) for row in scores} <= {(chosen["model_name"], chosen["grade"])}
    promised = chosen["grade"] != "insufficient"
    for row in scores:
        assert (row["expected_orders"] is not None) == (row["value_base"] is not None) == promised
        if chosen["kind"] == "model":
            assert 0 <= row["low_base"] <= row["high_base"]
            assert 0 <= row["low_slope"] <= row["high_slope"]


def test_too_little_data_is_said_in_words(session: DuckDBSession) -> None:
    assert "nobody has bought" in shop(session, []).chosen["reason"]
    assert "too short for a holdout" in shop(session, *BAD["all orders on one day"]).chosen["reason"]
    assert "1 customers had bought" in shop(session, *BAD["one customer only"]).chosen["reason"]


def test_accounts_without_one_time_buyers_end_in_a_named_fallback(session: DuckDBSession) -> None:
    found = shop(session, *BAD["accounts that buy like a clock"])
    assert found.chosen["grade"] == "C"
    assert found.chosen["model_name"] in {"naive_rate", "same_as_calibration", "population_mean"}
    assert "almost everybody had bought again" in found.chosen["reason"]
    for row in found.rows("clv_scores"):
        assert row["probability_alive"] is None
        assert row["expected_orders"] == pytest.approx(26, abs=4), "a purchase a fortnight goes on for a year"


@pytest.mark.parametrize("name", ["all-zero repeat spend", "negative repeat values"])
def test_repeat_purchases_without_value_are_worth_nothing(session: DuckDBSession, name: str) -> None:
    found = shop(session, *BAD[name])
    (spend,) = found.rows("clv_model_quality", "kind = 'spend' and is_chosen")
    assert spend["model_name"] == "no_spend"
    assert {(row["value_base"], row["value_slope"]) for row in found.rows("clv_scores")} == {(0.0, 0.0)}


def test_a_model_in_use_is_backtested_and_tracked(session: DuckDBSession) -> None:
    buyers = mixed()
    found = shop(session, buyers)
    chosen = found.chosen
    assert chosen["kind"] == "model", chosen["reason"]
    assert chosen["holdout_rmse"] < chosen["best_baseline_rmse"]
    assert (chosen["customers"], chosen["is_frozen"], chosen["is_pooled"]) == (len(buyers), False, False)
    parameters = {
        row["parameter"]: row["value"] for row in found.rows("clv_parameters", "is_chosen and kind = 'model'")
    }
    assert json.loads(chosen["parameters"]) == pytest.approx(parameters)
    weeks = found.rows("clv_tracking")
    assert [row["week"] for row in weeks] == list(range(1, 53))
    assert sum(row["actual"] for row in weeks) == weeks[-1]["cumulative_actual"] == sum(len(b.days) - 1 for b in buyers)
    assert sum(row["customers"] for row in found.rows("clv_calibration")) == chosen["holdout_customers"]
    assert found.rows("clv_gains")[-1]["cumulative_share_of_actual"] == pytest.approx(1)


def test_the_same_features_give_the_same_scores_in_any_order(session: DuckDBSession) -> None:
    buyers = mixed()
    first = shop(session, buyers).rows("clv_scores")
    again = shop(session, buyers[::-1]).rows("clv_scores")
    assert again == first


def test_a_segment_with_enough_repeat_buyers_has_its_own_fit_and_a_small_one_that_of_all(
    session: DuckDBSession,
) -> None:
    buyers = mixed(600, 7, segment="DE") + mixed(30, 8, segment="FR")
    found = shop(session, buyers)
    quality = {row["segment"]: row for row in found.rows("clv_model_quality", "is_chosen and kind <> 'spend'")}
    assert quality.keys() == {"all", "DE", "FR"}
    assert (quality["DE"]["customers"], quality["DE"]["is_pooled"]) == (600, False)
    assert quality["FR"]["is_pooled"]
    assert (
        "customers had bought again at D, 100 are needed, so the fit of all customers is used"
        in quality["FR"]["reason"]
    )
    assert quality["FR"]["model_name"] == quality["all"]["model_name"]
    scores = found.rows("clv_scores")
    assert {row["segment"] for row in scores} == {"DE", "FR"}
    assert [outcome.segment for outcome in found.outcomes] == ["DE", "FR"]
    everybody = shop(session, mixed(600, 7) + mixed(30, 8))
    of_all = {
        (row["x"], row["t_x_days"], row["t_days"], row["has_spend"]): row["expected_orders"]
        for row in everybody.rows("clv_scores")
    }
    for row in scores:
        key = (row["x"], row["t_x_days"], row["t_days"], row["has_spend"])
        if row["segment"] == "FR":
            assert row["expected_orders"] == pytest.approx(of_all[key], rel=1e-9)


def test_frozen_parameters_score_and_say_so(session: DuckDBSession) -> None:
    given = {
        "mbg_nbd": {"r": 1.0, "alpha": 5.0, "a": 1.0, "b": 3.0},
        "gamma_gamma": {"p": 6.0, "q": 4.0, "gamma": 15.0},
    }
    found = shop(session, mixed(), all=given)
    rows = found.rows("clv_parameters", "is_frozen")
    assert {(row["model_name"], row["parameter"]): row["value"] for row in rows} == {
        (model, name): value for model, parameters in given.items() for name, value in parameters.items()
    }
    assert found.chosen["model_name"] == "mbg_nbd"
    assert found.chosen["is_frozen"]
    (row,) = found.rows("clv_model_quality", "model_name = 'bg_nbd'")
    assert "the parameters in force are those of mbg_nbd" in row["reason"]


def test_a_new_customer_is_worth_what_the_channel_s_customers_are(session: DuckDBSession) -> None:
    once = [Buyers((n % 120,), channel="flyer") for n in range(60)]
    buyers = mixed(500, 7, channel="search") + mixed(500, 9, channel="friends") + once
    rows = {row["acquisition_channel"]: row for row in shop(session, buyers).rows("clv_new_customers")}
    assert rows.keys() == {"all", "search", "friends", "flyer"}
    assert (rows["flyer"]["is_pooled"], rows["flyer"]["customers"], rows["flyer"]["repeat_customers"]) == (True, 60, 0)
    assert rows["flyer"]["expected_orders"] == rows["all"]["expected_orders"]
    assert "0 customers had bought again" in rows["flyer"]["reason"]
    assert not rows["search"]["is_pooled"]
    assert rows["search"]["expected_orders"] != rows["friends"]["expected_orders"]
    for row in rows.values():
        assert 0 < row["discounted_orders"] < row["expected_orders"]
        assert row["expected_order_value"] > 0


def test_the_policy_has_the_vars_of_the_dbt_project() -> None:
    assert policy_in_force(DEFAULT_VARS) == Policy()
    missing = [name for name in vars(Policy()) if name not in DEFAULT_VARS]
    assert missing == [], "every threshold is a var that a company can set"


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("clv_draws", "many", "must be a number"),
        ("annual_discount_rate", -2, "out of range"),
        ("clv_seed", True, "number"),
    ],
)
def test_a_var_that_is_not_valid_is_named(name: str, value: object, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message) as raised:
        policy_in_force({**DEFAULT_VARS, name: value})
    assert name in str(raised.value)
