"""### Ingest: what a source has, into the landing zone.

One DAG per source of `sources.yml`, named `ingest_<source>`.

**What** Extracts every entity of the source and lands what is new as immutable batches, for one business day
(the run's partition key, yesterday when scheduled).

**Reads** The source: its files, tables or interface.

**Writes** `$KEHU_HOME/landing`, and one event for the business day on the asset `kehu_source_<source>`, which
`build_customers` waits for.

**Safe to re-run** Always. The same input again lands no new batch. For a range of days:
`airflow backfill create --dag-id ingest_<source> --from-date 2018-01-01 --to-date 2018-01-03`.

**If it fails** The log's line with `Cause:` names the file, the column and the fix; nothing of a refused delivery has
landed. Runbook: `docs/runbooks/ingest_fails.md`.

**Owner** data-engineering
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.sdk import dag, task

from kehu.orchestration import steps
from kehu.orchestration.alerts.deadlines import ingest_deadline
from kehu.orchestration.assets import source_asset
from kehu.orchestration.defaults import LONG, OWNER, Tag, task_options
from kehu.orchestration.schedules import Delivery, deliveries


def ingest(delivery: Delivery) -> None:
    """The ingest DAG of one source."""

    @dag(
        dag_id=delivery.dag_id,
        doc_md=__doc__,
        description=f"Land what is new in source {delivery.source}",
        schedule=delivery.schedule,
        start_date=delivery.start_date,
        end_date=delivery.end_date,
        catchup=False,
        max_active_runs=1,
        dagrun_timeout=timedelta(hours=24),
        deadline=ingest_deadline(),
        default_args={"owner": OWNER},
        tags=[Tag.KEHU, Tag.INGEST],
    )
    def wiring() -> None:
        @task(**task_options(LONG, outlets=[source_asset(delivery.source)]))
        def land(source_name: str) -> dict[str, Any]:
            return steps.ingest(source_name)

        land(delivery.source)

    wiring()


for each in deliveries():
    ingest(each)
