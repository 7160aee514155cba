"""### Alert when a source has stopped delivering.

**What** Compares when each source last landed something new with its `freshness_hours` in `sources.yml`, and fails if one is
beyond it, which sends the alert. An ingest that succeeds with nothing new is no failure; days of it may be. Sources without
`freshness_hours` are not looked at. Four times a day, so that a quiet weekend does not raise an alert every hour.

**Reads** `sources.yml`, the ledger in `$KEHU_HOME/landing`.

**Writes** Nothing.

**Safe to re-run** Always.

**If it fails** The log's line with `Cause:` names the sources, and since when they are silent. Builds go on with what has
landed. Runbook: `docs/runbooks/source_down.md`.

**Owner** data-engineering
"""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import dag, task

from kehu.orchestration import steps
from kehu.orchestration.callbacks import on_task_failure
from kehu.orchestration.defaults import OWNER, Tag
from kehu.orchestration.schedules import four_times_a_day, start_date


@dag(
    doc_md=__doc__,
    description="Fail if a source has landed nothing new for too long",
    schedule=four_times_a_day(),
    start_date=start_date(),
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(hours=1),
    default_args={"owner": OWNER},
    tags=[Tag.KEHU, Tag.OPERATIONS],
)
def check_freshness() -> None:
    """One task; it reads the ledger only, so it does not queue for the warehouse behind a build that hangs."""

    @task(execution_timeout=timedelta(minutes=15), retries=0, on_failure_callback=on_task_failure)
    def look() -> None:
        steps.check_freshness()

    look()


check_freshness()
