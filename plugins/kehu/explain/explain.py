"""``kehu explain CUSTOMER``: why a customer has this segment, tier, stage and value, from the published release alone.

Only ids and figures are read; names and addresses are not part of an explanation.
"""

from __future__ import annotations

from kehu.errors import ReleaseError, UsageError
from kehu.explain.facts import Facts
from kehu.explain.found_sections import found_sections
from kehu.explain.wording import words_in
from kehu.quoting import sql_name
from kehu.release.catalog import current_release_id, find, reading
from kehu.release.reader import ReleaseReader
from kehu.settings import Settings


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
        facts = Facts(
            words=words,
            language=settings.language,
            currency=str(manifest.rules.thresholds.get("reporting_currency", settings.currency)),
            rules=manifest.rules,
            as_of=manifest.as_of_date,
            customer_id=customer,
            release=release,
        )
        sections = [one.lines(facts) for one in found_sections()]
    title = words("title", customer=customer, release=current, day=manifest.as_of_date)
    return "\n\n".join([title, *("\n".join(section) for section in sections)])


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
