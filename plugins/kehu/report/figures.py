"""The house style of the charts: what every Plotly figure of the report shares."""

from __future__ import annotations

import html
import json
import math
import unicodedata
from typing import Any

import plotly.graph_objects as go

from kehu.report.palette import INK, LINE, MUTED, PAPER

FONTS = (
    "Inter, system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, 'PingFang SC', "
    "'Hiragino Sans GB', 'Microsoft YaHei', 'Noto Sans CJK SC', 'Source Han Sans SC', sans-serif"
)

_WIDE = 1.75


def figure(height: int, margin: tuple[int, int, int, int], **layout: Any) -> go.Figure:
    """An empty figure in house style: no frame, no grid, no legend, no toolbar.

    Args:
        height: pixels.
        margin: left, right, top, bottom in pixels.
        layout: further Plotly layout attributes.
    """
    left, right, top, bottom = margin
    house = {
        "template": go.layout.Template(),
        "height": height,
        "margin": {"l": left, "r": right, "t": top, "b": bottom, "pad": 0},
        "font": {"family": FONTS, "size": 12, "color": INK},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "showlegend": False,
        "dragmode": False,
        "hovermode": "closest",
        "hoverlabel": {
            "bgcolor": PAPER,
            "bordercolor": LINE,
            "font": {"family": FONTS, "size": 12, "color": INK},
            "align": "left",
        },
    }
    # all at once: Plotly compares every path of a later update with the whole figure
    return go.Figure(layout=house | layout)


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


def width(text: str) -> float:
    """How much room a text takes, in Latin letters; a Chinese character takes 1.75 of them."""
    return sum(_WIDE if _is_wide(character) else 1 for character in text)


def shortened(text: str, limit: float) -> str:
    """As much of a text as ``limit`` letters have room for, with an ellipsis where something was left out."""
    if width(text) <= limit:
        return text
    while text and width(text) > limit - 1:
        text = text[:-1]
    return text.rstrip() + "…"


def wrapped(text: str, limit: float, lines: int = 2) -> str:
    """Text in at most ``lines`` lines of about ``limit`` letters, escaped, joined by Plotly's line break.

    Lines break at spaces, and before and after any Chinese character.
    """
    rows = [""]
    for piece in _pieces(text.strip()):
        if len(rows) < lines and rows[-1].strip() and width(rows[-1] + piece) > limit:
            rows.append("")
        rows[-1] += piece
    return "<br>".join(as_text(shortened(row.strip(), limit)) for row in rows)


def _pieces(text: str) -> list[str]:
    """What must not be broken: a wide character, a word, a space."""
    pieces: list[str] = []
    for character in text:
        is_joined = pieces and not character.isspace() and not _is_wide(character + pieces[-1][-1])
        if is_joined and not pieces[-1].isspace():
            pieces[-1] += character
        else:
            pieces.append(" " if character.isspace() else character)
    return pieces


def _is_wide(text: str) -> bool:
    return any(unicodedata.east_asian_width(character) in "WF" for character in text)


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
