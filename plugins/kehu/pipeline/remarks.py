"""What a run ends with besides its result: quarantine, warnings, what was accepted, cleaned, derived or assumed."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence

from kehu.gate import intake
from kehu.gate.results import CheckResult, recorded
from kehu.printable import printable
from kehu.release.catalog import current_release_id, reading
from kehu.settings import Settings
from kehu.warehouse.factory import open_warehouse

log = logging.getLogger(__name__)

# by the names that a release of the version before has too
_OF_A_RELEASE = """
    select release_id, layer, "table", "check", severity, status, observed, expected, reason
    from analytics.data_quality order by layer, "table", "check"
"""
_SHOWN = 12
_WORDS = {"error": "blocked", "failed": "warning", "accepted": "accepted", "noted": "noted"}
_ORDER = tuple(_WORDS)


def checks_of_run(settings: Settings, release_id: str) -> list[CheckResult]:
    """The checks of a run, as the working warehouse has them."""
    with open_warehouse(settings).session(read_only=True) as session:
        return recorded(session, release_id)


def checks_of_release(settings: Settings, release_id: str | None = None) -> list[CheckResult]:
    """The checks of a release that is kept (the current one by default), as it publishes them; none where there is no release.

    Raises:
        ReleaseError: it cannot be read.
    """
    name = release_id or current_release_id(settings)
    if name is None:
        return []
    with reading(settings, name) as release:
        return [CheckResult(*row) for row in release.rows(_OF_A_RELEASE)]


def remarks(checks: Iterable[CheckResult], limit: int | None = _SHOWN) -> list[str]:
    """What somebody should look at, a line each: what came in before what was computed from it, what is lost before what is said.

    Args:
        checks: all checks of a release.
        limit: how many lines of a kind at most; None shows all.
    """
    told = [check for check in checks if check.status in _ORDER]
    lines: list[str] = []
    for of_intake in (True, False):
        for status in _ORDER:
            some = [one for one in told if one.status == status and (one.layer == intake.LAYER) == of_intake]
            lines += _limited([_line(one) for one in some], limit)
    return lines


def closing_lines(checks: Sequence[CheckResult]) -> Iterator[str]:
    """The last lines of a run."""
    found = remarks(checks)
    if not found:
        yield "Nothing is in quarantine, no check warned, nothing was cleaned, derived or assumed."
        return
    yield "To look at (`kehu checks` lists all of it)"
    yield from found


def log_remarks(settings: Settings, release_id: str) -> None:
    """Write the last lines of a run into the log."""
    for line in closing_lines(checks_of_release(settings, release_id)):
        log.info("%s", printable(line))


def _limited(lines: list[str], limit: int | None) -> list[str]:
    if limit is None or len(lines) <= limit:
        return lines
    return [*lines[:limit], f"  … and {len(lines) - limit} more of this kind: `kehu checks`"]


def _line(check: CheckResult) -> str:
    word = "blocked" if check.blocks else _WORDS[check.status]
    if check.layer == intake.LAYER:
        return f"  {word:<9} {check.table_name}: {check.observed} — {check.reason}"
    where = f"{check.layer}: {check.table_name}.{check.check_name}"
    return f"  {word:<9} {where}: {check.observed}, expected {check.expected} — {check.reason}"
