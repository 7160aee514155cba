"""### Build the customer tables of one business day and publish them.

**What** Checks what has landed, builds the state, then as of the business day the features, the scores of the purchase
models, the personas and the marts, gates the candidate, publishes it as a release, draws its report and tells of its critical
alerts. Runs for day D
once every required source has delivered D; a manual run names its day with the parameter `as_of`.

**Reads** `$KEHU_HOME/landing`, `dbt_project/`, `expectations/`, the published release (for drift).

**Writes** The working warehouse, `$KEHU_HOME/releases/<id>`, the pointer that BI follows, `$KEHU_HOME/reports`, and one
event on the asset `kehu_release` per published release (partition key: the as-of date).

**Safe to re-run** Always. A retry continues with what did not finish and keeps the release id. A correction is a manual run
with `as_of`. A release older than BI's is stored and not made current, unless `make_current` asks for it.

**If it fails** BI keeps the last release; after `publish_run` it has the new one, and only the report is missing. The log's
line with `Cause:` says what to do. A rejected candidate is not retried:
`docs/runbooks/candidate_rejected.md`; anything else: `docs/runbooks/dag_run_fails.md`.

**Owner** data-engineering
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.sdk import chain, dag, task

from kehu.orchestration import steps
from kehu.orchestration.alerts.deadlines import build_deadline
from kehu.orchestration.assets import RELEASE_ASSET, when_all_delivered
from kehu.orchestration.defaults import LONG, OWNER, QUICK, Tag, task_options
from kehu.orchestration.parameters import build_params
from kehu.orchestration.schedules import required_sources, start_date


@dag(
    doc_md=__doc__,
    description="Build, gate and publish the customer tables of one business day",
    schedule=when_all_delivered(required_sources()),
    start_date=start_date(),
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(hours=24),
    deadline=build_deadline(),
    default_args={"owner": OWNER},
    params=build_params(),
    tags=[Tag.KEHU, Tag.BUILD],
)
def build_customers() -> None:
    """One task a step; each can be retried alone."""

    @task(**task_options(QUICK))
    def start_run(params: Any = None, dag_run: Any = None) -> str:
        return steps.start_run(params, dag_run)

    @task(**task_options(QUICK))
    def load_landing(release_id: str) -> None:
        steps.load_landing(release_id)

    @task(**task_options(QUICK))
    def check_landing(release_id: str, params: Any = None) -> None:
        steps.check_landing(release_id, params)

    @task(**task_options(QUICK))
    def gate_candidate(release_id: str, params: Any = None) -> None:
        steps.gate_candidate(release_id, params)

    @task(**task_options(QUICK, outlets=[RELEASE_ASSET]))
    def publish_run(release_id: str, params: Any = None, outlet_events: Any = None) -> dict[str, Any]:
        return steps.publish_run(release_id, params, outlet_events)

    @task(**task_options(QUICK))
    def write_report(release_id: str) -> str:
        return steps.write_report(release_id)

    run = start_run()
    scored = (steps.score_lifetime_value, steps.score_personas)
    at_length = (steps.build_state, steps.build_features, *scored, steps.build_candidate)
    built = [task(**task_options(LONG))(one)(run) for one in at_length]
    chain(run, load_landing(run), check_landing(run), *built, gate_candidate(run), publish_run(run), write_report(run))


build_customers()
