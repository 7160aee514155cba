"""Share of customers against share of revenue, one line a segment (a dumbbell chart)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from kehu.report.figures import as_text, axis, figure, hidden_axis, shortened, width
from kehu.report.palette import INK, LINE, MUTED, PAPER, mix

_LABEL = 22
_SHIFT = 9
_BOLD_LETTER = 9.0
"""Pixels that a sign of a bold figure takes at most; that of per cent is the widest."""


@dataclass(frozen=True)
class Gap:
    """The two shares of one segment, as numbers of one and as text."""

    label: str
    colour: str
    customers: float
    revenue: float
    customers_text: str
    revenue_text: str
    hover: str


def draw_gaps(gaps: list[Gap], narrow: bool) -> go.Figure:
    """Draw the segments from top to bottom in the order given."""
    step = 38 if narrow else 44
    lowest = min(0.0, *(gap.revenue for gap in gaps))
    highest = max(max(gap.customers, gap.revenue) for gap in gaps) or 1.0
    span = highest - lowest
    drawn = figure(
        30 + step * len(gaps),
        (0, _right(gaps), 6, 6),
        xaxis=hidden_axis(range=[lowest - (0.2 if narrow else 0.12) * span, highest]),
        yaxis=axis(
            range=[len(gaps) - 0.5, -0.5],
            tickvals=list(range(len(gaps))),
            ticktext=[as_text(shortened(gap.label, _LABEL)) for gap in gaps],
            tickfont={"size": 12, "color": INK},
            automargin=True,
            ticklabelstandoff=6,
        ),
        shapes=[_track(row, gap) for row, gap in enumerate(gaps)],
        annotations=[note for row, gap in enumerate(gaps) for note in _values(row, gap)],
    )
    drawn.add_trace(_dots(gaps, "customers"))
    drawn.add_trace(_dots(gaps, "revenue"))
    return drawn


def _right(gaps: list[Gap]) -> int:
    """Room right of the furthest point for the longest figure, bold and with its distance from the point."""
    longest = max(width(text) for gap in gaps for text in (gap.customers_text, gap.revenue_text))
    return round(_SHIFT + _BOLD_LETTER * longest + 4)


def _track(row: int, gap: Gap) -> dict[str, Any]:
    return {
        "type": "line",
        "layer": "below",
        "x0": gap.customers,
        "x1": gap.revenue,
        "y0": row,
        "y1": row,
        "line": {"color": mix(gap.colour, 0.45) if gap.revenue >= gap.customers else LINE, "width": 5},
    }


def _values(row: int, gap: Gap) -> list[dict[str, Any]]:
    ahead = gap.revenue >= gap.customers
    revenue = _value(row, gap.revenue, f"<b>{as_text(gap.revenue_text)}</b>", INK, right=ahead)
    customers = _value(row, gap.customers, as_text(gap.customers_text), MUTED, right=not ahead)
    return [revenue, customers]


def _value(row: int, x: float, text: str, colour: str, right: bool) -> dict[str, Any]:
    return {
        "x": x,
        "y": row,
        "text": text,
        "showarrow": False,
        "xanchor": "left" if right else "right",
        "xshift": _SHIFT if right else -_SHIFT,
        "font": {"size": 12, "color": colour},
    }


def _dots(gaps: list[Gap], measure: str) -> go.Scatter:
    filled = measure == "revenue"
    return go.Scatter(
        x=[getattr(gap, measure) for gap in gaps],
        y=list(range(len(gaps))),
        mode="markers",
        marker={
            "size": 13 if filled else 11,
            "color": [gap.colour for gap in gaps] if filled else PAPER,
            "line": {"width": 0 if filled else 2, "color": MUTED},
            "opacity": 1,
        },
        customdata=[f"<b>{as_text(gap.label)}</b><br>{as_text(gap.hover)}" for gap in gaps],
        hovertemplate="%{customdata}<extra></extra>",
        cliponaxis=False,
    )
