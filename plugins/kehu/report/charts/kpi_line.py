"""One measure by month: a line, its last point named elsewhere, a month that is not over yet hollow."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import plotly.graph_objects as go

from kehu.report.figures import as_text, axis, figure, hidden_axis, round_ticks
from kehu.report.palette import BLUE, MUTED, ORANGE, PAPER

_ROOM = 0.4
"""The part of the width that two months need to stand apart."""


@dataclass(frozen=True)
class Point:
    """One month; ``value`` is None where the measure is a ratio over nothing."""

    month: date
    value: float | None
    is_complete: bool
    hover: str


def draw_line(
    points: list[Point],
    from_zero: bool,
    tick: Callable[[float], str],
    month: Callable[[date], str],
    goals: tuple[float, ...] = (),
) -> go.Figure:
    """Draw the months in the order given.

    Args:
        points: at least one with a value, or goals.
        from_zero: the axis starts at zero (amounts and counts do, rates need not).
        tick: text of a value on the axis.
        month: text of a month on the axis.
        goals: what each month was to reach, drawn dashed.
    """
    seen = [point.value for point in points if point.value is not None] + list(goals)
    drawn = figure(
        150,
        (2, 8, 8, 22),
        xaxis=hidden_axis(range=[-0.3, len(points) - 0.7] if len(points) > 1 else [-1, 1]),
        yaxis=_value_axis(seen, from_zero, tick),
        annotations=_ends(points, month),
    )
    if goals:
        drawn.add_trace(_goals(goals))
    for trace in _lines(points):
        drawn.add_trace(trace)
    return drawn


def _value_axis(values: list[float], from_zero: bool, tick: Callable[[float], str]) -> dict[str, Any]:
    low, high = (min(0.0, *values) if from_zero else min(values)), max(values)
    ticks = _ticks(low, high)
    room = (high - ticks[0]) * 0.06 or abs(high) * 0.1 or 1.0
    return axis(
        range=[ticks[0] - room, max(ticks[-1], high) + room],
        tickvals=ticks,
        ticktext=[as_text(tick(value)) for value in ticks],
        tickfont={"size": 11, "color": MUTED},
        showgrid=True,
        automargin=True,
        ticklabelstandoff=4,
    )


def _ticks(low: float, high: float) -> list[float]:
    """Round values from below ``low`` up to ``high``; the next one above only where ``high`` comes near it."""
    if high <= low:
        return [low]
    ticks = round_ticks(low, high)
    is_far = len(ticks) > 2 and ticks[-1] - high > 0.4 * (ticks[-1] - ticks[-2])
    return ticks[:-1] if is_far else ticks


def _ends(points: list[Point], month: Callable[[date], str]) -> list[dict[str, Any]]:
    """The months of the first and the last point drawn, below the line; in one text where two have no room."""
    places = [place for place, point in enumerate(points) if point.value is not None] or list(range(len(points)))
    first, last, whole = places[0], places[-1], len(points) - 1
    names = [month(points[place].month) for place in (first, last)]
    if last - first > _ROOM * whole:
        return [_end(first, "left", names[0]), _end(last, "right", names[1])]
    text = names[0] if first == last else "–".join(names)
    if first < _ROOM * whole / 2:
        return [_end(first, "left", text)]
    if last > (1 - _ROOM / 2) * whole:
        return [_end(last, "right", text)]
    return [_end((first + last) / 2, "center", text)]


def _end(place: float, anchor: str, name: str) -> dict[str, Any]:
    return {
        "x": place,
        "xanchor": anchor,
        "y": 0,
        "yref": "paper",
        "yanchor": "top",
        "yshift": -4,
        "text": as_text(name),
        "showarrow": False,
        "font": {"size": 11, "color": MUTED},
    }


def _lines(points: list[Point]) -> list[go.Scatter]:
    whole = [point.value if point.is_complete else None for point in points]
    open_ends = [_joins_open(points, place) for place in range(len(points))]
    traces = [_line(whole, points, "solid")]
    if any(not point.is_complete for point in points):
        traces.append(
            _line([p.value if keep else None for p, keep in zip(points, open_ends, strict=True)], points, "dot")
        )
    traces.append(_last(points))
    return traces


def _goals(goals: tuple[float, ...]) -> go.Scatter:
    """Steps; one month alone is a short stroke."""
    x = [edge for place in range(len(goals)) for edge in (place - 0.4, place + 0.4)]
    y = [goal for goal in goals for _ in range(2)]
    line = {"color": ORANGE, "width": 1.75, "dash": "dash"}
    return go.Scatter(x=x, y=y, mode="lines", line=line, hoverinfo="skip", cliponaxis=False)


def _joins_open(points: list[Point], place: int) -> bool:
    """A month that is not over, or the one before it, from which the dotted line starts."""
    after = points[place + 1] if place + 1 < len(points) else None
    return not points[place].is_complete or (after is not None and not after.is_complete)


def _line(values: list[float | None], points: list[Point], dash: str) -> go.Scatter:
    return go.Scatter(
        x=list(range(len(values))),
        y=values,
        mode="lines",
        line={"color": BLUE, "width": 2.25, "dash": dash},
        connectgaps=False,
        customdata=[as_text(point.hover) for point in points],
        hovertemplate="%{customdata}<extra></extra>",
        cliponaxis=False,
    )


def _last(points: list[Point]) -> go.Scatter:
    marked = [
        place
        for place, point in enumerate(points)
        if point.value is not None
        and (not point.is_complete or not _later_complete(points, place) or _is_alone(points, place))
    ]
    return go.Scatter(
        x=marked,
        y=[points[place].value for place in marked],
        mode="markers",
        marker={
            "size": 8,
            "color": [BLUE if points[place].is_complete else PAPER for place in marked],
            "line": {"color": BLUE, "width": 2},
            "opacity": 1,
        },
        customdata=[as_text(points[place].hover) for place in marked],
        hovertemplate="%{customdata}<extra></extra>",
        cliponaxis=False,
    )


def _is_alone(points: list[Point], place: int) -> bool:
    """No neighbour has a value, so that no line reaches it."""
    neighbours = points[max(place - 1, 0) : place] + points[place + 1 : place + 2]
    return all(point.value is None for point in neighbours)


def _later_complete(points: list[Point], place: int) -> bool:
    return any(point.is_complete and point.value is not None for point in points[place + 1 :])
