"""What the gate said of a candidate: publication starts from here and fails closed."""

from __future__ import annotations

from kehu.errors import CandidateRejected, ReleaseError
from kehu.ops.checks import recorded_checks
from kehu.ops.finished import require_finished
from kehu.release.ids import ReleaseId
from kehu.session import Session

_GOOD = {"passed", "accepted", "skipped", "noted"}
_EVALUATED = {"passed", "accepted", "failed"}


def require_passed_gate(session: Session, release_id: ReleaseId) -> None:
    """Let only a candidate through that is finished, whose marts were checked and of which no check blocks.

    A failed check of severity ``warning`` does not block. Everything else that is not good does, also a check that
    could not be evaluated and a status or severity that nobody knows.

    Raises:
        ReleaseError: no check of layer ``marts`` was evaluated, or the candidate was not built to its end.
        CandidateRejected: a check of any layer blocks; names the first and how many there are.
    """
    results = [row[1:8] for row in recorded_checks(session, release_id)]
    blocking = [row for row in results if row[4] not in _GOOD and (row[3], row[4]) != ("warning", "failed")]
    if blocking:
        layer, table, check, severity, status, observed, expected = blocking[0]
        raise CandidateRejected(
            f"the gate rejected the candidate: {len(blocking)} of {len(results)} checks block",
            fix="correct the cause and start a new run; BI keeps the last release",
            release=release_id,
            first=f"{layer}.{table}.{check}",
            severity=severity,
            status=status,
            observed=observed,
            expected=expected,
        )
    require_finished(session, release_id)
    if not any(row[0] == "marts" and row[4] in _EVALUATED for row in results):
        raise ReleaseError(
            "the gate has not checked this candidate",
            fix=f"run `kehu gate {release_id}` first",
            release=release_id,
        )
