"""What a business reader wants to hear of a release, in a few lines."""

from __future__ import annotations

from typing import Any

from kehu.errors import ReleaseError
from kehu.pipeline.fired_alerts import RUNBOOK, fired_alerts
from kehu.pipeline.remarks import checks_of_release, closing_lines
from kehu.release.catalog import current_release_id, find, reading
from kehu.release.factory import open_store
from kehu.settings import Settings

_BEST_SEGMENT = """
    select label_en, customers, net_revenue, share_of_revenue
    from analytics.segment_summary
    where segmentation = 'rfm'
    order by net_revenue desc, segment
    limit 1
"""
_AT_RISK = """
    select
        cast(coalesce(sum(customers) filter (where meaning = 'at_risk'), 0) as bigint),
        cast(coalesce(sum(customers) filter (where meaning <> 'prospect'), 0) as bigint)
    from analytics.segment_summary
    where segmentation = 'lifecycle'
"""
_TOP_20 = """
    with ranked as (
        select
            greatest(net_revenue, 0) as revenue,
            row_number() over (order by net_revenue desc, customer_id) as position,
            count(*) over () as buyers
        from analytics.dim_customers
        where order_count > 0
    )

    select sum(revenue) filter (where position <= ceil(0.2 * buyers)) / nullif(sum(revenue), 0) from ranked
"""


def demo_summary(settings: Settings, release_id: str | None = None) -> str:
    """A release in words: its id, its tables with their rows, three sentences, what to look at, where things are.

    Args:
        settings: where it is.
        release_id: the release that a run has published; None is the one that BI reads. Somebody may have moved BI meanwhile.

    Raises:
        ReleaseError: nothing is published.
    """
    current = current_release_id(settings)
    name = release_id or current
    if name is None:
        raise ReleaseError("nothing is published yet", fix="run `make demo` or `kehu run --as-of YYYY-MM-DD`")
    manifest = find(settings, name)
    said = "is published" if name == current else f"was published; BI reads {current} by now"
    lines = [
        f"Release {name} {said} (as of {manifest.as_of_date}).",
        "",
        "Published tables",
    ]
    width = max(len(table) for table in manifest.tables)
    lines += [f"  {table:<{width}} {facts.rows:>12,} rows" for table, facts in sorted(manifest.tables.items())]
    lines += [
        "",
        "In words",
        *(f"  {sentence}" for sentence in _sentences(settings, name)),
    ]
    closing = [*closing_lines(checks_of_release(settings, name))]
    closing += [f"Alert: {alert.describe()}. See {RUNBOOK}." for alert in fired_alerts(settings, name)]
    return "\n".join([*lines, "", *closing, "", *_places(settings, name)])


def _sentences(settings: Settings, name: str) -> list[str]:
    with reading(settings, name) as release:
        best = release.rows(_BEST_SEGMENT)
        at_risk, buyers = release.rows(_AT_RISK)[0]
        top_20 = release.rows(_TOP_20)[0][0]
    found = []
    for label, customers, revenue, share in best:
        found.append(
            f"The best segment by revenue is {label}: {customers:,} customers bring {revenue:,.2f} {settings.currency}"
            f" ({_percent(share)} of the customers' net revenue)."
        )
    found.append(
        f"{_percent(at_risk / buyers if buyers else None)} of the customers who ever bought are at risk of leaving"
        f" ({at_risk:,} of {buyers:,})."
    )
    found.append(f"The top 20 % of the customers bring {_percent(top_20)} of the customers' revenue.")
    return found


def _percent(share: Any) -> str:
    return "an unknown share" if share is None else f"{float(share):.1%}"


def _places(settings: Settings, name: str) -> list[str]:
    report = settings.reports_dir / f"{name}.html"
    return [
        *open_store(settings).where_bi_reads(),
        f"Data Docs:  {settings.data_docs_dir / name / 'index.html'}",
        f"Report:     {report.resolve().as_uri()}",
    ]
