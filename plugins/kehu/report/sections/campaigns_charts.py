"""Campaigns with their uplift, the segments of one of them, and who responded."""

from __future__ import annotations

from kehu.report.blocks import Chart, Column, Key, Table
from kehu.report.charts.bars import Bar, Part, draw_bars
from kehu.report.charts.intervals import Interval, draw_intervals
from kehu.report.charts.rows import Heading
from kehu.report.palette import BLUE, INK, LIGHT_BLUE, MID_BLUE
from kehu.report.release_reader import Row
from kehu.report.sections.segments import Labels
from kehu.report.two_widths import chart_of
from kehu.report.wording import NOTHING, Wording


def uplift_chart(compared: list[Row], words: Wording) -> Chart:
    """The uplift of each campaign with its interval, the latest first; of too few it is hollow."""
    intervals = [_interval(_name(row), row, words) for row in compared]
    best = max(compared, key=lambda row: (row["is_significant"], row["uplift"], row["campaign_id"]))
    key = (
        "campaigns.uplift.headline"
        if best["is_significant"] and best["uplift"] > 0
        else "campaigns.uplift.headline_none"
    )
    headline = words.say(
        key, campaign=_name(best), uplift=_points(best["uplift"], words), interval=_between(best, words)
    )
    columns = _columns(
        ("campaign", "contacted", "controls", "response_rate", "control_rate", "uplift", "interval"), words
    )
    lines = tuple((_name(row), *_figures(row, words)) for row in compared)
    return chart_of(
        lambda narrow: draw_intervals(intervals, 0.0, lambda value: words.percent(value, 0), narrow),
        "campaigns-uplift",
        headline,
        words.say("campaigns.uplift.alt", headline=headline),
        Table(words.say("campaigns.uplift.table"), columns, lines),
        explanation=words.say("campaigns.uplift.explanation"),
        keys=_keys(compared, words),
    )


def segments_chart(rows: list[Row], campaign: Row, labels: Labels, words: Wording) -> Chart:
    """The uplift of one campaign by segment as it was before the start."""
    named = [(labels.of("value_tier", row["segment"], words), row) for row in rows]
    intervals = [_interval(name, row, words) for name, row in named]
    sure = [name for name, row in named if row["is_significant"]]
    key = "campaigns.segments.headline" if sure else "campaigns.segments.headline_none"
    headline = words.say(key, campaign=_name(campaign), segments=words.join(sure))
    columns = _columns(
        ("segment", "contacted", "controls", "response_rate", "control_rate", "uplift", "interval"), words
    )
    lines = tuple((name, *_figures(row, words)) for name, row in named)
    return chart_of(
        lambda narrow: draw_intervals(intervals, 0.0, lambda value: words.percent(value, 0), narrow),
        "campaigns-segments",
        headline,
        words.say("campaigns.segments.alt", headline=headline),
        Table(words.say("campaigns.segments.table", campaign=_name(campaign)), columns, lines),
        explanation=words.say("campaigns.segments.explanation"),
        keys=_keys(rows, words),
    )


def _keys(rows: list[Row], words: Wording) -> tuple[Key, ...]:
    keys = [Key(BLUE, words.say("campaigns.uplift.sure"), "dot")]
    if any(row["is_thin"] for row in rows):
        keys.append(Key(BLUE, words.say("campaigns.uplift.thin"), "ring"))
    return tuple(keys)


def _interval(name: str, row: Row, words: Wording) -> Interval:
    figure = words.say("campaigns.uplift.figure", uplift=_points(row["uplift"], words), interval=_between(row, words))
    remark = words.say("campaigns.uplift.n", n=words.count(row["contacted"]), controls=words.count(row["controls"]))
    hover = words.say(
        "campaigns.uplift.hover",
        rate=words.percent(row["response_rate"]),
        control=words.percent(row["control_rate"]),
        figure=figure,
    )
    heading = Heading(name, remark, figure)
    return Interval(heading, row["uplift"], row["uplift_low"], row["uplift_high"], hover, BLUE, bool(row["is_thin"]))


def _figures(row: Row, words: Wording) -> tuple[str, ...]:
    return (
        words.count(row["contacted"]),
        words.count(row["controls"]),
        words.percent(row["response_rate"]),
        words.percent(row["control_rate"]),
        _points(row["uplift"], words),
        _between(row, words),
    )


def rates_chart(judged: list[Row], words: Wording) -> Chart:
    """Who bought within the window, with a stroke at those held back where there were any."""
    bars = [
        Bar(
            Heading(
                _name(row),
                words.say("campaigns.rates.n", n=words.count(row["contacted"])),
                words.percent(row["response_rate"]),
            ),
            (Part(row["response_rate"] or 0.0, MID_BLUE if row["controls"] else LIGHT_BLUE),),
            words.say(
                "campaigns.rates.hover",
                responded=words.count(row["responded"]),
                contacted=words.count(row["contacted"]),
                control=words.percent(row["control_rate"]),
            ),
            mark=row["control_rate"],
        )
        for row in judged
    ]
    last = judged[0]
    headline = words.say("campaigns.rates.headline", campaign=_name(last), rate=words.percent(last["response_rate"]))
    columns = _columns(("campaign", "contacted", "responded", "response_rate", "control_rate"), words)
    lines = tuple(
        (
            _name(row),
            words.count(row["contacted"]),
            words.count(row["responded"]),
            words.percent(row["response_rate"]),
            words.percent(row["control_rate"]),
        )
        for row in judged
    )
    keys = [Key(INK, words.say("campaigns.rates.mark"), "stroke")] if any(row["controls"] for row in judged) else []
    return chart_of(
        lambda narrow: draw_bars(bars, narrow),
        "campaigns-rates",
        headline,
        words.say("campaigns.rates.alt", headline=headline),
        Table(words.say("campaigns.rates.table"), columns, lines),
        explanation=words.say("campaigns.rates.explanation"),
        keys=tuple(keys),
    )


def campaigns_table(campaigns: list[Row], words: Wording) -> Table:
    """Every campaign with its money."""
    names = ("campaign", "start", "treated", "held_out", "redeemed", "incremental_margin", "cost", "roi", "verdict")
    lines = tuple(
        (
            _name(row),
            words.day(row["start_date"]),
            words.count(row["treated"]),
            words.count(row["held_out"]),
            words.percent(row["coupon_redemption_rate"]),
            words.amount(row["incremental_margin"]),
            words.amount(row["cost"]),
            words.percent(row["roi"], 0),
            _verdict(row, words),
        )
        for row in campaigns
    )
    return Table(words.say("campaigns.table"), _columns(names, words), lines)


def _verdict(row: Row, words: Wording) -> str:
    if not row["contacted"]:
        return words.say("campaigns.verdicts.running")
    if row["uplift"] is None:
        return words.say("campaigns.verdicts.no_control")
    if not row["is_significant"]:
        return words.say("campaigns.verdicts.chance")
    return words.say("campaigns.verdicts.worked" if row["uplift"] > 0 else "campaigns.verdicts.harmed")


def _columns(names: tuple[str, ...], words: Wording) -> tuple[Column, ...]:
    texts = ("campaign", "segment", "start", "verdict")
    return tuple(
        Column(words.say(f"campaigns.columns.{name}", currency=words.currency), is_number=name not in texts)
        for name in names
    )


def _name(row: Row) -> str:
    return str(row["campaign_name"] or row["campaign_id"])


def _points(value: float, words: Wording) -> str:
    """A difference of two rates in percentage points."""
    text = words.decimal(value * 100, 1)
    return words.say("campaigns.points", n=f"+{text}" if value > 0 else text)


def _between(row: Row, words: Wording) -> str:
    if row["uplift_low"] is None:
        return NOTHING
    low, high = (words.decimal(row[end] * 100, 1) for end in ("uplift_low", "uplift_high"))
    return words.say("campaigns.between", low=low, high=high)
