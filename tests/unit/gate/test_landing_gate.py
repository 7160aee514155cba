"""What came in is held against the landing suites of the repository before anything is computed from it."""

from __future__ import annotations

from pathlib import Path

import pytest

from kehu.entities import ENTITIES
from kehu.errors import CandidateRejected
from kehu.gate.landing_gate import check_landing
from kehu.gate.results import CheckResult
from kehu.settings import PROJECT_ROOT, Settings
from kehu.warehouse.on_duckdb.duckdb_backend import DuckDBWarehouse
from tests.unit.gate.small_release import RELEASE, run_sql

pytestmark = pytest.mark.slow

SOURCES = "insert into ops.sources values ('shop', 'orders', true)"


def orders(good: int, rejects: int = 0, without_id: int = 0) -> str:
    """A landing view with so many rows of each kind."""
    filled = f"case when i < {good} then i::varchar end"
    columns = ", ".join(
        f"{filled if name in {'order_id', 'ordered_at'} else 'null'}::varchar as {name}"
        for name in ENTITIES["orders"].column_names
    )
    error = f"case when i >= {good + without_id} then 'too few fields' end as _error"
    return f"create or replace view landing.orders as select {columns}, {error} from range({good + without_id + rejects}) t (i)"


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    settings = Settings(
        home=tmp_path / "home", expectations=PROJECT_ROOT / "expectations", threads=1, memory_limit="500MB"
    )
    with DuckDBWarehouse(settings).session() as session:
        DuckDBWarehouse(settings).load_landing(session, {})
    run_sql(settings, SOURCES, orders(good=10), "select 1")
    return settings


def check(settings: Settings) -> dict[tuple[str, str], CheckResult]:
    results = check_landing(settings, DuckDBWarehouse(settings), RELEASE)
    return {(result.table_name, result.check_name): result for result in results}


def rejected(settings: Settings) -> str:
    with pytest.raises(CandidateRejected) as caught:
        check(settings)
    return str(caught.value)


def test_a_good_delivery_passes_and_entities_that_nobody_delivers_are_skipped(home: Settings) -> None:
    found = check(home)

    by_status = {
        status: {table for (table, _), r in found.items() if r.status == status} for status in ("passed", "skipped")
    }
    assert by_status["passed"] == {"orders", "all tables"}
    assert by_status["skipped"] == set(ENTITIES) - {"orders"}
    assert found["tickets", "not_empty"].reason == "no source delivers tickets"
    assert found["orders", "column_values_to_not_be_null_order_id"].observed == "0 of 10 rows otherwise"
    assert run_sql(home, "select distinct layer from ops.check_results") == [("landing",)]


def test_an_entity_that_a_source_must_deliver_and_did_not_blocks(home: Settings) -> None:
    run_sql(home, orders(good=0), "select 1")

    message = rejected(home)

    assert message.startswith("CandidateRejected: what came in did not pass")
    assert "landing: orders: not_empty: failed" in message


def test_a_file_of_which_most_rows_cannot_be_parsed_blocks(home: Settings) -> None:
    run_sql(home, orders(good=4, rejects=6), "select 1")

    assert "orders: most_rows_could_be_parsed: failed: observed 0.6, expected at most 0.5" in rejected(home)


def test_a_few_broken_rows_are_a_warning(home: Settings) -> None:
    run_sql(home, orders(good=9, rejects=1), "select 1")

    found = check(home)["orders", "rejects_are_rare"]

    assert (found.status, found.severity, found.observed) == ("failed", "warning", "0.1")


def test_a_key_that_most_rows_lack_blocks(home: Settings) -> None:
    run_sql(home, orders(good=4, without_id=6), "select 1")

    assert "orders: column_values_to_not_be_null_order_id: failed: observed 6 of 10 rows otherwise" in rejected(home)


def test_landing_views_that_were_never_made_block(home: Settings) -> None:
    run_sql(home, *(f"drop view landing.{entity}" for entity in ENTITIES), "select 1")

    message = rejected(home)

    assert "customers: table_exists: failed" in message
    assert "expectations_were_evaluated: failed" in message


def test_the_checks_of_the_marts_are_left_alone(home: Settings) -> None:
    run_sql(
        home,
        f"insert into ops.check_results values ('{RELEASE}', 'marts', 't', 'c', 'critical', 'passed', '', '', '')",
        "select 1",
    )

    check(home)

    assert run_sql(home, "select count(*) from ops.check_results where layer = 'marts'") == [(1,)]


def deliveries(
    settings: Settings, *batches: tuple[str, int, int], mode: str = "append", file: str = "orders.csv"
) -> None:
    """Land batches in this order, each an id and so many good rows and rejects."""
    names = ", ".join(
        f"null::varchar as {n}" for n in ENTITIES["orders"].column_names if n not in {"order_id", "ordered_at"}
    )
    rows = [
        f"select case when i < {good} then i::varchar end as order_id, case when i < {good} then '2020-01-01' end as ordered_at,"
        f" {names}, '{batch}' as _batch_id, case when i >= {good} then 'too few fields' end as _error"
        f" from range({good + rejects}) t (i)"
        for batch, good, rejects in batches
    ]
    ledger = [
        f"insert into ops.batches (batch_id, source, entity, mode, sequence, row_count, file)"
        f" values ('{batch}', 'shop', 'orders', '{mode}', {sequence}, {good + rejects}, '{file}')"
        for sequence, (batch, good, rejects) in enumerate(batches, start=1)
    ]
    run_sql(settings, f"create or replace view landing.orders as {' union all '.join(rows)}", *ledger, "select 1")


@pytest.mark.parametrize("mode", ["append", "snapshot"])
def test_a_corrected_file_is_judged_without_what_it_corrects(home: Settings, mode: str) -> None:
    deliveries(home, ("bad", 0, 4), ("worse", 0, 5), ("good", 3, 0), mode=mode)

    found = check(home)

    assert found["orders", "most_rows_could_be_parsed"].status == "passed"
    assert found["orders", "column_values_to_not_be_null_order_id"].observed == "0 of 3 rows otherwise"
    assert {result.status for result in found.values()} <= {"passed", "skipped"}


def test_the_last_delivery_is_judged_by_itself(home: Settings) -> None:
    deliveries(home, ("good", 9, 0), ("bad", 1, 4))

    assert "orders: most_rows_could_be_parsed: failed: observed 0.8, expected at most 0.5" in rejected(home)


def test_an_empty_delivery_takes_nobodys_place(home: Settings) -> None:
    deliveries(home, ("bad", 1, 4), ("empty", 0, 0))

    assert "orders: most_rows_could_be_parsed: failed" in rejected(home)


def test_every_increment_of_a_table_counts(home: Settings) -> None:
    deliveries(home, ("much", 9, 0), ("little", 0, 1), file="public.orders")

    found = check_landing(home, DuckDBWarehouse(home), RELEASE, {"shop"})

    assert [r.observed for r in found if r.check_name == "most_rows_could_be_parsed"] == ["0.1"]
