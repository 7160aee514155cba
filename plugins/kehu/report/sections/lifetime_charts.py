"""The backtest in three charts: purchases by week, by frequency, by decile of prediction."""

from __future__ import annotations

import plotly.graph_objects as go

from kehu.report.blocks import Chart, Column, Key, Table
from kehu.report.charts.paired_columns import Group, draw_columns
from kehu.report.charts.tracking_lines import Week, draw_tracking
from kehu.report.figures import to_json
from kehu.report.palette import BLUE, ORANGE
from kehu.report.release_reader import Row
from kehu.report.wording import Wording

_EVERY = 4


def tracking_chart(rows: list[Row], words: Wording) -> Chart:
    """Cumulated repeat purchases by week of the history, and where the model had to go on alone."""
    weeks = [_week(row, words) for row in rows]
    held_out = [row["week"] for row in rows if row["is_holdout"]]
    border = held_out[0] - 1 if held_out else None
    titles = {name: words.say(f"lifetime.tracking.{name}") for name in ("x", "holdout")}
    wide, narrow = (
        draw_tracking(weeks, border, titles, words.compact, narrow=is_narrow) for is_narrow in (False, True)
    )
    last = rows[-1]
    if last["cumulative_expected"] is None:
        headline = words.say("lifetime.tracking.headline_none", actual=words.count(last["cumulative_actual"]))
    else:
        headline = words.say(
            "lifetime.tracking.headline",
            actual=words.count(last["cumulative_actual"]),
            expected=words.count(last["cumulative_expected"]),
            model=words.name("lifetime.models", last["model_name"]),
        )
    return Chart(
        id="clv-tracking",
        headline=headline,
        alt=words.say("lifetime.tracking.alt", headline=headline),
        wide=to_json(wide),
        narrow=to_json(narrow),
        height=narrow.layout.height,
        table=_tracking_table(rows, words),
        explanation=words.say("lifetime.tracking.explanation"),
        keys=_keys(words),
    )


def calibration_chart(rows: list[Row], model: str, words: Wording) -> Chart:
    """Purchases in the holdout by what customers had done before it; ``model`` names what is in use."""
    groups = [
        Group(row["frequency"], row["actual"], row["expected"], _hover("lifetime.calibration.hover", row, words))
        for row in rows
    ]
    title = words.say("lifetime.calibration.x")
    drawn = tuple(draw_columns(groups, title, words.decimal, narrow=is_narrow) for is_narrow in (False, True))
    first = rows[0]
    headline = words.say(
        "lifetime.calibration.headline",
        frequency=first["frequency"],
        customers=words.counted("customers", first["customers"]),
        actual=words.decimal(first["actual"]),
        expected=words.decimal(first["expected"]),
    )
    text = words.say("lifetime.calibration.explanation", model=model)
    table = _frequencies(rows, words)
    return _columns_chart(headline, drawn, table, words, texts="lifetime.calibration", explanation=text)


def gains_chart(rows: list[Row], model: str, words: Wording) -> Chart:
    """Where the purchases of the holdout were, by decile of what ``model`` expected."""
    actual, expected = (sum(row[name] for row in rows) or 1.0 for name in ("actual", "expected"))
    groups = [
        Group(
            str(row["decile"]),
            row["actual"] / actual,
            row["expected"] / expected,
            _hover("lifetime.gains.hover", row, words),
        )
        for row in rows
    ]
    title = words.say("lifetime.gains.x")
    drawn = tuple(
        draw_columns(groups, title, lambda share: words.percent(share, 0), narrow=is_narrow)
        for is_narrow in (False, True)
    )
    second = rows[1] if len(rows) > 1 else rows[0]
    headline = words.say("lifetime.gains.headline", share=words.percent(second["cumulative_share_of_actual"]))
    text = words.say("lifetime.gains.explanation", model=model)
    table = _deciles(rows, words)
    return _columns_chart(headline, drawn, table, words, texts="lifetime.gains", explanation=text)


def _columns_chart(
    headline: str, drawn: tuple[go.Figure, ...], table: Table, words: Wording, *, texts: str, explanation: str
) -> Chart:
    """A chart of paired columns from its wide and its narrow drawing; ``texts`` is its group in the catalogue."""
    wide, narrow = drawn
    return Chart(
        id=f"clv-{texts.rpartition('.')[2]}",
        headline=headline,
        alt=words.say(f"{texts}.alt", headline=headline),
        wide=to_json(wide),
        narrow=to_json(narrow),
        height=narrow.layout.height,
        table=table,
        explanation=explanation,
        keys=_keys(words),
    )


def _keys(words: Wording) -> tuple[Key, Key]:
    return Key(BLUE, words.say("lifetime.actual"), "dot"), Key(ORANGE, words.say("lifetime.expected"), "dot")


def _week(row: Row, words: Wording) -> Week:
    hover = words.say(
        "lifetime.tracking.hover",
        week=row["week"],
        actual=words.count(row["cumulative_actual"]),
        expected=words.count(row["cumulative_expected"]),
    )
    return Week(row["week"], row["cumulative_actual"], row["cumulative_expected"], hover)


def _hover(key: str, row: Row, words: Wording) -> str:
    customers = words.counted("customers", round(row["customers"]))
    return words.say(
        key, customers=customers, actual=words.decimal(row["actual"]), expected=words.decimal(row["expected"])
    )


def _tracking_table(rows: list[Row], words: Wording) -> Table:
    """Every fourth week and the last one."""
    columns = tuple(Column(words.say(f"columns.{name}")) for name in ("week", "purchases_so_far", "expected_so_far"))
    shown = [row for place, row in enumerate(rows, start=1) if place % _EVERY == 0 or place == len(rows)]
    lines = (
        (str(row["week"]), words.count(row["cumulative_actual"]), words.count(row["cumulative_expected"]))
        for row in shown
    )
    return Table(words.say("lifetime.tracking.table"), columns, tuple(lines))


def _frequencies(rows: list[Row], words: Wording) -> Table:
    names = ("frequency", "customers", "purchases_each", "expected_each")
    columns = tuple(Column(words.say(f"columns.{name}")) for name in names)
    lines = (
        (
            row["frequency"],
            words.count(row["customers"]),
            words.decimal(row["actual"]),
            words.decimal(row["expected"]),
        )
        for row in rows
    )
    return Table(words.say("lifetime.calibration.table"), columns, tuple(lines))


def _deciles(rows: list[Row], words: Wording) -> Table:
    names = ("decile", "customers", "purchases", "expected_purchases", "share_so_far")
    columns = tuple(Column(words.say(f"columns.{name}")) for name in names)
    lines = (
        (
            str(row["decile"]),
            words.count(row["customers"]),
            words.count(row["actual"]),
            words.count(row["expected"]),
            words.percent(row["cumulative_share_of_actual"]),
        )
        for row in rows
    )
    return Table(words.say("lifetime.gains.table"), columns, tuple(lines))
