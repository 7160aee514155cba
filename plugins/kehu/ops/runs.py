"""``ops.runs`` and ``ops.node_results``: the runs, and what dbt said of every model and test."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kehu.session import Session


def replace_run(session: Session, row: Mapping[str, object]) -> None:
    """Make the run's row what the run now is."""
    with session.transaction():
        session.execute("delete from ops.runs where release_id = ?", [row["release_id"]])
        session.append("ops.runs", [row])


def replace_nodes(session: Session, release_id: str, step: str, rows: Sequence[Mapping[str, object]]) -> None:
    """Make the rows the results of a step of dbt; call it in a transaction."""
    session.execute("delete from ops.node_results where release_id = ? and step = ?", [release_id, step])
    session.append("ops.node_results", rows)
