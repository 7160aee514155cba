"""One call per task. The pipeline (DuckDB, dbt, Great Expectations) is imported when a task runs, never when a DAG is parsed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from kehu.orchestration.assets import RELEASE_ASSET
from kehu.orchestration.connections import known_connections
from kehu.orchestration.parameters import business_day, in_utc
from kehu.settings import load_settings

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


def ingest(source_name: str) -> dict[str, Any]:
    """Extract one source and land what is new; returns what came."""
    from kehu.pipeline.ingest import connection_of, ingest_source

    settings = load_settings()
    connections = known_connections(connection_of(settings, source_name))
    return ingest_source(settings, source_name, connections).as_dict()


def start_run(params: Mapping[str, Any], dag_run: Any) -> str:
    """Register the run and return its release id.

    The id is made of the DAG run's start, which retries keep. Clearing the whole run starts it anew, under a new id.
    """
    from kehu.pipeline.runs import start_run

    settings = load_settings()
    started_at = dag_run.start_date or dag_run.run_after
    day = business_day(params, dag_run.partition_key, started_at, settings.timezone)
    return str(start_run(settings, day, in_utc(started_at)))


def load_landing(release_id: str) -> None:
    """Show the landed batches to the models."""
    from kehu.pipeline.build import load_landing

    load_landing(load_settings(), release_id)


def check_landing(release_id: str, params: Mapping[str, Any]) -> None:
    """Hold what came in against the landing suites and former deliveries."""
    from kehu.pipeline.build import check_landing

    check_landing(load_settings(), release_id, params["accept_drift"])


def build_state(release_id: str) -> None:
    """Bring the state up to the landed batches."""
    from kehu.pipeline.build import build_state

    build_state(load_settings(), release_id)


def build_features(release_id: str) -> None:
    """Build what marts and purchase models stand on, as of the run's day."""
    from kehu.pipeline.build import build_features

    build_features(load_settings(), release_id)


def score_lifetime_value(release_id: str) -> None:
    """Fit, backtest and score the purchase models."""
    from kehu.pipeline.lifetime_value import score_lifetime_value

    score_lifetime_value(load_settings(), release_id)


def score_personas(release_id: str) -> None:
    """Find the personas among the customers."""
    from kehu.pipeline.personas import score_personas

    score_personas(load_settings(), release_id)


def build_candidate(release_id: str) -> None:
    """Build the marts as of the run's day."""
    from kehu.pipeline.build import build_candidate

    build_candidate(load_settings(), release_id)


def gate_candidate(release_id: str, params: Mapping[str, Any]) -> None:
    """Hold the candidate against its suites and the published release."""
    from kehu.pipeline.gating import gate_candidate

    gate_candidate(load_settings(), release_id, params["accept_drift"])


def publish_run(release_id: str, params: Mapping[str, Any], outlet_events: Any) -> dict[str, Any]:
    """Publish the candidate and tell those downstream which release it is."""
    from kehu.pipeline.publishing import publish_run
    from kehu.pipeline.runs import load_run

    settings = load_settings()
    outcome = publish_run(settings, release_id, params["make_current"])
    as_of = load_run(settings, release_id).as_of.isoformat()
    event = outlet_events[RELEASE_ASSET]
    event.extra = {"release_id": str(outcome.release_id), "as_of": as_of, "is_current": outcome.is_current}
    event.add_partitions(as_of)
    return in_plain_values(outcome)


def write_report(release_id: str) -> str:
    """Draw the report of the release, log what to look at, send its critical alerts; returns where the report is."""
    from kehu.orchestration.alerts.fired import tell_of_alerts
    from kehu.pipeline.remarks import log_remarks
    from kehu.pipeline.reporting import write_report

    settings = load_settings()
    file = str(write_report(settings, release_id))
    log_remarks(settings, release_id)
    tell_of_alerts(settings, release_id)
    return file


def check_freshness() -> None:
    """Fail if a source has landed nothing new for too long."""
    from kehu.pipeline.freshness import check_freshness

    check_freshness(load_settings())


def rollback(params: Mapping[str, Any]) -> dict[str, Any]:
    """Point BI at an earlier release."""
    from kehu.pipeline.publishing import rollback_release

    return in_plain_values(rollback_release(load_settings(), params["release_id"] or None))


def erase(params: Mapping[str, Any]) -> dict[str, Any]:
    """Erase a person; returns counts and the name of the erasure, nothing of the person."""
    from kehu.pipeline.erasing import erase_customer

    return erase_customer(load_settings(), params["customer"], params["dry_run"]).as_dict()


def in_plain_values(outcome: DataclassInstance) -> dict[str, Any]:
    """An outcome as Airflow keeps it between tasks: of the built-in types alone, which a release id is not."""
    return {name: _plain(value) for name, value in asdict(outcome).items()}


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return str(value)
    return [_plain(one) for one in value] if isinstance(value, list | tuple) else value
