"""Customers between month ends, from lifecycle stage to lifecycle stage, as bands whose width is their number."""

from __future__ import annotations

from dataclasses import dataclass

import plotly.graph_objects as go

from kehu.report.figures import as_text, figure
from kehu.report.palette import INK, MUTED, PAPER, mix

_GAP, _TOP, _BOTTOM = 14, 34, 16
"""Pixels between two stands, above and below all of them."""
_BAND = 0.45


@dataclass(frozen=True)
class Stand:
    """A stage at one month end: ``column`` counts month ends from the left, ``row`` stages from the top."""

    column: int
    row: int
    label: str
    colour: str
    customers: int
    hover: str


@dataclass(frozen=True)
class Band:
    """Customers who went from one stand to another, by the stands' places in their list."""

    source: int
    target: int
    customers: int
    hover: str


def draw_flow(stands: list[Stand], bands: list[Band], titles: list[str], narrow: bool) -> go.Figure:
    """Draw the month ends from left to right, each headed by its title; narrow: the last two only."""
    first = max(0, len(titles) - 2) if narrow else 0
    kept = [place for place, stand in enumerate(stands) if stand.column >= first]
    place_of = {place: number for number, place in enumerate(kept)}
    shown = [stands[place] for place in kept]
    links = [band for band in bands if band.source in place_of and band.target in place_of]
    columns = len(titles) - first
    height = 440 if narrow else 480
    drawn = figure(height, (4, 4, _TOP, _BOTTOM))
    drawn.update_layout(annotations=[_title(titles[first + column], column, columns) for column in range(columns)])
    drawn.add_trace(
        go.Sankey(
            arrangement="snap",
            textfont={"size": 11 if narrow else 12, "color": INK},
            node={
                "pad": _GAP,
                "thickness": 12,
                "line": {"width": 0, "color": PAPER},
                "label": [as_text(stand.label) for stand in shown],
                "color": [stand.colour for stand in shown],
                "x": [_inside(stand.column - first, columns) for stand in shown],
                "y": _heights(shown, _GAP / (height - _TOP - _BOTTOM)),
                "customdata": [as_text(stand.hover) for stand in shown],
                "hovertemplate": "%{customdata}<extra></extra>",
            },
            link={
                "source": [place_of[band.source] for band in links],
                "target": [place_of[band.target] for band in links],
                "value": [band.customers for band in links],
                "color": [mix(stands[band.source].colour, _BAND) for band in links],
                "customdata": [as_text(band.hover) for band in links],
                "hovertemplate": "%{customdata}<extra></extra>",
            },
        )
    )
    return drawn


def _inside(column: int, columns: int) -> float:
    """A place strictly between 0 and 1: Plotly takes 0 for not given."""
    return round(min(max(column / max(columns - 1, 1), 0.001), 0.999), 4)


def _heights(stands: list[Stand], gap: float) -> list[float]:
    """The middle of each stand where those of its column are stacked in the order of their rows, a gap between them."""
    columns = {stand.column: [other for other in stands if other.column == stand.column] for stand in stands}
    # Plotly gives every column the scale of the one that leaves the least room
    unit = min((1 - gap * (len(column) - 1)) / sum(one.customers for one in column) for column in columns.values())
    middles = []
    for stand in stands:
        above = [other.customers for other in columns[stand.column] if other.row < stand.row]
        middle = (sum(above) + stand.customers / 2) * unit + gap * len(above)
        middles.append(round(min(max(middle, 0.001), 0.999), 4))
    return middles


def _title(text: str, column: int, columns: int) -> dict[str, object]:
    place = column / max(columns - 1, 1)
    return {
        "x": place,
        "y": 1,
        "xref": "paper",
        "yref": "paper",
        "yshift": 22,
        "text": as_text(text),
        "showarrow": False,
        "xanchor": "left" if place == 0 else "right" if place == 1 else "center",
        "font": {"size": 12, "color": MUTED},
    }
