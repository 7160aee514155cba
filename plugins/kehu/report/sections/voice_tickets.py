"""Complaints by month with the weeks that stood out, and how long open tickets have waited."""

from __future__ import annotations

from kehu.report.blocks import Chart, Column, Key, Table
from kehu.report.charts.bars import Bar, Part, draw_bars
from kehu.report.charts.month_columns import Months, Series, draw_months, marks_in
from kehu.report.charts.rows import Heading
from kehu.report.palette import AMBER, LIGHT_BLUE, MID_BLUE, ORANGE, RED
from kehu.report.release_reader import Row
from kehu.report.sections.alerts import alert_sentence
from kehu.report.sections.segments import Labels
from kehu.report.two_widths import chart_of
from kehu.report.wording import Wording

AGES = (("day", 1), ("week", 7), ("month", 30), ("quarter", 90), ("longer", None))
"""Ages of open tickets in days, each up to its number."""
_SEVERITIES = {"warning": AMBER, "critical": RED}


def complaints_chart(months: list[Row], alerts: list[Row], labels: Labels, words: Wording) -> Chart:
    """Complaints by the month in which they came, those still open told apart, and the alerts above them."""
    columns = Months(
        [row["month"] for row in months], [row["is_complete"] for row in months], [_hover(row, words) for row in months]
    )
    series = [
        Series(MID_BLUE, [row["complaints"] - row["open_tickets"] for row in months]),
        Series(ORANGE, [row["open_tickets"] for row in months]),
    ]
    days = [
        (row["week"], _SEVERITIES[row["severity"]], alert_sentence(row, labels, words))
        for row in alerts
        if row["series_kind"].startswith("complaints")
    ]
    marks = marks_in(columns.months, days)
    headline = _headline(months, len(marks), words)
    keys = [Key(MID_BLUE, words.say("voice.complaints.resolved")), Key(ORANGE, words.say("voice.complaints.open"))]
    keys += [
        Key(colour, words.say(f"voice.complaints.{severity}"), "triangle")
        for severity, colour in _SEVERITIES.items()
        if any(mark.colour == colour for mark in marks)
    ]
    return chart_of(
        lambda narrow: draw_months(columns, series, marks, (words.compact, words.short_month), narrow),
        "voice-complaints",
        headline,
        words.say("voice.complaints.alt", headline=headline),
        _complaints_table(months, words),
        explanation=words.say("voice.complaints.explanation"),
        keys=tuple(keys),
    )


def _headline(months: list[Row], alerts: int, words: Wording) -> str:
    last = next((row for row in reversed(months) if row["is_complete"]), months[-1])
    key = "voice.complaints.headline" if alerts else "voice.complaints.headline_calm"
    return words.say(
        key,
        month=words.month(last["month"]),
        complaints=words.counted("complaints", last["complaints"]),
        alerts=words.counted("alerts", alerts),
    )


def _hover(row: Row, words: Wording) -> str:
    return words.say(
        "voice.complaints.hover",
        month=words.month(row["month"]),
        complaints=words.counted("complaints", row["complaints"]),
        open=words.count(row["open_tickets"]),
    )


def _complaints_table(months: list[Row], words: Wording) -> Table:
    names = ("month", "complaints", "open", "hours", "within_24h", "within_72h")
    columns = tuple(Column(words.say(f"voice.columns.{name}"), is_number=name != "month") for name in names)
    lines = tuple(
        (
            words.short_month(row["month"]) + ("" if row["is_complete"] else "*"),
            words.count(row["complaints"]),
            words.count(row["open_tickets"]),
            words.decimal(row["resolution_hours"], 1),
            words.percent(row["resolved_24h_share"]),
            words.percent(row["resolved_72h_share"]),
        )
        for row in reversed(months)
    )
    return Table(words.say("voice.complaints.table"), columns, lines)


def ages_chart(waiting: list[Row], words: Wording) -> Chart:
    """Open tickets by how long they have waited, complaints told apart."""
    counts = [_of_age(waiting, place) for place in range(len(AGES))]
    bars = [
        Bar(
            Heading(words.say(f"voice.ages.{name}"), "", words.count(sum(count))),
            (Part(count[0], ORANGE), Part(count[1], LIGHT_BLUE)),
            words.say("voice.ages.hover", complaints=words.count(count[0]), others=words.count(count[1])),
        )
        for (name, _), count in zip(AGES, counts, strict=True)
    ]
    old = sum(sum(count) for count in counts[2:])
    headline = words.say(
        "voice.ages.headline",
        tickets=words.counted("tickets", sum(sum(count) for count in counts)),
        old=words.count(old),
    )
    columns = tuple(
        Column(words.say(f"voice.columns.{name}"), is_number=name != "age") for name in ("age", "complaints", "others")
    )
    lines = tuple(
        (words.say(f"voice.ages.{name}"), *(words.count(number) for number in count))
        for (name, _), count in zip(AGES, counts, strict=True)
    )
    return chart_of(
        lambda narrow: draw_bars(bars, narrow),
        "voice-ages",
        headline,
        words.say("voice.ages.alt", headline=headline),
        Table(words.say("voice.ages.table"), columns, lines),
        keys=(Key(ORANGE, words.say("voice.columns.complaints")), Key(LIGHT_BLUE, words.say("voice.columns.others"))),
    )


def _of_age(waiting: list[Row], place: int) -> tuple[int, int]:
    """Complaints and other tickets of one age."""
    above = AGES[place - 1][1] if place else -1
    up_to = AGES[place][1]
    found = [
        row for row in waiting if above is not None and row["days"] > above and (up_to is None or row["days"] <= up_to)
    ]
    complaints = sum(row["tickets"] for row in found if row["kind"] == "complaint")
    return complaints, sum(row["tickets"] for row in found) - complaints
