"""What operations rely on: documentation, pool, retries, time limits, order, schedules, who hears of a failure."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from airflow.sdk import DeadlineReference, SyncCallback
from airflow.serialization.decoders import decode_deadline_alert
from airflow.serialization.encoders import encode_deadline_alert

from kehu.errors import CandidateRejected, ConfigurationError, ErasureKeyError, UsageError, WarehouseBusy
from kehu.orchestration.alerts.deadlines import RUNBOOK as LATE_RUNBOOK
from kehu.orchestration.alerts.deadlines import build_deadline, send_late_run_alert
from kehu.orchestration.assets import RELEASE_ASSET, source_asset, when_all_delivered
from kehu.orchestration.callbacks import DISK_FULL_RUNBOOK, GENERAL_RUNBOOK, RUNBOOKS, on_task_failure
from kehu.orchestration.defaults import OWNER, WAREHOUSE_POOL, Tag
from kehu.orchestration.local.up import dag_ids
from kehu.orchestration.schedules import deliveries
from tests.conftest import ROOT

SECTIONS = ("What", "Reads", "Writes", "Safe to re-run", "If it fails", "Owner")
RUNBOOK = re.compile(r"docs/runbooks/[a-z0-9_]+\.md")


def tasks(bag: Any) -> list[Any]:
    return [task for dag in bag.dags.values() for task in dag.tasks]


def working_tasks(bag: Any) -> list[Any]:
    """The tasks that touch the warehouse or the landing zone; a check of freshness only reads the ledger."""
    return [task for task in tasks(bag) if task.dag_id != "check_freshness"]


def test_every_dag_says_what_its_readers_ask(bag: Any) -> None:
    for dag in bag.dags.values():
        for section in SECTIONS:
            assert f"**{section}**" in dag.doc_md, f"{dag.dag_id}: the docstring needs the section **{section}**"
        assert RUNBOOK.search(dag.doc_md), f"{dag.dag_id}: the docstring must name a runbook"


def test_make_up_unpauses_every_dag(bag: Any, sources_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEHU_SOURCES", str(sources_file))
    assert dag_ids() == set(bag.dags)


def test_every_runbook_that_a_dag_or_a_failure_names_is_there(bag: Any) -> None:
    named = {page for dag in bag.dags.values() for page in RUNBOOK.findall(dag.doc_md)}
    named |= {GENERAL_RUNBOOK, DISK_FULL_RUNBOOK, LATE_RUNBOOK, *RUNBOOKS.values()}
    assert [page for page in sorted(named) if not (ROOT / page).is_file()] == []


@pytest.mark.parametrize(
    ("page", "message", "module"),
    [
        ("rollback.md", "no release has this id", "release/catalog.py"),
        ("dag_run_fails.md", "this is not a business day", "pipeline/business_day.py"),
    ],
)
def test_a_message_that_a_runbook_quotes_is_one_that_there_is(page: str, message: str, module: str) -> None:
    assert message in (ROOT / "docs" / "runbooks" / page).read_text(encoding="utf-8")
    assert f'"{message}"' in (ROOT / "plugins" / "kehu" / module).read_text(encoding="utf-8")


def test_every_dag_has_an_owner_known_tags_and_explicit_limits(bag: Any) -> None:
    for dag in bag.dags.values():
        assert dag.owner == OWNER
        assert Tag.KEHU in dag.tags
        assert set(dag.tags) <= set(Tag)
        assert dag.catchup is False
        assert dag.max_active_runs == 1
        assert dag.start_date is not None
        assert dag.dagrun_timeout is not None


def test_every_task_queues_for_the_warehouse_has_a_time_limit_and_states_its_cause(bag: Any) -> None:
    for task in working_tasks(bag):
        assert task.pool == WAREHOUSE_POOL
        assert task.pool_slots == 1
    for task in tasks(bag):
        assert timedelta() < task.execution_timeout < task.dag.dagrun_timeout
        assert task.on_failure_callback == [on_task_failure]


def test_a_check_of_freshness_does_not_wait_behind_a_build_that_hangs(bag: Any) -> None:
    (task,) = bag.dags["check_freshness"].tasks
    assert task.pool != WAREHOUSE_POOL
    assert task.retries == 0, "an hour later it is no fresher"


def test_every_ingest_and_build_has_a_deadline_that_survives_serialization(bag: Any) -> None:
    limits = {"build_customers": timedelta(minutes=240)} | {
        f"ingest_{name}": timedelta(minutes=120) for name in ("shop", "extra", "completejourney")
    }
    found = {}
    for dag_id, dag in bag.dags.items():
        for alert in dag.deadline or []:
            found[dag_id] = alert.interval
            assert alert.reference == DeadlineReference.DAGRUN_QUEUED_AT, (
                "a run that waits for assets has no logical date"
            )
            assert isinstance(alert.callback, SyncCallback), "an asynchronous one would need a triggerer"
            assert alert.callback.path == f"{send_late_run_alert.__module__}.{send_late_run_alert.__qualname__}"
            assert alert.callback.kwargs == {"limit_minutes": limits[dag_id].total_seconds() / 60}
            assert decode_deadline_alert(encode_deadline_alert(alert)).interval == alert.interval
    assert found == limits


def test_a_deadline_of_nought_minutes_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEHU_BUILD_DEADLINE_MINUTES", "0")
    assert build_deadline() is None


def test_every_task_is_retried_with_growing_pauses_but_a_rollback(bag: Any) -> None:
    for task in working_tasks(bag):
        if task.dag_id == "rollback_release":
            assert task.retries == 0, "without a release id a second try would go one release further"
            continue
        assert task.retries == 3
        assert task.retry_delay == timedelta(seconds=30)
        assert task.retry_exponential_backoff == 2
        assert task.max_retry_delay == timedelta(minutes=15)


@pytest.mark.parametrize(
    ("error", "action"),
    [
        (CandidateRejected("a check failed"), "fail"),
        (UsageError("no day"), "fail"),
        (ErasureKeyError("the key is not set"), "fail"),
        (WarehouseBusy("another run holds the warehouse"), "default"),
        (ConfigurationError("the file is not there yet"), "default"),
        (OSError("disk full"), "default"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else value,
)
def test_only_what_can_never_mend_is_not_retried(bag: Any, error: Exception, action: str) -> None:
    for task in working_tasks(bag):
        assert task.retry_policy.evaluate(error, try_number=1, max_tries=3).action.value == action


def test_the_build_runs_its_steps_one_after_the_other_and_publishes_only_after_the_gate(bag: Any) -> None:
    dag = bag.dags["build_customers"]
    order = [
        "start_run",
        "load_landing",
        "check_landing",
        "build_state",
        "build_features",
        "score_lifetime_value",
        "score_personas",
        "build_candidate",
        "gate_candidate",
        "publish_run",
        "write_report",
    ]
    assert {task.task_id for task in dag.tasks} == set(order)
    for before, after in pairwise(order):
        assert after in dag.get_task(before).downstream_task_ids
    for task in dag.tasks:
        assert task.trigger_rule == "all_success", f"{task.task_id} must not run after a step that failed"


def test_only_publishing_tells_of_a_release(bag: Any) -> None:
    for task in tasks(bag):
        tells = [asset.name for asset in task.outlets]
        if task.dag_id == "build_customers":
            assert tells == ([RELEASE_ASSET.name] if task.task_id == "publish_run" else [])


def test_the_build_waits_for_the_required_sources_and_no_other(bag: Any) -> None:
    timetable = scheduler_side(bag.dags["build_customers"]).timetable
    waits_for = {key.name for key, _ in timetable.asset_condition.iter_assets()}
    assert waits_for == {source_asset("shop").name, source_asset("completejourney").name}


def test_nothing_to_wait_for_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="no source is required"):
        when_all_delivered([])


def test_an_ingest_delivers_its_own_asset(bag: Any) -> None:
    for name in ("shop", "extra", "completejourney"):
        (land,) = bag.dags[f"ingest_{name}"].tasks
        assert [asset.name for asset in land.outlets] == [source_asset(name).name]


def scheduler_side(dag: Any) -> Any:
    """The DAG as the scheduler sees it, after serialization."""
    from airflow.serialization.serialized_objects import DagSerialization

    return DagSerialization.from_dict(DagSerialization.to_dict(dag))


def test_an_ingest_run_is_for_yesterday_in_the_business_time_zone(bag: Any) -> None:
    from airflow.timetables.base import TimeRestriction
    from pendulum import instance

    timetable = scheduler_side(bag.dags["ingest_shop"]).timetable
    restriction = TimeRestriction(instance(datetime(2024, 3, 10, tzinfo=UTC)), None, catchup=True)
    info = timetable.next_dagrun_info_v2(last_dagrun_info=None, restriction=restriction)
    assert info.run_after == datetime(2024, 3, 10, 16, tzinfo=UTC), "midnight in Shanghai"
    assert info.partition_key == "2024-03-10"


def test_a_backfill_covers_its_first_and_its_last_day(bag: Any) -> None:
    dag = scheduler_side(bag.dags["ingest_shop"])
    infos = dag.iter_dagrun_infos_between(datetime(2024, 2, 28, tzinfo=UTC), datetime(2024, 3, 1, tzinfo=UTC))
    assert [info.partition_key for info in infos] == ["2024-02-28", "2024-02-29", "2024-03-01"]


def test_data_that_ended_for_good_is_not_scheduled_but_can_be_backfilled(bag: Any) -> None:
    dag = scheduler_side(bag.dags["ingest_completejourney"])
    assert dag.next_dagrun_info(last_automated_run_info=None) is None
    last = datetime.combine(date(2018, 1, 1), datetime.min.time(), UTC)
    assert [info.partition_key for info in dag.iter_dagrun_infos_between(last, last)] == ["2018-01-01"]
    assert scheduler_side(bag.dags["ingest_shop"]).next_dagrun_info(last_automated_run_info=None) is not None


def test_nothing_is_scheduled_after_the_last_day_of_a_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "sources.yml"
    source = "{name: NAME, kind: files, path: ., entities: {orders: {}}"
    file.write_text(
        f"sources:\n  - {source.replace('NAME', 'ended')}, last_day: 2025-12-31}}\n  - {source.replace('NAME', 'lives')}}}\n"
    )
    monkeypatch.setenv("KEHU_SOURCES", str(file))
    ended, lives = deliveries()
    # The day after the last one is when the last one is run.
    assert ended.end_date is not None
    assert ended.end_date.isoformat() == "2026-01-01T00:00:00+00:00"
    assert lives.end_date is None
