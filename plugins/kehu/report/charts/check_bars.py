"""Checks by layer, one stacked bar a layer."""

from __future__ import annotations

from dataclasses import dataclass

import plotly.graph_objects as go

from kehu.report.figures import as_text, axis, figure, hidden_axis, wrapped
from kehu.report.palette import INK, PAPER, VERDICTS, text_on

_READABLE, _READABLE_NARROW = 0.04, 0.09
"""The part of the longest bar from which on its number has room within; smaller ones are told by pointer, key and table."""


@dataclass(frozen=True)
class Layer:
    """A layer and how many of its checks ended how, in the order of ``VERDICTS``."""

    label: str
    counts: dict[str, int]
    hover: str


def draw_checks(layers: list[Layer], narrow: bool) -> go.Figure:
    """Draw the layers from top to bottom in the order given."""
    step = 46 if narrow else 42
    totals = [sum(layer.counts.values()) for layer in layers]
    readable = max(totals) * (_READABLE_NARROW if narrow else _READABLE)
    drawn = figure(
        20 + step * len(layers),
        (0, 30, 4, 4),
        barmode="stack",
        bargap=0.38,
        xaxis=hidden_axis(range=[0, max(totals) * 1.02]),
        yaxis=axis(
            range=[len(layers) - 0.5, -0.5],
            tickvals=list(range(len(layers))),
            ticktext=[wrapped(layer.label, 14 if narrow else 26, lines=3) for layer in layers],
            tickfont={"size": 12 if narrow else 13, "color": INK},
            automargin=True,
            ticklabelstandoff=8,
        ),
    )
    for verdict, colour in VERDICTS.items():
        if any(layer.counts.get(verdict) for layer in layers):
            drawn.add_trace(_bars(layers, verdict, colour, readable))
    return drawn


def _bars(layers: list[Layer], verdict: str, colour: str, readable: float) -> go.Bar:
    counts = [layer.counts.get(verdict, 0) for layer in layers]
    return go.Bar(
        x=counts,
        y=list(range(len(layers))),
        orientation="h",
        marker={"color": colour, "line": {"color": PAPER, "width": 1.5}},
        text=[f"{count:,}" if count >= readable else "" for count in counts],
        textposition="inside",
        insidetextanchor="middle",
        textangle=0,
        textfont={"size": 12, "color": text_on(colour)},
        constraintext="none",
        customdata=[f"<b>{as_text(layer.label)}</b><br>{as_text(layer.hover)}" for layer in layers],
        hovertemplate="%{customdata}<extra></extra>",
    )
