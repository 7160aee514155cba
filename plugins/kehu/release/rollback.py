"""BI goes back to an earlier release: the same atomic step as publishing, to another folder."""

from __future__ import annotations

import logging
from datetime import datetime

from kehu.errors import ReleaseError, UsageError, WarehouseDamaged, nearest
from kehu.files.fault_points import step
from kehu.release import events
from kehu.release.catalog import before, find_in, newest_first
from kehu.release.factory import open_store
from kehu.release.ids import ReleaseId, parse_release_id
from kehu.release.intent import Intent, clear_intent, read_intent, write_intent
from kehu.release.publish import PublishOutcome
from kehu.release.store import ReleaseStore
from kehu.session import Session
from kehu.settings import Settings
from kehu.warehouse.protocol import Warehouse

log = logging.getLogger(__name__)


def rollback(settings: Settings, warehouse: Warehouse, target: str | None, now: datetime) -> PublishOutcome:
    """Make BI read an earlier release. Call it under the warehouse lock.

    Nothing is removed: ``target`` may also name a later release, to go forward again. With a named target a second call
    changes nothing. Without one each call goes one release further back; a call after a crash first finishes the step
    that was under way, and only that.

    Args:
        target: the release to read; None is the one that BI read before the current one was made current, or, if that is
            no longer kept, the one with the next lower id.
        now: the time of the rollback, UTC.

    Raises:
        UsageError: the target is not a release id.
        ReleaseError: nothing is published, there is nothing before the current release, or the target is not kept or is
            damaged.
    """
    store = open_store(settings)
    store.tidy()
    current = store.current()
    if current is None:
        raise ReleaseError("nothing is published yet", fix="publish a release first")
    try:
        with warehouse.session() as session:
            events.reconcile(settings, session)
            wanted = _moved(settings, store, session, _wanted(settings, store, session, target, current), now)
    except WarehouseDamaged as error:
        # Going back needs the releases alone. The next run completes the records of a new warehouse from them.
        log.warning("going back without the records in the warehouse: %s", error)
        wanted = _moved(settings, store, None, _wanted(settings, store, None, target, current), now)
    clear_intent(settings)
    return PublishOutcome(wanted, is_current=True, was_current=wanted == current, previous=current)


def _moved(
    settings: Settings, store: ReleaseStore, session: Session | None, wanted: ReleaseId, now: datetime
) -> ReleaseId:
    current = store.current()
    if current is not None and wanted != current:
        store.verify(wanted)
        step("rollback:verified")
        write_intent(settings, Intent(origin=current, target=wanted))
        events.make_current(store, session, wanted, event="rolled_back", previous=current, now=now)
        step("rollback:recorded")
    return wanted


def _wanted(
    settings: Settings, store: ReleaseStore, session: Session | None, target: str | None, current: ReleaseId
) -> ReleaseId:
    if target is not None:
        return _named(store, target)
    kept = {manifest.release_id for manifest in newest_first(store)}
    begun = read_intent(settings)
    if begun is not None and current in (begun.origin, begun.target) and begun.target in kept:
        return parse_release_id(begun.target)
    return _one_back(store, session, current, kept)


def _named(store: ReleaseStore, target: str) -> ReleaseId:
    try:
        wanted = parse_release_id(target)
    except UsageError as error:
        known = [manifest.release_id for manifest in newest_first(store)]
        raise UsageError(error.problem, fix=error.fix, **error.facts, nearest=nearest(target, known)) from None
    find_in(store, wanted)
    return wanted


def _one_back(store: ReleaseStore, session: Session | None, current: ReleaseId, kept: set[str]) -> ReleaseId:
    previous = events.read_before(store, session, current)
    if previous not in kept:
        previous = before(store, current)
    if previous is None:
        raise ReleaseError(
            "there is no release before the current one",
            fix="name the release to read: `kehu releases` lists them",
            current=current,
        )
    return previous
