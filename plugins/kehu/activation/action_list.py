"""Who is to be spoken to, by when, why and how: the listed actions of a release, as a table.

The list holds nobody who is held out, in a control arm, without consent, excluded or erased: the mart says so of each row
(``is_listed``), and a row that an erasure has been through has lost its id.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import pyarrow as pa

from kehu.errors import ReleaseError, UsageError, nearest
from kehu.release.reader import ReleaseReader

TIERS = ("P1", "P2", "P3", "P4", "none")
_SQL = """
    select
        actions.priority, actions.due_date, actions.customer_id, actions.action, actions.label_{language} as label,
        actions.kind, actions.reason, actions.figures, actions.channel, actions.offer, products.product_name as offer_name,
        customers.value_tier, customers.lifecycle_stage, customers.net_revenue, customers.country, actions.action_rank,
        actions.action_id
    from analytics.customer_actions as actions
    inner join analytics.dim_customers as customers on customers.customer_id = actions.customer_id
    left join analytics.dim_products as products on products.product_id = actions.offer
    where actions.is_listed and actions.action_id is not null {conditions}
"""
_ORDER = ("priority", "due_date", "action_rank", "customer_id", "action_id")
"""Of the list, the same whatever the collation of the engine is."""


def listed_actions(
    release: ReleaseReader, as_of: date, language: str, tiers: Sequence[str] = (), due_days: int | None = None
) -> pa.Table:
    """The listed actions of a release, the first to be done first.

    Args:
        release: an opened release.
        as_of: its day.
        language: ``en`` or ``zh``, of the labels.
        tiers: priorities such as ``P1``; all by default.
        due_days: what is due up to so many days after D; all that is listed by default.

    Raises:
        UsageError: there is no such priority.
        ReleaseError: the release is of a version that knew no actions.
    """
    for tier in tiers:
        if tier not in TIERS:
            raise UsageError(
                "no such priority", fix=f"one of {', '.join(TIERS)}", tier=tier, nearest=nearest(tier, TIERS)
            )
    if "customer_actions" not in release.columns():
        raise ReleaseError("the release holds no actions", fix="build a new one: `kehu run --as-of YYYY-MM-DD`")
    conditions, values = "", list[object](tiers)
    if tiers:
        conditions += f" and actions.priority in ({', '.join('?' for _ in tiers)})"
    if due_days is not None:
        conditions += " and actions.due_date <= ?"
        values.append(as_of + timedelta(days=due_days))
    found = release.arrow(_SQL.format(language="zh" if language == "zh" else "en", conditions=conditions), values)
    return found.sort_by([(column, "ascending") for column in _ORDER])
