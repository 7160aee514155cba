"""What the customer has spoken of, without a word of what was written."""

from __future__ import annotations

from kehu.explain.facts import Facts, Section

_NEEDS = """
    select needs.need, needs.texts, needs.mentions, needs.problem_mentions, needs.is_main, needs.first_date, needs.last_date,
        summary.label_en, summary.label_zh
    from analytics.customer_needs as needs
    left join analytics.segment_summary as summary
        on summary.segmentation = 'need' and summary.segment = needs.need
    where needs.customer_id = ?
    order by needs.is_main desc, needs.mentions desc, needs.last_date desc, needs.need
"""


def needs_section(facts: Facts) -> list[str]:
    """The needs, the main one first, with how often and when; no text is read."""
    words = facts.words
    is_published = "customer_needs" in facts.release.columns()
    needs = facts.release.records(_NEEDS, [facts.customer_id]) if is_published else []
    if not needs:
        return [words("needs_none")]
    main = needs[0]
    return [
        words("needs", label=_label(main, facts)),
        *(
            "  "
            + words(
                "need",
                label=_label(row, facts),
                mentions=row["mentions"],
                texts=row["texts"],
                problems=row["problem_mentions"],
                first=row["first_date"],
                last=row["last_date"],
            )
            for row in needs
        ),
        "  " + words("needs_rule"),
    ]


def _label(row: dict[str, object], facts: Facts) -> object:
    return row[f"label_{facts.language}"] or row["need"]


SECTION = Section(65, needs_section)
