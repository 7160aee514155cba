"""Two columns a group, side by side: what happened and what was expected."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import plotly.graph_objects as go

from kehu.report.figures import as_text, axis, figure, round_ticks
from kehu.report.palette import BLUE, INK, MUTED, ORANGE, mix


@dataclass(frozen=True)
class Group:
    """One group of customers; both values are in the unit of the axis."""

    label: str
    actual: float
    expected: float
    hover: str


def draw_columns(groups: list[Group], title: str, tick: Callable[[float], str], narrow: bool) -> go.Figure:
    """Draw the groups from left to right in the order given.

    Args:
        groups: at least one.
        title: of the axis below.
        tick: text of a value on the axis at the left.
        narrow: for a phone.
    """
    highest = max(max(group.actual, group.expected) for group in groups) or 1.0
    ticks = round_ticks(0.0, highest)
    drawn = figure(
        280 if narrow else 330,
        (8, 8, 10, 46),
        barmode="group",
        bargap=0.3,
        bargroupgap=0.06,
        xaxis=axis(
            tickvals=list(range(len(groups))),
            ticktext=[as_text(group.label) for group in groups],
            tickfont={"size": 12, "color": INK},
            title={"text": as_text(title), "font": {"size": 12, "color": MUTED}, "standoff": 8},
        ),
        yaxis=axis(
            range=[0, max(ticks[-1], highest) * 1.02],
            tickvals=ticks,
            ticktext=[as_text(tick(value)) for value in ticks],
            showgrid=True,
            automargin=True,
            ticklabelstandoff=4,
        ),
    )
    drawn.add_trace(_columns(groups, [group.actual for group in groups], BLUE))
    drawn.add_trace(_columns(groups, [group.expected for group in groups], mix(ORANGE, 0.7)))
    return drawn


def _columns(groups: list[Group], values: list[float], colour: str) -> go.Bar:
    return go.Bar(
        x=list(range(len(groups))),
        y=values,
        marker={"color": colour, "line": {"width": 0}},
        customdata=[f"<b>{as_text(group.label)}</b><br>{as_text(group.hover)}" for group in groups],
        hovertemplate="%{customdata}<extra></extra>",
    )
