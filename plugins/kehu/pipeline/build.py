"""From landed batches to a candidate: show the landing zone, check it, build the state, then features and marts at D."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from functools import partial
from typing import Any

from kehu.entities import ENTITIES
from kehu.erasure.replay import replay_erasures
from kehu.errors import KehuError, TransformError
from kehu.files.fault_points import step
from kehu.gate import landing_gate
from kehu.landing.deciding import LandingZone
from kehu.landing.integrity import naming_damaged_batches
from kehu.landing.ledger import Batch, read_ledger
from kehu.landing.unconfigured import unconfigured_sources
from kehu.landing.withdrawals import Standing
from kehu.ops.batches import loaded_batches, replace_batches, replace_sources
from kehu.ops.tables import candidate_schema
from kehu.pipeline import bookkeeping, lifetime_value, personas
from kehu.pipeline.basis import basis_now, keep_basis
from kehu.pipeline.context import RunContext, open_run
from kehu.pipeline.lifetime_value import score_lifetime_value
from kehu.pipeline.old_runs import remove_old_runs
from kehu.pipeline.personas import score_personas
from kehu.pipeline.published_batches import published_batches
from kehu.pipeline.runs import Run
from kehu.pipeline.stale_relations import drop_stale_relations
from kehu.pipeline.validity import in_force, state
from kehu.pipeline.validity.retries import drop_candidate, keep_or_start_over, note_finished
from kehu.release import events
from kehu.release.rules import keep_rules
from kehu.session import Session
from kehu.settings import Settings
from kehu.transform.results import last_results
from kehu.transform.runner import Step, StepResult, keep_parse, run_step
from kehu.transform.warm import warm_dbt
from kehu.warehouse.factory import open_warehouse

log = logging.getLogger(__name__)

KEPT_CANDIDATES = 2


def load_landing(settings: Settings, release_id: str) -> Run:
    """Show the committed batches to the models and write down which ones this run is built from."""
    context = open_run(settings, release_id, "load")
    run, warehouse = context.run, context.warehouse
    replay_erasures(settings)
    zone = LandingZone.read(settings)
    batches, found = list(zone.batches), zone.standing
    with warehouse.writing(f"kehu load {release_id}"):
        with open_warehouse(settings, "publish").session() as ops:
            events.reconcile(settings, ops)
        with naming_damaged_batches(settings.landing_dir, lambda: batches), warehouse.session() as session:
            warehouse.load_landing(session, _files(settings, batches))
            replace_batches(session, [_batch_row(batch, found) for batch in batches])
            replace_sources(session, _source_rows(context.config))
            run = run.with_inputs(
                tuple(_input(batch) for batch in batches if batch.batch_id not in found.withdrawn),
                state.code_now(context),
                tuple(_input(batch) for batch in batches if batch.batch_id in found.withdrawn),
            )
            bookkeeping.record_run(session, settings, run)
        remove_old_runs(settings, release_id)
    run.save(settings)
    step("build:loaded")
    counted = f", {len(found.withdrawn)} of them withdrawn" if found.withdrawn else ""
    entities = len({batch.entity for batch in batches})
    log.info("%d batches of %d entities are in the landing zone%s", len(batches), entities, counted)
    for source in unconfigured_sources(zone, {one.name for one in context.config.sources}):
        log.warning("%s", source.describe())
    return run


def check_landing(settings: Settings, release_id: str, accept_drift: Sequence[str] = ()) -> None:
    """Hold what came in against the landing suites and former deliveries; raises CandidateRejected."""
    context = open_run(settings, release_id)
    with context.warehouse.writing(f"kehu check {release_id}"), _naming_damage(settings):
        landing_gate.check_landing(
            settings,
            context.warehouse,
            release_id,
            context.config.increments,
            published=published_batches(context),
            accept_drift=accept_drift,
        )


def build_state(settings: Settings, release_id: str) -> None:
    """Bring staging, intermediate and work up to the run's batches; nothing to do if they are there already.

    Raises:
        TransformError: another run has loaded other batches meanwhile, or dbt failed.
        CandidateRejected: an invariant of the state does not hold.
    """
    context = open_run(settings, release_id)
    warehouse = context.warehouse
    with warehouse.writing(f"kehu build {release_id}") as lock:
        with warehouse.session() as session:
            _same_landing(session, context.run)
            context = in_force.with_state_code(context, session)
            run = context.run
            current = state.read(session)
            if current.fingerprint == run.state_fingerprint:
                log.info("the state is up to date with %d batches: nothing to build", len(run.batches))
                bookkeeping.record_tests_of_state(session, release_id)
                bookkeeping.record_intake(session, release_id)
                return
            pending = state.pending_entities(session, current, run)
            one = _state_step(context, pending)
            keep_or_start_over(session, run, one, run.folder(settings) / one.name, settings.dbt_project)
            state.begin(session, run)
        step("build:state_begun")
        result = _run(context, one, lock)
        step("build:state_built")
        with warehouse.session() as session:
            bookkeeping.record_nodes(session, release_id, "state", result.nodes)
            if one.full_refresh:
                drop_stale_relations(session, settings.dbt_project)
            state.finish(session, run, result.nodes, is_increment=pending is not None)
            bookkeeping.record_tests_of_state(session, release_id)
            bookkeeping.record_intake(session, release_id)
            session.checkpoint()
    step("build:state_recorded")


def build_features(settings: Settings, release_id: str) -> None:
    """Build what marts and purchase models stand on, as of the run's day.

    Raises:
        TransformError: the state is not the run's own, or dbt failed.
        CandidateRejected: an invariant of the features does not hold.
    """
    context = open_run(settings, release_id)
    with context.warehouse.writing(f"kehu build {release_id}") as lock:
        with context.warehouse.session() as session:
            state.require(context, session)
            _drop_old_candidates(session, release_id)
        _build_at_day(context, "features", lock)


def build_candidate(settings: Settings, release_id: str) -> None:
    """Build the marts as of the run's day into a schema of their own, upon the features and the scores.

    Raises:
        TransformError: the state is not the run's own, features or scores are not current, or dbt failed.
        CandidateRejected: an invariant of the marts does not hold.
    """
    context = open_run(settings, release_id)
    with context.warehouse.writing(f"kehu build {release_id}") as lock:
        with context.warehouse.session() as session:
            state.require(context, session)
            lifetime_value.require_scores(context, session)
            personas.require_personas(context, session)
            context = in_force.with_version(context, session)
        _build_at_day(context, "candidate", lock)


def _build_at_day(context: RunContext, name: str, lock: int) -> None:
    """Build the models with the tag ``name``; a retry keeps what still holds."""
    settings, run, warehouse, one = context.settings, context.run, context.warehouse, _step(context, name)
    with warehouse.session() as session:
        keep_or_start_over(session, run, one, run.folder(settings) / one.name, settings.dbt_project)
    step(f"build:{name}_begun")
    result = _run(context, one, lock)
    step(f"build:{name}_built")
    with warehouse.session() as session:
        bookkeeping.record_nodes(session, run.release_id, name, result.nodes)
        if name == "candidate":
            keep_rules(settings, session, run.release_id)
            keep_basis(settings, run.release_id, basis_now(settings, context.thresholds))
            note_finished(session, run, one, settings.dbt_project)
        session.checkpoint()
    step(f"build:{name}_recorded")


def _state_step(context: RunContext, pending: tuple[str, ...] | None) -> Step:
    """An increment builds what stands on the pending entities and nothing else; None is a full refresh."""
    whole = _step(context, "state", full_refresh=pending is None)
    return whole if pending is None else replace(whole, reached_from=tuple(f"landing.{name}" for name in pending))


def _step(context: RunContext, name: str, full_refresh: bool = False) -> Step:
    # a release is described from the manifest and the vars of its candidate
    return Step(name, (f"tag:{name}",), context.variables, full_refresh, with_artifacts=name == "candidate")


def _run(context: RunContext, one: Step, lock: int) -> StepResult:
    """Run a step; where it fails, what it did is written down all the same, and a damaged batch is named."""
    settings, run, warehouse = context.settings, context.run, context.warehouse
    folder = run.folder(settings) / one.name
    try:
        with _naming_damage(settings):
            result = run_step(settings, warehouse, folder, one, lock)
    except KehuError:
        with warehouse.session() as session:
            bookkeeping.record_nodes(session, run.release_id, one.name, last_results(folder))
        raise
    keep_parse(settings, result)
    return result


def _naming_damage(settings: Settings) -> AbstractContextManager[None]:
    return naming_damaged_batches(settings.landing_dir, lambda: read_ledger(settings.landing_dir))


def _same_landing(session: Session, run: Run) -> None:
    if run.state_fingerprint is None:
        raise TransformError(
            "the landing zone has not been loaded for this run", fix="load it first", run=run.release_id
        )
    if loaded_batches(session) != {name: not is_withdrawn for name, is_withdrawn in run.standing.items()}:
        raise TransformError(
            "another run has loaded other batches since this run began",
            fix="start a new run; this one cannot be continued",
            run=run.release_id,
        )


def _drop_old_candidates(session: Session, release_id: str) -> None:
    mine = candidate_schema(release_id)
    rows = session.rows(
        "select schema_name from information_schema.schemata where schema_name like 'candidate\\_r%' escape '\\'"
    )
    found = {row[0].removesuffix("_features").removesuffix("_scores").removesuffix("_personas") for row in rows}
    others = sorted(found - {mine}, key=lambda name: name.rsplit("_", 1)[-1])
    for name in others[: max(0, len(others) - (KEPT_CANDIDATES - 1))]:
        drop_candidate(session, name)


def _files(settings: Settings, batches: list[Batch]) -> Mapping[str, list[Any]]:
    files: dict[str, list[Any]] = {name: [] for name in ENTITIES}
    for batch in batches:
        files[batch.entity].append(settings.landing_dir / batch.path)
    return files


def _batch_row(batch: Batch, found: Standing) -> dict[str, object]:
    return {
        "batch_id": batch.batch_id,
        "source": batch.source,
        "entity": batch.entity,
        "mode": batch.mode,
        "sequence": batch.sequence,
        "row_count": batch.row_count,
        "reject_count": batch.reject_count,
        "delivered_columns": "," + ",".join(batch.delivered_columns) + ",",
        "timezone": batch.timezone,
        "window_column": batch.window_column,
        "window_from": batch.window_from,
        "window_to": batch.window_to,
        "extracted_at": batch.extracted_at,
        "file": batch.file,
        "is_withdrawn": batch.batch_id in found.withdrawn,
        "withdrawal_count": found.changes.get(batch.batch_id, 0),
    }


def _source_rows(config: Any) -> list[dict[str, object]]:
    return [
        {"source": source.name, "entity": entity, "is_required": source.required}
        for source in config.sources
        for entity in source.entity_names
    ]


def _input(batch: Batch) -> dict[str, str]:
    return {"batch_id": batch.batch_id, "source": batch.source, "entity": batch.entity}


def build_all(settings: Settings, release_id: str, accept_drift: Sequence[str] = ()) -> None:
    """All steps from the landing zone to the candidate, in order; columns that are meant to be gone are named."""
    steps: dict[str, Callable[[Settings, str], object]] = {
        "load landing": load_landing,
        "check landing": partial(check_landing, accept_drift=accept_drift),
        "build state": build_state,
        "build features": build_features,
        "score lifetime value": score_lifetime_value,
        "score personas": score_personas,
        "build candidate": build_candidate,
    }
    with warm_dbt():
        for name, one in steps.items():
            log.info("── %s", name)
            one(settings, release_id)
