"""``ops.steps``: what each step of a run was made from. There is one state for all runs, and a candidate for each."""

from __future__ import annotations

from kehu.session import Session


def set_mark(session: Session, release_id: str, step: str, made_from: str) -> None:
    """Write down what a step is made from; call it in a transaction."""
    forget_mark(session, release_id, step)
    session.append("ops.steps", [{"release_id": release_id, "step": step, "made_from": made_from}])


def forget_mark(session: Session, release_id: str, step: str) -> None:
    """Forget what a step was made from."""
    session.execute("delete from ops.steps where step = ? and (step = 'state' or release_id = ?)", [step, release_id])


def forget_candidate(session: Session, schema: str) -> None:
    """Forget what every step of the candidate in a schema was made from."""
    session.execute("delete from ops.steps where step <> 'state' and 'candidate_' || release_id = ?", [schema])


def has_mark(session: Session, release_id: str, step: str, made_from: str | None = None) -> bool:
    """Whether a step has a mark, of this if it is given."""
    sql = "select made_from from ops.steps where release_id = ? and step = ?"
    return any(made_from in (None, row[0]) for row in session.rows(sql, [release_id, step]))
