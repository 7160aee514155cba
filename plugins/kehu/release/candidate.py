"""What a candidate says of itself, whatever warehouse has computed it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from kehu.errors import ReleaseError
from kehu.ops.checked import require_checked
from kehu.ops.finished import require_candidate
from kehu.ops.tables import candidate_schema
from kehu.release.ids import ReleaseId
from kehu.warehouse.protocol import Session


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
