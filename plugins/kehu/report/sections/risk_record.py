"""What earlier flags were worth: what became of them, whether the probabilities came true, and the other candidates."""

from __future__ import annotations

from kehu.report.blocks import Chart, Column, Key, Table
from kehu.report.charts.bars import Bar, Part, draw_bars
from kehu.report.charts.paired_columns import Group, draw_columns
from kehu.report.charts.rows import Heading
from kehu.report.palette import AMBER, BLUE, GREY, INK, ORANGE, mix
from kehu.report.release_reader import Row
from kehu.report.two_widths import chart_of
from kehu.report.wording import Wording

_BANDS = (("high", ORANGE), ("medium", AMBER))


def flags_chart(judged: Row, words: Wording) -> Chart:
    """The share that left of those flagged one horizon ago, beside that of all."""
    flagged = [(band, colour, judged[f"precision_{band}"], judged[f"recall_{band}"]) for band, colour in _BANDS]
    bars = [
        Bar(
            Heading(words.say(f"risk.flags.{band}"), "", words.percent(share, 0)),
            (Part(share or 0.0, colour),),
            words.say("risk.flags.hover", share=words.percent(share), recall=words.percent(recall)),
            mark=judged["base_rate"],
        )
        for band, colour, share, recall in flagged
    ]
    base = words.percent(judged["base_rate"], 0)
    everybody = words.say("risk.flags.hover_all", share=words.percent(judged["base_rate"]))
    bars.append(Bar(Heading(words.say("risk.flags.all"), "", base), (Part(judged["base_rate"], GREY),), everybody))
    days = words.counted("days", judged["horizon_days"])
    headline = words.say("risk.flags.headline", days=days, recall=words.percent(judged["recall_high"], 0))
    names = ("band", "left_share", "recall")
    columns = tuple(Column(words.say(f"risk.columns.{name}"), is_number=name != "band") for name in names)
    lines = [
        (words.say(f"risk.flags.{band}"), words.percent(share), words.percent(recall))
        for band, _, share, recall in flagged
    ]
    lines.append((words.say("risk.flags.all"), words.percent(judged["base_rate"]), words.percent(1)))
    return chart_of(
        lambda narrow: draw_bars(bars, narrow),
        "risk-flags",
        headline,
        words.say("risk.flags.alt", headline=headline),
        Table(words.say("risk.flags.table"), columns, tuple(lines)),
        explanation=words.say("risk.flags.explanation", days=days),
        keys=(Key(INK, words.say("risk.flags.mark", share=base), "stroke"),),
    )


def calibration_chart(tenths: list[Row], judged: Row, words: Wording) -> Chart:
    """Expected and actual share that left, by tenths of falling probability."""
    groups = [
        Group(
            words.count(row["tenth"]),
            row["left_rate"],
            row["mean_probability"],
            words.say(
                "risk.calibration.hover",
                expected=words.percent(row["mean_probability"]),
                actual=words.percent(row["left_rate"]),
                lift=words.decimal(row["lift"], 1),
            ),
        )
        for row in tenths
    ]
    headline = words.say("risk.calibration.headline", lift=words.decimal(judged["lift_top_tenth"], 1))
    names = ("tenth", "customers", "expected", "actual", "lift")
    columns = tuple(Column(words.say(f"risk.columns.{name}")) for name in names)
    lines = tuple(
        (
            words.count(row["tenth"]),
            words.count(row["customers"]),
            words.percent(row["mean_probability"]),
            words.percent(row["left_rate"]),
            words.decimal(row["lift"], 2),
        )
        for row in tenths
    )
    title = words.say("risk.calibration.title")
    return chart_of(
        lambda narrow: draw_columns(groups, title, lambda share: words.percent(share, 0), narrow),
        "risk-calibration",
        headline,
        words.say("risk.calibration.alt", headline=headline),
        Table(words.say("risk.calibration.table"), columns, lines),
        explanation=words.say("risk.calibration.explanation"),
        keys=(
            Key(BLUE, words.say("risk.calibration.actual")),
            Key(mix(ORANGE, 0.7), words.say("risk.calibration.expected")),
        ),
    )


def candidates_table(record: list[Row], words: Wording) -> Table:
    """How every candidate did on the window that judges, and which is used."""
    names = ("candidate", "auc", "log_loss", "brier", "calibration_error", "lift_top_tenth", "use")
    texts = ("candidate", "use")
    columns = tuple(Column(words.say(f"risk.columns.{name}"), is_number=name not in texts) for name in names)
    lines = tuple(
        (
            words.name("risk.models", row["candidate"]),
            words.decimal(row["auc"], 3),
            words.decimal(row["log_loss"], 3),
            words.decimal(row["brier"], 3),
            words.percent(row["calibration_error"]),
            words.decimal(row["lift_top_tenth"], 2),
            _use(row, words),
        )
        for row in record
    )
    return Table(words.say("risk.candidates"), columns, lines)


def _use(row: Row, words: Wording) -> str:
    if row["is_used"]:
        return words.say("risk.uses.used", grade=row["grade"])
    return words.say("risk.uses.judged" if row["is_judged"] else "risk.uses.compared")
