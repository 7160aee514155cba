"""What a failed task says: the cause, and the page that tells what to do about it."""

from __future__ import annotations

import errno
import logging
from collections.abc import Mapping
from typing import Any

from kehu.errors import (
    BadExpression,
    CandidateRejected,
    CursorUnusable,
    DiskFull,
    ErasureError,
    ErasureKeyError,
    KehuError,
    LandingError,
    MappedColumnMissing,
    SourceFileMissing,
    SourceRefused,
    SourceStale,
    SourceTableMissing,
    SourceTimeout,
    SourceTypeUnsupported,
    SourceUnreachable,
    SourceUnreadable,
    WarehouseBusy,
    WarehouseDamaged,
    WarehouseFull,
    WarehouseUnreachable,
)
from kehu.orchestration.alerts.alert_message import failed_task, what_bi_reads
from kehu.orchestration.alerts.alerting import send_alert

log = logging.getLogger("kehu.failure")

GENERAL_RUNBOOK = "docs/runbooks/dag_run_fails.md"
DISK_FULL_RUNBOOK = "docs/runbooks/disk_full.md"

INGEST_RUNBOOK = "docs/runbooks/ingest_fails.md"

RUNBOOKS: dict[type[BaseException], str] = {
    BadExpression: INGEST_RUNBOOK,
    CursorUnusable: INGEST_RUNBOOK,
    ErasureError: "docs/runbooks/erase_a_customer.md",
    ErasureKeyError: "docs/runbooks/erase_a_customer.md",
    CandidateRejected: "docs/runbooks/candidate_rejected.md",
    DiskFull: DISK_FULL_RUNBOOK,
    LandingError: INGEST_RUNBOOK,
    MappedColumnMissing: INGEST_RUNBOOK,
    SourceFileMissing: INGEST_RUNBOOK,
    SourceRefused: INGEST_RUNBOOK,
    SourceStale: "docs/runbooks/source_down.md",
    SourceTableMissing: INGEST_RUNBOOK,
    SourceTimeout: INGEST_RUNBOOK,
    SourceTypeUnsupported: INGEST_RUNBOOK,
    SourceUnreachable: INGEST_RUNBOOK,
    SourceUnreadable: INGEST_RUNBOOK,
    WarehouseBusy: "docs/runbooks/warehouse_busy.md",
    WarehouseDamaged: "docs/runbooks/lost_warehouse.md",
    WarehouseFull: DISK_FULL_RUNBOOK,
    WarehouseUnreachable: "docs/runbooks/lost_warehouse.md",
}
"""By named error; anything else goes to the general page, a wrong setting or parameter too: they stop any task."""


def runbook_for(error: BaseException | None) -> str:
    """The page for this error, by its nearest named class; a full disk may come as an OSError without a name."""
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DISK_FULL_RUNBOOK
    for kind in type(error).__mro__:
        if kind in RUNBOOKS:
            return RUNBOOKS[kind]
    return GENERAL_RUNBOOK


def cause_of(error: BaseException | str | None) -> str:
    """What the error says. A KehuError names its class, its facts and the fix itself; others get their class in front."""
    if error is None:
        return "the task's process was killed, or it ran out of time"
    text = str(error).strip()
    return text if isinstance(error, (KehuError, str)) else f"{type(error).__name__}: {text}"


def on_task_failure(context: Mapping[str, Any]) -> None:
    """``on_failure_callback``: log the cause and the runbook where whoever is on call looks first, then send the alert."""
    task = context["ti"]
    error = context.get("exception")
    log.error(
        "%s.%s failed in run %s. BI %s. Runbook: %s. Cause: %s",
        task.dag_id,
        task.task_id,
        task.run_id,
        what_bi_reads(task),
        runbook_for(error),
        cause_of(error),
    )
    send_alert(failed_task(task, error, runbook_for(error)))
