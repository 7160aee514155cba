"""``ops.releases``: what happened to which release; and ``ops.published_*``: what the next one takes from the current one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from kehu.session import Session, one_value

_LATEST_MOVE = """
    select release_id from ops.releases
    where event in ('published', 'rolled_back') order by happened_at desc limit 1
"""
_PREVIOUS = """
    select previous_release_id from ops.releases
    where release_id = ? and event = 'published' order by happened_at desc limit 1
"""
_HANDLED = """
    select count(*) from ops.releases
    where (release_id = ? and event in ('published', 'rolled_back', 'stored'))
        or (previous_release_id = ? and event in ('published', 'rolled_back'))
"""


def record_event(
    session: Session, release_id: str, as_of: date, *, event: str, previous: str | None, moment: datetime
) -> None:
    """Add one event; later events are given later times even where the clock stands still or was set back.

    Args:
        moment: when it happened, UTC without offset.
    """
    latest = one_value(session, "select max(happened_at) from ops.releases")
    row = {
        "release_id": release_id,
        "as_of_date": as_of,
        "event": event,
        "previous_release_id": previous,
        "happened_at": moment if latest is None or moment > latest else latest + timedelta(microseconds=1),
    }
    session.append("ops.releases", [row])


def was_handled(session: Session, release_id: str) -> bool:
    """Whether this release was published or stored before, so that publishing it again must not move BI."""
    return bool(one_value(session, _HANDLED, [release_id, release_id]))


def is_recorded(session: Session, release_id: str, event: str) -> bool:
    """Whether the event is recorded."""
    sql = "select count(*) from ops.releases where release_id = ? and event = ?"
    return bool(one_value(session, sql, [release_id, event]))


def latest_move(session: Session) -> str | None:
    """The release to which BI was moved last, as far as it was recorded."""
    found: str | None = one_value(session, _LATEST_MOVE)
    return found


def previous_of(session: Session, release_id: str) -> str | None:
    """The release that BI read before it was moved to this one, as far as it was recorded."""
    found: str | None = one_value(session, _PREVIOUS, [release_id])
    return found


def replace_published(session: Session, table: str, rows: Sequence[Mapping[str, object]]) -> None:
    """Make the rows what the next release takes from the current one; call it in a transaction."""
    session.execute(f"delete from ops.published_{table}")
    session.append(f"ops.published_{table}", rows)


def published_parameters(session: Session) -> list[tuple[str, str, str, float]]:
    """Segment, model, parameter and value of the purchase models of the current release."""
    return [
        (segment, model, parameter, value)
        for segment, model, parameter, value in session.rows(
            "select segment, model_name, parameter, value from ops.published_clv_parameters"
            " order by segment, model_name, parameter"
        )
    ]


PUBLISHED_CENTRES = """
    select persona, measure, level, centre, label_rank, last_number
    from ops.published_persona_centres order by persona, measure
"""
"""The centres of the personas of the current release, or of the last one that had any."""
