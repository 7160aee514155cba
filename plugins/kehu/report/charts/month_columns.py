"""Months as columns in one or several parts, and marks above the months in which something stood out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import plotly.graph_objects as go

from kehu.report.figures import as_text, axis, figure, round_ticks
from kehu.report.palette import MUTED, PAPER, mix


@dataclass(frozen=True)
class Series:
    """One part of every column, oldest month first; what is below zero goes down."""

    colour: str
    values: list[float]


@dataclass(frozen=True)
class Mark:
    """Something that happened on a day; ``month`` counts from the first column."""

    month: int
    day: date
    colour: str
    hover: str


@dataclass(frozen=True)
class Months:
    """The columns: which months, which of them have ended, what is read of each."""

    months: list[date]
    is_complete: list[bool]
    hovers: list[str]


def draw_months(
    columns: Months,
    series: list[Series],
    marks: list[Mark],
    texts: tuple[Callable[[float], str], Callable[[date], str]],
    narrow: bool,
) -> go.Figure:
    """Draw the months from left to right.

    Args:
        columns: at least one month.
        series: parts from the axis outwards, one value a month in each.
        marks: drawn above the columns.
        texts: of a value and of a month on the axes.
        narrow: for a phone.
    """
    above = [sum(max(one.values[place], 0.0) for one in series) for place in range(len(columns.months))]
    below = [sum(min(one.values[place], 0.0) for one in series) for place in range(len(columns.months))]
    ticks = round_ticks(min(below), max(above) or 1.0)
    low, high = min(ticks[0], *below), max(ticks[-1], *above)
    top = high + (high - low) * (0.14 if marks else 0.03)
    shown = _shown(len(columns.months), narrow)
    drawn = figure(
        250 if narrow else 300,
        (8, 10, 8, 26),
        barmode="relative",
        bargap=0.25,
        xaxis=axis(
            range=[-0.6, len(columns.months) - 0.4],
            tickvals=shown,
            ticktext=[as_text(texts[1](columns.months[place])) for place in shown],
        ),
        yaxis=axis(
            range=[low, top],
            tickvals=ticks,
            ticktext=[as_text(texts[0](value)) for value in ticks],
            showgrid=True,
            automargin=True,
            ticklabelstandoff=4,
        ),
    )
    for one in series:
        drawn.add_trace(_columns(columns, one))
    if marks:
        drawn.add_trace(_marks(marks, high + (high - low) * 0.07))
    return drawn


def _shown(months: int, narrow: bool) -> list[int]:
    """The places whose month is named: the last one, and others at even distances before it that leave the edge free."""
    every = max(1, -(-months // (4 if narrow else 8)))
    return [place for place in range(months) if (months - 1 - place) % every == every // 2]


def _columns(columns: Months, series: Series) -> go.Bar:
    pale = mix(series.colour, 0.45)
    return go.Bar(
        x=list(range(len(columns.months))),
        y=series.values,
        marker={
            "color": [series.colour if is_complete else pale for is_complete in columns.is_complete],
            "line": {"color": PAPER, "width": 1},
        },
        customdata=[as_text(hover) for hover in columns.hovers],
        hovertemplate="%{customdata}<extra></extra>",
    )


def _marks(marks: list[Mark], height: float) -> go.Scatter:
    """Where in its month the day is, between the edges of its column."""
    return go.Scatter(
        x=[mark.month - 0.4 + 0.8 * (mark.day.day - 1) / 30 for mark in marks],
        y=[height] * len(marks),
        mode="markers",
        marker={
            "symbol": "triangle-down",
            "size": 12,
            "color": [mark.colour for mark in marks],
            "line": {"color": MUTED, "width": 0},
            "opacity": 1,
        },
        customdata=[as_text(mark.hover) for mark in marks],
        hovertemplate="%{customdata}<extra></extra>",
        cliponaxis=False,
    )


def marks_in(months: list[date], days: list[tuple[date, str, str]]) -> list[Mark]:
    """Marks of days, colours and texts that fall into the months; others are left out."""
    place = {month: index for index, month in enumerate(months)}
    found: list[Mark] = []
    for day, colour, hover in days:
        month: Any = place.get(day.replace(day=1))
        if month is not None:
            found.append(Mark(month, day, colour, hover))
    return found
