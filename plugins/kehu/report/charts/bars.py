"""Bars below one another, in one or several parts, with a stroke where another figure stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from kehu.report.charts.rows import DROP, THICKNESS, Heading, row_axis, row_headings, row_height
from kehu.report.figures import as_text, figure, hidden_axis
from kehu.report.palette import BLUE, INK, LINE, PAPER


@dataclass(frozen=True)
class Part:
    """A part of a bar; below zero it goes to the left."""

    value: float
    colour: str = BLUE


@dataclass(frozen=True)
class Bar:
    """One row: ``mark`` is what the bar is held against, drawn as a stroke."""

    heading: Heading
    parts: tuple[Part, ...]
    hover: str
    mark: float | None = None

    @property
    def ends(self) -> tuple[float, float]:
        """The lowest and the highest value that is drawn."""
        below = sum(part.value for part in self.parts if part.value < 0)
        above = sum(part.value for part in self.parts if part.value > 0)
        return min(below, self.mark or 0.0), max(above, self.mark or 0.0)


def draw_bars(bars: list[Bar], narrow: bool) -> go.Figure:
    """Draw the bars from top to bottom in the order given."""
    headings = [bar.heading for bar in bars]
    low, high = min(bar.ends[0] for bar in bars), max(bar.ends[1] for bar in bars)
    span = (high - low) or 1.0
    step = row_height(headings, narrow)
    drawn = figure(
        12 + step * len(bars),
        (2, 4, 4, 8),
        barmode="relative",
        xaxis=hidden_axis(range=[low - (0.01 * span if low < 0 else 0), high + 0.01 * span]),
        yaxis=row_axis(len(bars)),
        annotations=row_headings(headings, narrow),
        shapes=[_stroke(row, bar.mark) for row, bar in enumerate(bars) if bar.mark is not None] + [_zero()],
    )
    for place in range(max(len(bar.parts) for bar in bars)):
        drawn.add_trace(_parts(bars, place, THICKNESS / step))
    return drawn


def _parts(bars: list[Bar], place: int, thickness: float) -> go.Bar:
    found = [bar.parts[place] if place < len(bar.parts) else Part(0.0) for bar in bars]
    return go.Bar(
        x=[part.value for part in found],
        y=[row + DROP for row in range(len(bars))],
        width=thickness,
        orientation="h",
        marker={"color": [part.colour for part in found], "line": {"color": PAPER, "width": 0}},
        customdata=[f"<b>{as_text(bar.heading.label)}</b><br>{as_text(bar.hover)}" for bar in bars],
        hovertemplate="%{customdata}<extra></extra>",
        cliponaxis=False,
    )


def _stroke(row: int, value: float) -> dict[str, Any]:
    return {
        "type": "line",
        "x0": value,
        "x1": value,
        "y0": row + DROP - 0.2,
        "y1": row + DROP + 0.2,
        "line": {"color": INK, "width": 2.5},
    }


def _zero() -> dict[str, Any]:
    return {
        "type": "line",
        "layer": "below",
        "yref": "paper",
        "x0": 0,
        "x1": 0,
        "y0": 0,
        "y1": 1,
        "line": {"color": LINE, "width": 1},
    }
