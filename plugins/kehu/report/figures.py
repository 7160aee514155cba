"""The house style of the charts: what every Plotly figure of the report shares."""

from __future__ import annotations

import html
import json
import math
from typing import Any

import plotly.graph_objects as go

from kehu.report.palette import INK, LINE, MUTED, PAPER

FONTS = (
    "Inter, system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, 'PingFang SC', "
    "'Hiragino Sans GB', 'Microsoft YaHei', 'Noto Sans CJK SC', 'Source Han Sans SC', sans-serif"
)


def figure(height: int, margin: tuple[int, int, int, int], **layout: Any) -> go.Figure:
    """An empty figure in house style: no frame, no grid, no legend, no toolbar.

    Args:
        height: pixels.
        margin: left, right, top, bottom in pixels.
        layout: further Plotly layout attributes.
    """
    left, right, top, bottom = margin
    drawn = go.Figure(layout=go.Layout(template=go.layout.Template()))
    drawn.update_layout(
        height=height,
        margin={"l": left, "r": right, "t": top, "b": bottom, "pad": 0},
        font={"family": FONTS, "size": 12, "color": INK},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        showlegend=False,
        dragmode=False,
        hovermode="closest",
        hoverlabel={
            "bgcolor": PAPER,
            "bordercolor": LINE,
            "font": {"family": FONTS, "size": 12, "color": INK},
            "align": "left",
        },
    )
    drawn.update_layout(**layout)
    return drawn


def axis(**overrides: Any) -> dict[str, Any]:
    """A bare axis: fixed, no line, no grid, muted ticks."""
    base: dict[str, Any] = {
        "fixedrange": True,
        "showgrid": False,
        "zeroline": False,
        "showline": False,
        "ticks": "",
        "tickfont": {"color": MUTED, "size": 12},
        "gridcolor": LINE,
    }
    return base | overrides


def hidden_axis(**overrides: Any) -> dict[str, Any]:
    """An axis that only positions things."""
    return axis(showticklabels=False) | overrides


def as_text(value: object) -> str:
    """A value from data as text for Plotly, which reads tags in every text that it draws."""
    return html.escape(str(value), quote=False)


def shortened(text: str, limit: int) -> str:
    """At most ``limit`` characters, the last an ellipsis where something was left out."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def wrapped(text: str, limit: int, lines: int = 2) -> str:
    """Text in at most ``lines`` lines of about ``limit`` characters, escaped, joined by Plotly's line break."""
    rows = [""]
    for word in text.split():
        joined = f"{rows[-1]} {word}".strip()
        if len(joined) <= limit or not rows[-1]:
            rows[-1] = joined
        else:
            rows.append(word)
    if len(rows) > lines:
        rows = [*rows[: lines - 1], " ".join(rows[lines - 1 :])]
    return "<br>".join(as_text(shortened(row, limit)) for row in rows)


def round_ticks(low: float, high: float, count: int = 3) -> list[float]:
    """About ``count`` round values that span ``low`` to ``high``: steps of 1, 2, 2.5 or 5 times a power of ten."""
    span = high - low
    if span <= 0:
        return [low]
    power = 10.0 ** math.floor(math.log10(span / count))
    step = next(size * power for size in (1, 2, 2.5, 5, 10) if size * power * count >= span)
    first, last = math.floor(low / step), math.ceil(high / step)
    return [round(index * step, 10) for index in range(first, last + 1)]


def to_json(drawn: go.Figure) -> str:
    """Data and layout as JSON that is safe inside a ``script`` element; equal figures give equal text."""
    content = drawn.to_plotly_json()
    content["layout"].pop("template", None)
    text = json.dumps(
        {"data": content["data"], "layout": content["layout"]},
        ensure_ascii=False,
        sort_keys=True,
        separators=(",", ":"),
        allow_nan=False,
    )
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text
