"""Customers by lifecycle stage and the revenue that they have brought, as two bars a stage."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from kehu.report.figures import as_text, axis, figure, hidden_axis, wrapped
from kehu.report.palette import INK, LINE, MUTED


@dataclass(frozen=True)
class Stage:
    """One stage: its customers and their net revenue, as numbers and as text."""

    label: str
    colour: str
    customers: int
    revenue: float
    customers_text: str
    customers_share: str
    revenue_text: str
    revenue_share: str
    hover: str


def draw_stages(stages: list[Stage], titles: tuple[str, str], narrow: bool) -> go.Figure:
    """Draw the stages from top to bottom in the order given; ``titles`` name the two panels."""
    step = 44 if narrow else 48
    gutter = 0.52
    drawn = figure(
        46 + step * len(stages),
        (0, 0, 34, 8),
        bargap=0.42,
        barmode="overlay",
        xaxis=hidden_axis(domain=[0, gutter - 0.03], range=_room([stage.customers for stage in stages], narrow)),
        xaxis2=hidden_axis(
            domain=[gutter + 0.01, 1], range=_room([stage.revenue for stage in stages], narrow), anchor="y2"
        ),
        yaxis=_labels(stages, narrow),
        yaxis2=hidden_axis(range=[len(stages) - 0.5, -0.5], anchor="x2"),
        annotations=[_title(titles[0], 0), _title(titles[1], gutter + 0.01)],
        shapes=[_baseline("x"), _baseline("x2")],
    )
    drawn.add_trace(_bars(stages, "customers", "", narrow))
    drawn.add_trace(_bars(stages, "revenue", "2", narrow))
    return drawn


def _room(values: list[float] | list[int], narrow: bool) -> list[float]:
    """A range with space for the text behind the longest bar."""
    low, high = min(0.0, *values), max(0.0, *values)
    span = (high - low) or 1.0
    return [low - (0.25 * span if low < 0 else 0), low + span * (1.95 if narrow else 1.5)]


def _labels(stages: list[Stage], narrow: bool) -> dict[str, Any]:
    return axis(
        range=[len(stages) - 0.5, -0.5],
        tickvals=list(range(len(stages))),
        ticktext=[wrapped(stage.label, 11 if narrow else 24) for stage in stages],
        tickfont={"size": 12 if narrow else 13, "color": INK},
        automargin=True,
        ticklabelstandoff=8,
    )


def _title(text: str, x: float) -> dict[str, Any]:
    return {
        "text": as_text(text),
        "x": x,
        "xref": "paper",
        "y": 1,
        "yref": "paper",
        "xanchor": "left",
        "yanchor": "bottom",
        "yshift": 6,
        "showarrow": False,
        "font": {"size": 12, "color": MUTED},
    }


def _baseline(xref: str) -> dict[str, Any]:
    return {
        "type": "line",
        "xref": xref,
        "yref": "paper",
        "x0": 0,
        "x1": 0,
        "y0": 0,
        "y1": 1,
        "line": {"color": LINE, "width": 1},
    }


def _bars(stages: list[Stage], measure: str, panel: str, narrow: bool) -> go.Bar:
    between = "<br>" if narrow else "  "
    return go.Bar(
        x=[getattr(stage, measure) for stage in stages],
        y=list(range(len(stages))),
        xaxis=f"x{panel}",
        yaxis=f"y{panel}",
        orientation="h",
        marker={"color": [stage.colour for stage in stages]},
        text=[
            f"<b>{as_text(getattr(stage, f'{measure}_text'))}</b>{between}"
            f"<span style='color:{MUTED}'>{as_text(getattr(stage, f'{measure}_share'))}</span>"
            for stage in stages
        ],
        textposition="outside",
        textfont={"size": 12, "color": INK},
        cliponaxis=False,
        customdata=[f"<b>{as_text(stage.label)}</b><br>{as_text(stage.hover)}" for stage in stages],
        hovertemplate="%{customdata}<extra></extra>",
    )
