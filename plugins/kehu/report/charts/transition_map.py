"""Which part of a stage goes where within a month: a square of shares, from stages down, to stages across."""

from __future__ import annotations

from dataclasses import dataclass

import plotly.graph_objects as go

from kehu.report.figures import as_text, axis, figure, wrapped
from kehu.report.palette import INK, MUTED, SEQUENCE, text_on


@dataclass(frozen=True)
class Way:
    """One cell: rows are the stages before, columns those after, both counted from 0."""

    row: int
    column: int
    share: float
    text: str
    hover: str


def draw_ways(
    ways: list[Way], sources: list[str], targets: list[str], titles: tuple[str, str], narrow: bool
) -> go.Figure:
    """Draw the map; ``titles`` name the axes of the stages before and after.

    Narrow: the labels of the columns stand aslant, and the last one leans into the margin.
    """
    step = 34 if narrow else 40
    above = 96 if narrow else 66
    drawn = figure(
        above + 8 + step * len(sources),
        (0, 38 if narrow else 4, above, 4),
        xaxis=axis(
            side="top",
            range=[-0.5, len(targets) - 0.5],
            tickvals=list(range(len(targets))),
            ticktext=[wrapped(label, 14 if narrow else 12, lines=1 if narrow else 2) for label in targets],
            tickfont={"size": 10 if narrow else 11, "color": INK},
            tickangle=-45 if narrow else 0,
            title={"text": as_text(titles[1]), "font": {"size": 12, "color": MUTED}, "standoff": 4},
        ),
        yaxis=axis(
            range=[len(sources) - 0.5, -0.5],
            tickvals=list(range(len(sources))),
            ticktext=[wrapped(label, 13 if narrow else 18) for label in sources],
            tickfont={"size": 10 if narrow else 12, "color": INK},
            automargin=True,
            ticklabelstandoff=6,
            title={"text": as_text(titles[0]), "font": {"size": 12, "color": MUTED}, "standoff": 14},
        ),
    )
    drawn.add_trace(_cells(ways, len(sources), len(targets)))
    drawn.update_layout(annotations=[_number(way, 10 if narrow else 11) for way in ways])
    return drawn


def _cells(ways: list[Way], rows: int, columns: int) -> go.Heatmap:
    taken = {(way.row, way.column): way for way in ways}
    grid = [[taken.get((row, column)) for column in range(columns)] for row in range(rows)]
    return go.Heatmap(
        x=list(range(columns)),
        y=list(range(rows)),
        z=[[way.share if way else None for way in line] for line in grid],
        zmin=0,
        zmax=1,
        colorscale=[[place / (len(SEQUENCE) - 1), colour] for place, colour in enumerate(SEQUENCE)],
        showscale=False,
        xgap=2,
        ygap=2,
        customdata=[[as_text(way.hover) if way else "" for way in line] for line in grid],
        hovertemplate="%{customdata}<extra></extra>",
        hoverongaps=False,
    )


def _number(way: Way, size: int) -> dict[str, object]:
    shade = SEQUENCE[round(way.share * (len(SEQUENCE) - 1))]
    return {
        "x": way.column,
        "y": way.row,
        "text": as_text(way.text),
        "showarrow": False,
        "font": {"size": size, "color": text_on(shade)},
    }
