"""Why customers are at risk: reasons of those flagged high, and what the model weighs, in words."""

from __future__ import annotations

from kehu.report.blocks import Chart, Column, Key, Table
from kehu.report.charts.bars import Bar, Part, draw_bars
from kehu.report.charts.rows import Heading
from kehu.report.charts.transition_map import Way, draw_ways
from kehu.report.palette import BLUE, ORANGE
from kehu.report.release_reader import Row
from kehu.report.two_widths import chart_of
from kehu.report.wording import Wording

SHOWN_WEIGHTS = 8
"""What weighs less than these is in the table."""


def reasons_chart(counts: Row, reasons: tuple[str, ...], words: Wording) -> Chart:
    """How many of those at high risk each reason is of; one customer may have several, or none."""
    ordered = sorted(reasons, key=lambda one: (-counts[one], reasons.index(one)))
    customers = counts["customers"]
    bars = [
        Bar(
            Heading(words.say(f"risk.reasons.{one}"), "", words.percent(counts[one] / customers, 0)),
            (Part(counts[one], ORANGE),),
            words.counted("customers", counts[one]).strip(),
        )
        for one in ordered
    ]
    headline = words.say(
        "risk.reasons.headline",
        reason=words.say(f"risk.reasons.{ordered[0]}"),
        share=words.percent(counts[ordered[0]] / customers, 0),
        customers=words.counted("customers", customers),
    )
    columns = (Column(words.say("risk.columns.reason"), is_number=False), Column(words.say("columns.customers")))
    lines = tuple((words.say(f"risk.reasons.{one}"), words.count(counts[one])) for one in ordered)
    return chart_of(
        lambda narrow: draw_bars(bars, narrow),
        "risk-reasons",
        headline,
        words.say("risk.reasons.alt", headline=headline),
        Table(words.say("risk.reasons.table"), columns, lines),
        explanation=words.say("risk.reasons.explanation"),
    )


def coefficients_chart(weights: list[Row], words: Wording) -> Chart:
    """What raises and what lowers the risk, the heaviest first."""
    bars = [
        Bar(
            Heading(words.label(row | {"segment": row["feature"]}), "", _signed(row["coefficient"], words)),
            (Part(row["coefficient"], ORANGE if row["coefficient"] > 0 else BLUE),),
            _direction(row, words),
        )
        for row in weights[:SHOWN_WEIGHTS]
    ]
    first = weights[0]
    headline = words.say(
        "risk.weights.headline",
        feature=words.label(first | {"segment": first["feature"]}),
        does=_direction(first, words),
    )
    columns = (
        Column(words.say("risk.columns.feature"), is_number=False),
        Column(words.say("risk.columns.direction"), is_number=False),
        Column(words.say("risk.columns.coefficient")),
    )
    lines = tuple(
        (words.label(row | {"segment": row["feature"]}), _direction(row, words), _signed(row["coefficient"], words))
        for row in weights
    )
    return chart_of(
        lambda narrow: draw_bars(bars, narrow),
        "risk-weights",
        headline,
        words.say("risk.weights.alt", headline=headline),
        Table(words.say("risk.weights.table"), columns, lines),
        explanation=words.say("risk.weights.explanation"),
        keys=(Key(ORANGE, words.say("risk.weights.raises")), Key(BLUE, words.say("risk.weights.lowers"))),
    )


def _direction(row: Row, words: Wording) -> str:
    if not row["coefficient"]:
        return words.say("risk.weights.nothing")
    return words.say("risk.weights.raises" if row["coefficient"] > 0 else "risk.weights.lowers")


def _signed(value: float, words: Wording) -> str:
    text = words.decimal(value, 2)
    return f"+{text}" if value > 0 else text


def cells_chart(cells: list[Row], words: Wording) -> Chart:
    """Who left, by purchase days and silence against own cadence: the model itself where it is this table."""
    rows = list(dict.fromkeys(row["purchase_days_label"] for row in cells))
    columns = list(dict.fromkeys(row["overdue_label"] for row in sorted(cells, key=lambda row: row["overdue_band"])))
    ways = [
        Way(
            rows.index(row["purchase_days_label"]),
            columns.index(row["overdue_label"]),
            row["probability"],
            words.percent(row["probability"], 0),
            words.say(
                "risk.cells.hover",
                probability=words.percent(row["probability"]),
                left=words.count(row["customers_left"]),
                customers=words.counted("customers", row["customers"]),
            ),
        )
        for row in cells
    ]
    most = max(cells, key=lambda row: (row["probability"], row["overdue_band"], -row["frequency_band"]))
    headline = words.say(
        "risk.cells.headline",
        probability=words.percent(most["probability"], 0),
        days=most["purchase_days_label"],
        overdue=most["overdue_label"],
    )
    titles = (words.say("risk.cells.purchase_days"), words.say("risk.cells.overdue"))
    found = {(row["purchase_days_label"], row["overdue_label"]): row["probability"] for row in cells}
    table_columns = (Column(titles[0], is_number=False), *(Column(one) for one in columns))
    lines = tuple((one, *(words.percent(found.get((one, other))) for other in columns)) for one in rows)
    return chart_of(
        lambda narrow: draw_ways(ways, rows, columns, titles, narrow),
        "risk-cells",
        headline,
        words.say("risk.cells.alt", headline=headline),
        Table(words.say("risk.cells.table"), table_columns, lines),
        explanation=words.say("risk.cells.explanation"),
        is_full_width=True,
    )
