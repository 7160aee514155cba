"""The gate opens for a good candidate only: everything that is wrong, or cannot be checked, keeps it away from BI."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from kehu.errors import CandidateRejected, ReleaseError, UsageError
from kehu.gate import runner
from kehu.gate.candidate_gate import ALWAYS_FILLED
from kehu.gate.expectation import Suite
from kehu.gate.placeholders import Placeholders
from kehu.gate.results import NOTHING_CRITICAL, WHOLE_LAYER, CheckResult
from kehu.ops.checked import require_checked
from kehu.settings import Settings
from kehu.warehouse.on_duckdb.duckdb_backend import DuckDBWarehouse
from tests.unit.gate.small_release import (
    KEYS,
    MARKER,
    RELEASE,
    SCHEMA,
    TABLES,
    check_candidate,
    default_suites,
    expectation,
    make_tables,
    run_sql,
    suite,
    write_suites,
)

pytestmark = pytest.mark.slow

TWICE = """table: fct_orders
expectations: [{expect: expect_column_to_exist, with: {column: order_id}, severity: critical, reason: an id}]
expectations: [{expect: expect_column_to_exist, with: {column: order_date}, severity: critical, reason: a day}]
"""


def check(settings: Settings) -> dict[tuple[str, str], CheckResult]:
    """Every check of the candidate by table and name."""
    results = check_candidate(settings)
    return {(result.table_name, result.check_name): result for result in results}


def rejected(settings: Settings) -> str:
    """The message of the rejection, after making sure that it is one and that the warehouse knows it too."""
    with pytest.raises(CandidateRejected) as caught:
        check(settings)
    assert caught.value.exit_code == 3
    recorded = run_sql(
        settings,
        f"select count(*) from ops.check_results where release_id = '{RELEASE}' and layer in ('marts', 'drift')"
        " and (status = 'error' or (status = 'failed' and severity = 'critical'))",
    )
    assert recorded[0][0] >= 1
    return str(caught.value)


def test_a_good_candidate_passes_and_everything_is_recorded(home: Settings) -> None:
    results = check(home)

    assert {result.status for result in results.values()} == {"passed", "skipped"}
    columns = "release_id, layer, table_name, check_name, severity, status, observed, expected, reason"
    rows = run_sql(home, f"select {columns} from ops.check_results")
    assert sorted(rows) == sorted(tuple(vars(result).values()) for result in results.values())
    assert results["fct_orders", "column_to_exist_order_id"].status == "passed"
    assert results["all tables", "drift"].observed == "no earlier release"


def test_checking_again_replaces_the_results_of_this_release_only(home: Settings) -> None:
    row = "insert into ops.check_results values ('{}', '{}', 't', 'c', 'critical', 'passed', '', '', '')"
    run_sql(home, row.format("r20170101_20260101t000000", "marts"), row.format(RELEASE, "transform"), "select 1")

    once = check(home)
    twice = check(home)

    assert once == twice
    assert run_sql(home, "select count(*) from ops.check_results")[0][0] == len(twice) + 2


def test_a_failed_critical_expectation_blocks_and_says_what_was_observed_and_expected(home: Settings) -> None:
    wrong = expectation("expect_column_values_to_be_between", column="net_revenue", min_value=0, max_value=5)
    write_suites(home, "marts", {"fct_orders": suite("fct_orders", wrong)})

    message = rejected(home)

    assert "marts: fct_orders: column_values_to_be_between_net_revenue: failed" in message
    assert "observed 4 of 10 rows otherwise, expected 0 to 5 (the test says so)" in message
    assert "BI keeps reading the last release" in message
    assert str(home.data_docs_dir / RELEASE / "index.html") in message


def test_a_warning_is_recorded_and_does_not_block(home: Settings) -> None:
    stale = expectation(
        "expect_column_max_to_be_between", severity="warning", column="order_date", min_value="{as_of_date}"
    )
    write_suites(home, "marts", {"fct_orders": suite("fct_orders", stale)})

    found = check(home)["fct_orders", "column_max_to_be_between_order_date"]

    assert (found.status, found.severity) == ("failed", "warning")
    assert (found.observed, found.expected) == ("2017-12-31", "at least 2018-01-01")
    assert run_sql(
        home, "select status from ops.check_results where check_name = 'column_max_to_be_between_order_date'"
    ) == [("failed",)]


def test_an_expectation_about_a_column_that_is_gone_is_an_error_and_blocks(home: Settings) -> None:
    about = expectation("expect_column_values_to_be_between", severity="warning", column="revenue", min_value=0)
    write_suites(home, "marts", {"fct_orders": suite("fct_orders", about)})

    message = rejected(home)

    assert "column_values_to_be_between_revenue: error" in message
    assert 'The column "revenue" in BatchData does not exist.' in message


def test_a_missing_suite_blocks(home: Settings) -> None:
    (home.expectations / "marts" / "fct_orders.yml").unlink()

    assert "marts: fct_orders: suite_exists: failed" in rejected(home)


def test_a_new_table_without_a_suite_blocks(home: Settings) -> None:
    make_tables(home, {"customer_needs": "select 1 as customer_id"})

    assert "marts: customer_needs: suite_exists: failed" in rejected(home)


def test_data_quality_needs_no_suite(home: Settings) -> None:
    make_tables(home, {"data_quality": "select 'x' as status where false"})

    assert [name for table, name in check(home) if table == "data_quality"] == ["columns_match_contract"]


def test_a_missing_table_blocks(home: Settings) -> None:
    run_sql(home, f"drop table {SCHEMA}.fct_refunds", "select 1")

    assert "marts: fct_refunds: table_exists: failed" in rejected(home)


def test_a_candidate_that_is_not_there_is_named_and_the_earlier_verdict_stays(home: Settings) -> None:
    check(home)
    before = run_sql(home, "select * from ops.check_results order by all")
    page = home.data_docs_dir / RELEASE / "index.html"
    page.write_text("the verdict")
    run_sql(home, f"drop schema {SCHEMA} cascade", "select 1")

    with pytest.raises(ReleaseError, match=f"no candidate with this id.*{RELEASE}.*build it first") as caught:
        check(home)

    assert caught.value.exit_code == 1
    assert run_sql(home, "select * from ops.check_results order by all") == before
    assert page.read_text() == "the verdict"


def test_a_candidate_of_which_little_is_built_blocks(home: Settings) -> None:
    run_sql(home, *(f"drop table {SCHEMA}.{table}" for table in TABLES if table != "release"), "select 1")

    message = rejected(home)

    assert all(f"{table}: table_exists" in message for table in TABLES if table != "release")


def test_no_suite_at_all_blocks(home: Settings) -> None:
    shutil.rmtree(home.expectations / "marts")

    message = rejected(home)

    assert "suites_exist: failed: observed no suite" in message
    assert "expectations_were_evaluated: failed: observed 0 evaluated" in message


@pytest.mark.parametrize("table", sorted(ALWAYS_FILLED))
def test_an_empty_core_table_blocks(home: Settings, table: str) -> None:
    make_tables(home, {table: f"select * from ({TABLES[table]}) where false"})

    message = rejected(home)

    assert f"marts: {table}: not_empty: failed: observed 0 rows" in message


def test_an_empty_table_whose_entity_nobody_delivers_is_skipped_with_the_reason(home: Settings) -> None:
    found = check(home)

    assert found["fct_refunds", "not_empty"].status == "skipped"
    assert found["fct_refunds", "not_empty"].reason == "no source delivers refunds"
    assert ("fct_refunds", "column_to_exist_refund_id") not in found, "nothing can be said of an empty table"


def test_an_empty_table_whose_entity_a_source_delivers_blocks(home: Settings) -> None:
    run_sql(home, "insert into ops.sources values ('shop', 'refunds', true)", "select 1")

    assert "marts: fct_refunds: not_empty: failed" in rejected(home)


def test_an_optional_source_that_has_not_delivered_yet_does_not_block(home: Settings) -> None:
    run_sql(home, "insert into ops.sources values ('desk', 'refunds', false)", "select 1")
    assert check(home)["fct_refunds", "not_empty"].status == "skipped"

    run_sql(
        home,
        "insert into ops.batches by name select 'b' as batch_id, 'desk' as source, 'refunds' as entity, 3 as row_count",
        "select 1",
    )
    assert "marts: fct_refunds: not_empty: failed" in rejected(home)


def test_a_table_that_is_filled_although_no_source_delivers_its_entity_is_checked(home: Settings) -> None:
    make_tables(home, {"fct_refunds": "select 'shop:1' as refund_id, 5.00::decimal(18, 2) as amount"})
    wrong = expectation("expect_column_values_to_be_between", column="amount", max_value=4)
    write_suites(home, "marts", {"fct_refunds": suite("fct_refunds", wrong, entities=["refunds"])})

    assert "fct_refunds: column_values_to_be_between_amount: failed" in rejected(home)


def test_an_exception_inside_great_expectations_blocks(home: Settings) -> None:
    breaks = expectation(
        "unexpected_rows_expectation",
        severity="warning",
        name="breaks",
        unexpected_rows_query="select cast(city as integer) as number from {batch}",
    )
    passes = expectation("expect_column_values_to_not_be_null", column="city")
    write_suites(home, "marts", {"dim_customers": suite("dim_customers", breaks, passes)})

    message = rejected(home)

    assert "did not pass 1 of" in message, "the other expectations of the suite are still evaluated"
    assert "dim_customers: breaks: error" in message
    assert MARKER not in message


@pytest.mark.parametrize("method", ["validate", "build_data_docs", "__init__"])
def test_a_crash_of_great_expectations_blocks(home: Settings, monkeypatch: pytest.MonkeyPatch, method: str) -> None:
    def crash(*_: object, **__: object) -> None:
        raise RuntimeError(f"cannot read {MARKER}")

    monkeypatch.setattr(f"kehu.gate.gx.gx_run.GreatExpectations.{method}", crash)

    message = rejected(home)

    assert "RuntimeError" in message
    assert MARKER not in message


def test_an_answer_that_great_expectations_does_not_give_blocks(
    home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    from kehu.gate.gx.lean_import import lean_import

    with lean_import():
        from kehu.gate.gx import gx_run

    give = gx_run._outcomes
    monkeypatch.setattr(gx_run, "_outcomes", lambda suite, results: give(suite, results[1:]))

    assert "Great Expectations gave no answer" in rejected(home)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        pytest.param(
            {"table": "fct_orders", "expectations": [expectation("expect_colum_to_exist", column="order_id")]},
            "nearest=['expect_column_to_exist'",
            id="unknown expectation type",
        ),
        pytest.param({"table": "fct_orders", "expectations": []}, "nothing would be evaluated", id="no expectation"),
        pytest.param("table: [fct_orders", "is not valid YAML", id="no YAML"),
        pytest.param(TWICE, "a key appears twice", id="a key twice"),
        pytest.param("", "the suite must be a mapping", id="empty file"),
    ],
)
def test_a_suite_that_cannot_be_evaluated_blocks(home: Settings, content: object, says: str) -> None:
    write_suites(home, "marts", {"fct_orders": content})

    message = rejected(home)

    assert "marts: fct_orders: suite_is_valid: error" in message
    assert says in message


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (expectation("expect_column_values_to_not_be_null", column="order_id", mostly="most"), "mostly"),
        (expectation("expect_table_columns_to_match_set", column_set=None), "column_set is empty"),
    ],
    ids=["mostly", "column_set"],
)
def test_a_wrong_argument_blocks_its_own_table_and_the_others_are_still_checked(
    home: Settings, wrong: dict[str, object], says: str
) -> None:
    write_suites(home, "marts", {"fct_orders": suite("fct_orders", wrong)})

    message = rejected(home)

    assert "marts: fct_orders: suite_is_valid: error: observed SuiteInvalid: expectation 2" in message
    assert says in message
    assert "did not pass 1 of" in message
    assert passed_tables(home) >= {"release", "dim_customers", "customer_rfm"}, "also those after it in the alphabet"


def test_an_exception_about_one_table_blocks_and_the_others_are_still_checked(
    home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = runner.load_suite

    def load(file: Path, placeholders: Placeholders, table: str) -> Suite:
        if file.stem == "fct_orders":
            raise TypeError(f"cannot read {MARKER}")
        return read(file, placeholders, table)

    monkeypatch.setattr(runner, "load_suite", load)

    message = rejected(home)

    assert "marts: fct_orders: table_was_checked: error: observed TypeError" in message
    assert "did not pass 1 of" in message
    assert MARKER not in message
    assert passed_tables(home) == set(TABLES) - {"fct_orders", "fct_refunds"}


def passed_tables(settings: Settings) -> set[object]:
    """The tables of which a recorded expectation has passed; a count of rows alone is none."""
    rows = run_sql(
        settings,
        "select distinct table_name from ops.check_results"
        " where layer = 'marts' and status = 'passed' and check_name like 'column_to_exist%'",
    )
    return {row[0] for row in rows}


def test_the_name_of_an_accepted_check_must_be_one(home: Settings) -> None:
    with pytest.raises(UsageError, match="names of drift checks"):
        check_candidate(home, ["growth:fct_orders'; drop schema ops"])


def test_a_gate_that_dies_leaves_no_earlier_verdict(home: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    check(home)

    def die(name: str) -> None:
        raise KeyboardInterrupt(name)

    monkeypatch.setattr("kehu.gate.candidate_gate.step", die)
    with pytest.raises(KeyboardInterrupt, match="gate:marts"):
        check(home)

    assert run_sql(home, "select count(*) from ops.check_results") == [(0,)]


def test_every_fault_injection_point_is_passed_in_order(home: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    passed: list[str] = []
    note: Callable[[str], None] = passed.append
    monkeypatch.setattr("kehu.gate.candidate_gate.step", note)

    check(home)

    assert passed == ["gate:marts", "gate:recorded"]


def test_suites_without_a_critical_check_let_everything_through_and_say_so(home: Settings) -> None:
    kind = "expect_column_to_exist"
    column = {table: KEYS.get(table, "customer_id") for table in TABLES}
    suites = {
        table: {"table": table, "expectations": [expectation(kind, severity="warning", column=name)]}
        for table, name in column.items()
    }
    write_suites(home, "marts", suites | {"fct_refunds": suites["fct_refunds"] | {"entities": ["refunds"]}})

    found = check(home)[WHOLE_LAYER, NOTHING_CRITICAL]

    assert (found.status, found.severity, found.blocks) == ("failed", "warning", False)
    assert found.observed.startswith("0 critical among ")
    assert (WHOLE_LAYER, NOTHING_CRITICAL) not in check_with_default_suites(home)


def check_with_default_suites(settings: Settings) -> dict[tuple[str, str], CheckResult]:
    write_suites(settings, "marts", default_suites())
    return check(settings)


def test_the_gate_writes_down_what_it_saw(home: Settings) -> None:
    check(home)
    seen = dict(run_sql(home, "select table_name, row_count from ops.checked_tables"))
    assert seen["fct_orders"] == 10 and set(seen) == set(TABLES)
    make_tables(home, {"fct_orders": TABLES["fct_orders"].replace("range(10)", "range(9)")})
    with (
        DuckDBWarehouse(home).session() as session,
        pytest.raises(ReleaseError, match=r"not what the gate.*fct_orders"),
    ):
        require_checked(session, RELEASE, TABLES)
    check(home)
    with DuckDBWarehouse(home).session() as session:
        require_checked(session, RELEASE, TABLES)
