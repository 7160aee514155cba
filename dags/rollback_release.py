"""### Roll BI back to an earlier release.

**What** Points BI at the release named by the parameter `release_id`, or at the one before the current one if it is empty.
Releases are immutable: nothing is rebuilt. The same DAG makes a stored release current.

**Reads** `$KEHU_HOME/releases`.

**Writes** The pointer that BI follows, in one atomic step, and the event in the bookkeeping.

**Safe to re-run** Yes with a release id: going to the current release changes nothing. Without one, every new run goes one
release further back.

**If it fails** BI reads what it read, or already the release that was asked for: `kehu releases` lists those that are kept,
the current one with a star. The log's line with `Cause:` says what is wrong with the release, and for a misspelt id which ids
come close. Runbook: `docs/runbooks/rollback.md`; anything else: `docs/runbooks/dag_run_fails.md`.

**Owner** data-engineering
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.sdk import dag, task

from kehu.orchestration import steps
from kehu.orchestration.defaults import OWNER, QUICK, Tag, task_options
from kehu.orchestration.parameters import rollback_params
from kehu.orchestration.schedules import start_date


@dag(
    doc_md=__doc__,
    description="Point BI at an earlier release",
    schedule=None,
    start_date=start_date(),
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(hours=2),
    default_args={"owner": OWNER},
    params=rollback_params(),
    tags=[Tag.KEHU, Tag.OPERATIONS],
)
def rollback_release() -> None:
    """One task: the swap is one atomic step."""

    # Not retried: without a release id a repeated call goes one release further. First in the queue for the warehouse:
    # somebody is looking at wrong numbers.
    @task(**task_options(QUICK, retries=0, priority_weight=1000, weight_rule="absolute"))
    def roll_back(params: Any = None) -> dict[str, Any]:
        return steps.rollback(params)

    roll_back()


rollback_release()
