"""The suites of the repository fit the entities and the marts that they are about."""

from __future__ import annotations

import csv
import subprocess
import sys
from pathlib import Path

import pytest

from kehu.entities import ENTITIES
from kehu.errors import CandidateRejected
from kehu.gate.candidate_gate import ALWAYS_FILLED, WITHOUT_SUITE
from kehu.gate.expectation import Suite
from kehu.gate.placeholders import Placeholders
from kehu.gate.suites import load_suite, suite_files
from kehu.gate.thresholds import load_thresholds
from kehu.settings import PROJECT_ROOT, Settings
from kehu.warehouse.on_duckdb.duckdb_backend import DuckDBWarehouse
from tests.support.contracts import DEFAULTS, marts
from tests.unit.gate.small_release import AS_OF, SCHEMA, check_candidate, run_sql

pytestmark = pytest.mark.slow

EXPECTATIONS = PROJECT_ROOT / "expectations"
SEEDS = PROJECT_ROOT / "dbt_project" / "seeds"


def values_of(seed: str, column: str) -> list[str]:
    """What the repository's seed holds in a column."""
    with (SEEDS / f"{seed}.csv").open(encoding="utf-8", newline="") as file:
        return sorted({row[column] for row in csv.DictReader(file)})


PLACEHOLDERS = {
    "landing": Placeholders("landing"),
    "marts": Placeholders(SCHEMA, AS_OF, DEFAULTS, seed_values=values_of),
}
SUITES = [(layer, table, file) for layer in PLACEHOLDERS for table, file in suite_files(EXPECTATIONS / layer).items()]

PLAUSIBLE = {
    "bigint": "1",
    "boolean": "true",
    "date": "date '2018-01-01'",
    "double": "0.5",
    "double precision": "0.5",
    "integer": "1",
    "timestamp": "timestamp '2018-01-01 10:00:00'",
    "varchar": "'x'",
}


MARTS = marts()
MART_SUITES = suite_files(EXPECTATIONS / "marts")


@pytest.mark.parametrize(("layer", "table", "file"), SUITES, ids=[f"{layer}-{table}" for layer, table, _ in SUITES])
def test_every_suite_of_the_repository_is_valid(layer: str, table: str, file: Path) -> None:
    assert load_suite(file, PLACEHOLDERS[layer], table).table == table


def test_every_mart_has_a_suite_and_every_suite_a_mart() -> None:
    assert set(MART_SUITES) == set(MARTS) - WITHOUT_SUITE


def test_every_entity_has_a_suite_and_every_suite_an_entity() -> None:
    assert set(suite_files(EXPECTATIONS / "landing")) == set(ENTITIES)


def columns_of(suite: Suite) -> set[str]:
    named: set[str] = set()
    for expectation in suite.expectations:
        arguments = expectation.arguments
        named |= {arguments[key] for key in ("column", "column_A", "column_B") if key in arguments}
    return named


@pytest.mark.parametrize("table", sorted(set(MARTS) - WITHOUT_SUITE))
def test_a_suite_names_only_columns_of_its_mart_and_does_not_list_them(table: str) -> None:
    suite = load_suite(MART_SUITES[table], PLACEHOLDERS["marts"])

    assert columns_of(suite) - set(MARTS[table]) == set(), "the mart has no such columns"
    repeated = [e.name for e in suite.expectations if e.type.startswith("expect_table_columns_to_match")]
    assert repeated == [], "the contract in the mart's YAML has its columns: the gate checks the candidate against that"


@pytest.mark.parametrize("entity", sorted(ENTITIES))
def test_a_landing_suite_asks_for_every_required_column(entity: str) -> None:
    file = suite_files(EXPECTATIONS / "landing")[entity]
    suite = load_suite(file, PLACEHOLDERS["landing"], entity)

    assert columns_of(suite) - {"_error"} == set(ENTITIES[entity].required)
    assert suite.entities == (entity,)


@pytest.mark.parametrize("table", sorted(ALWAYS_FILLED))
def test_the_core_tables_are_marts_and_say_that_they_are_never_empty(table: str) -> None:
    assert load_suite(MART_SUITES[table], PLACEHOLDERS["marts"]).must_not_be_empty


def test_the_drift_thresholds_are_those_of_the_definitions() -> None:
    found = load_thresholds(EXPECTATIONS / "drift.yml")

    assert vars(found) == {
        "max_growth_per_month": 0.20,
        "min_rows": 1000,
        "max_restatement": 0.005,
        "max_psi": 0.25,
        "share_floor": 0.0001,
        "max_clv_change": 0.30,
    }


def test_every_expectation_of_the_marts_can_be_evaluated_in_the_warehouse(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, expectations=EXPECTATIONS, threads=1, memory_limit="500MB")
    with DuckDBWarehouse(settings).session() as session:
        DuckDBWarehouse(settings).load_landing(session, {})
    statements = [f"create schema {SCHEMA}"]
    statements += [
        f"create table staging.quarantine_{entity} (_batch_id varchar, reason varchar)" for entity in ENTITIES
    ]
    statements += [
        f"create table seeds.{file.stem} as from read_csv('{file}', header = true)" for file in SEEDS.glob("*.csv")
    ]
    for table, columns in MARTS.items():
        values = (f'cast({PLAUSIBLE.get(kind, "1")} as {kind}) as "{name}"' for name, kind in columns.items())
        statements.append(f"create table {SCHEMA}.{table} as select {', '.join(values)}")
    run_sql(settings, *statements, "select 1")

    with pytest.raises(CandidateRejected):
        check_candidate(settings, contracts=MARTS, variables=DEFAULTS)

    errors = "select table_name, check_name, observed from ops.check_results where status = 'error'"
    assert run_sql(settings, errors) == []
    contracts = "select status, count(*) from ops.check_results where check_name = 'columns_match_contract' group by 1"
    assert run_sql(settings, contracts) == [("passed", len(MARTS))]
    expected = sum(
        len(load_suite(file, PLACEHOLDERS["marts"]).expectations) for layer, _, file in SUITES if layer == "marts"
    )
    evaluated = """
        select count(*) from ops.check_results
        where layer = 'marts' and check_name not in ('not_empty', 'expectations_were_evaluated', 'columns_match_contract')"""
    assert run_sql(settings, evaluated) == [(expected,)]


def test_importing_the_gate_does_not_import_great_expectations() -> None:
    code = (
        "import sys, kehu.gate.candidate_gate, kehu.gate.landing_gate;"
        "sys.exit(sorted(name for name in sys.modules if name.split('.')[0] in ('great_expectations', 'pandas')).__len__())"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_process_ends_without_complaints(tmp_path: Path) -> None:
    code = f"""
from pathlib import Path
from tests.unit.gate.small_release import check_candidate, make_home
settings = make_home(Path({str(tmp_path)!r}))
check_candidate(settings)
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=PROJECT_ROOT, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_what_marts_suites_count_of_the_deliveries_leaves_out_replaced_ones() -> None:
    texts = [file.read_text(encoding="utf-8") for file in MART_SUITES.values()]
    counted = [
        line for text in texts for line in text.splitlines() if " landing." in line or "staging.quarantine_" in line
    ]
    assert len(counted) >= 24
    assert [line for line in counted if "where _batch_id not in ({replaced_batches})" not in line] == []
