"""A whole day without Airflow: ingest every source, build, gate, publish, report."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from kehu.clock import utc_now
from kehu.errors import KehuError, ReportError
from kehu.files.locks import exclusive
from kehu.gate.accepted import accepted_names
from kehu.pipeline.build import build_all
from kehu.pipeline.gating import gate_candidate
from kehu.pipeline.ingest import ingest_source, source_names
from kehu.pipeline.publishing import publish_run
from kehu.pipeline.reporting import write_report
from kehu.pipeline.runs import start_run
from kehu.release.publish import PublishOutcome
from kehu.settings import Settings
from kehu.transform.warm import warm_dbt

log = logging.getLogger(__name__)


def run_day(
    settings: Settings, as_of: date, accept_drift: Sequence[str] = (), do_publish: bool = True
) -> tuple[str, PublishOutcome | None, Path | None]:
    """Run all steps for business day ``as_of``; two at once take turns.

    Returns:
        The release id, what publishing did (None with ``do_publish=False``), and where the report is.

    Raises:
        UsageError: ``accept_drift`` holds something else than names of drift checks; nothing has begun.
        ReportError: the release is published (or stored), but its report could not be written.
    """
    accepted_names(accept_drift)
    lock = settings.locks_dir / "run.lock"
    with exclusive(lock, f"kehu run --as-of {as_of}", settings.lock_timeout_seconds), warm_dbt():
        for name in source_names(settings):
            log.info("── ingest %s", name)
            ingest_source(settings, name)
        release_id = start_run(settings, as_of, utc_now())
        build_all(settings, release_id, accept_drift)
        log.info("── gate")
        gate_candidate(settings, release_id, accept_drift)
        if not do_publish:
            return release_id, None, None
        log.info("── publish")
        outcome = publish_run(settings, release_id)
        return release_id, outcome, _report(settings, outcome)


def _report(settings: Settings, outcome: PublishOutcome) -> Path:
    try:
        return write_report(settings, outcome.release_id)
    except Exception as error:
        # BI has moved: nobody may read this failure as a day that was not published.
        name = outcome.release_id
        done = "is published" if outcome.is_current else "is stored, and BI stays with the later release"
        # The text of an error of another kind may quote a row of the release.
        shown = str(error) if isinstance(error, KehuError | OSError) else type(error).__name__
        raise ReportError(
            f"release {name} {done}; only its report failed", fix=f"`kehu report {name}`", release=name, cause=shown
        ) from error
