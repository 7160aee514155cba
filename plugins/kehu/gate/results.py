"""What a check found, where it is written down, and when it keeps a candidate away from BI."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Literal

from kehu.errors import CandidateRejected
from kehu.ops.checks import recorded_checks, replace_checks
from kehu.session import Session

Severity = Literal["critical", "warning"]
Status = Literal["passed", "failed", "error", "skipped", "accepted", "noted"]
"""noted: nothing is wrong, and somebody should know."""

WHOLE_LAYER = "all tables"
"""``table_name`` of a check that belongs to no single table."""
READABLE = "published_release_is_readable"
"""The check that fails where the release that BI should read is lost or damaged; accepting it publishes uncompared."""

NOTHING_CRITICAL = "suites_have_critical_checks"
"""The check that warns where a set of suites has warnings only."""

COLUMN_MISSING = "column_missing"
"""What the names of the checks begin with that fail where a source no longer delivers a column: accepted as drift is."""

_SHOWN = 25


@dataclass(frozen=True)
class CheckResult:
    """One row of ``ops.check_results``. Texts never hold a value of the data, only figures and names."""

    release_id: str
    layer: str
    table_name: str
    check_name: str
    severity: Severity
    status: Status
    observed: str
    expected: str
    reason: str

    @property
    def can_be_accepted(self) -> bool:
        """Whether a run may say by name that this failure is meant."""
        is_change = self.layer == "drift" or self.check_name.startswith(f"{COLUMN_MISSING}:")
        return is_change and self.status == "failed"

    @property
    def blocks(self) -> bool:
        """A failed critical check blocks, and so does any check that could not be evaluated."""
        return self.status == "error" or (self.status == "failed" and self.severity == "critical")


def record(session: Session, release_id: str, layers: Sequence[str], results: Sequence[CheckResult]) -> None:
    """Make ``results`` all that is written down for these layers of the release, in one transaction."""
    replace_checks(session, release_id, layers, [asdict(result) for result in results])


def recorded(session: Session, release_id: str) -> list[CheckResult]:
    """All checks of a release that are written down, dbt's tests included."""
    return [CheckResult(*row) for row in recorded_checks(session, release_id)]  # type: ignore[arg-type]


def without_repeated_names(results: Iterable[CheckResult]) -> list[CheckResult]:
    """The results with a number behind every name that a table uses twice: the grain is check × release."""
    seen: Counter[tuple[str, str, str]] = Counter()
    numbered = []
    for result in results:
        key = (result.layer, result.table_name, result.check_name)
        seen[key] += 1
        number = f"#{seen[key]}" if seen[key] > 1 else ""
        numbered.append(replace(result, check_name=result.check_name + number))
    return numbered


def reject_if_blocked(what: str, results: Sequence[CheckResult], data_docs: Path) -> None:
    """Stop here if any check blocks.

    Args:
        what: what was checked, as the subject of a sentence (``the candidate``).
        data_docs: the page that shows all results.

    Raises:
        CandidateRejected: names every blocking check with what was observed and expected.
    """
    blocking = [result for result in results if result.blocks]
    if not blocking:
        return
    lines = [_line(result) for result in blocking[:_SHOWN]]
    if len(blocking) > _SHOWN:
        lines.append(f"  … and {len(blocking) - _SHOWN} more in the data docs")
    is_lost = any(result.check_name == READABLE for result in blocking)
    bi = "BI cannot read the last release" if is_lost else "BI keeps reading the last release"
    raise CandidateRejected(
        f"{what} did not pass {len(blocking)} of {len(results)} checks; {bi}\n" + "\n".join(lines) + "\n",
        fix=_fix(blocking),
        release=blocking[0].release_id,
        data_docs=str(data_docs),
    )


def _line(result: CheckResult) -> str:
    return (
        f"  - {result.layer}: {result.table_name}: {result.check_name}: {result.status}: observed {result.observed},"
        f" expected {result.expected} ({result.reason})"
    )


def _fix(blocking: Sequence[CheckResult]) -> str:
    fixes = []
    others = [result for result in blocking if result.check_name != READABLE]
    if len(others) < len(blocking):
        fixes.append(
            "restore the release's folder from a backup, or go to another one that `kehu releases` lists with"
            f" `kehu rollback RELEASE`; where there is none, run again with --accept-drift {READABLE}, which publishes"
            " without a comparison"
        )
    if others:
        fixes.append(
            "correct the data or the model and run again, or change the expectation if it is the rule that is wrong"
        )
    drifted = [f"--accept-drift {r.check_name}" for r in others if r.can_be_accepted]
    if drifted:
        fixes.append(f"a change that is meant to be is accepted with {' '.join(drifted)}")
    return "; ".join(fixes)
