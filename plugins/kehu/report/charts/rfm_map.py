"""The 5 × 5 grid: recency upwards, frequency to the right, bubbles as large as the number of customers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from kehu.report.figures import as_text, axis, figure, wrapped
from kehu.report.palette import FAINT, INK, MUTED, PAPER, mix

_SCORES = (1, 2, 3, 4, 5)


@dataclass(frozen=True)
class Cell:
    """One cell of the grid that has customers."""

    recency: int
    frequency: int
    customers: int
    segment: str
    colour: str
    count: str
    revenue: str
    hover: str


def draw_map(cells: list[Cell], titles: dict[str, Any], narrow: bool) -> go.Figure:
    """Draw the map.

    Args:
        cells: the cells with customers.
        titles: ``x``, ``y`` (titles of the axes), ``x_ticks``, ``y_ticks`` (range of the measure by score).
        narrow: for a phone: smaller type, no revenue in the cells.
    """
    margin = (62, 4, 4, 48) if narrow else (78, 4, 4, 50)
    taken = {(cell.recency, cell.frequency): cell for cell in cells}
    drawn = figure(
        470 if narrow else 560,
        margin,
        shapes=[_square(recency, frequency, taken) for recency in _SCORES for frequency in _SCORES],
        annotations=_names(taken, narrow) + _numbers(cells, narrow),
        xaxis=_axis(titles["x"], titles["x_ticks"], narrow),
        yaxis=_axis(titles["y"], titles["y_ticks"], narrow),
    )
    drawn.add_trace(_bubbles(cells, 26 if narrow else 44))
    return drawn


def _axis(title: str, ticks: dict[int, str], narrow: bool) -> dict[str, Any]:
    return axis(
        range=[0.5, 5.5],
        tickvals=list(_SCORES),
        ticktext=[as_text(ticks.get(score, "")) for score in _SCORES],
        tickfont={"size": 10 if narrow else 12, "color": MUTED},
        title={"text": as_text(title), "font": {"size": 11 if narrow else 12, "color": INK}, "standoff": 6},
    )


def _square(recency: int, frequency: int, taken: dict[tuple[int, int], Cell]) -> dict[str, Any]:
    cell = taken.get((recency, frequency))
    return {
        "type": "rect",
        "layer": "below",
        "x0": frequency - 0.5,
        "x1": frequency + 0.5,
        "y0": recency - 0.5,
        "y1": recency + 0.5,
        "fillcolor": mix(cell.colour, 0.26) if cell else FAINT,
        "line": {"color": PAPER, "width": 2},
    }


def _names(taken: dict[tuple[int, int], Cell], narrow: bool) -> list[dict[str, Any]]:
    """Each segment's name once, in its top left cell, over as many cells as belong to it there."""
    notes, named = [], set()
    for recency, frequency in sorted(taken, key=lambda place: (-place[0], place[1])):
        segment = taken[recency, frequency].segment
        if segment in named:
            continue
        named.add(segment)
        limit = (9 if narrow else 13) * _run(taken, recency, frequency)
        notes.append(
            _note(frequency - 0.5, recency + 0.5, f"<b>{wrapped(segment, limit)}</b>", 9 if narrow else 12)
            | {"xanchor": "left", "yanchor": "top", "xshift": 3 if narrow else 8, "yshift": -2 if narrow else -6}
            | {"align": "left"}
        )
    return notes


def _run(taken: dict[tuple[int, int], Cell], recency: int, frequency: int) -> int:
    cell, length = taken[recency, frequency], 1
    while (after := taken.get((recency, frequency + length))) is not None and after.segment == cell.segment:
        length += 1
    return length


def _numbers(cells: list[Cell], narrow: bool) -> list[dict[str, Any]]:
    notes = []
    for cell in cells:
        bottom = cell.recency - 0.5
        size = 10 if narrow else 12
        if narrow:
            notes.append(_note(cell.frequency, bottom, cell.count, size) | {"yanchor": "bottom", "yshift": 1})
            continue
        left = _note(cell.frequency - 0.5, bottom, f"<b>{cell.count}</b>", size)
        right = _note(cell.frequency + 0.5, bottom, as_text(cell.revenue), 11, MUTED)
        notes.append(left | {"xanchor": "left", "yanchor": "bottom", "xshift": 8, "yshift": 4})
        notes.append(right | {"xanchor": "right", "yanchor": "bottom", "xshift": -8, "yshift": 4})
    return notes


def _note(x: float, y: float, text: str, size: int, colour: str = INK) -> dict[str, Any]:
    return {"x": x, "y": y, "text": text, "showarrow": False, "font": {"size": size, "color": colour}}


def _bubbles(cells: list[Cell], largest: int) -> go.Scatter:
    most = max((cell.customers for cell in cells), default=1)
    return go.Scatter(
        x=[cell.frequency for cell in cells],
        y=[cell.recency - 0.06 for cell in cells],
        mode="markers",
        marker={
            "color": [cell.colour for cell in cells],
            "size": [cell.customers for cell in cells],
            "sizemode": "area",
            "sizeref": 2 * most / largest**2,
            "sizemin": 2,
            "line": {"width": 0},
            "opacity": 1,
        },
        customdata=[f"<b>{as_text(cell.segment)}</b><br>{as_text(cell.hover)}" for cell in cells],
        hovertemplate="%{customdata}<extra></extra>",
    )
