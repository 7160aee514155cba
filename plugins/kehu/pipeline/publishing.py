"""Publish a gated candidate; go back to an earlier release."""

from __future__ import annotations

import logging

from kehu.clock import utc_now
from kehu.erasure.replay import replay_erasures
from kehu.errors import KehuError
from kehu.files.private import close_home
from kehu.pipeline.action_lists import export_actions
from kehu.pipeline.old_runs import remove_old_runs, remove_run
from kehu.pipeline.runs import load_run
from kehu.release import publish, rollback
from kehu.release.catalog import find
from kehu.release.publish import PublishOutcome
from kehu.settings import Settings
from kehu.warehouse.factory import open_warehouse

log = logging.getLogger(__name__)


def publish_run(settings: Settings, release_id: str, make_current: bool | None = None) -> PublishOutcome:
    """Make a gated candidate an immutable release and, unless it is older than BI's, the one that BI reads."""
    load_run(settings, release_id)
    replay_erasures(settings)
    warehouse = open_warehouse(settings, "publish")
    with warehouse.writing(f"kehu publish {release_id}"):
        outcome = publish.publish(settings, warehouse, release_id, utc_now(), make_current)
        for pruned in outcome.pruned:
            remove_run(settings, pruned)
        remove_old_runs(settings, release_id)
    _export(settings, outcome.release_id)
    return outcome


def rollback_release(settings: Settings, target: str | None = None) -> PublishOutcome:
    """Point BI at an earlier release: the one named, or the one before the current."""
    close_home(settings)
    replay_erasures(settings)
    warehouse = open_warehouse(settings, "publish")
    with warehouse.writing("kehu rollback"):
        return rollback.rollback(settings, warehouse, target, utc_now())


def _export(settings: Settings, release_id: str) -> None:
    """Write the list of actions for other tools. BI has moved by now: a list that fails is written again by the command."""
    try:
        if "customer_actions" in find(settings, release_id).tables:
            export_actions(settings, release_id)
    except (KehuError, OSError) as error:
        log.warning("the list of actions was not written, run `kehu actions --export`: %s", error)
