"""Only the last releases are kept."""

from __future__ import annotations

import logging
from datetime import datetime

from kehu.ops.events import is_recorded
from kehu.release import events
from kehu.release.catalog import newest_first
from kehu.release.ids import ReleaseId, parse_release_id
from kehu.release.store import ReleaseStore
from kehu.session import Session
from kehu.settings import Settings

log = logging.getLogger(__name__)


def prune(settings: Settings, store: ReleaseStore, session: Session, now: datetime) -> tuple[str, ...]:
    """Remove all but the last ``KEHU_KEEP_RELEASES`` releases, counted by publication, and return their ids.

    The release that BI reads and the one to go back to from it stay whatever their age. Damaged releases are left for
    somebody to look at. A reader that has a removed file open reads on undisturbed.
    """
    whole = [parse_release_id(manifest.release_id) for manifest in newest_first(store)]
    kept = {*whole[: settings.keep_releases]}
    if (current := store.current()) is not None:
        kept |= {current, events.read_before(store, session, current) or current}
    return tuple(one for one in whole if one not in kept and _removed(settings, store, session, one, now))


def _removed(settings: Settings, store: ReleaseStore, session: Session, release_id: ReleaseId, now: datetime) -> bool:
    log.info("removing release %s: the last %d are kept", release_id, settings.keep_releases)

    def record() -> None:
        if not is_recorded(session, release_id, "pruned"):
            events.record(session, release_id, "pruned", None, now)

    return store.remove(release_id, session, record)
