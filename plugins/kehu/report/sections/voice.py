"""What customers say: satisfaction by segment and month, complaints over time, tickets that wait."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from kehu.report.blocks import Chart, Column, Section, SmallChart, Table
from kehu.report.chapters import Chapter
from kehu.report.charts.kpi_line import Point, draw_line
from kehu.report.figures import to_json
from kehu.report.release_reader import ReleaseReader, Row
from kehu.report.sections.alerts import alerts_table, read_alerts
from kehu.report.sections.segments import Labels, read_labels
from kehu.report.sections.voice_segments import SEGMENTATIONS, segments_chart
from kehu.report.sections.voice_tickets import ages_chart, complaints_chart
from kehu.report.sections.voice_words import figure, interval, kind_of, tick
from kehu.report.wording import Wording

LAST_MONTHS = 24
TYPES = ("nps", "csat", "ces2", "ces1")
"""Which survey the chapter speaks of first, and the order of the others."""

_SATISFACTION = """
select answers.segmentation, answers.segment, answers.survey_type, answers.month, answers.answers,
    answers.anonymous_answers, answers.promoters, answers.passives, answers.detractors, answers.invited,
    answers.response_rate, answers.figure, answers.figure_low, answers.figure_high, answers.weighted_figure,
    answers.is_representative, answers.is_hidden, answers.as_of_date
from analytics.satisfaction_by_segment as answers
where answers.segmentation = 'all'
    or (answers.segmentation in ('lifecycle', 'value_tier') and answers.month is null and answers.answers > 0)
order by answers.survey_type, answers.segmentation, answers.month, answers.figure desc nulls last, answers.segment
"""
_COMPLAINTS = f"""
select months.month, months.complaints, months.open_tickets, months.resolution_hours, months.resolved_24h_share,
    months.resolved_72h_share, months.is_complete
from analytics.complaints_monthly as months
where months.kind = 'complaint' and months.need = 'all' and months.product_id = 'all' and months.segmentation = 'all'
order by months.month desc
limit {LAST_MONTHS}
"""
_WAITING = """
select tickets.kind, release.as_of_date - tickets.created_date as days, count(*) as tickets
from analytics.fct_tickets as tickets
cross join analytics.release
where tickets.is_open
group by tickets.kind, release.as_of_date - tickets.created_date
order by tickets.kind, days
"""


@dataclass(frozen=True)
class VoiceData:
    """Answers by segment at D and by month, complaints by month oldest first, alerts latest first, open tickets by age."""

    satisfaction: list[Row]
    complaints: list[Row]
    alerts: list[Row]
    waiting: list[Row]
    labels: Labels

    def at_end(self, survey_type: str, segmentation: str = "all") -> list[Row]:
        """The figures at D of one type of survey."""
        return [
            row
            for row in self.satisfaction
            if row["survey_type"] == survey_type and row["segmentation"] == segmentation and row["month"] is None
        ]

    @property
    def types(self) -> list[str]:
        """The types of survey with an answer, in the order of ``TYPES``."""
        return [one for one in TYPES if any(row["answers"] for row in self.at_end(one))]


def read(reader: ReleaseReader) -> VoiceData:
    """What the release says of answers and tickets; one from before there were any says nothing."""
    satisfaction = reader.rows(_SATISFACTION) if reader.has("satisfaction_by_segment") else []
    complaints = reader.rows(_COMPLAINTS)[::-1] if reader.has("complaints_monthly") else []
    alerts = read_alerts(reader)
    waiting = reader.rows(_WAITING) if reader.has("fct_tickets") else []
    return VoiceData(satisfaction, complaints, alerts, waiting, read_labels(reader, "need", *SEGMENTATIONS))


def build(data: VoiceData, words: Wording) -> Section:
    """The chapter, or what to deliver for it."""
    name = words.say("voice.name")
    if not data.types and not data.complaints:
        return Section("voice", name, missing=words.say("voice.missing"))
    charts = [chart for one in SEGMENTATIONS for chart in _segments(data, one, words)]
    if data.complaints:
        charts.append(complaints_chart(data.complaints, data.alerts, data.labels, words))
    if data.waiting:
        charts.append(ages_chart(data.waiting, words))
    return Section(
        "voice",
        name,
        _headline(data, words),
        words.say("voice.lead"),
        charts=tuple(charts),
        small_charts=tuple(chart for one in data.types for chart in _small_chart(data, one, words)),
        tables=(alerts_table(data.alerts, data.labels, words),) if data.alerts else (),
        details=(_surveys_table(data, words),) if data.types else (),
        notes=tuple(_notes(data, words)),
    )


def _segments(data: VoiceData, segmentation: str, words: Wording) -> list[Chart]:
    survey = _spoken_of(data)
    if survey is None:
        return []
    chart = segments_chart(data.at_end(survey, segmentation), data.at_end(survey)[0], data.labels, words)
    return [chart] if chart else []


def _spoken_of(data: VoiceData) -> str | None:
    """The first type of survey that has a figure."""
    return next((one for one in data.types if data.at_end(one)[0]["figure"] is not None), None)


def _headline(data: VoiceData, words: Wording) -> str:
    survey = _spoken_of(data)
    if survey is not None:
        whole = data.at_end(survey)[0]
        return words.say(
            "voice.headline",
            survey=kind_of(survey, words),
            figure=figure(survey, whole["figure"], words),
            interval=interval(whole, words),
            answers=words.counted("answers", whole["answers"]),
        )
    if data.complaints:
        month = next((row for row in reversed(data.complaints) if row["is_complete"]), data.complaints[-1])
        complaints = words.counted("complaints", month["complaints"])
        return words.say("voice.headline_complaints", month=words.month(month["month"]), complaints=complaints)
    return words.say("voice.headline_few", answers=words.counted("answers", data.at_end(data.types[0])[0]["answers"]))


def _notes(data: VoiceData, words: Wording) -> list[str]:
    """Of whom the figures are: who was asked, who answered, and whether they are like the others."""
    if not data.types:
        return [words.say("voice.no_answers")]
    notes = []
    for survey in data.types:
        whole = data.at_end(survey)[0]
        kind = kind_of(survey, words)
        if whole["response_rate"] is None:
            notes.append(words.say("voice.response_unknown", survey=kind))
        else:
            asked, rate = words.counted("asked", whole["invited"]), words.percent(whole["response_rate"])
            notes.append(words.say("voice.response", survey=kind, asked=asked, rate=rate))
        if whole["is_representative"] is not None:
            key = "voice.representative" if whole["is_representative"] else "voice.not_representative"
            weighted = figure(survey, whole["weighted_figure"], words)
            notes.append(words.say(key, survey=kind, weighted=weighted, figure=figure(survey, whole["figure"], words)))
    if not data.complaints:
        notes.append(words.say("voice.no_complaints"))
    return notes


def _small_chart(data: VoiceData, survey: str, words: Wording) -> list[SmallChart]:
    """One type of survey by month; none where no month has enough answers."""
    months = [row for row in data.satisfaction if row["survey_type"] == survey and row["month"] is not None]
    months = [row for row in months if row["segmentation"] == "all"][-LAST_MONTHS:]
    known = [row for row in months if row["figure"] is not None]
    if not known:
        return []
    last = next((row for row in reversed(known) if _is_over(row)), known[-1])
    name, month = kind_of(survey, words), words.month(last["month"])
    value = figure(survey, last["figure"], words)
    about = words.say("voice.of_month", month=month, interval=interval(last, words), n=words.count(last["answers"]))
    alt = words.say("voice.alt", survey=name, month=month, value=value)
    points = [_point(row, survey, words) for row in months if _is_over(row) or not _is_over(last)]
    drawn = draw_line(points, False, tick(survey, words), words.short_month)
    return [SmallChart(f"voice-{survey}", name, value, (about,), alt, to_json(drawn))]


def _is_over(row: Row) -> bool:
    month: date = row["month"]
    return bool((month.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1) <= row["as_of_date"])


def _point(row: Row, survey: str, words: Wording) -> Point:
    value = figure(survey, row["figure"], words)
    hover = words.say("voice.hover", month=words.month(row["month"]), value=value, n=words.count(row["answers"]))
    return Point(row["month"], row["figure"], _is_over(row), hover)


def _surveys_table(data: VoiceData, words: Wording) -> Table:
    names = ("survey", "answers", "anonymous", "asked", "rate", "figure", "interval", "weighted")
    columns = tuple(Column(words.say(f"voice.columns.{name}"), is_number=name != "survey") for name in names)
    lines = tuple(
        (
            kind_of(survey, words),
            words.count(row["answers"]),
            words.count(row["anonymous_answers"]),
            words.count(row["invited"]),
            words.percent(row["response_rate"]),
            figure(survey, row["figure"], words),
            interval(row, words),
            figure(survey, row["weighted_figure"], words),
        )
        for survey in data.types
        for row in data.at_end(survey)
    )
    return Table(words.say("voice.table"), columns, lines)


CHAPTER = Chapter(42, lambda reader, words, _: build(read(reader), words))
