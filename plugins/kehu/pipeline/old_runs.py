"""What runs leave that were not published: kept for somebody to look at, but not for ever."""

from __future__ import annotations

import logging
import os
import shutil
from contextlib import suppress
from pathlib import Path

from kehu.files.fault_points import step
from kehu.pipeline.runs import run_ids
from kehu.release.factory import open_store
from kehu.settings import Settings

log = logging.getLogger(__name__)

_AWAY = ".removing-"


def remove_old_runs(settings: Settings, current: str) -> tuple[str, ...]:
    """Remove what is left of all but the last ``KEHU_KEEP_RUNS`` runs that have no release: rejected, killed, not published.

    That is their folder in ``runs/``, their pages in ``data_docs/``, and pages that a killed gate had under way. Call it under
    the warehouse lock: nobody checks or builds then. Safe to repeat after a kill: a folder goes out of sight in one step first.

    Args:
        settings: name the folders and the limit.
        current: the run that asks, which stays.

    Returns:
        The ids of the runs that were removed.
    """
    shutil.rmtree(settings.plans_dir, ignore_errors=True)  # of a plan that was killed
    for folder in (settings.runs_dir, settings.data_docs_dir):
        for leftover in folder.glob(f"{_AWAY}*"):
            shutil.rmtree(leftover, ignore_errors=True)
    for unfinished in settings.data_docs_dir.glob("*/.*.building"):
        shutil.rmtree(unfinished, ignore_errors=True)
    kept = {*open_store(settings).kept(), current}
    without_release = [name for name in run_ids(settings) if name not in kept]
    removed = without_release[: max(0, len(without_release) - settings.keep_runs)]
    for name in removed:
        log.info("removing what is left of run %s: the last %d without a release are kept", name, settings.keep_runs)
        remove_run(settings, name)
    known = {*kept, *run_ids(settings)}
    for pages in settings.data_docs_dir.glob("r*"):
        if pages.is_dir() and pages.name not in known:
            with suppress(OSError):
                _remove(pages)
    return tuple(removed)


def remove_run(settings: Settings, release_id: str) -> None:
    """Remove what stands beside a release or a candidate that is kept no longer: run, report, list of actions, Data Docs."""
    with suppress(OSError):  # BI has moved by now: what is left over is no reason to call the day a failure
        (settings.reports_dir / f"{release_id}.html").unlink(missing_ok=True)
    for folder in (settings.data_docs_dir, settings.actions_dir, settings.runs_dir):
        with suppress(OSError):
            _remove(folder / release_id)


def _remove(folder: Path) -> None:
    if not folder.exists():
        return
    away = folder.with_name(f"{_AWAY}{folder.name}")
    shutil.rmtree(away, ignore_errors=True)
    os.rename(folder, away)
    step("prune:run_out_of_sight")
    shutil.rmtree(away, ignore_errors=True)
