"""``ops.releases``: what happened to which release, and what the next one takes from the current one.

That is the cut points of a frozen RFM, frozen model parameters and the centres of personas. The folders and the pointer are
the truth; these rows are written after the pointer has moved and are completed from it after a crash, or after the warehouse
was rebuilt.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from kehu.errors import ReleaseError
from kehu.files.fault_points import step
from kehu.release.catalog import find, postgres_store
from kehu.release.ids import as_utc, parse_release_id
from kehu.release.intent import read_intent
from kehu.release.pointer import current_release_id
from kehu.release.reader import reading
from kehu.settings import Settings
from kehu.warehouse.protocol import Session, one_value

log = logging.getLogger(__name__)

_KEPT = {
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

_OPERATIONS = {"published": "publish", "rolled_back": "rollback"}

_LATEST_MOVE = """
    select release_id from ops.releases
    where event in ('published', 'rolled_back') order by happened_at desc limit 1
"""

_PREVIOUS = """
    select previous_release_id from ops.releases
    where release_id = ? and event = 'published' order by happened_at desc limit 1
"""


def record(session: Session, release_id: str, event: str, previous: str | None, now: datetime) -> None:
    """Add one event; later events are given later times even where the clock stands still or was set back."""
    latest = one_value(session, "select max(happened_at) from ops.releases")
    moment = as_utc(now)
    if latest is not None and moment <= latest:
        moment = latest + timedelta(microseconds=1)
    row = {
        "release_id": release_id,
        "as_of_date": parse_release_id(release_id).as_of,
        "event": event,
        "previous_release_id": previous,
        "happened_at": moment,
    }
    session.append("ops.releases", [row])


def was_handled(session: Session, release_id: str) -> bool:
    """Whether this release was published or stored before, so that publishing it again must not move BI."""
    known = one_value(
        session,
        """
        select count(*) from ops.releases
        where (release_id = ? and event in ('published', 'rolled_back', 'stored'))
            or (previous_release_id = ? and event in ('published', 'rolled_back'))
        """,
        [release_id, release_id],
    )
    return bool(known)


def is_recorded(session: Session, release_id: str, event: str) -> bool:
    """Whether the event is in the books."""
    sql = "select count(*) from ops.releases where release_id = ? and event = ?"
    return bool(one_value(session, sql, [release_id, event]))


def read_before(settings: Settings, session: Session, release_id: str) -> str | None:
    """The release that BI read before it moved to this one; None if there was none or nobody knows.

    The manifest knows it only of a release that became current as soon as it was stored: the books come first.
    """
    previous: str | None = one_value(session, _PREVIOUS, [release_id])
    if previous is not None:
        return previous
    try:
        return find(settings, release_id).previous_release_id
    except ReleaseError:
        # A damaged current release is a reason to go back, not to refuse.
        return None


def reconcile(settings: Settings, session: Session) -> None:
    """Write into ``ops`` what the pointer says, where a crash or a rebuilt warehouse left them apart."""
    current = current_release_id(settings)
    latest = one_value(session, _LATEST_MOVE)
    if current is None or latest == current:
        return
    try:
        manifest = find(settings, current)
    except ReleaseError as error:
        # A damaged current release must not keep the next one from being published.
        log.warning("the books cannot be completed: %s", error)
        return
    intent = read_intent(settings)
    rolled_back = intent is not None and intent.target == current
    # A release that the books know was made current long after it was stored, in place of the one they name last.
    previous = latest if latest and was_handled(session, current) else manifest.previous_release_id
    record_move(
        settings,
        session,
        current,
        event="rolled_back" if rolled_back else "published",
        previous=intent.origin if intent and rolled_back else previous,
        now=manifest.published_at,
    )


def record_move(
    settings: Settings, session: Session, release_id: str, *, event: str, previous: str | None, now: datetime
) -> None:
    """Record that BI now reads the release, and make what the next one takes from it the published, in one transaction.

    On DuckDB the pointer has moved before; on Postgres the swap of the schemas is part of the transaction.
    """
    kept = {table: _published(settings, release_id, table) for table in _KEPT}
    with session.transaction():
        if settings.warehouse == "postgres" and current_release_id(settings) != release_id:
            postgres_store().make_current(settings, session, release_id)
            step(f"{_OPERATIONS[event]}:before_swap")
        record(session, release_id, event, previous, now)
        for table, rows in kept.items():
            if rows or table not in _REMEMBERED:
                session.execute(f"delete from ops.published_{table}")
                session.append(f"ops.published_{table}", rows)


def _published(settings: Settings, release_id: str, table: str) -> list[dict[str, object]]:
    """The rows of a release that a later one can be asked to keep to."""
    source, query = _KEPT[table]
    if source not in find(settings, release_id).tables:
        return []
    with reading(settings, release_id) as release:
        rows = release.records(query)
    return [{"release_id": release_id, **row} for row in sorted(rows, key=str)]
