"""Satisfaction of the segments, each with its interval and how many answered."""

from __future__ import annotations

from kehu.report.blocks import Chart, Column, Table
from kehu.report.charts.intervals import Interval, draw_intervals
from kehu.report.charts.rows import Heading
from kehu.report.release_reader import Row
from kehu.report.sections.segments import Labels
from kehu.report.sections.voice_words import figure, interval, kind_of, tick
from kehu.report.two_widths import chart_of
from kehu.report.wording import Wording

SEGMENTATIONS = ("lifecycle", "value_tier")
"""Whose segments are drawn."""


def segments_chart(rows: list[Row], whole: Row, labels: Labels, words: Wording) -> Chart | None:
    """The segments from the highest figure down; none where every one has too few answers.

    Args:
        rows: the segments of one segmentation, by falling figure.
        whole: everybody.
        labels: names of the segments.
        words: the reader's language.
    """
    shown = [row for row in rows if row["figure"] is not None]
    if not shown:
        return None
    survey, segmentation = whole["survey_type"], shown[0]["segmentation"]
    intervals = [_interval(row, labels, words) for row in shown]
    headline = _headline(shown, whole, labels, words)
    hidden = [labels.of(segmentation, row["segment"], words) for row in rows if row["is_hidden"]]
    return chart_of(
        lambda narrow: draw_intervals(intervals, whole["figure"], tick(survey, words), narrow),
        f"voice-{segmentation.replace('_', '-')}",
        headline,
        words.say("voice.segments.alt", survey=kind_of(survey, words), headline=headline),
        _table(rows, labels, words),
        explanation=words.say("voice.segments.explanation", all=figure(survey, whole["figure"], words)),
        notes=(words.say("voice.segments.hidden", segments=words.join(hidden)),) if hidden else (),
    )


def _headline(shown: list[Row], whole: Row, labels: Labels, words: Wording) -> str:
    """The segment that is surely furthest from all, else that none is."""
    apart = [row for row in shown if row["figure_high"] < whole["figure"] or row["figure_low"] > whole["figure"]]
    survey = kind_of(whole["survey_type"], words)
    if not apart:
        return words.say(f"voice.segments.{shown[0]['segmentation']}.alike", survey=survey)
    most = max(apart, key=lambda row: (abs(row["figure"] - whole["figure"]), row["answers"], row["segment"]))
    return words.say(
        "voice.segments.headline",
        segment=labels.of(most["segmentation"], most["segment"], words),
        survey=survey,
        figure=figure(whole["survey_type"], most["figure"], words),
        all=figure(whole["survey_type"], whole["figure"], words),
    )


def _interval(row: Row, labels: Labels, words: Wording) -> Interval:
    value = figure(row["survey_type"], row["figure"], words)
    between = interval(row, words)
    n = words.say("voice.segments.n", n=words.count(row["answers"]))
    heading = Heading(
        labels.of(row["segmentation"], row["segment"], words),
        n,
        words.say("voice.segments.figure", figure=value, interval=between),
    )
    hover = words.say("voice.segments.hover", figure=value, interval=between, n=n)
    return Interval(heading, row["figure"], row["figure_low"], row["figure_high"], hover)


def _table(rows: list[Row], labels: Labels, words: Wording) -> Table:
    names = ("segment", "answers", "asked", "rate", "figure", "interval", "weighted")
    columns = tuple(Column(words.say(f"voice.columns.{name}"), is_number=name != "segment") for name in names)
    lines = tuple(
        (
            labels.of(row["segmentation"], row["segment"], words),
            words.count(row["answers"]),
            words.count(row["invited"]),
            words.percent(row["response_rate"]),
            figure(row["survey_type"], row["figure"], words),
            interval(row, words),
            figure(row["survey_type"], row["weighted_figure"], words),
        )
        for row in rows
    )
    caption = words.say(
        "voice.segments.table",
        survey=kind_of(rows[0]["survey_type"], words),
        segmentation=words.say(f"voice.segments.{rows[0]['segmentation']}.name"),
    )
    return Table(caption, columns, lines)
