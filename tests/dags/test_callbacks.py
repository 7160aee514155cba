"""A failure says its cause and its runbook, and the demo finds both in the task's log."""

from __future__ import annotations

import errno
import json
import logging
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from kehu import errors
from kehu.errors import (
    CandidateRejected,
    ConfigurationError,
    ErasureKeyError,
    KehuError,
    LandingError,
    UsageError,
    WarehouseFull,
)
from kehu.orchestration.alerts.alert_message import failed_task
from kehu.orchestration.callbacks import DISK_FULL_RUNBOOK, GENERAL_RUNBOOK, cause_of, on_task_failure, runbook_for
from kehu.orchestration.local.task_logs import LogTail, cause_of_failure
from kehu.settings import PROJECT_ROOT

TASK = SimpleNamespace(dag_id="build_customers", task_id="gate_candidate", run_id="manual__1")
REJECTED = CandidateRejected("2 checks failed", fix="see the data", check="row_count")


class BatchIsGone(LandingError):
    """An error of a class that has no page of its own."""


def test_the_callback_states_task_run_cause_and_runbook(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR, logger="kehu.failure"):
        on_task_failure({"ti": TASK, "exception": REJECTED})
    (record,) = caplog.records
    said = record.getMessage()
    assert said.startswith("build_customers.gate_candidate failed in run manual__1. BI keeps the last release.")
    assert "Runbook: docs/runbooks/candidate_rejected.md." in said
    assert said.endswith("Cause: CandidateRejected: 2 checks failed (check='row_count'). To fix: see the data")


@pytest.mark.parametrize(
    ("dag", "task", "says"),
    [
        ("build_customers", "write_report", "the release is published, only its report is missing"),
        ("build_customers", "publish_run", "already the new one"),
        ("rollback_release", "roll_back", "already the one asked for"),
    ],
)
def test_nobody_is_told_that_bi_has_not_moved_where_it_has_or_may_have(
    bag: Any, caplog: pytest.LogCaptureFixture, dag: str, task: str, says: str
) -> None:
    assert task in bag.dags[dag].task_ids, "the sentence goes by the task's name"
    failed = SimpleNamespace(dag_id=dag, task_id=task, run_id="manual__1")

    with caplog.at_level(logging.ERROR, logger="kehu.failure"):
        on_task_failure({"ti": failed, "exception": REJECTED})

    (bi,) = [value for name, value in failed_task(failed, REJECTED, GENERAL_RUNBOOK).facts if name == "BI"]
    assert says in bi
    assert f"BI {bi}. Runbook:" in caplog.text
    assert "keeps the last release" not in caplog.text


def test_a_cause_names_the_class() -> None:
    assert cause_of(OSError("disk full")) == "OSError: disk full"
    assert cause_of(REJECTED) == str(REJECTED)
    assert cause_of("Task timed out") == "Task timed out"
    assert "killed" in cause_of(None)


def test_the_runbook_follows_the_nearest_named_class() -> None:
    assert runbook_for(BatchIsGone("gone")) == runbook_for(LandingError("gone"))
    assert runbook_for(KehuError("x")) == GENERAL_RUNBOOK
    assert runbook_for(None) == GENERAL_RUNBOOK


@pytest.mark.parametrize(
    "name",
    ["BadExpression", "CursorUnusable", "LandingError", "MappedColumnMissing"]
    + [name for name in vars(errors) if name.startswith("Source") and name != "SourceStale"],
)
def test_the_page_about_sources_is_named_for_an_error_of_a_source(name: str) -> None:
    assert runbook_for(getattr(errors, name)("x")) == "docs/runbooks/ingest_fails.md"


@pytest.mark.parametrize(
    "name", ["SourceRefused", "SourceTimeout", "SourceTypeUnsupported", "SourceUnreachable", "SourceTableMissing"]
)
def test_the_page_about_sources_has_a_row_for_what_a_database_may_say(name: str) -> None:
    assert f"`{name}`" in (PROJECT_ROOT / runbook_for(getattr(errors, name)("x"))).read_text(encoding="utf-8")


def test_a_wrong_setting_or_parameter_leads_to_the_general_page() -> None:
    assert runbook_for(ConfigurationError("KEHU_TIMEZONE is not valid")) == GENERAL_RUNBOOK
    assert runbook_for(UsageError("this is not a business day")) == GENERAL_RUNBOOK
    assert runbook_for(ErasureKeyError("too short")) == "docs/runbooks/erase_a_customer.md"


def test_a_full_disk_has_its_own_page_whoever_ran_into_it() -> None:
    assert runbook_for(OSError(errno.ENOSPC, "No space left on device")) == DISK_FULL_RUNBOOK
    assert runbook_for(WarehouseFull("the disk of the Postgres server is full")) == DISK_FULL_RUNBOOK
    assert runbook_for(OSError(errno.EACCES, "Permission denied")) == GENERAL_RUNBOOK


def entry(logger: str, event: str, **more: object) -> str:
    return json.dumps({"logger": logger, "level": "info", "event": event, **more}) + "\n"


def test_the_cause_is_read_from_the_log_of_the_attempt(tmp_path: Path) -> None:
    log = tmp_path / "attempt=1.log"
    raised = [{"exc_type": "CandidateRejected", "exc_value": "CandidateRejected: 2 checks failed"}]
    log.write_text(entry("task", "Task failed with exception", error_detail=raised))
    assert cause_of_failure(log) == "CandidateRejected: 2 checks failed"
    with log.open("a") as file:
        file.write("not json\n" + entry("kehu.failure", "a.b failed in run c. Runbook: d. Cause: X: y. Cause: z"))
    assert cause_of_failure(log) == "X: y. Cause: z"
    assert cause_of_failure(tmp_path / "missing.log") is None


def test_the_tail_gives_what_kehu_said_last_and_never_half_a_line(tmp_path: Path) -> None:
    log = tmp_path / "attempt=1.log"
    tail = LogTail(log)
    assert tail.latest() is None
    whole = entry("kehu.pipeline.build", "model 1 of 2") + entry("airflow.x", "noise")
    half = entry("kehu.pipeline.build", "model 2 of 2")
    log.write_text(whole + half[:20])
    assert tail.latest() == "model 1 of 2"
    log.write_text(whole + half)
    assert tail.latest() == "model 2 of 2"
    assert tail.latest() is None
