"""The Lorenz curve: what share of revenue the worst x % bring, and how far that is from equality."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go

from kehu.report.figures import as_text, axis, figure
from kehu.report.palette import BLUE, GREY, INK, MUTED, ORANGE, PAPER, mix

_QUARTERS = (0, 0.25, 0.5, 0.75, 1)


def draw_lorenz(
    points: list[tuple[float, float]],
    hovers: list[str],
    marked: tuple[float, float, str],
    titles: dict[str, str],
    narrow: bool,
) -> go.Figure:
    """Draw the curve below the diagonal of equality; the area between is what the Gini coefficient measures.

    Args:
        points: share of customers and share of revenue from 0, 0 to 1, 1, worst customers first.
        hovers: text of each point.
        marked: the point to name, with its text.
        titles: ``x``, ``y``, ``gap`` (name of the area).
        narrow: for a phone.
    """
    drawn = figure(360 if narrow else 440, (46, 14, 12, 50))
    ticks = {"tickvals": list(_QUARTERS), "ticktext": [f"{share:.0%}" for share in _QUARTERS], "showgrid": True}
    drawn.update_layout(
        xaxis=axis(range=[0, 1.01], title=_title(titles["x"]), **ticks),
        yaxis=axis(range=[0, 1.03], title=_title(titles["y"]), **ticks),
        annotations=[_note(*marked, narrow=narrow), _gap(titles["gap"], narrow)],
    )
    drawn.add_trace(_equality())
    drawn.add_trace(_curve(points, hovers))
    drawn.add_trace(_marker(marked[0], marked[1]))
    return drawn


def _equality() -> go.Scatter:
    return go.Scatter(
        x=[0, 1], y=[0, 1], mode="lines", line={"color": GREY, "width": 1.25, "dash": "dash"}, hoverinfo="skip"
    )


def _curve(points: list[tuple[float, float]], hovers: list[str]) -> go.Scatter:
    return go.Scatter(
        x=[point[0] for point in points],
        y=[point[1] for point in points],
        mode="lines",
        line={"color": BLUE, "width": 3},
        fill="tonexty",
        fillcolor=mix(BLUE, 0.07),
        customdata=[as_text(hover) for hover in hovers],
        hovertemplate="%{customdata}<extra></extra>",
        cliponaxis=False,
    )


def _marker(x: float, y: float) -> go.Scatter:
    point = {"size": 12, "color": ORANGE, "line": {"color": PAPER, "width": 2}}
    return go.Scatter(x=[x], y=[y], mode="markers", marker=point, hoverinfo="skip", cliponaxis=False)


def _title(text: str) -> dict[str, Any]:
    return {"text": as_text(text), "font": {"size": 12, "color": MUTED}, "standoff": 8}


def _note(x: float, y: float, text: str, narrow: bool) -> dict[str, Any]:
    place = {"x": x, "y": y, "showarrow": False, "xanchor": "right", "yanchor": "bottom", "xshift": -10, "yshift": 6}
    return {**place, "text": f"<b>{as_text(text)}</b>", "font": {"size": 12 if narrow else 14, "color": INK}}


def _gap(text: str, narrow: bool) -> dict[str, Any]:
    font = {"size": 11 if narrow else 12, "color": MUTED}
    return {
        "x": 0.04,
        "y": 0.97,
        "text": as_text(text),
        "showarrow": False,
        "xanchor": "left",
        "yanchor": "top",
        "font": font,
    }
