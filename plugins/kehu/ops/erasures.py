"""``ops.erasures``: the erasures that the working warehouse has been through, and with it whatever is built there."""

from __future__ import annotations

from collections.abc import Sequence

from kehu.session import Session, replace_rows

_IS_USED = """
    select 1 from ops.batches
    union all
    select 1 from information_schema.tables where table_schema in ('staging', 'intermediate', 'work')
    limit 1
"""


def applied_erasures(session: Session) -> tuple[str, ...]:
    """The ids of the erasures, in the order of their names."""
    return tuple(row[0] for row in session.rows("select erasure_id from ops.erasures order by erasure_id"))


def note_erasures(session: Session, erasures: Sequence[str]) -> None:
    """Write down that the warehouse has been through these and no others."""
    replace_rows(session, "ops.erasures", [{"erasure_id": one} for one in erasures])
    session.checkpoint()


def holds_rows(session: Session) -> bool:
    """Whether anything was ever brought into the warehouse."""
    return bool(session.rows(_IS_USED))
