"""Deadline alerts for runs that exceed their limit, by Airflow, counted from when a run was queued.

The scheduler looks for runs past their deadline and gives the callback to the executor, where tasks run; so no triggerer is
needed. A run that succeeds in time takes its deadline with it. Not counted from the logical date: runs that wait for assets
have none.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from airflow.sdk import DeadlineAlert, DeadlineReference, SyncCallback

from kehu.orchestration.alerts.alert_message import late_run
from kehu.orchestration.alerts.alerting import send_alert
from kehu.settings import load_settings

RUNBOOK = "docs/runbooks/run_is_late.md"


def ingest_deadline() -> DeadlineAlert | None:
    """For the ingest of one source: KEHU_INGEST_DEADLINE_MINUTES."""
    return _deadline("ingest is late", load_settings().ingest_deadline_minutes)


def build_deadline() -> DeadlineAlert | None:
    """For a build, from the delivery of the last source to the report: KEHU_BUILD_DEADLINE_MINUTES."""
    return _deadline("build is late", load_settings().build_deadline_minutes)


def send_late_run_alert(context: Mapping[str, Any], limit_minutes: float) -> None:
    """What the executor calls when a deadline has passed."""
    send_alert(late_run(context.get("dag_run") or {}, limit_minutes, RUNBOOK))


def _deadline(name: str, minutes: float) -> DeadlineAlert | None:
    if minutes == 0:
        return None
    return DeadlineAlert(
        reference=DeadlineReference.DAGRUN_QUEUED_AT,
        interval=timedelta(minutes=minutes),
        callback=SyncCallback(send_late_run_alert, kwargs={"limit_minutes": minutes}),
        name=name,
    )
