"""A chart from one function that draws it, for a wide column and for a phone."""

from __future__ import annotations

from collections.abc import Callable

import plotly.graph_objects as go

from kehu.report.blocks import Chart, Key, Table
from kehu.report.figures import to_json


def chart_of(
    draw: Callable[[bool], go.Figure],
    chart_id: str,
    headline: str,
    alt: str,
    table: Table,
    *,
    explanation: str = "",
    keys: tuple[Key, ...] = (),
    notes: tuple[str, ...] = (),
    is_full_width: bool = False,
) -> Chart:
    """Draw both versions.

    Args:
        draw: makes the drawing; its argument says whether it is the narrow one.
        chart_id: of the chart in the page.
        headline: what the chart shows, in words.
        alt: the same for those who do not see it.
        table: the figures of the chart.
        explanation: how to read it.
        keys: what its colours mean.
        notes: what stands below it.
        is_full_width: it shares its row with no other chart.
    """
    wide, narrow = draw(False), draw(True)
    return Chart(
        id=chart_id,
        headline=headline,
        alt=alt,
        wide=to_json(wide),
        narrow=to_json(narrow),
        height=int(narrow.layout.height),
        table=table,
        explanation=explanation,
        keys=keys,
        notes=notes,
        is_full_width=is_full_width,
    )
