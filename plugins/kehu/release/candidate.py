"""What a candidate says of itself, whatever warehouse has computed it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from kehu.errors import ReleaseError
from kehu.ops.checked import require_checked
from kehu.ops.checks import OF_A_RELEASE
from kehu.ops.finished import require_candidate
from kehu.ops.tables import candidate_schema
from kehu.quoting import sql_name
from kehu.release.ids import ReleaseId
from kehu.session import Session

_CHECKS = {
    "release_id": "release_id",
    "layer": "layer",
    "table_name": "table_name",
    "check_name": "check_name",
    # deprecated: words of SQL
    "table": "table_name",
    "check": "check_name",
    "severity": "severity",
    "status": "status",
    "observed": "observed",
    "expected": "expected",
    "reason": "reason",
    "as_of_date": "cast(? as date)",
}
"""Where the columns of the published ``data_quality`` come from in ``ops.check_results``."""
_COLUMNS = """
    select column_name from information_schema.columns
    where table_catalog = current_database() and table_schema = ? and table_name = 'data_quality' order by ordinal_position
"""


@dataclass(frozen=True)
class CandidateFacts:
    """What the candidate says of itself; ``built_at`` is UTC."""

    built_at: datetime
    code_version: str


def own_row(session: Session, release_id: ReleaseId, tables: list[str]) -> CandidateFacts:
    """What a candidate says of itself in its one row of ``release``.

    Args:
        tables: the names of the candidate's tables.

    Raises:
        ReleaseError: there is no such candidate, it is not what the gate checked, or the row is of another release.
    """
    require_candidate(tables, release_id)
    require_checked(session, release_id, tables)
    rows = session.rows(
        f"select release_id, as_of_date, built_at, code_version from {candidate_schema(release_id)}.release"
    )
    expected = (release_id, release_id.as_of)
    if [row[:2] for row in rows] != [expected]:
        raise ReleaseError(
            "the candidate's table release does not hold the one row of this release",
            fix="build the candidate again",
            release=release_id,
            found=[f"{row[0]} as of {row[1]}" for row in rows],
        )
    return CandidateFacts(built_at=rows[0][2], code_version=rows[0][3])


@dataclass(frozen=True)
class LastChecks:
    """What ``data_quality`` of a release is filled with: the last checks were made after the candidate was built.

    Attributes:
        columns: those that the candidate's table has, as SQL names them.
        query: the rows, for ``parameters``.
    """

    columns: tuple[str, ...]
    query: str
    parameters: tuple[object, ...]


def last_checks(session: Session, release_id: ReleaseId) -> LastChecks | None:
    """The checks of a candidate in the columns of its table ``data_quality``; None where it has no such table."""
    found = [row[0] for row in session.rows(_COLUMNS, [candidate_schema(release_id)]) if row[0] in _CHECKS]
    if not found:
        return None
    listed = ", ".join(f"{_CHECKS[name]} as {sql_name(name)}" for name in found)
    query = OF_A_RELEASE.format(columns=listed)
    days = [release_id.as_of] if "as_of_date" in found else []
    return LastChecks(tuple(map(sql_name, found)), query, (*days, release_id))
