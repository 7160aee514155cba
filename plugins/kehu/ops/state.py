"""``ops.state`` with its batches and tests: what the persistent schemas stand for, at most one state."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from kehu.session import Session

Test = tuple[str, str, int]
"""Name, status and failures."""


def state_mark(session: Session) -> tuple[str | None, str | None]:
    """Fingerprint and code of the state; nothing if there is none."""
    rows = session.rows("select fingerprint, code from ops.state")
    return (rows[0][0], rows[0][1]) if rows else (None, None)


def state_batches(session: Session) -> dict[str, bool]:
    """The batches that the state has touched, and whether it holds them: one that a killed build has begun it does not."""
    return dict(session.rows("select batch_id, coalesce(is_held, true) from ops.state_batches"))


def state_tests(session: Session) -> list[Test]:
    """The tests that the state has been through."""
    sql = "select check_name, status, failures from ops.state_tests order by check_name"
    return [(name, status, failures) for name, status, failures in session.rows(sql)]


def begin_state(session: Session, code: str | None, begun: Iterable[str]) -> None:
    """Mark the state as under way, with the batches that it begins to take in."""
    with session.transaction():
        session.execute("delete from ops.state")
        session.append("ops.state", [{"fingerprint": None, "code": code, "finished_at": None}])
        session.append("ops.state_batches", [{"batch_id": one, "is_held": False} for one in begun])


def finish_state(
    session: Session,
    fingerprint: str | None,
    code: str | None,
    *,
    finished_at: datetime,
    batches: Iterable[str],
    tests: Sequence[Test],
) -> None:
    """Mark the state as finished, with the batches it holds and the tests that it passed."""
    row = {"fingerprint": fingerprint, "code": code, "finished_at": finished_at}
    results = [{"check_name": name, "status": status, "failures": failures} for name, status, failures in tests]
    with session.transaction():
        for table in ("state", "state_batches", "state_tests"):
            session.execute(f"delete from ops.{table}")
        session.append("ops.state", [row])
        session.append("ops.state_batches", [{"batch_id": one, "is_held": True} for one in batches])
        session.append("ops.state_tests", results)
