"""A gated candidate becomes an immutable release and, in one atomic step, the one that BI reads.

The functions here and in ``rollback`` do not lock: call them inside ``with warehouse.writing(…)``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from kehu.files.fault_points import step
from kehu.ops.events import was_handled
from kehu.release import events
from kehu.release.approval import require_passed_gate
from kehu.release.catalog import before, find_in
from kehu.release.clock_check import require_clock
from kehu.release.factory import open_store
from kehu.release.ids import ReleaseId, parse_release_id
from kehu.release.intent import clear_intent, read_intent
from kehu.release.prune import prune
from kehu.release.store import ReleaseStore
from kehu.settings import Settings
from kehu.warehouse.protocol import Warehouse


@dataclass(frozen=True)
class PublishOutcome:
    """What publishing or rolling back came to.

    Attributes:
        release_id: the release that was asked for.
        is_current: whether BI reads it now.
        was_current: whether BI read it before the call, so that the pointer did not move.
        previous: the release that BI read before the call.
        pruned: the releases that were removed because only the last ones are kept.
    """

    release_id: str
    is_current: bool
    was_current: bool
    previous: str | None
    pruned: tuple[str, ...] = ()

    @property
    def stored_only(self) -> bool:
        """Whether the release is kept but BI stays with another one."""
        return not self.is_current


def publish(
    settings: Settings, warehouse: Warehouse, release_id: str, now: datetime, make_current: bool | None = None
) -> PublishOutcome:
    """Publish a candidate that passed the gate. Call it under the warehouse lock.

    Repeating it is safe at any point: after a crash it finishes what is missing, and a release that was published or
    stored before is left as it is, also if BI was rolled back from it meanwhile.

    Args:
        release_id: the candidate's id.
        now: the time of publication, UTC.
        make_current: True moves BI to it in any case, False only stores it; None moves BI unless its as-of date is
            before that of the release that BI reads.

    Raises:
        UsageError: the id is not one.
        CandidateRejected: a check of the candidate blocks.
        ReleaseError: the gate has not run, or the candidate or a folder is not as it must be.
        ClockSkew: a release was published later than now.
    """
    candidate = parse_release_id(release_id)
    store = open_store(settings)
    store.tidy()
    current = store.current()
    is_stored = candidate in store.kept()
    with warehouse.session() as session:
        events.reconcile(settings, session)
        is_known = was_handled(session, candidate)
        if not is_stored:
            require_passed_gate(session, candidate)
    moves = _moves(store, candidate, current, make_current, is_known)
    _forget_finished_rollback(settings, current)
    if is_stored:
        store.verify(candidate)
        step("publish:verified")
    else:
        require_clock(store, now)
        store.store(warehouse, candidate, current if moves else before(store, candidate), now)
    if moves:
        clear_intent(settings)
    pruned = _record(settings, store, warehouse, candidate, now=now, current=current, moves=moves)
    return PublishOutcome(candidate, moves or current == candidate, current == candidate, current, pruned)


def _moves(
    store: ReleaseStore, release_id: ReleaseId, current: ReleaseId | None, make_current: bool | None, is_known: bool
) -> bool:
    """Whether BI is to move to the release."""
    if current == release_id:
        return False
    if make_current is not None:
        return make_current
    if current is None or current not in store.kept():
        return True
    if is_known:
        return False
    return release_id.as_of >= current.as_of


def _forget_finished_rollback(settings: Settings, current: str | None) -> None:
    """A rollback that was killed after its swap has been recorded by now."""
    intent = read_intent(settings)
    if intent is not None and intent.target == current:
        clear_intent(settings)


def _record(
    settings: Settings,
    store: ReleaseStore,
    warehouse: Warehouse,
    release_id: ReleaseId,
    *,
    now: datetime,
    current: ReleaseId | None,
    moves: bool,
) -> tuple[str, ...]:
    with warehouse.session() as session:
        if moves:
            events.make_current(store, session, release_id, event="published", previous=current, now=now)
        elif not was_handled(session, release_id):
            previous = find_in(store, release_id).previous_release_id
            events.record(session, release_id, "stored", previous, now)
        step("publish:recorded")
        return prune(settings, store, session, now)
