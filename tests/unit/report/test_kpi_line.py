"""The months named below a small line are those of its points."""

from __future__ import annotations

from datetime import date

import pytest

from kehu.report.charts.kpi_line import Point, draw_line


def labels(values):
    """Text, place and side of each month below the line of these values, the first of January 2023."""
    points = [Point(date(2023 + place // 12, place % 12 + 1, 1), value, True, "") for place, value in enumerate(values)]
    drawn = draw_line(points, from_zero=False, tick=str, month=lambda month: f"{month:%b %y}")
    return [(note.text, note.x, note.xanchor) for note in drawn.layout.annotations]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([1.0, 2.0, 3.0], [("Jan 23", 0, "left"), ("Mar 23", 2, "right")]),
        ([1.0, 2.0, 3.0, None], [("Jan 23", 0, "left"), ("Mar 23", 2, "right")]),
        ([None, 2.0, None, 3.0], [("Feb 23", 1, "left"), ("Apr 23", 3, "right")]),
        ([1.0], [("Jan 23", 0, "center")]),
        ([None, 1.0], [("Feb 23", 1, "right")]),
        ([None] * 5 + [1.0] + [None] * 5, [("Jun 23", 5, "center")]),
        ([1.0, 2.0] + [None] * 9, [("Jan 23–Feb 23", 0, "left")]),
        ([None] * 9 + [1.0, 2.0], [("Oct 23–Nov 23", 10, "right")]),
        ([None] * 4 + [1.0, 2.0, 3.0] + [None] * 4, [("May 23–Jul 23", 5, "center")]),
    ],
)
def test_the_first_and_the_last_point_drawn_are_named(values, expected):
    assert labels(values) == expected


def test_a_month_without_neighbours_is_a_point_that_can_be_seen():
    values = [1.0, None, 2.0, 3.0]
    points = [Point(date(2023, place + 1, 1), value, True, "") for place, value in enumerate(values)]
    drawn = draw_line(points, from_zero=False, tick=str, month=lambda month: f"{month:%b %y}")
    assert list(drawn.data[-1].x) == [0, 3]


def test_what_was_to_be_reached_is_within_the_axis():
    points = [Point(date(2023, 1, 1), 5.0, True, ""), Point(date(2023, 2, 1), 6.0, True, "")]
    drawn = draw_line(points, from_zero=True, tick=str, month=lambda month: f"{month:%b %y}", goals=(20.0, 20.0))
    assert drawn.layout.yaxis.range[1] >= 20.0
    assert list(drawn.data[0].y) == [20.0] * 4
