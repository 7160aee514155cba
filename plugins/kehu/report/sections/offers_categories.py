"""Which segment spends on which category more than everybody does."""

from __future__ import annotations

from collections import defaultdict

from kehu.report.blocks import Chart, Column, Table
from kehu.report.charts.transition_map import Way, draw_ways
from kehu.report.release_reader import Row
from kehu.report.sections.segments import Labels
from kehu.report.two_widths import chart_of
from kehu.report.wording import NOTHING, Wording

SEGMENTATIONS = ("demographic", "value_tier")
"""Whose segments are drawn."""
SHOWN = 8
"""Categories and segments at most, by revenue."""
FEWEST_BUYERS = 10
"""A segment's index of a category with fewer buyers is not shown: it is that of a few persons."""
TWICE = 2.0


def categories_chart(rows: list[Row], labels: Labels, words: Wording) -> Chart | None:
    """Categories down, segments across, the index in each cell; none where nothing can be compared."""
    categories, segments = _largest(rows, "category_path"), _largest(rows, "segment")
    cells = [
        row
        for row in rows
        if row["category_path"] in categories
        and row["segment"] in segments
        and row["buyers"] >= FEWEST_BUYERS
        and row["index_to_all"] is not None
    ]
    if not cells or len(categories) < 2 or len(segments) < 2:
        return None
    segmentation = cells[0]["segmentation"]
    ways = [
        Way(
            categories.index(row["category_path"]),
            segments.index(row["segment"]),
            min(max(row["index_to_all"] / TWICE, 0.0), 1.0),
            words.decimal(row["index_to_all"], 1),
            _hover(row, labels, words),
        )
        for row in cells
    ]
    names = [labels.of(segmentation, one, words) for one in segments]
    most = max(cells, key=lambda row: (row["index_to_all"], row["buyers"], row["segment"], row["category_path"]))
    headline = words.say(
        "offers.categories.headline",
        segment=labels.of(segmentation, most["segment"], words),
        category=most["category_path"],
        index=words.decimal(most["index_to_all"], 1),
    )
    titles = (words.say("offers.categories.category"), words.say(f"offers.categories.{segmentation}"))
    found = {(row["category_path"], row["segment"]): row for row in cells}
    columns = (Column(titles[0], is_number=False), *(Column(name) for name in names))
    lines = tuple((one, *(_cell(found.get((one, other)), words) for other in segments)) for one in categories)
    return chart_of(
        lambda narrow: draw_ways(ways, categories, names, titles, narrow),
        f"offers-{segmentation.replace('_', '-')}",
        headline,
        words.say("offers.categories.alt", headline=headline),
        Table(words.say("offers.categories.table", segmentation=titles[1]), columns, lines),
        explanation=words.say("offers.categories.explanation"),
        is_full_width=True,
    )


def _largest(rows: list[Row], name: str) -> list[str]:
    """The values of a column that brought most, the largest first."""
    money: dict[str, float] = defaultdict(float)
    for row in rows:
        if row[name] is not None:
            money[row[name]] += float(row["category_revenue"] or 0)
    return sorted(money, key=lambda one: (-money[one], one))[:SHOWN]


def _hover(row: Row, labels: Labels, words: Wording) -> str:
    return words.say(
        "offers.categories.hover",
        segment=labels.of(row["segmentation"], row["segment"], words),
        category=row["category_path"],
        share=words.percent(row["share_of_segment"]),
        buyers=words.counted("customers", row["buyers"]),
    )


def _cell(row: Row | None, words: Wording) -> str:
    if row is None:
        return NOTHING
    share, index = words.percent(row["share_of_segment"]), words.decimal(row["index_to_all"], 1)
    return words.say("offers.categories.cell", share=share, index=index)
