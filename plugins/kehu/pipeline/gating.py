"""The gate between a candidate and BI."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from kehu.gate import candidate_gate
from kehu.ops.finished import require_finished
from kehu.pipeline.context import open_run
from kehu.release.catalog import reading_current
from kehu.release.descriptions import contracts
from kehu.settings import Settings


def gate_candidate(settings: Settings, release_id: str, accept_drift: Sequence[str] = ()) -> None:
    """Hold the candidate against its contracts, its suites and the published release.

    Raises:
        ReleaseError: the candidate was not built to its end.
        CandidateRejected: a check failed, or could not be evaluated.
    """
    context = open_run(settings, release_id)
    with context.warehouse.writing(f"kehu gate {release_id}"):
        with context.warehouse.session() as session:
            require_finished(session, release_id)
        candidate_gate.check_candidate(
            settings,
            context.warehouse,
            release_id,
            context.run.as_of,
            accept_drift,
            open_published=partial(reading_current, settings),
            contracts=contracts(settings, context.release_id),
            variables=context.thresholds,
            increments=context.config.increments,
        )
