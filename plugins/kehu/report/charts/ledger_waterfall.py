"""The ledger of the customer base: from the opening through what came and what went to the closing."""

from __future__ import annotations

from dataclasses import dataclass

import plotly.graph_objects as go

from kehu.report.figures import as_text, axis, figure, hidden_axis, wrapped
from kehu.report.palette import BLUE, INK, LINE, ORANGE, TEAL


@dataclass(frozen=True)
class Posting:
    """One bar: a balance from zero, or a change of the one before it."""

    label: str
    amount: int
    is_balance: bool
    text: str
    hover: str


def draw_ledger(postings: list[Posting], narrow: bool) -> go.Figure:
    """Draw the postings from left to right in the order given."""
    drawn = figure(
        300,
        (0, 0, 24, 44),
        xaxis=axis(
            tickvals=list(range(len(postings))),
            ticktext=[wrapped(posting.label, 9 if narrow else 16) for posting in postings],
            tickfont={"size": 10 if narrow else 12, "color": INK},
            tickangle=0,
        ),
        yaxis=hidden_axis(range=[0, 1.15 * max(_tops(postings), default=1)]),
        waterfallgap=0.4,
    )
    drawn.add_trace(
        go.Waterfall(
            x=list(range(len(postings))),
            y=[posting.amount for posting in postings],
            measure=["absolute" if posting.is_balance else "relative" for posting in postings],
            text=[as_text(posting.text) for posting in postings],
            textposition="outside",
            textfont={"size": 11 if narrow else 12, "color": INK},
            cliponaxis=False,
            increasing={"marker": {"color": TEAL}},
            decreasing={"marker": {"color": ORANGE}},
            totals={"marker": {"color": BLUE}},
            connector={"line": {"color": LINE, "width": 1}},
            customdata=[as_text(posting.hover) for posting in postings],
            hovertemplate="%{customdata}<extra></extra>",
        )
    )
    return drawn


def _tops(postings: list[Posting]) -> list[int]:
    """How high each bar reaches."""
    tops, level = [], 0
    for posting in postings:
        before, level = level, posting.amount if posting.is_balance else level + posting.amount
        tops.append(max(before if not posting.is_balance else 0, level, 1))
    return tops
