"""Only the last releases are kept."""

from __future__ import annotations

import logging
import os
import shutil
from datetime import datetime

from kehu.release import events
from kehu.release.catalog import current_release_id, newest_first, postgres_store
from kehu.release.on_duckdb.cleanup import temporary_folder
from kehu.release.pointer import release_folder
from kehu.settings import Settings
from kehu.warehouse.protocol import Session

log = logging.getLogger(__name__)


def prune(settings: Settings, session: Session, now: datetime) -> tuple[str, ...]:
    """Remove all but the last ``KEHU_KEEP_RELEASES`` releases, counted by publication, and return their ids.

    The release that BI reads and the one to go back to from it stay whatever their age. Damaged folders are left for
    somebody to look at. A reader that has a removed file open reads on undisturbed.
    """
    whole = [manifest.release_id for manifest in newest_first(settings)]
    kept = {*whole[: settings.keep_releases]}
    if (current := current_release_id(settings)) is not None:
        kept |= {current, events.read_before(settings, session, current) or current}
    removed = []
    for release_id in [release_id for release_id in whole if release_id not in kept]:
        log.info("removing release %s: the last %d are kept", release_id, settings.keep_releases)
        if settings.warehouse == "postgres" and not postgres_store().remove(session, release_id):
            continue
        if not events.is_recorded(session, release_id, "pruned"):
            events.record(session, release_id, "pruned", None, now)
        if settings.warehouse == "duckdb":
            _remove_folder(settings, release_id)
        removed.append(release_id)
    return tuple(removed)


def _remove_folder(settings: Settings, release_id: str) -> None:
    """Out of sight in one step first, so that no reader and no listing sees a half removed release."""
    away = temporary_folder(settings, f"pruned-{release_id}")
    os.rename(release_folder(settings, release_id), away)
    shutil.rmtree(away)
