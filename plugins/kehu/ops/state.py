"""``ops.state`` with its batches and tests: what the persistent schemas stand for, at most one state."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from kehu.session import Session

Test = tuple[str, str, int]
"""Name, status and failures."""


def state_mark(session: Session) -> tuple[str | None, str | None]:
    """Fingerprint and code of the state; nothing if there is none."""
    rows = session.rows("select fingerprint, code from ops.state")
    return (rows[0][0], rows[0][1]) if rows else (None, None)


@dataclass(frozen=True)
class StateBatch:
    """A batch that the state has touched.

    Attributes:
        is_held: whether the state holds it as it says; not while a build is under way that takes it in, withdraws it or puts
            it back, and not after one that was killed.
        is_withdrawn: whether its rows count for nothing there.
    """

    is_held: bool
    is_withdrawn: bool


def state_batches(session: Session) -> dict[str, StateBatch]:
    """The batches that the state has touched."""
    sql = "select batch_id, coalesce(is_held, true), coalesce(is_withdrawn, false) from ops.state_batches"
    return {batch_id: StateBatch(is_held, is_withdrawn) for batch_id, is_held, is_withdrawn in session.rows(sql)}


def state_tests(session: Session) -> list[Test]:
    """The tests that the state has been through."""
    sql = "select check_name, status, failures from ops.state_tests order by check_name"
    return [(name, status, failures) for name, status, failures in session.rows(sql)]


def begin_state(session: Session, code: str | None, begun: Iterable[str]) -> None:
    """Mark the state as under way, with the batches that it begins to take in, to withdraw or to put back."""
    listed = list(begun)
    with session.transaction():
        session.execute("delete from ops.state")
        session.append("ops.state", [{"fingerprint": None, "code": code, "finished_at": None}])
        session.execute("delete from ops.state_batches where batch_id = any(?)", [listed])
        session.append("ops.state_batches", [{"batch_id": one, "is_held": False} for one in listed])


def finish_state(
    session: Session,
    fingerprint: str | None,
    code: str | None,
    *,
    finished_at: datetime,
    batches: Mapping[str, bool],
    tests: Sequence[Test],
) -> None:
    """Mark the state as finished, with the batches it holds, whether each is withdrawn, and the tests that it passed."""
    row = {"fingerprint": fingerprint, "code": code, "finished_at": finished_at}
    results = [{"check_name": name, "status": status, "failures": failures} for name, status, failures in tests]
    held = [{"batch_id": one, "is_held": True, "is_withdrawn": gone} for one, gone in batches.items()]
    with session.transaction():
        for table in ("state", "state_batches", "state_tests"):
            session.execute(f"delete from ops.{table}")
        session.append("ops.state", [row])
        session.append("ops.state_batches", held)
        session.append("ops.state_tests", results)
