"""How the figures of surveys read: a net promoter score, a share, a mean score."""

from __future__ import annotations

from collections.abc import Callable

from kehu.report.release_reader import Row
from kehu.report.wording import NOTHING, Wording


def kind_of(survey_type: str, words: Wording) -> str:
    """The name of a type of survey."""
    return words.name("voice.surveys", survey_type)


def figure(survey_type: str, value: float | None, words: Wording) -> str:
    """A figure of that type: -100 to 100, a share, or a mean score."""
    if survey_type == "nps":
        return words.decimal(value, 0)
    return words.percent(value, 0) if survey_type == "csat" else words.decimal(value, 1)


def interval(row: Row, words: Wording) -> str:
    """The two ends in which the true figure lies with 95 %."""
    if row["figure_low"] is None:
        return NOTHING
    low, high = (figure(row["survey_type"], row[end], words) for end in ("figure_low", "figure_high"))
    return words.say("voice.interval", low=low, high=high)


def tick(survey_type: str, words: Wording) -> Callable[[float], str]:
    """Text of a value on an axis."""
    if survey_type == "nps":
        return lambda value: words.decimal(value, 0)
    if survey_type == "csat":
        return lambda value: words.percent(value, 0 if round(value * 100, 6) == round(value * 100) else 1)
    return lambda value: words.decimal(value, 1 if round(value * 10, 6) == round(value * 10) else 2)
