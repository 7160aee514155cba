"""Retention by cohort and age; months that are not over yet are hatched."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from kehu.report.figures import as_text, axis, figure
from kehu.report.palette import FAINT, GREY, INK, MUTED, PAPER, SEQUENCE, text_on

ALL = -1
"""The row of all cohorts together, drawn above the others."""

_ABOVE = -1.35


@dataclass(frozen=True)
class HeatCell:
    """One cohort (rows count from the top, from 0) at one age in months (from 1)."""

    row: int
    age: int
    rate: float
    text: str
    hover: str
    is_complete: bool


def draw_cohorts(cells: list[HeatCell], labels: dict[int, str], title: str, narrow: bool) -> go.Figure:
    """Draw the map.

    Args:
        cells: the cells to show.
        labels: name of each row.
        title: title of the axis of ages.
        narrow: for a phone: a key of the colours below instead of numbers in the cells.
    """
    rows, ages = max(labels) + 1, max(cell.age for cell in cells)
    step, below = (24, 44) if narrow else (31, 4)
    drawn = figure(
        round(52 + below + step * (rows - _ABOVE)),
        (0, 4, 48, below),
        barmode="overlay",
        xaxis=axis(
            range=[0.5, ages + 0.5],
            side="top",
            tickvals=_ticks(ages, narrow),
            title={"text": as_text(title), "font": {"size": 12, "color": MUTED}, "standoff": 4},
        ),
        yaxis=_rows_axis(labels, narrow),
    )
    complete = [cell for cell in cells if cell.is_complete]
    unfinished = [cell for cell in cells if not cell.is_complete]
    scale = _scale([cell.rate for cell in complete])
    drawn.add_trace(_hatched(unfinished))
    drawn.add_trace(_heat([cell for cell in complete if cell.row != ALL], ages, rows, scale))
    drawn.add_trace(_heat([cell for cell in complete if cell.row == ALL], ages, 1, scale))
    if narrow:
        drawn.update_traces({"showscale": True, "colorbar": _key(scale)}, selector=1)
    else:
        drawn.update_layout(annotations=[_number(cell, scale, 12 if ages <= 15 else 10) for cell in cells])
    return drawn


def _rows_axis(labels: dict[int, str], narrow: bool) -> dict[str, Any]:
    return axis(
        range=[max(labels) + 0.5, _ABOVE - 0.5],
        tickvals=[_place(row) for row in labels],
        ticktext=[as_text(label) for label in labels.values()],
        tickfont={"size": 10 if narrow else 12, "color": INK},
        automargin=True,
        ticklabelstandoff=6,
    )


def _scale(rates: list[float]) -> tuple[float, float]:
    """From the tenth at or below the lowest rate to the highest, so that cohorts differ where all of them come back."""
    if not rates:
        return 0.0, 1.0
    low = math.floor(min(rates) * 10) / 10
    return low, max(*rates, low + 0.1)


def _place(row: int) -> float:
    return _ABOVE if row == ALL else row


def _ticks(ages: int, narrow: bool) -> list[int]:
    step = 1 if ages <= (8 if narrow else 18) else 3
    return [age for age in range(1, ages + 1) if age % step == 0 or age == 1]


def _heat(cells: list[HeatCell], ages: int, rows: int, scale: tuple[float, float]) -> go.Heatmap:
    taken = {(max(cell.row, 0), cell.age): cell for cell in cells}
    grid = [[taken.get((row, age)) for age in range(1, ages + 1)] for row in range(rows)]
    is_all = any(cell.row == ALL for cell in cells)
    return go.Heatmap(
        x=list(range(1, ages + 1)),
        y=[_ABOVE] if is_all else list(range(rows)),
        z=[[cell.rate if cell else None for cell in line] for line in grid],
        zmin=scale[0],
        zmax=scale[1],
        colorscale=[[place / (len(SEQUENCE) - 1), colour] for place, colour in enumerate(SEQUENCE)],
        showscale=False,
        xgap=2,
        ygap=2,
        customdata=[[as_text(cell.hover) if cell else "" for cell in line] for line in grid],
        hovertemplate="%{customdata}<extra></extra>",
        hoverongaps=False,
    )


def _key(scale: tuple[float, float]) -> dict[str, Any]:
    """The colours from the lowest rate to the highest below the map, from its left edge."""
    return {
        "orientation": "h",
        "x": 0,
        "xanchor": "left",
        "xpad": 0,
        "y": 0,
        "yanchor": "top",
        "ypad": 12,
        "len": 0.6,
        "thickness": 8,
        "outlinewidth": 0,
        "tickvals": [scale[0], sum(scale) / 2, scale[1]],
        "ticktext": [f"{rate:.0%}" for rate in (scale[0], sum(scale) / 2, scale[1])],
        "tickfont": {"size": 10, "color": MUTED},
    }


def _number(cell: HeatCell, scale: tuple[float, float], size: int) -> dict[str, Any]:
    """The rate in its cell, in whichever of ink and paper reads better on the cell's colour."""
    place = (cell.rate - scale[0]) / (scale[1] - scale[0])
    shade = SEQUENCE[round(min(max(place, 0.0), 1.0) * (len(SEQUENCE) - 1))]
    text = as_text(cell.text)
    return {
        "x": cell.age,
        "y": _place(cell.row),
        "text": f"<b>{text}</b>" if cell.row == ALL else text,
        "showarrow": False,
        "font": {"size": size, "color": text_on(shade) if cell.is_complete else MUTED},
    }


def _hatched(cells: list[HeatCell]) -> go.Bar:
    pattern: dict[str, Any] = {"shape": "/", "size": 7, "solidity": 0.12, "fgcolor": GREY, "bgcolor": FAINT}
    return go.Bar(
        orientation="h",
        base=[cell.age - 0.5 for cell in cells],
        x=[1] * len(cells),
        y=[_place(cell.row) for cell in cells],
        width=1,
        marker={"color": FAINT, "line": {"color": PAPER, "width": 2}, "pattern": pattern},
        customdata=[as_text(cell.hover) for cell in cells],
        hovertemplate="%{customdata}<extra></extra>",
    )
