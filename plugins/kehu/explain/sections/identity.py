"""The records that are this person."""

from __future__ import annotations

from kehu.explain.facts import Facts, Section

_RECORDS = """
    select source_customer_id, record_kind, first_seen_at from analytics.map_source_customers_to_customers
    where customer_id = ? order by is_primary desc, first_seen_at, source, source_customer_id
"""
_LINKS = """
    select source_customer_id, linked_by, linked_to from analytics.customer_record_links
    where customer_id = ? order by source_customer_id, linked_by, linked_to
"""
_RECORDS_SHOWN = 20


def identity_section(facts: Facts) -> list[str]:
    """The records that are this person, and what joined each to earlier ones."""
    words = facts.words
    records, found = facts.rows(_RECORDS, facts.customer_id), facts.rows(_LINKS, facts.customer_id)
    described = [{"record": name, "kind": words(kind), "day": f"{seen:%Y-%m-%d}"} for name, kind, seen in records]
    if len(records) == 1:
        return [words("one_record", **described[0])]
    lines = [words("records", count=len(records))]
    for number, record in enumerate(described[:_RECORDS_SHOWN]):
        links = [(by, other) for name, by, other in found if name == record["record"]]
        said = [words("link", linked_by=words(by), record=other) for by, other in links]
        shown = ", ".join(said) or words("bridged" if number else "primary")
        lines.append("  " + words("record", **record, links=shown))
    if len(records) > _RECORDS_SHOWN:
        lines.append("  " + words("more_records", count=len(records) - _RECORDS_SHOWN))
    return lines


SECTION = Section(10, identity_section)
