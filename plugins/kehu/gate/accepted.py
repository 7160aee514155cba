"""Changes that a run accepts by the names of their checks: those of the drift, and columns that a source no longer delivers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from kehu.errors import UsageError
from kehu.gate.results import COLUMN_MISSING, WHOLE_LAYER, CheckResult

_CHECK = re.compile(r"[a-z_]+(:[a-z0-9_.-]+)?")


def accepted_names(names: Sequence[str]) -> frozenset[str]:
    """The names as a set.

    Raises:
        UsageError: one of them cannot be the name of a check.
    """
    for name in names:
        if not _CHECK.fullmatch(name):
            raise UsageError(
                "accept-drift takes the names of drift checks",
                fix="copy the name from the message of the gate, for example growth:fct_orders",
                got=name[:60],
            )
    return frozenset(names)


def of_landing(names: frozenset[str]) -> frozenset[str]:
    """Those of the names that are for the gate behind the landing zone; the others are for that in front of BI."""
    return frozenset(name for name in names if name.startswith(f"{COLUMN_MISSING}:"))


def with_accepted(
    release_id: str, layer: str, results: Sequence[CheckResult], accepted: frozenset[str]
) -> list[CheckResult]:
    """The results, those accepted that are named; a name that no check has is written down as such."""
    recorded = [_accept(result) if result.check_name in accepted else result for result in results]
    for name in sorted(accepted - {result.check_name for result in results}):
        reason = "accepted for this run, but no such check was made: nothing to accept"
        recorded.append(
            CheckResult(release_id, layer, WHOLE_LAYER, name, "warning", "skipped", "not checked", "—", reason)
        )
    return recorded


def _accept(result: CheckResult) -> CheckResult:
    if result.status == "failed":
        return replace(result, status="accepted", reason=f"{result.reason}; accepted for this run")
    return replace(result, reason=f"{result.reason}; accepted for this run, which was not needed")
