"""A landed source becomes a published release through the real scheduler and LocalExecutor.

The tests are one story, told in the order of the file: a backfill, a rejected candidate, the backfill again, a rollback.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from kehu.landing.ledger import read_ledger
from kehu.orchestration.local.local_airflow import LocalAirflow, local_airflow, prepare
from kehu.orchestration.local.task_logs import cause_of_failure
from kehu.settings import Settings, load_settings
from tests.integration import tiny_shop

pytestmark = [pytest.mark.integration, pytest.mark.timeout(1200)]

INGEST, BUILD, ROLLBACK = "ingest_shop", "build_customers", "rollback_release"
RUN_SECONDS = 600
DAYS = ("2024-02-28", "2024-02-29")
"""The days of the backfill."""


@dataclass(frozen=True)
class Shop:
    """The tiny shop, its Airflow and its folders."""

    folder: Path
    settings: Settings
    airflow: LocalAirflow

    def wait(self, dag_id: str, is_over: Callable[[list[dict[str, Any]]], bool]) -> list[dict[str, Any]]:
        """The runs of a DAG once they are as wished."""
        deadline = time.monotonic() + RUN_SECONDS
        while time.monotonic() < deadline:
            self.airflow.check()
            runs = self.airflow.api.runs(dag_id)
            if is_over(runs):
                return runs
            for run in runs:
                self.refuse_retries(dag_id, run)
            time.sleep(0.5)
        raise AssertionError(f"{dag_id} did not end: {[(run['partition_key'], run['state']) for run in runs]}")

    def refuse_retries(self, dag_id: str, run: dict[str, Any]) -> None:
        """Nothing in this story fails by chance: do not sit a retry out."""
        if run["state"] == "running":
            waiting = [task for task, (state, _) in self.states(dag_id, run).items() if state == "up_for_retry"]
            assert not waiting, f"{waiting[0]} failed: {self.cause(dag_id, run, waiting[0])}"

    def finished(self, dag_id: str, run_id: str) -> dict[str, Any]:
        """The run once it has ended."""
        self.wait(dag_id, lambda runs: any(r["dag_run_id"] == run_id and r["state"] in ENDED for r in runs))
        return self.airflow.api.run(dag_id, run_id)

    def deliver(self, day: str) -> dict[str, Any]:
        """Ingest one business day; the build that this starts, once it has ended."""
        known = {run["dag_run_id"] for run in self.airflow.api.runs(BUILD)}
        ingest = self.finished(INGEST, self.airflow.api.trigger(INGEST, partition_key=day))
        assert ingest["state"] == "success"
        runs = self.wait(BUILD, lambda runs: any(r["dag_run_id"] not in known and r["state"] in ENDED for r in runs))
        (build,) = [run for run in runs if run["dag_run_id"] not in known]
        return build

    def states(self, dag_id: str, run: dict[str, Any]) -> dict[str, tuple[str, int]]:
        """State and tries of the run's tasks."""
        tasks = self.airflow.api.tasks(dag_id, run["dag_run_id"])
        return {task["task_id"]: (task["state"], task["try_number"]) for task in tasks}

    def cause(self, dag_id: str, run: dict[str, Any], task_id: str) -> str:
        """Why a task failed at its first try."""
        return cause_of_failure(self.airflow.task_log(dag_id, run["dag_run_id"], task_id, 1)) or ""

    def published(self) -> str:
        """The id of the release that BI reads."""
        return str(read(self.settings.published_link)[0])

    def releases(self) -> list[str]:
        """The ids of all stored releases."""
        return sorted(folder.name for folder in self.settings.releases_dir.iterdir() if folder.name.startswith("r"))

    def batches(self) -> list[str]:
        """The ids of all landed batches."""
        return [batch.batch_id for batch in read_ledger(self.settings.landing_dir)]

    def backfills(self) -> list[dict[str, Any]]:
        """All backfills of the ingest DAG."""
        found: list[dict[str, Any]] = self.airflow.api._get("/backfills", dag_id=INGEST)["backfills"]
        return found

    def backfill(self, *options: str) -> None:
        """The command that an engineer would type; Airflow takes one backfill of a DAG at a time."""
        self.wait(INGEST, lambda _: all(one["completed_at"] for one in self.backfills()))
        command = [sys.executable, "-m", "airflow", "backfill", "create", "--dag-id", INGEST]
        days = ["--from-date", DAYS[0], "--to-date", DAYS[1]]
        subprocess.run(
            [*command, *days, *options], env=self.airflow.config.environment, check=True, capture_output=True
        )


ENDED = ("success", "failed")


def read(release: Path) -> tuple[str, Decimal]:
    """A release's id and net revenue, as BI sees them."""
    with duckdb.connect(str(release / "kehu.duckdb"), read_only=True) as connection:
        query = (
            "select any_value(release_id), (select sum(net_revenue) from analytics.fct_orders) from analytics.release"
        )
        found = connection.execute(query).fetchone()
    assert found is not None
    return found


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory, new_home: Callable[[str], Path]) -> Iterator[Shop]:
    root = tmp_path_factory.mktemp("shop")
    sources = tiny_shop.write_shop(root / "files")
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("KEHU_")]:
            patch.delenv(name)
        settings = load_settings(home=new_home("scheduled"), sources=sources)
        with local_airflow(settings, print) as airflow:
            for dag_id in prepare(airflow, {INGEST, BUILD, ROLLBACK}):
                airflow.api.set_paused(dag_id, paused=dag_id == BUILD)
            ready = Shop(root / "files", settings, airflow)
            # the schedule's own run, for yesterday by the machine's clock, shall not start a build
            ready.wait(
                INGEST, lambda runs: [(run["run_type"], run["state"]) for run in runs] == [("scheduled", "success")]
            )
            airflow.api.set_paused(BUILD, paused=False)
            yield ready


def test_a_backfill_publishes_its_days_and_never_moves_bi_back(shop: Shop) -> None:
    shop.backfill("--run-backwards", "--max-active-runs", "1")
    builds = shop.wait(BUILD, lambda runs: sum(run["state"] in ENDED for run in runs) == len(DAYS))

    assert [(run["partition_key"], run["run_type"], run["state"]) for run in reversed(builds)] == [
        (day, "asset_triggered", "success") for day in reversed(DAYS)
    ]
    for build in builds:
        assert set(shop.states(BUILD, build).values()) == {("success", 1)}
    earlier, later = shop.releases()
    for release, day in zip((earlier, later), DAYS, strict=True):
        assert release.startswith(f"r{day.replace('-', '')}_")
        assert read(shop.settings.releases_dir / release) == (release, tiny_shop.net_revenue(day))
        assert (shop.settings.reports_dir / f"{release}.html").is_file()
    assert shop.published() == later, "the earlier day was built last, and is only stored"
    assert [(event["partition_key"], event["extra"]) for event in shop.airflow.api.events("kehu_release")] == [
        (DAYS[0], {"release_id": earlier, "as_of": DAYS[0], "is_current": False}),
        (DAYS[1], {"release_id": later, "as_of": DAYS[1], "is_current": True}),
    ]


def test_a_rejected_candidate_fails_without_a_retry_and_bi_keeps_the_former_release(shop: Shop) -> None:
    before, releases = shop.published(), shop.releases()
    january = [order for order in tiny_shop.orders() if order.ordered_at.month == 1]
    tiny_shop.write_lines(shop.folder, "2", january, times=3)

    build = shop.deliver("2024-03-05")

    assert build["state"] == "failed"
    states = shop.states(BUILD, build)
    assert states["gate_candidate"] == ("failed", 1), "the same candidate would be rejected again"
    assert states["publish_run"][0] == "upstream_failed"
    assert shop.cause(BUILD, build, "gate_candidate").startswith("CandidateRejected:")
    assert shop.published() == before
    assert shop.releases() == releases
    assert len(shop.airflow.api.events("kehu_release")) == len(releases), "nobody downstream is told"


def test_a_run_without_a_business_day_says_so_and_is_not_retried(shop: Shop) -> None:
    run = shop.finished(BUILD, shop.airflow.api.trigger(BUILD))

    assert run["state"] == "failed"
    assert shop.states(BUILD, run)["start_run"] == ("failed", 1)
    assert shop.cause(BUILD, run, "start_run").startswith("UsageError: the run has no business day")


def test_a_backfill_again_is_cheap(shop: Shop) -> None:
    shop.airflow.api.set_paused(BUILD, paused=True)
    batches, releases, runs = shop.batches(), shop.releases(), len(shop.airflow.api.runs(INGEST))

    shop.backfill()
    assert len(shop.airflow.api.runs(INGEST)) == runs, "the days have been run"

    shop.backfill("--reprocess-behavior", "completed")
    ended = shop.wait(INGEST, lambda found: len(found) == runs + len(DAYS) and all(r["state"] in ENDED for r in found))
    assert {run["state"] for run in ended} == {"success"}
    assert shop.batches() == batches, "the same input again lands nothing"
    assert shop.releases() == releases
    shop.airflow.api.set_paused(BUILD, paused=False)


def test_a_rollback_makes_bi_read_the_named_release(shop: Shop) -> None:
    target = shop.releases()[0]

    run = shop.finished(ROLLBACK, shop.airflow.api.trigger(ROLLBACK, conf={"release_id": target}))

    assert run["state"] == "success"
    assert shop.published() == target


def test_no_personal_value_is_anywhere_but_in_the_tables_that_have_to_hold_it(shop: Shop) -> None:
    """Not in logs and errors, results of Great Expectations, Data Docs, XCom (Airflow's database), reports, bookkeeping."""
    mark, home = tiny_shop.PERSONAL, shop.settings.home
    with duckdb.connect(str(shop.settings.warehouse_path), read_only=True) as connection:
        held = connection.execute("select reason, delivered, _raw from staging.quarantine_customers").fetchall()
        tables = connection.execute("select table_name from duckdb_tables() where schema_name = 'ops'").fetchall()
        books = [str(connection.execute(f"select * from ops.{table}").fetchall()) for (table,) in tables]
    assert len([row for row in held if mark in str(row)]) == 2, (
        "a row that cannot be used and one that cannot be parsed"
    )
    assert not [table for table, text in zip(tables, books, strict=True) if mark in text.lower()]
    files = [file for file in home.rglob("*") if file.is_file() and file.suffix not in {".parquet", ".duckdb"}]
    for part in ("airflow/airflow.db", "airflow/logs", "runs", "reports", "data_docs", "releases"):
        assert any(str(file.relative_to(home)).startswith(part) for file in files), f"nothing of {part} was looked at"
    assert not [str(file.relative_to(home)) for file in files if mark.encode() in file.read_bytes().lower()]
