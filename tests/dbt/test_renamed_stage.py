"""An analyst who renames a stage edits the seed alone: every figure stays, and the suites of the gate know the new name."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from kehu.gate.gx.lean_import import lean_import
from kehu.gate.placeholders import Placeholders
from kehu.gate.seeds import seed_values
from kehu.gate.suites import load_suite, suite_files
from kehu.report.release_reader import ReleaseReader
from kehu.report.sections import lifecycle
from kehu.settings import PROJECT_ROOT
from kehu.warehouse.on_duckdb.duckdb_backend import DuckDBSession
from tests.support.dbt_shop import DEFAULT_VARS, PROJECT, DbtShop
from tests.support.people_shop import AS_OF, people_shop

with lean_import():
    from kehu.gate.gx.gx_run import GreatExpectations

DAY = AS_OF.isoformat()
RENAMED = {"churned": "gone", "at_risk": "slipping"}
SUITES = suite_files(PROJECT_ROOT / "expectations" / "marts")
CHECKED = ("customer_lifecycle", "customer_lifecycle_history", "dim_customers", "customer_rfm")
TABLES = (*CHECKED, "customer_segments", "segment_summary", "base_health", "lifecycle_transitions", "customer_ledger")

Tables = dict[str, list[dict[str, Any]]]


@pytest.fixture(scope="module")
def shop(module_shop: Callable[[], DbtShop], tmp_path_factory: pytest.TempPathFactory) -> DbtShop:
    """Random people of a shop, on a copy of the project."""
    copy = tmp_path_factory.mktemp("renamed") / "dbt_project"
    shutil.copytree(PROJECT, copy, ignore=shutil.ignore_patterns("target", "logs"))
    shop = module_shop()
    shop.project = copy
    with shop.landing_together():
        for entity, rows in people_shop(seed=20230228).rows().items():
            shop.land(entity, rows)
    shop.build("tag:state", as_of=DAY, with_tests=False)
    return shop


@pytest.fixture(scope="module")
def before_and_after(shop: DbtShop) -> tuple[Tables, Tables]:
    """The marts before and after two stages got other names in the seed."""
    before = _built(shop)
    seed = shop.project / "seeds" / "lifecycle_rules.csv"
    text = seed.read_text(encoding="utf-8")
    for old, new in RENAMED.items():
        assert text.count(f",{old},") >= 1
        text = text.replace(f",{old},", f",{new},", 1)
    seed.write_text(text, encoding="utf-8")
    shop.build("lifecycle_rules", as_of=DAY)
    return before, _built(shop)


def _built(shop: DbtShop) -> Tables:
    shop.build("tag:features", as_of=DAY, with_tests=False)
    marts = [f"tag:candidate,+{name}" for name in TABLES]
    shop.build(*marts, as_of=DAY, with_tests=False)
    return {name: shop.records(f"select * from {shop.candidate}.{name}") for name in TABLES}


def _with_new_names(rows: list[dict[str, Any]], table: str) -> list[dict[str, Any]]:
    """Rows with the new names wherever a lifecycle stage stands; an RFM segment may have the same name, and keeps it."""
    stages = {"lifecycle_stage", "previous_stage", "previous_lifecycle_stage", "from_stage", "to_stage"}
    found = []
    for row in rows:
        names = stages | ({"segment"} if row.get("segmentation") == "lifecycle" else set())
        found.append({key: RENAMED.get(value, value) if key in names else value for key, value in row.items()})
    return sorted(found, key=repr)


@pytest.mark.parametrize("table", TABLES)
def test_a_renamed_stage_changes_its_name_and_no_figure(before_and_after: tuple[Tables, Tables], table: str) -> None:
    before, after = before_and_after

    assert before[table], "the shop fills the table"
    assert sorted(after[table], key=repr) == _with_new_names(before[table], table)


def test_the_figures_of_those_lost_and_at_risk_are_not_zero(before_and_after: tuple[Tables, Tables]) -> None:
    summary = {
        row["segment"]: row for row in before_and_after[1]["segment_summary"] if row["segmentation"] == "lifecycle"
    }

    assert (summary["gone"]["meaning"], summary["slipping"]["meaning"]) == ("lost", "at_risk")
    assert (summary["gone"]["churned_share"], summary["active"]["churned_share"]) == (1, 0)
    assert summary["gone"]["customers"] > 0
    latest = min(before_and_after[1]["base_health"], key=lambda row: row["period_number"])
    assert latest["churned_customers"] == summary["gone"]["customers"]
    assert latest["at_risk_customers"] == summary["slipping"]["customers"]


@pytest.mark.usefixtures("before_and_after")
@pytest.mark.parametrize("table", CHECKED)
def test_the_gate_s_suites_know_the_new_names(shop: DbtShop, table: str, tmp_path: Path) -> None:
    with shop.connection() as connection:
        session = DuckDBSession(connection)
        as_of = date.fromisoformat(DAY)
        placeholders = Placeholders(shop.candidate, as_of, DEFAULT_VARS, seed_values=seed_values(session))
        suite = load_suite(SUITES[table], placeholders)
        gate = GreatExpectations(session, tmp_path)
        try:
            outcomes = gate.validate(suite, shop.candidate, "marts", None)
        finally:
            gate.close()
    about_names = [one for one in outcomes if "value_set" in one.expectation.arguments]
    assert about_names
    assert [one.expectation.name for one in about_names if not one.success] == []
    assert [one.expectation.name for one in outcomes if one.problem is not None] == []


class _Candidate(DuckDBSession):
    """A session of the warehouse that answers what a release answers."""

    def columns(self) -> dict[str, dict[str, str]]:
        """Type by column of the one table that is shown."""
        found = self.rows("select column_name, data_type from duckdb_columns() where schema_name = 'analytics'")
        return {"segment_summary": {str(name): str(kind) for name, kind in found}}


@pytest.mark.usefixtures("before_and_after")
def test_the_report_finds_those_lost_and_at_risk_by_what_they_mean(shop: DbtShop) -> None:
    with shop.connection() as connection:
        connection.execute("create schema if not exists analytics")
        connection.execute(f"create or replace view analytics.segment_summary as from {shop.candidate}.segment_summary")
        rows = lifecycle.read(ReleaseReader(_Candidate(connection)))
        connection.execute("drop schema analytics cascade")
    order = [row["segment"] for row in rows]
    assert order.index("slipping") < order.index("gone")
    assert {row["meaning"] for row in rows if row["segment"] in RENAMED.values()} == {"at_risk", "lost"}
