"""The Lorenz curve from the best customer down: what share of revenue the best x % bring."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go

from kehu.report.figures import as_text, axis, figure
from kehu.report.palette import BLUE, GREY, INK, MUTED, ORANGE, PAPER, mix

_QUARTERS = (0, 0.25, 0.5, 0.75, 1)


def draw_curve(
    points: list[tuple[float, float]],
    hovers: list[str],
    top: tuple[float, float, str],
    titles: dict[str, str],
    narrow: bool,
) -> go.Figure:
    """Draw the curve.

    Args:
        points: share of customers and share of revenue from 0, 0 to 1, 1, best customers first.
        hovers: text of each point.
        top: the point to name, with its text.
        titles: ``x``, ``y``, ``equal`` (name of the diagonal).
        narrow: for a phone.
    """
    drawn = figure(360 if narrow else 440, (46, 14, 12, 50))
    ticks = {"tickvals": list(_QUARTERS), "ticktext": [f"{share:.0%}" for share in _QUARTERS], "showgrid": True}
    drawn.update_layout(
        xaxis=axis(range=[0, 1.01], title=_title(titles["x"]), **ticks),
        yaxis=axis(range=[0, 1.03], title=_title(titles["y"]), **ticks),
        shapes=_guides(top[0], top[1]),
        annotations=[_callout(*top, narrow=narrow), _equal(titles["equal"], narrow)],
    )
    drawn.add_trace(_curve(points, hovers))
    drawn.add_trace(_marker(top[0], top[1]))
    return drawn


def _marker(x: float, y: float) -> go.Scatter:
    return go.Scatter(
        x=[x],
        y=[y],
        mode="markers",
        marker={"size": 12, "color": ORANGE, "line": {"color": PAPER, "width": 2}},
        hoverinfo="skip",
        cliponaxis=False,
    )


def _curve(points: list[tuple[float, float]], hovers: list[str]) -> go.Scatter:
    return go.Scatter(
        x=[point[0] for point in points],
        y=[point[1] for point in points],
        mode="lines",
        line={"color": BLUE, "width": 3},
        fill="tozeroy",
        fillcolor=mix(BLUE, 0.07),
        customdata=[as_text(hover) for hover in hovers],
        hovertemplate="%{customdata}<extra></extra>",
        cliponaxis=False,
    )


def _title(text: str) -> dict[str, Any]:
    return {"text": as_text(text), "font": {"size": 12, "color": MUTED}, "standoff": 8}


def _guides(x: float, y: float) -> list[dict[str, Any]]:
    dotted = {"color": ORANGE, "width": 1.5, "dash": "dot"}
    return [
        {"type": "line", "x0": 0, "y0": 0, "x1": 1, "y1": 1, "line": {"color": GREY, "width": 1.25, "dash": "dash"}},
        {"type": "line", "x0": x, "y0": 0, "x1": x, "y1": y, "line": dotted},
        {"type": "line", "x0": 0, "y0": y, "x1": x, "y1": y, "line": dotted},
    ]


def _callout(x: float, y: float, text: str, narrow: bool) -> dict[str, Any]:
    return {
        "x": x,
        "y": y,
        "text": f"<b>{as_text(text)}</b>",
        "showarrow": False,
        "xanchor": "left",
        "yanchor": "top",
        "xshift": 14,
        "yshift": 4,
        "align": "left",
        "font": {"size": 12 if narrow else 14, "color": INK},
    }


def _equal(text: str, narrow: bool) -> dict[str, Any]:
    return {
        "x": 0.98,
        "y": 0.38 if narrow else 0.58,
        "text": as_text(text),
        "showarrow": False,
        "xanchor": "right",
        "yanchor": "top",
        "font": {"size": 11, "color": MUTED},
    }
