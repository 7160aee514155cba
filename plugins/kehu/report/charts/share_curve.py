"""What share of the revenue a share of the customers brings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from kehu.report.figures import as_text, axis, figure
from kehu.report.palette import BLUE, GREY, INK, MUTED, ORANGE, PAPER, mix

_QUARTERS = (0, 0.25, 0.5, 0.75, 1)
_AREA = mix(BLUE, 0.07)


@dataclass(frozen=True)
class ShareCurve:
    """A curve between 0, 0 and 1, 1.

    Attributes:
        points: share of customers and share of revenue.
        hovers: text of each point.
        marked: the point to name, with its text.
        x: title of the customers' axis.
        y: title of the revenue's axis.
        equality: what is said of the diagonal, on which everybody brings the same.
    """

    points: list[tuple[float, float]]
    hovers: list[str]
    marked: tuple[float, float, str]
    x: str
    y: str
    equality: str


def draw_share_curve(curve: ShareCurve, narrow: bool) -> go.Figure:
    """Draw the curve and the diagonal; the area below the one, or between both, is filled."""
    ticks = {"tickvals": list(_QUARTERS), "ticktext": [f"{share:.0%}" for share in _QUARTERS], "showgrid": True}
    drawn = figure(
        360 if narrow else 440,
        (46, 14, 12, 50),
        xaxis=axis(range=[0, 1.01], title=_title(curve.x), **ticks),
        yaxis=axis(range=[0, 1.03], title=_title(curve.y), **ticks),
        shapes=_guides(curve.marked[0], curve.marked[1]),
        annotations=[_callout(curve, narrow), _about_equality(curve, narrow)],
    )
    drawn.add_traces([_line(curve), _diagonal()])
    drawn.add_trace(_marker(curve.marked[0], curve.marked[1]))
    return drawn


def _diagonal() -> go.Scatter:
    line = {"color": GREY, "width": 1.25, "dash": "dash"}
    return go.Scatter(x=[0, 1], y=[0, 1], mode="lines", line=line, hoverinfo="skip")


def _line(curve: ShareCurve) -> go.Scatter:
    return go.Scatter(
        x=[point[0] for point in curve.points],
        y=[point[1] for point in curve.points],
        mode="lines",
        line={"color": BLUE, "width": 3},
        fill="tozeroy",
        fillcolor=_AREA,
        customdata=[as_text(hover) for hover in curve.hovers],
        hovertemplate="%{customdata}<extra></extra>",
        cliponaxis=False,
    )


def _marker(x: float, y: float) -> go.Scatter:
    point = {"size": 12, "color": ORANGE, "line": {"color": PAPER, "width": 2}}
    return go.Scatter(x=[x], y=[y], mode="markers", marker=point, hoverinfo="skip", cliponaxis=False)


def _title(text: str) -> dict[str, Any]:
    return {"text": as_text(text), "font": {"size": 12, "color": MUTED}, "standoff": 8}


def _guides(x: float, y: float) -> list[dict[str, Any]]:
    dotted = {"color": ORANGE, "width": 1.5, "dash": "dot"}
    return [
        {"type": "line", "x0": x, "y0": 0, "x1": x, "y1": y, "line": dotted},
        {"type": "line", "x0": 0, "y0": y, "x1": x, "y1": y, "line": dotted},
    ]


def _callout(curve: ShareCurve, narrow: bool) -> dict[str, Any]:
    """The text of the marked point, on the side that the curve leaves free; the diagonal stops where it meets it."""
    x, y, text = curve.marked
    sides = {"xanchor": "left", "yanchor": "top", "xshift": 14, "yshift": 4, "align": "left"}
    font = {"size": 12 if narrow else 14, "color": INK}
    ground = {"bgcolor": _AREA, "borderpad": 3}
    return {"x": x, "y": y, "showarrow": False, **sides, **ground, "text": f"<b>{as_text(text)}</b>", "font": font}


def _about_equality(curve: ShareCurve, narrow: bool) -> dict[str, Any]:
    place = {"x": 0.98, "y": 0.38 if narrow else 0.58, "xanchor": "right"}
    font = {"size": 11, "color": MUTED}
    return {**place, "yanchor": "top", "text": as_text(curve.equality), "showarrow": False, "font": font}
