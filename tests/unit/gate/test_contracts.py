"""What a candidate's tables must look like is what dbt's manifest says: anything else, or nothing, keeps it away from BI."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kehu.errors import CandidateRejected
from kehu.gate.contracts import CHECK, same_type
from kehu.ops.tables import candidate_schema
from kehu.release.descriptions import contracts as contracts_of_the_manifest
from kehu.release.ids import ReleaseId
from kehu.settings import Settings
from tests.support.contracts import marts
from tests.unit.gate.small_release import RELEASE, SCHEMA, TABLES, check_candidate, contracts, run_sql

pytestmark = pytest.mark.slow


def found(settings: Settings, table: str) -> tuple[object, ...]:
    """Severity, status and observation of a table's contract, as the gate has written it down."""
    sql = f"select severity, status, observed from ops.check_results where check_name = '{CHECK}' and table_name = '{table}'"
    (row,) = run_sql(settings, sql)
    return row


def test_a_candidate_that_keeps_its_contracts_passes(home: Settings) -> None:
    results = [result for result in check_candidate(home) if result.check_name == CHECK]

    assert {(result.table_name, result.status, result.severity) for result in results} == {
        (table, "passed", "critical") for table in TABLES
    }


@pytest.mark.parametrize(
    ("change", "observed"),
    [
        ("rename column net_revenue to revenue", "missing: net_revenue; not in the contract: revenue"),
        ("drop column net_revenue", "missing: net_revenue"),
        ("add column margin integer", "not in the contract: margin"),
        ("alter column net_revenue type double", "net_revenue is double instead of decimal(18, 2)"),
        ("alter column net_revenue type decimal(18, 4)", "net_revenue is decimal(18, 4) instead of decimal(18, 2)"),
        ("alter column order_date type timestamp", "order_date is timestamp instead of date"),
    ],
)
def test_a_column_that_is_not_as_promised_blocks(home: Settings, change: str, observed: str) -> None:
    promised = contracts(home)
    run_sql(home, f"alter table {SCHEMA}.fct_orders {change}", "select 1")

    with pytest.raises(CandidateRejected, match=CHECK):
        check_candidate(home, contracts=promised)
    assert found(home, "fct_orders") == ("critical", "failed", observed)
    assert found(home, "dim_customers")[1] == "passed"


def test_without_a_manifest_nothing_is_promised_and_nothing_published(home: Settings) -> None:
    assert contracts_of_the_manifest(home, ReleaseId(RELEASE)) == {}

    with pytest.raises(CandidateRejected, match=CHECK):
        check_candidate(home, contracts={})
    assert found(home, "fct_orders") == ("critical", "failed", "no contract")


@pytest.mark.parametrize("contract", [None, {}])
def test_a_table_without_a_contract_blocks(home: Settings, contract: dict[str, str] | None) -> None:
    promised = contracts(home)
    promised.pop("fct_orders")
    if contract is not None:
        promised["fct_orders"] = contract

    with pytest.raises(CandidateRejected, match=CHECK):
        check_candidate(home, contracts=promised)
    assert found(home, "fct_orders") == ("critical", "failed", "no contract")


def test_a_contract_whose_table_was_not_built_blocks(home: Settings) -> None:
    with pytest.raises(CandidateRejected, match=CHECK):
        check_candidate(home, contracts=contracts(home) | {"dim_shops": {"shop_id": "varchar"}})
    assert found(home, "dim_shops") == ("critical", "failed", "no such table")


def test_the_manifest_s_contracts_are_those_that_dbt_enforces_in_the_candidate(home: Settings) -> None:
    schema = candidate_schema(RELEASE)
    columns = {"order_id": {"name": "order_id", "data_type": "varchar"}}
    enforced = {"contract": {"enforced": True}}
    node = {"resource_type": "model", "schema": schema, "name": "fct_orders", "columns": columns, "config": enforced}
    nodes = [
        node,
        node | {"name": "loose", "config": {"contract": {"enforced": False}}},
        node | {"name": "elsewhere", "schema": f"{schema}_features"},
        node | {"name": "tested", "resource_type": "test"},
    ]
    file: Path = home.runs_dir / RELEASE / "candidate" / "attempt_1" / "manifest.json"
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps({"nodes": {str(at): one for at, one in enumerate(nodes)}}), encoding="utf-8")

    assert contracts_of_the_manifest(home, ReleaseId(RELEASE)) == {"fct_orders": {"order_id": "varchar"}}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("VARCHAR", "varchar"),
        ("character varying", "varchar"),
        ("text", "varchar"),
        ("DECIMAL(18,2)", "decimal(18, 2)"),
        ("numeric(18,2)", "decimal(18, 2)"),
        ("DOUBLE", "double precision"),
        ("timestamp without time zone", "TIMESTAMP"),
    ],
)
def test_one_type_has_many_names(one: str, other: str) -> None:
    assert same_type(one) == same_type(other)


def test_types_that_differ_are_told_apart() -> None:
    kinds = {same_type(kind) for columns in marts().values() for kind in columns.values()}
    assert kinds >= {"varchar", "bigint", "integer", "boolean", "date", "timestamp", "double", "decimal(18, 2)"}
    assert same_type("timestamp with time zone") not in kinds
    assert same_type("numeric(18,3)") not in kinds - {"decimal(18, 3)"}
