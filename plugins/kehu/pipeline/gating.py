"""The gate between a candidate and BI."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from kehu.gate import candidate_gate
from kehu.ops.finished import require_finished
from kehu.pipeline.runs import load_run
from kehu.pipeline.variables import vars_in_force
from kehu.release.catalog import reading_current
from kehu.release.descriptions import contracts
from kehu.release.ids import ReleaseId
from kehu.settings import Settings
from kehu.sources.config import load_sources
from kehu.warehouse.factory import open_warehouse


def gate_candidate(settings: Settings, release_id: str, accept_drift: Sequence[str] = ()) -> None:
    """Hold the candidate against its contracts, its suites and the published release.

    Raises:
        ReleaseError: the candidate was not built to its end.
        CandidateRejected: a check failed, or could not be evaluated.
    """
    run = load_run(settings, release_id)
    warehouse = open_warehouse(settings)
    with warehouse.writing(f"kehu gate {release_id}"):
        with warehouse.session() as session:
            require_finished(session, release_id)
        variables = vars_in_force(settings)
        increments = load_sources(settings.sources).increments
        candidate_gate.check_candidate(
            settings,
            warehouse,
            release_id,
            run.as_of,
            accept_drift,
            open_published=partial(reading_current, settings),
            contracts=contracts(settings, ReleaseId(release_id)),
            variables=variables,
            increments=increments,
        )
