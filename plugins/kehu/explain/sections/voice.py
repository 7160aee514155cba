"""What the customer said in surveys and wrote to the desk: scores, kinds and days, never a text."""

from __future__ import annotations

from kehu.explain.facts import Facts, Section
from kehu.explain.figures import percent_text

_ANSWERS = """
    select survey_type, score, answer_group, answer_date, is_counted
    from analytics.fct_survey_responses
    where customer_id = ?
    order by answer_date desc, response_id
    limit 5
"""
_SATISFACTION = "select answers, satisfaction_change from analytics.customer_satisfaction where customer_id = ?"
_TICKETS = """
    select
        count(*) as tickets,
        count(*) filter (where kind = 'complaint') as complaints,
        count(*) filter (where is_open) as open_tickets
    from analytics.fct_tickets
    where customer_id = ?
"""
_LAST_TICKETS = """
    select created_date, kind, is_open, resolved_date
    from analytics.fct_tickets
    where customer_id = ?
    order by created_date desc, ticket_id
    limit 3
"""
_NEEDED = {"fct_survey_responses", "customer_satisfaction", "fct_tickets"}


def voice_section(facts: Facts) -> list[str]:
    """Answers with what they count for, tickets with what became of them."""
    words = facts.words
    if not set(facts.release.columns()) >= _NEEDED:
        return [words("voice"), "  " + words("voice_unknown")]
    return [words("voice"), *("  " + line for line in [*_answers(facts), *_tickets(facts)])]


def _answers(facts: Facts) -> list[str]:
    words = facts.words
    answers = facts.rows(_ANSWERS, facts.customer_id)
    if not answers:
        return [words("no_answers")]
    satisfaction = facts.row(_SATISFACTION, facts.customer_id)
    lines = [words("answers", count=satisfaction.get("answers", 0))]
    for survey_type, score, group, day, is_counted in answers:
        said = words(f"group_{group}") if group else words("group_none")
        line = words("answer", type=survey_type, score=f"{score:g}", group=said, day=day)
        lines.append(f"  {line}" if is_counted else f"  {line} {words('superseded')}")
    change = satisfaction.get("satisfaction_change")
    if change:
        lines.append(words("fallen", share=percent_text(change)))
    return lines


def _tickets(facts: Facts) -> list[str]:
    words, row = facts.words, facts.row(_TICKETS, facts.customer_id)
    if not row["tickets"]:
        return [words("no_tickets")]
    lines = [words("tickets", tickets=row["tickets"], complaints=row["complaints"], open=row["open_tickets"])]
    for day, kind, is_open, resolved in facts.rows(_LAST_TICKETS, facts.customer_id):
        end = words("still_open") if is_open else words("resolved", day=resolved)
        lines.append("  " + words("ticket", day=day, kind=words(f"kind_{kind}"), end=end))
    return lines


SECTION = Section(75, voice_section)
