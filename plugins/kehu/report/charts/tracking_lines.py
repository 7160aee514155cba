"""Purchases cumulated by week: what happened and what was expected, with the place where the holdout begins."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from kehu.report.figures import as_text, axis, figure, round_ticks
from kehu.report.palette import BLUE, LINE, MUTED, ORANGE

_LAST_TICKS = 6


@dataclass(frozen=True)
class Week:
    """One week; ``expected`` is None where no model was fitted."""

    number: int
    actual: float
    expected: float | None
    hover: str


def draw_tracking(
    weeks: list[Week], holdout_from: float | None, titles: dict[str, str], tick: Callable[[float], str], narrow: bool
) -> go.Figure:
    """Draw the two lines.

    Args:
        weeks: in order, at least one.
        holdout_from: the week after which the holdout begins; None without one.
        titles: ``x`` and ``holdout`` (the word beside the border).
        tick: text of a count on the axis.
        narrow: for a phone.
    """
    highest = max([week.actual for week in weeks] + [week.expected or 0.0 for week in weeks]) or 1.0
    ticks = round_ticks(0.0, highest)
    drawn = figure(
        300 if narrow else 380,
        (8, 14, 16, 46),
        xaxis=axis(
            range=[0, weeks[-1].number + 0.5],
            title={"text": as_text(titles["x"]), "font": {"size": 12, "color": MUTED}, "standoff": 8},
            nticks=_LAST_TICKS if narrow else 2 * _LAST_TICKS,
        ),
        yaxis=axis(
            range=[0, ticks[-1] * 1.02],
            tickvals=ticks,
            ticktext=[as_text(tick(value)) for value in ticks],
            showgrid=True,
            automargin=True,
            ticklabelstandoff=4,
        ),
        shapes=_border(holdout_from),
        annotations=_word(holdout_from, titles["holdout"]),
    )
    if any(week.expected is not None for week in weeks):
        drawn.add_trace(_line(weeks, [week.expected for week in weeks], ORANGE, "dash"))
    drawn.add_trace(_line(weeks, [week.actual for week in weeks], BLUE, "solid"))
    return drawn


def _line(weeks: list[Week], values: list[float | None] | list[float], colour: str, dash: str) -> go.Scatter:
    return go.Scatter(
        x=[week.number for week in weeks],
        y=values,
        mode="lines",
        line={"color": colour, "width": 2.5, "dash": dash},
        customdata=[as_text(week.hover) for week in weeks],
        hovertemplate="%{customdata}<extra></extra>",
        cliponaxis=False,
    )


def _border(at: float | None) -> list[dict[str, Any]]:
    if at is None:
        return []
    line = {"color": LINE, "width": 1.5, "dash": "dot"}
    return [{"type": "line", "x0": at, "x1": at, "y0": 0, "y1": 1, "yref": "paper", "line": line, "layer": "below"}]


def _word(at: float | None, text: str) -> list[dict[str, Any]]:
    if at is None:
        return []
    return [
        {
            "x": at,
            "y": 1,
            "yref": "paper",
            "xanchor": "left",
            "yanchor": "top",
            "xshift": 6,
            "text": as_text(text),
            "showarrow": False,
            "font": {"size": 12, "color": MUTED},
        }
    ]
