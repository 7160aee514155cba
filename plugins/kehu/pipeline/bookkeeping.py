"""Writes what a run did into schema ``ops``."""

from __future__ import annotations

from collections.abc import Sequence

from kehu.gate import intake
from kehu.gate.results import record
from kehu.ops.checks import replace_tests
from kehu.ops.runs import replace_nodes, replace_run
from kehu.ops.state import state_tests
from kehu.pipeline.runs import Run
from kehu.release.catalog import current_release_id
from kehu.session import Session
from kehu.settings import Settings
from kehu.transform.results import NodeResult

_STATUS = {"pass": "passed", "warn": "failed", "fail": "failed"}


def record_run(session: Session, settings: Settings, run: Run) -> None:
    """Make the run's row in ``ops.runs`` what the run now is."""
    row = {
        "release_id": run.release_id,
        "as_of_date": run.as_of,
        "built_at": run.built_at,
        "code_version": run.code_version,
        "warehouse": settings.warehouse,
        "previous_release_id": current_release_id(settings),
        "state_fingerprint": run.state_fingerprint,
    }
    replace_run(session, row)


def record_nodes(session: Session, release_id: str, step: str, nodes: Sequence[NodeResult]) -> None:
    """Write the per-model results of a step, and its tests as checks of layer ``transform``."""
    rows = [
        {
            "release_id": release_id,
            "step": step,
            "attempt": node.attempt,
            "node_id": node.node_id,
            "resource_type": node.resource_type,
            "status": node.status,
            "seconds": node.seconds,
            "message": node.message,
            "failures": node.failures,
            "finished_at": node.finished_at.removesuffix("Z") or None,
        }
        for node in nodes
    ]
    tests = [(node.name, node.status, node.failures) for node in nodes if node.resource_type == "test"]
    with session.transaction():
        replace_nodes(session, release_id, step, rows)
        _record_tests(session, release_id, step, tests)


def record_tests_of_state(session: Session, release_id: str) -> None:
    """Give a run whose state was built by an earlier one the tests that this state passed."""
    tests = state_tests(session)
    with session.transaction():
        _record_tests(session, release_id, "state", tests)


def record_intake(session: Session, release_id: str) -> None:
    """Write down what was made of what came in."""
    record(session, release_id, (intake.LAYER,), intake.tell_intake(session, release_id))


def _record_tests(session: Session, release_id: str, step: str, tests: Sequence[tuple[str, str, int]]) -> None:
    rows = [
        {
            "release_id": release_id,
            "layer": "transform",
            "table_name": step,
            "check_name": name,
            "severity": "warning" if status == "warn" else "critical",
            "status": _STATUS.get(status, "error"),
            "observed": f"{failures} rows",
            "expected": "0 rows",
            "reason": "dbt test: an invariant of the transformation",
        }
        for name, status, failures in tests
    ]
    replace_tests(session, release_id, step, rows)
