"""Figures with the interval in which the true one lies, below one another, and a line that they are held against."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from kehu.report.charts.rows import DROP, Heading, row_axis, row_headings, row_height
from kehu.report.figures import as_text, axis, figure, round_ticks
from kehu.report.palette import BLUE, MUTED, PAPER, mix


@dataclass(frozen=True)
class Interval:
    """One row; one that ``is_thin`` rests on too few and is drawn hollow."""

    heading: Heading
    value: float
    low: float
    high: float
    hover: str
    colour: str = BLUE
    is_thin: bool = False


def draw_intervals(
    rows: list[Interval], against: float | None, tick: Callable[[float], str], narrow: bool
) -> go.Figure:
    """Draw the rows from top to bottom in the order given.

    Args:
        rows: at least one.
        against: where the line stands: the figure of all, or no difference.
        tick: text of a value on the axis below.
        narrow: for a phone.
    """
    headings = [row.heading for row in rows]
    seen = [value for row in rows for value in (row.low, row.high)] + ([] if against is None else [against])
    ticks = round_ticks(min(seen), max(seen), 3 if narrow else 5)
    low, high = min(ticks[0], *seen), max(ticks[-1], *seen)
    room = (high - low) * 0.02 or 0.5
    drawn = figure(
        36 + row_height(headings, narrow) * len(rows),
        (12, 14, 4, 28),
        xaxis=axis(
            range=[low - room, high + room],
            tickvals=ticks,
            ticktext=[as_text(tick(value)) for value in ticks],
            tickfont={"size": 11, "color": MUTED},
            showgrid=True,
        ),
        yaxis=row_axis(len(rows)),
        annotations=row_headings(headings, narrow),
        shapes=[] if against is None else [_line(against)],
    )
    drawn.add_traces([_whiskers(rows), _dots(rows)])
    return drawn


def _line(value: float) -> dict[str, Any]:
    dashed = {"color": MUTED, "width": 1.5, "dash": "dot"}
    return {
        "type": "line",
        "layer": "below",
        "yref": "paper",
        "x0": value,
        "x1": value,
        "y0": 0,
        "y1": 1,
        "line": dashed,
    }


def _whiskers(rows: list[Interval]) -> go.Scatter:
    """One trace, a gap between two rows."""
    x = [value for row in rows for value in (row.low, row.high, None)]
    y = [value for place in range(len(rows)) for value in (place + DROP, place + DROP, None)]
    line = {"color": mix(BLUE, 0.45), "width": 5}
    return go.Scatter(x=x, y=y, mode="lines", line=line, hoverinfo="skip", connectgaps=False)


def _dots(rows: list[Interval]) -> go.Scatter:
    return go.Scatter(
        x=[row.value for row in rows],
        y=[place + DROP for place in range(len(rows))],
        mode="markers",
        marker={
            "size": 12,
            "color": [PAPER if row.is_thin else row.colour for row in rows],
            "line": {"color": [row.colour for row in rows], "width": 2},
            "opacity": 1,
        },
        customdata=[f"<b>{as_text(row.heading.label)}</b><br>{as_text(row.hover)}" for row in rows],
        hovertemplate="%{customdata}<extra></extra>",
        cliponaxis=False,
    )
