"""What every DAG and task of Kehu has in common: owner, tags, pool, retries, time limits, what happens on failure."""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from airflow.sdk import ExceptionRetryPolicy, RetryAction, RetryRule

from kehu.errors import CandidateRejected, ErasureKeyError, UsageError
from kehu.orchestration.callbacks import on_task_failure

OWNER = "data-engineering"

WAREHOUSE_POOL = "kehu_warehouse"
"""One slot: DuckDB has a single writer. Make it once per Airflow: ``airflow pools set kehu_warehouse 1 "Kehu"``."""

START = date(2000, 1, 1)
"""Before any business day that a source may deliver; DAGs do not catch up, so it creates no runs."""


class Tag(StrEnum):
    """The tags a Kehu DAG may carry."""

    KEHU = "kehu"
    INGEST = "ingest"
    BUILD = "build"
    OPERATIONS = "operations"


def _not_retryable(error: type[Exception], reason: str) -> RetryRule:
    return RetryRule(exception=error, action=RetryAction.FAIL, reason=reason)


RETRY_POLICY = ExceptionRetryPolicy(
    rules=[
        _not_retryable(CandidateRejected, "the data was judged: the same candidate is rejected again"),
        _not_retryable(UsageError, "a wrong parameter stays wrong"),
        _not_retryable(
            ErasureKeyError, "a key that is missing or wrong stays so until Airflow has another environment"
        ),
    ]
)
"""Everything else is retried: a file that is late, a warehouse that is busy, a disk that was full."""


def task_options(limit: timedelta, **options: Any) -> dict[str, Any]:
    """Options of a task that touches the warehouse or the landing zone.

    Args:
        limit: how long one attempt may take before it is stopped and retried.
        options: what this task has besides, for example its outlets.
    """
    return {
        "pool": WAREHOUSE_POOL,
        "execution_timeout": limit,
        "retries": 3,
        "retry_delay": timedelta(seconds=30),
        "retry_exponential_backoff": 2.0,
        "max_retry_delay": timedelta(minutes=15),
        "retry_policy": RETRY_POLICY,
        "on_failure_callback": on_task_failure,
        **options,
    }


QUICK = timedelta(minutes=30)
"""Bookkeeping, checks, the swap. Waiting for the warehouse lock (KEHU_LOCK_TIMEOUT_SECONDS) is part of it."""

LONG = timedelta(hours=6)
"""Extraction and dbt builds: a first build of years of history."""
