"""### Erase a customer who asks to be forgotten.

**What** Finds every record of the person named by the parameter `customer`, takes them out of the landing zone, the warehouse,
every release that is kept and all other files, remembers them as keyed hashes, so that no source and no rollback brings
them back, and verifies it by searching everything. With `dry_run`, which is the default, it only counts.

**Reads** `$KEHU_HOME`, the warehouse, `KEHU_ERASURE_KEY`.

**Writes** `$KEHU_HOME/erasures`, `$KEHU_HOME/landing`, the working warehouse (emptied: the next build makes it anew), the files
or schemas of the releases.

**Safe to re-run** Always. A run that was stopped is finished by the next one with the same customer.

**If it fails** The log's line with `Cause:` says what to do; where values were still found it names the places. Runbook:
`docs/runbooks/erase_a_customer.md`, which also says how to take the id out of Airflow's own database.

**Owner** data-engineering
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.sdk import dag, task

from kehu.orchestration import steps
from kehu.orchestration.defaults import LONG, OWNER, Tag, task_options
from kehu.orchestration.parameters import erasure_params
from kehu.orchestration.schedules import start_date


@dag(
    doc_md=__doc__,
    description="Erase a customer who asks to be forgotten",
    schedule=None,
    start_date=start_date(),
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(hours=24),
    default_args={"owner": OWNER},
    params=erasure_params(),
    tags=[Tag.KEHU, Tag.OPERATIONS],
)
def erase_customer() -> None:
    """One task: it goes on where a killed one stopped."""

    @task(**task_options(LONG))
    def erase(params: Any = None) -> dict[str, Any]:
        return steps.erase(params)

    erase()


erase_customer()
