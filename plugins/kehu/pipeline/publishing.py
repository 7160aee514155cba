"""Publish a gated candidate; go back to an earlier release."""

from __future__ import annotations

import shutil
from contextlib import suppress

from kehu.clock import utc_now
from kehu.erasure.replay import replay_erasures
from kehu.files.private import close_home
from kehu.pipeline.runs import load_run
from kehu.release import publish, rollback
from kehu.release.publish import PublishOutcome
from kehu.settings import Settings
from kehu.warehouse.factory import open_warehouse


def publish_run(settings: Settings, release_id: str, make_current: bool | None = None) -> PublishOutcome:
    """Make a gated candidate an immutable release and, unless it is older than BI's, the one that BI reads."""
    load_run(settings, release_id)
    replay_erasures(settings)
    warehouse = open_warehouse(settings, "publish")
    with warehouse.writing(f"kehu publish {release_id}"):
        outcome = publish.publish(settings, warehouse, release_id, utc_now(), make_current)
    for pruned in outcome.pruned:
        _forget(settings, pruned)
    return outcome


def rollback_release(settings: Settings, target: str | None = None) -> PublishOutcome:
    """Point BI at an earlier release: the one named, or the one before the current."""
    close_home(settings)
    replay_erasures(settings)
    warehouse = open_warehouse(settings, "publish")
    with warehouse.writing("kehu rollback"):
        return rollback.rollback(settings, warehouse, target, utc_now())


def _forget(settings: Settings, release_id: str) -> None:
    """Remove what stands beside a release that is kept no longer: its run, its report, its Data Docs."""
    with suppress(OSError):  # BI has moved by now: what is left over is no reason to call the day a failure
        (settings.reports_dir / f"{release_id}.html").unlink(missing_ok=True)
    for folder in (settings.runs_dir, settings.data_docs_dir):
        shutil.rmtree(folder / release_id, ignore_errors=True)
