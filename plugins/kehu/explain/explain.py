"""``kehu explain CUSTOMER``: why a customer has this segment, tier, stage and value, from the published release alone.

Only ids and figures are read; names and addresses are not part of an explanation.
"""

from __future__ import annotations

from typing import Any

from kehu.errors import ReleaseError, UsageError
from kehu.explain.explain_sections import (
    Facts,
    identity_section,
    lifecycle_section,
    relationship_section,
    rfm_section,
    risk_section,
    tier_section,
)
from kehu.explain.explain_value import value_section
from kehu.explain.explain_wording import words_in
from kehu.quoting import sql_name
from kehu.release.catalog import current_release_id, find, reading
from kehu.release.reader import ReleaseReader
from kehu.settings import Settings

_CUSTOMER_COLUMNS = """
    customer_id, order_count, gross_revenue, discounts, refunds, net_revenue, margin, value_tier,
    relationship_stage, predicted_clv, probability_alive, churn_risk_band, priority
"""
_RANK = """
    select
        count(*) as buyers,
        count(*) filter (where net_revenue > ?) + 1 as rank,
        coalesce(sum(greatest(net_revenue, 0)) filter (where net_revenue > ?), 0) as before,
        coalesce(sum(greatest(net_revenue, 0)), 0) as total
    from analytics.dim_customers
    where order_count > 0
"""
_RECORDS = """
    select source_customer_id, record_kind, first_seen_at from analytics.map_source_customers_to_customers
    where customer_id = ? order by is_primary desc, first_seen_at, source, source_customer_id
"""
_LINKS = """
    select source_customer_id, linked_by, linked_to from analytics.customer_record_links
    where customer_id = ? order by source_customer_id, linked_by, linked_to
"""
_CUT_POINTS = "select measure, origin, cut_point from analytics.rfm_cut_points order by measure, quantile"
_QUALITY = """
    select quality.*
    from analytics.clv_model_quality as quality
    where quality.segment = ? and quality.is_chosen and quality.kind <> 'spend'
"""
_LABEL = """
    select label_en, label_zh from analytics.segment_summary where segmentation = 'value_tier' and segment = ?
"""


def explain(settings: Settings, customer_id: str) -> str:
    """Say step by step why the published release sees this customer as it does.

    Args:
        settings: names the release (``published``) and the language.
        customer_id: a published id (``shop:1001``), or the source's own id if only one source has it.

    Raises:
        ReleaseError: nothing is published, or the release cannot be read.
        UsageError: no customer, or more than one, has this id.
    """
    current = current_release_id(settings)
    if current is None:
        raise ReleaseError("nothing is published yet", fix="publish a release first")
    manifest = find(settings, current)
    words = words_in(settings.language)
    with reading(settings, current) as release:
        customer = _find_customer(release, customer_id)
        lifetime = _row(release, "select * from analytics.customer_lifetime_value where customer_id = ?", customer)
        facts = Facts(
            words=words,
            language=settings.language,
            currency=str(manifest.rules.thresholds.get("reporting_currency", settings.currency)),
            rules=manifest.rules,
            as_of=manifest.as_of_date,
            customer=_row(
                release, f"select {_CUSTOMER_COLUMNS} from analytics.dim_customers where customer_id = ?", customer
            ),
            rfm=_row(release, "select * from analytics.customer_rfm where customer_id = ?", customer),
            cut_points=release.rows(_CUT_POINTS),
            lifecycle=_row(release, "select * from analytics.customer_lifecycle where customer_id = ?", customer),
            lifetime=lifetime,
            quality=_row(release, _QUALITY, lifetime.get("fit_segment")),
            records=release.rows(_RECORDS, [customer]),
            links=release.rows(_LINKS, [customer]),
        )
        net = facts.customer["net_revenue"]
        rank = _row(release, _RANK, net, net)
        label = _row(release, _LABEL, facts.customer["value_tier"])
    title = words("title", customer=customer, release=current, day=manifest.as_of_date)
    sections = (
        identity_section(facts),
        rfm_section(facts),
        tier_section(facts, rank, label.get(f"label_{settings.language}")),
        lifecycle_section(facts),
        relationship_section(facts),
        value_section(facts),
        risk_section(facts),
    )
    return "\n\n".join([title, *("\n".join(section) for section in sections)])


def _row(release: ReleaseReader, sql: str, *parameters: object) -> dict[str, Any]:
    """The only row of a query by column, or an empty dictionary."""
    rows = release.records(sql, parameters)
    return rows[0] if rows else {}


def _find_customer(release: ReleaseReader, wanted: str) -> str:
    """The published id for what was asked: the id of any of the person's records, with its source or without."""
    for condition in ("source_customer_id = ?", "substr(source_customer_id, strpos(source_customer_id, ':') + 1) = ?"):
        sql = f"select distinct customer_id from analytics.map_source_customers_to_customers where {condition}"
        sql += " order by customer_id limit 6"
        found = [row[0] for row in release.rows(sql, [wanted])]
        if len(found) > 1:
            raise UsageError("more than one customer has this id", fix="give the id with its source", nearest=found)
        if found:
            return str(found[0])
    sources = "select distinct source from analytics.map_source_customers_to_customers order by 1 limit 20"
    raise UsageError(
        "no customer of the published release has this id",
        fix="write source:id, or the source's own id; customers left out on purpose are not published",
        sources=[row[0] for row in release.rows(sources)],
        example=_any_customer(release),
    )


def _any_customer(release: ReleaseReader) -> str | None:
    rows = release.rows(f"select min({sql_name('customer_id')}) from analytics.dim_customers")
    return rows[0][0] if rows else None
