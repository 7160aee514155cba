"""``ops.checked_tables``: rows and checksum of every table of a candidate as the gate saw it; nothing else may be published."""

from __future__ import annotations

from collections.abc import Iterable

from kehu.errors import ReleaseError
from kehu.ops.tables import candidate_schema
from kehu.quoting import sql_name
from kehu.session import Session

_FIX = "hold it against its checks again: `kehu gate {release}`, then publish"


def note_checked(session: Session, release_id: str, tables: Iterable[str]) -> None:
    """Write down what the tables of a candidate hold now; call it in a transaction, before the verdict is written."""
    forget_checked(session, release_id)
    rows = [
        {"release_id": release_id, "table_name": table, "row_count": rows, "checksum": checksum}
        for table, (rows, checksum) in _content(session, release_id, tables).items()
    ]
    session.append("ops.checked_tables", rows)


def forget_checked(session: Session, release_id: str) -> None:
    """Forget what the gate saw."""
    session.execute("delete from ops.checked_tables where release_id = ?", [release_id])


def require_checked(session: Session, release_id: str, tables: Iterable[str]) -> None:
    """Make sure that a candidate is what the gate saw.

    Raises:
        ReleaseError: a table was added, dropped or changed since, or nobody wrote down what the gate saw.
    """
    sql = "select table_name, row_count, checksum from ops.checked_tables where release_id = ?"
    seen = {table: (rows, checksum) for table, rows, checksum in session.rows(sql, [release_id])}
    now = _content(session, release_id, tables)
    if not seen:
        raise ReleaseError(
            "nobody has written down what the gate saw of this candidate: the version before checked it, or no gate did",
            fix=_FIX.format(release=release_id),
            release=release_id,
        )
    changed = sorted(table for table in seen.keys() | now.keys() if seen.get(table) != now.get(table))
    if changed:
        raise ReleaseError(
            "the candidate is not what the gate checked: somebody has changed it since",
            fix=_FIX.format(release=release_id),
            release=release_id,
            tables=changed,
            rows={table: (seen.get(table, (None,))[0], now.get(table, (None,))[0]) for table in changed[:10]},
        )


def _content(session: Session, release_id: str, tables: Iterable[str]) -> dict[str, tuple[int, str]]:
    schema = sql_name(candidate_schema(release_id))
    return {table: session.fingerprint(f"{schema}.{sql_name(table)}") for table in sorted(tables)}
