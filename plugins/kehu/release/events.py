"""``ops.releases``: what happened to which release, and what the next one takes from the current one.

That is the cut points of a frozen RFM, frozen model parameters and the centres of personas. The store of
releases is the truth; these rows are written with the step that moves BI, or right after it, and are completed from the store
after a crash, or after the warehouse was rebuilt.
"""

from __future__ import annotations

import logging
from datetime import datetime

from kehu.errors import ReleaseError
from kehu.ops.events import latest_move, previous_of, record_event, replace_published, was_handled
from kehu.release.catalog import find_in
from kehu.release.factory import open_store
from kehu.release.ids import ReleaseId, as_utc, parse_release_id
from kehu.release.intent import read_intent
from kehu.release.store import ReleaseStore
from kehu.session import Session
from kehu.settings import Settings

log = logging.getLogger(__name__)

_HANDED_ON = {
    "rfm_cut_points": ("rfm_cut_points", "select measure, quantile, cut_point from analytics.rfm_cut_points"),
    "clv_parameters": (
        "clv_parameters",
        "select segment, model_name, kind, parameter, value from analytics.clv_parameters where is_chosen",
    ),
    "persona_centres": (
        "persona_traits",
        """
        select traits.persona, traits.measure, traits.level, traits.centre, traits.label_rank, personas.last_number
        from analytics.persona_traits as traits
        inner join analytics.personas on personas.persona = traits.persona
        where traits.centre is not null""",
    ),
}
"""What a later release takes from the current one (``ops.published_*``): the published table, and the query for the rows."""
_REMEMBERED = frozenset({"persona_centres"})
"""A release that has none of these does not make the earlier ones forgotten."""

HandedOn = dict[str, list[dict[str, object]]]

_OPERATIONS = {"published": "publish", "rolled_back": "rollback"}


def record(session: Session, release_id: ReleaseId, event: str, previous: str | None, now: datetime) -> None:
    """Add one event."""
    record_event(session, release_id, release_id.as_of, event=event, previous=previous, moment=as_utc(now))


def read_before(store: ReleaseStore, session: Session | None, release_id: ReleaseId) -> ReleaseId | None:
    """The release that BI read before it moved to this one; None if there was none or nobody knows.

    The manifest knows it only of a release that became current as soon as it was stored: the records come first.
    """
    previous = previous_of(session, release_id) if session else None
    if previous is None:
        try:
            previous = find_in(store, release_id).previous_release_id
        except ReleaseError:
            # A damaged current release is a reason to go back, not to refuse.
            return None
    return None if previous is None else parse_release_id(previous)


def reconcile(settings: Settings, session: Session) -> None:
    """Write into ``ops`` what the store says, where a crash or a rebuilt warehouse left them apart."""
    store = open_store(settings)
    current = store.current()
    latest = latest_move(session)
    if current is None or latest == current:
        return
    try:
        manifest = find_in(store, current)
        handed_on = read_handed_on(store, current)
    except ReleaseError as error:
        # A damaged current release must not keep the next one from being published, nor BI from going back.
        log.warning("what happened to releases cannot be completed in schema ops: %s", error)
        return
    intent = read_intent(settings)
    rolled_back = intent is not None and intent.target == current
    # A release that the records know was made current long after it was stored, in place of the one they name last.
    previous = latest if latest and was_handled(session, current) else manifest.previous_release_id
    with session.transaction():
        _record_move(
            session,
            current,
            handed_on,
            event="rolled_back" if rolled_back else "published",
            previous=intent.origin if intent and rolled_back else previous,
            now=manifest.published_at,
        )


def make_current(
    store: ReleaseStore,
    session: Session | None,
    release_id: ReleaseId,
    *,
    event: str,
    previous: str | None,
    now: datetime,
) -> None:
    """Make BI read a release, and record that it does and what the next one takes from it; only the first without a session."""
    # Read before anything moves: what cannot be read must not become current.
    handed_on = read_handed_on(store, release_id)

    def write() -> None:
        if session is not None:
            _record_move(session, release_id, handed_on, event=event, previous=previous, now=now)

    store.make_current(release_id, _OPERATIONS[event], session, write)


def read_handed_on(store: ReleaseStore, release_id: ReleaseId) -> HandedOn:
    """The rows of a release that a later one can be asked to keep to, by table of ``ops``.

    Raises:
        ReleaseError: the release cannot be read.
    """
    tables = find_in(store, release_id).tables
    found: HandedOn = {}
    with store.open(release_id) as release:
        for name, (source, query) in _HANDED_ON.items():
            rows = release.records(query) if source in tables else []
            found[name] = [{"release_id": release_id, **row} for row in sorted(rows, key=str)]
    return found


def _record_move(
    session: Session, release_id: ReleaseId, handed_on: HandedOn, *, event: str, previous: str | None, now: datetime
) -> None:
    record(session, release_id, event, previous, now)
    for table, rows in handed_on.items():
        if rows or table not in _REMEMBERED:
            replace_published(session, table, rows)
