"""What customers say: the release's own figures with intervals and numbers, alerts in their month, tickets by their age."""

from __future__ import annotations

import json
from datetime import date
from functools import cache

import pytest

from kehu.report.sections import voice
from kehu.report.sections.alerts import alert_sentence, read_alerts
from kehu.report.sections.segments import read_labels
from kehu.report.wording import Wording
from tests.unit.report.contract_release import reader_of
from tests.unit.report.parsed_page import plain

D = date(2024, 3, 17)
WORDS = Wording("en", "USD")


def answers(segmentation, segment, n, figure, *, survey="nps", month=None, **more):
    is_hidden = figure is None
    return {
        "segmentation": segmentation, "segment": segment, "survey_type": survey,
        "period": f"{month:%Y-%m}" if month else "all", "answers": n, "anonymous_answers": 1, "invited": 4 * n,
        "response_rate": 0.25, "figure": figure, "figure_low": None if is_hidden else figure - 6,
        "figure_high": None if is_hidden else figure + 6, "weighted_figure": None if is_hidden else figure - 9,
        "is_representative": None if is_hidden else False, "is_hidden": is_hidden, "month": month, "as_of_date": D,
    }  # fmt: skip


ANSWERS = [
    answers("all", "all", 400, 31.4),
    answers("lifecycle", "active", 250, 33.0),
    answers("lifecycle", "churned", 120, 8.0),
    answers("lifecycle", "new", 7, None),
    answers("all", "all", 60, 28.0, month=date(2024, 1, 1)),
    answers("all", "all", 55, 35.0, month=date(2024, 2, 1)),
    answers("all", "all", 12, -40.0, month=date(2024, 3, 1)),
]
SEGMENTS = [
    {"segmentation": "lifecycle", "segment": "active", "label_en": "Active", "label_zh": "活跃客户"},
    {"segmentation": "lifecycle", "segment": "churned", "label_en": "Churned", "label_zh": "流失客户"},
    {"segmentation": "lifecycle", "segment": "new", "label_en": "New", "label_zh": "新客户"},
    {"segmentation": "need", "segment": "delivery", "label_en": "Delivery", "label_zh": "物流"},
]


def complaints(month, number, still_open, is_complete=True, **cell):
    whole = {"kind": "complaint", "need": "all", "product_id": "all", "segmentation": "all", "segment": "all"}
    return {
        **whole, "month": month, "tickets": number, "complaints": number, "open_tickets": still_open,
        "resolution_hours": 20.5, "resolved_24h_share": 0.5, "resolved_72h_share": 0.75, "is_complete": is_complete, **cell,
    }  # fmt: skip


COMPLAINTS = [
    complaints(date(2024, 1, 1), 30, 0),
    complaints(date(2024, 2, 1), 55, 4),
    complaints(date(2024, 2, 1), 40, 4, need="delivery"),
    complaints(date(2024, 2, 1), 99, 0, kind="inquiry"),
    complaints(date(2024, 3, 1), 12, 5, is_complete=False),
]


def alert(kind, topic, week, severity="warning", **more):
    return {
        "series": f"{kind}:{topic}", "series_kind": kind, "topic": topic, "severity": severity, "observed": 21.0,
        "expected": 4.25, "followed_by": "went_on", "is_last_closed_week": False, "week": week, **more,
    }  # fmt: skip


ALERTS = [
    alert("complaints_by_need", "delivery", date(2024, 2, 12), "critical"),
    alert("complaints_by_product", "s:p1", date(2024, 1, 8)),
    alert("refunds", "all", date(2024, 2, 12)),
    alert("complaints_by_need", "delivery", date(2023, 2, 13)),
]


def ticket(number, created, kind="complaint", is_open=True):
    return {
        "ticket_id": f"s:{number}", "kind": kind, "created_date": created, "is_open": is_open,
        "text": "my name is Zhang", "topic": "delivery to Zhang",
    }  # fmt: skip


TICKETS = [
    ticket(1, D), ticket(2, date(2024, 3, 16), "inquiry"), ticket(3, date(2024, 3, 15)), ticket(4, date(2024, 3, 10)),
    ticket(5, date(2024, 3, 9)), ticket(6, date(2023, 3, 9), "service"), ticket(7, date(2024, 1, 1), is_open=False),
]  # fmt: skip


def heard(**changed):
    tables = {
        "release": [{"release_id": "r", "as_of_date": D}],
        "satisfaction_by_segment": ANSWERS,
        "complaints_monthly": COMPLAINTS,
        "alerts": ALERTS,
        "dim_products": [{"product_id": "s:p1", "product_name": "Kettle"}],
        "fct_tickets": TICKETS,
        "segment_summary": SEGMENTS,
    }
    return voice.read(reader_of(**(tables | changed)))


@cache
def whole():
    """The chapter of all that was heard, in English."""
    return voice.build(heard(), WORDS)


def section(words=WORDS, **changed):
    if words is WORDS and not changed:
        return whole()
    return voice.build(heard(**changed), words)


def chart(built, chart_id):
    return next(one for one in built.charts if one.id == chart_id)


def test_the_figure_stands_with_its_interval_and_how_many_answered():
    built = section()
    assert built.headline == "Net promoter score: 31 (25 to 37), from 400 answers"
    drawn = json.loads(chart(built, "voice-lifecycle").wide)
    whiskers, dots = drawn["data"]
    assert dots["x"] == [33.0, 8.0]
    assert whiskers["x"] == [27.0, 39.0, None, 2.0, 14.0, None]
    texts = [note["text"] for note in drawn["layout"]["annotations"]]
    assert any("Active" in text and "n = 250" in text for text in texts)
    assert "<b>8 (2 to 14)</b>" in texts
    assert drawn["layout"]["shapes"][0]["x0"] == 31.4


def test_a_segment_that_differs_by_more_than_chance_is_named_and_one_with_few_answers_has_no_figure():
    shown = chart(section(), "voice-lifecycle")
    assert shown.headline == "Churned: Net promoter score 8, of all 31"
    assert shown.notes == ("Too few answered to show a figure: New.",)
    assert shown.table.rows[-1][0] == "New"
    assert shown.table.rows[-1][4] == "–"


def test_where_every_interval_holds_the_figure_of_all_nobody_is_said_to_differ():
    alike = [answers("all", "all", 400, 31.4), answers("lifecycle", "active", 250, 33.0)]
    assert chart(section(satisfaction_by_segment=alike), "voice-lifecycle").headline == (
        "Net promoter score: no lifecycle stage differs from all by more than chance"
    )


def test_response_rate_and_representativeness_are_told():
    asked, alike = (plain(note) for note in section().notes)
    assert asked == "Net promoter score: 25.0% of 1,600 persons asked answered."
    assert alike == (
        "Net promoter score: those who answered are not like the others; "
        "weighted for who did not answer it is 22 instead of 31."
    )
    unasked = [answers("all", "all", 400, 31.4) | {"response_rate": None, "invited": None, "is_representative": True}]
    asked, alike = section(satisfaction_by_segment=unasked).notes
    assert "how many were asked was not delivered (survey_invitations)" in asked
    assert "near enough to 31" in alike


def test_the_month_that_is_not_over_is_neither_the_figure_nor_in_the_line():
    (small,) = section().small_charts
    assert (small.value, small.changes) == ("35", ("February 2024: 29 to 41, n = 55",))
    values = [value for trace in json.loads(small.drawing)["data"] for value in trace["y"]]
    assert -40.0 not in values


def test_complaints_are_those_of_the_month_and_alerts_stand_in_theirs():
    shown = chart(section(), "voice-complaints")
    drawn = json.loads(shown.wide)
    resolved, still_open, marks = drawn["data"]
    assert resolved["y"] == [30, 51, 7]
    assert still_open["y"] == [0, 4, 5]
    assert [round(x) for x in marks["x"]] == [1, 0]
    assert any(
        "complaints about Delivery, 21 in the week from 12 February 2024" in text for text in marks["customdata"]
    )
    assert any("Kettle" in text for text in marks["customdata"])
    assert shown.headline == "55 complaints in February 2024; 2 alerts in the months shown"
    assert [row[:3] for row in shown.table.rows] == [
        ("Mar 2024*", "12", "5"),
        ("Feb 2024", "55", "4"),
        ("Jan 2024", "30", "0"),
    ]


def test_every_alert_is_listed_with_what_followed():
    (table,) = section().tables
    assert [(row[0], row[1], row[5]) for row in table.rows][:2] == [
        ("12 February 2024", "complaints about Delivery", "It went on"),
        ("12 February 2024", "refunds", "It went on"),
    ]
    assert len(table.rows) == len(ALERTS)


def test_open_tickets_are_counted_once_each_by_their_age():
    shown = chart(section(), "voice-ages")
    assert [row[1:] for row in shown.table.rows] == [("1", "1"), ("2", "0"), ("1", "0"), ("0", "0"), ("0", "1")]
    assert shown.headline == "6 tickets open, 2 of them for more than a week"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_no_text_of_a_customer_is_shown(language):
    assert "Zhang" not in repr(section(Wording(language, "USD")))


@pytest.mark.parametrize("language", ["en", "zh"])
def test_without_answers_or_tickets_a_line_says_what_to_deliver(language):
    words = Wording(language, "USD")
    empty = section(words, satisfaction_by_segment=[], complaints_monthly=[], fct_tickets=[], alerts=[])
    assert "survey_responses" in empty.missing
    assert "tickets" in empty.missing
    assert not empty.charts
    assert voice.build(voice.read(reader_of()), words).missing == empty.missing


def test_tickets_alone_and_answers_alone_say_what_else_to_deliver():
    tickets = section(satisfaction_by_segment=[])
    assert tickets.headline == "55 complaints came in February 2024"
    assert [one.id for one in tickets.charts] == ["voice-complaints", "voice-ages"]
    assert "survey_responses" in tickets.notes[0]
    said = section(complaints_monthly=[], fct_tickets=[], alerts=[])
    assert [one.id for one in said.charts] == ["voice-lifecycle"]
    assert "tickets" in plain(said.notes[-1])


def test_the_first_screen_names_need_and_product_as_people_do():
    reader = reader_of(alerts=ALERTS, dim_products=[], segment_summary=SEGMENTS)
    labels = read_labels(reader, "need")
    said = [alert_sentence(row, labels, Wording("zh", "CNY")) for row in read_alerts(reader)]
    assert said[0] == "预警：关于“物流”的投诉，2024 年 2 月 12 日起的一周 21，预期 4.3"
