"""Rows below one another, each with its name above on the left and its figure above on the right: no label has to fit beside.

What is drawn stands in the lower half of a row, over the whole width, on a phone as on a wide page.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from kehu.report.figures import as_text, axis, width, wrapped
from kehu.report.palette import INK, MUTED

DROP = 0.24
"""How far below the middle of its row, in rows, something is drawn."""
THICKNESS = 13
"""Height of a bar in pixels."""
_LETTERS = {True: 50.0, False: 78.0}
"""How many letters of the size below have room in a row of the narrow and the wide version."""
_BETWEEN = 3.0
_STEP, _LINE = 44, 15
_EMPTY = "\u00a0"


@dataclass(frozen=True)
class Heading:
    """What stands above a row: its name, a muted remark behind that, and its figure."""

    label: str
    remark: str = ""
    figure: str = ""


def row_height(headings: list[Heading], narrow: bool) -> int:
    """Pixels from one row to the next: room for every line of the longest name."""
    return _STEP + _LINE * max(_name(one, narrow).count("<br>") for one in headings)


def row_axis(rows: int) -> dict[str, Any]:
    """The axis on which row ``n`` is at ``n``, from the top; it says nothing."""
    return axis(range=[rows - 0.5, -0.5], showticklabels=False)


def row_headings(headings: list[Heading], narrow: bool) -> list[dict[str, Any]]:
    """The names and figures of all rows."""
    return [
        note
        for row, heading in enumerate(headings)
        for note in (
            _text(row, _name(heading, narrow), 0, "left"),
            _text(row, f"<b>{as_text(heading.figure)}</b>", 1, "right"),
        )
        if heading.figure or note["x"] == 0
    ]


def _name(heading: Heading, narrow: bool) -> str:
    """Name and remark: in one line with the figure where there is room, else the name above, whole, and the remark below."""
    whole = _LETTERS[narrow]
    remark = f"<span style='color:{MUTED}'>{as_text(heading.remark)}</span>" if heading.remark else ""
    gaps = _BETWEEN * (bool(heading.figure) + bool(heading.remark))
    if width(heading.label) + width(heading.remark) + width(heading.figure) + gaps <= whole:
        return f"{as_text(heading.label)}  {remark}".rstrip()
    return f"{wrapped(heading.label, whole)}<br>{remark or _EMPTY}"


def _text(row: int, text: str, x: float, side: str) -> dict[str, Any]:
    return {
        "x": x,
        "xref": "paper",
        "xanchor": side,
        "y": row + DROP,
        "yanchor": "bottom",
        "yshift": THICKNESS / 2 + 2,
        "text": text,
        "align": side,
        "showarrow": False,
        "font": {"size": 12, "color": INK},
    }
