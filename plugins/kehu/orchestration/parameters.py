r"""Parameters of a manual run: what Airflow's form accepts, and what a task makes of it.

Airflow checks the schemas when a run is created, wherever it comes from (UI, API, command line, another DAG). The patterns
end in ``(?!\n)$`` because a Python ``$`` alone also matches before a last line feed. What is accepted here is later passed to
dbt as vars, so nothing but a day, a check's name or a release id may get through.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from airflow.sdk import Param

from kehu.errors import UsageError
from kehu.pipeline.business_day import parse_as_of

DAY_PATTERN = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}(?!\n)$"
CHECK_PATTERN = r"^[a-z_]+(:[a-z0-9_.-]+)?(?!\n)$"
RELEASE_PATTERN = r"^(r[0-9]{8}_[0-9]{8}t[0-9]{6})?(?!\n)$"

CUSTOMER_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9_-]{0,62}:[\w.@+/:-]{1,120}(?!\n)$"


def build_params() -> dict[str, Param]:
    """The parameters of ``build_customers``."""
    return {
        "as_of": Param(
            None,
            type=["null", "string"],
            format="date",
            pattern=DAY_PATTERN,
            title="As of",
            description="Business day of the release, for a run that no delivery started. Events after it have no influence.",
        ),
        "accept_drift": Param(
            [],
            type="array",
            items={"type": "string", "pattern": CHECK_PATTERN, "maxLength": 200},
            title="Accept drift",
            description="Columns that a source is meant to deliver no longer, as column_missing:shop.orders.channel, and drift"
            " checks whose change against the published release is meant, for example growth:fct_orders.",
        ),
        "make_current": Param(
            None,
            type=["null", "boolean"],
            title="Make current",
            description="Empty: BI moves to the release unless its as-of date is earlier than the published one's.",
        ),
    }


def rollback_params() -> dict[str, Param]:
    """The parameters of ``rollback_release``."""
    return {
        "release_id": Param(
            "",
            type="string",
            pattern=RELEASE_PATTERN,
            title="Release",
            description="The release that BI shall read; empty means the one before the current one.",
        )
    }


def erasure_params() -> dict[str, Param]:
    """The parameters of ``erase_customer``."""
    return {
        "customer": Param(
            type="string",
            pattern=CUSTOMER_PATTERN,
            title="Customer",
            description="The id of any record of the person, with its source: shop:1001.",
        ),
        "dry_run": Param(
            True,
            type="boolean",
            title="Dry run",
            description="Count what would change and change nothing. Switch it off to erase.",
        ),
    }


def business_day(params: Mapping[str, Any], partition_key: str | None, started_at: datetime, timezone: str) -> date:
    """The business day that a run of ``build_customers`` is for: its parameter, or the day that the sources delivered.

    Args:
        params: the run's parameters.
        partition_key: the day of the deliveries that started the run; None for a plain manual run.
        started_at: when the run started; a day that has not begun by then cannot be meant.
        timezone: the zone of business days (KEHU_TIMEZONE).

    Raises:
        UsageError: neither is given, they differ, or it is not a day from 1970 up to today.
    """
    given = {name: text for name, text in (("as_of", params.get("as_of")), ("partition_key", partition_key)) if text}
    if not given:
        raise UsageError(
            "the run has no business day", fix='trigger it with the parameter as_of, as in {"as_of": "2018-01-01"}'
        )
    if len(set(given.values())) > 1:
        raise UsageError("as_of and the run's partition are different days", fix="give one of the two", **given)
    return parse_as_of(next(iter(given.values())), started_at, timezone)


def in_utc(moment: datetime) -> datetime:
    """The moment in UTC without a zone attached, to the second, as release ids are made of it."""
    return moment.astimezone(UTC).replace(tzinfo=None, microsecond=0)
