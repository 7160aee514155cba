"""Which batches and which code the persistent schemas stand for (``ops.state``, at most one row).

A build first writes that the state is under way, so that a build killed halfway is never taken for a finished one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kehu.clock import utc_now
from kehu.errors import TransformError
from kehu.ops.batches import turned_wholes
from kehu.ops.state import StateBatch, begin_state, finish_state, state_batches, state_mark, state_tests
from kehu.pipeline.context import RunContext
from kehu.pipeline.runs import Run
from kehu.pipeline.validity.fingerprints import state_code_digest
from kehu.pipeline.variables import state_variables
from kehu.session import Session
from kehu.transform.results import NodeResult


@dataclass(frozen=True)
class State:
    """``fingerprint`` is batches and code of a finished state; ``code`` survives an unfinished build of the same code."""

    fingerprint: str | None
    code: str | None


def read(session: Session) -> State:
    """The state's mark; empty if there is no state yet."""
    return State(*state_mark(session))


def pending_entities(session: Session, current: State, run: Run) -> tuple[str, ...] | None:
    """The entities with batches that the state does not hold as they stand: an increment reaches what stands on them.

    Returns:
        None where an increment would not do: other code, batches that are gone, a snapshot or window that was withdrawn or put
        back, or new exchange rates, since a new rate can free rows from quarantine that no pending batch touches.
    """
    if current.code != run.state_code:
        return None
    now = {batch["batch_id"]: batch["entity"] for batch in (*run.batches, *run.withdrawn)}
    if set(state_batches(session)) - set(now):
        return None
    batches = _pending(session, run)
    pending = {now[batch_id] for batch_id in batches}
    if not pending or "exchange_rates" in pending or batches & turned_wholes(session):
        return None
    return tuple(sorted(pending))


def begin(session: Session, run: Run) -> None:
    """Mark the state as under way; remember its code only while nobody else's code has touched it.

    The batches that it begins to take in, to withdraw or to put back are written down too: one that is gone, or turned once
    more, before the build has ended leaves its rows.
    """
    current = read(session)
    code = current.code if current.code == run.state_code else None
    begin_state(session, code, sorted(_pending(session, run)))


def _pending(session: Session, run: Run) -> set[str]:
    """The batches that the state does not hold as they stand in the run."""
    held = state_batches(session)
    wanted = run.standing
    return {
        batch_id
        for batch_id, is_withdrawn in wanted.items()
        if held.get(batch_id) != StateBatch(is_held=True, is_withdrawn=is_withdrawn)
    }


def finish(session: Session, run: Run, nodes: Sequence[NodeResult], is_increment: bool) -> None:
    """Mark the state as finished, with the batches it holds and the tests that it passed.

    An increment runs the tests of what it reaches; of the others the last result stands, as what they test does.
    """
    now = {node.name: (node.name, node.status, node.failures) for node in nodes if node.resource_type == "test"}
    kept = {test[0]: test for test in state_tests(session)} if is_increment else {}
    finish_state(
        session,
        run.state_fingerprint,
        run.state_code,
        finished_at=utc_now(),
        batches=run.standing,
        tests=list({**kept, **now}.values()),
    )


def code_now(context: RunContext) -> str:
    """The digest of the code and vars that a state would be built from now."""
    company = state_variables(context.settings, context.config.for_models)
    return state_code_digest(context.settings.dbt_project, company)


def require(context: RunContext, session: Session) -> None:
    """Make sure that the state is the one this run asked for, and that it would be made the same now.

    Raises:
        TransformError: it is not; another run has changed it, it was never finished, or somebody has changed its code or
            vars since: the marts would be made from these, and the release would claim that all of it was.
    """
    run = context.run
    if run.state_fingerprint is None or read(session).fingerprint != run.state_fingerprint:
        raise TransformError(
            "the state is not the one of this run", fix="build the state again, or start a new run", run=run.release_id
        )
    if run.state_code != code_now(context):
        raise TransformError(
            "vars or code of the state have changed since: run build_state again",
            fix="in Airflow clear build_state with what follows it, by hand start a new run",
            run=run.release_id,
        )
