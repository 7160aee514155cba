"""The loyalty programme: its points, what they are expected to cost, who is in which tier."""

from __future__ import annotations

from dataclasses import dataclass

from kehu.report.blocks import Chart, Column, Key, Section, SmallChart, Table
from kehu.report.chapters import Chapter
from kehu.report.charts.bars import Bar, Part, draw_bars
from kehu.report.charts.kpi_line import Point, draw_line
from kehu.report.charts.month_columns import Months, Series, draw_months
from kehu.report.charts.rows import Heading
from kehu.report.figures import to_json
from kehu.report.palette import AMBER, BLUE, GREY, LIGHT_BLUE, MID_BLUE, ORANGE, TEAL
from kehu.report.release_reader import ReleaseReader, Row
from kehu.report.two_widths import chart_of
from kehu.report.wording import Number, Wording

LAST_MONTHS = 24
TIERS = {"platinum": BLUE, "gold": AMBER, "silver": GREY, "bronze": ORANGE}
MEASURES = ("balance", "liability", "members", "redemption_rate")
_MOVES = (("earned", TEAL, 1), ("redeemed", MID_BLUE, -1), ("expired", LIGHT_BLUE, -1))

_MONTHS = f"""
select months.month, months.members, months.new_members, months.bronze_customers, months.silver_customers,
    months.gold_customers, months.platinum_customers, months.earned_points, months.redeemed_points,
    months.expired_points, months.adjusted_points, months.balance, months.liability, months.redemption_rate,
    months.is_complete
from analytics.loyalty_summary as months
order by months.month desc
limit {LAST_MONTHS}
"""
_TIERS = """
select members.loyalty_tier, count(*) as customers, sum(members.open_points) as open_points,
    sum(members.points_expiring_30d) as expiring, sum(members.liability) as liability
from analytics.customer_loyalty as members
group by members.loyalty_tier
"""


@dataclass(frozen=True)
class LoyaltyData:
    """The months, oldest first, and the members at D by tier."""

    months: list[Row]
    tiers: dict[str, Row]


def read(reader: ReleaseReader) -> LoyaltyData:
    """What the release says of points; one from before there were any says nothing."""
    if not reader.has("loyalty_summary", "customer_loyalty"):
        return LoyaltyData([], {})
    return LoyaltyData(reader.rows(_MONTHS)[::-1], {row["loyalty_tier"]: row for row in reader.rows(_TIERS)})


def build(data: LoyaltyData, words: Wording) -> Section:
    """The chapter, or what to deliver for it."""
    name = words.say("loyalty.name")
    if not data.months or not data.months[-1]["members"]:
        return Section("loyalty", name, missing=words.say("loyalty.missing"))
    last = data.months[-1]
    headline = words.say(
        "loyalty.headline",
        members=words.counted("members", last["members"]),
        points=words.count(last["balance"]),
        money=words.money(last["liability"]),
    )
    charts = [_moves_chart(data.months, words)]
    if data.tiers:
        charts.append(_tiers_chart(data.tiers, words))
    return Section(
        "loyalty",
        name,
        headline,
        words.say("loyalty.lead"),
        charts=tuple(charts),
        small_charts=tuple(chart for one in MEASURES for chart in _small_chart(data.months, one, words)),
        notes=tuple(_notes(data, words)),
    )


def _notes(data: LoyaltyData, words: Wording) -> list[str]:
    notes = []
    expiring = sum(row["expiring"] or 0 for row in data.tiers.values())
    if expiring:
        notes.append(words.say("loyalty.note_expiring", points=words.count(expiring)))
    notes.append(words.say("loyalty.note_liability"))
    return notes


def _moves_chart(months: list[Row], words: Wording) -> Chart:
    """Points earned upwards, redeemed and expired downwards."""
    columns = Months(
        [row["month"] for row in months], [row["is_complete"] for row in months], [_moved(row, words) for row in months]
    )
    series = [Series(colour, [sign * float(row[f"{move}_points"]) for row in months]) for move, colour, sign in _MOVES]
    last = next((row for row in reversed(months) if row["is_complete"]), months[-1])
    headline = words.say(
        "loyalty.moves.headline",
        month=words.month(last["month"]),
        earned=words.count(last["earned_points"]),
        redeemed=words.count(last["redeemed_points"]),
    )
    return chart_of(
        lambda narrow: draw_months(columns, series, [], (words.compact, words.short_month), narrow),
        "loyalty-points",
        headline,
        words.say("loyalty.moves.alt", headline=headline),
        _months_table(months, words),
        explanation=words.say("loyalty.moves.explanation"),
        keys=tuple(Key(colour, words.say(f"loyalty.columns.{move}")) for move, colour, _ in _MOVES),
    )


def _moved(row: Row, words: Wording) -> str:
    return words.say(
        "loyalty.moves.hover",
        month=words.month(row["month"]),
        earned=words.count(row["earned_points"]),
        redeemed=words.count(row["redeemed_points"]),
        expired=words.count(row["expired_points"]),
    )


def _months_table(months: list[Row], words: Wording) -> Table:
    names = ("earned", "redeemed", "expired", "adjusted", "balance", "liability", "members", "redemption_rate")
    columns = [Column(words.say("columns.month"), is_number=False)]
    columns += [Column(words.say(f"loyalty.columns.{name}", currency=words.currency)) for name in names]
    lines = tuple(
        (
            words.short_month(row["month"]) + ("" if row["is_complete"] else "*"),
            *(words.count(row[f"{name}_points"]) for name in names[:4]),
            words.count(row["balance"]),
            words.amount(row["liability"]),
            words.count(row["members"]),
            words.percent(row["redemption_rate"]),
        )
        for row in reversed(months)
    )
    return Table(words.say("loyalty.table"), tuple(columns), lines)


def _tiers_chart(tiers: dict[str, Row], words: Wording) -> Chart:
    """Members by tier, the highest first."""
    rows = [(tier, tiers[tier]) for tier in TIERS if tier in tiers]
    bars = [
        Bar(
            Heading(words.say(f"loyalty.tiers.{tier}"), "", words.counted("members", row["customers"]).strip()),
            (Part(row["customers"], TIERS[tier]),),
            words.say(
                "loyalty.tiers.hover",
                points=words.count(row["open_points"]),
                expiring=words.count(row["expiring"]),
                money=words.money(row["liability"]),
            ),
        )
        for tier, row in rows
    ]
    top, first = rows[0]
    total = sum(row["liability"] for _, row in rows)
    headline = words.say(
        "loyalty.tiers.headline",
        tier=words.say(f"loyalty.tiers.{top}"),
        members=words.counted("members", first["customers"]),
        share=words.percent(first["liability"] / total if total else None),
    )
    names = ("tier", "members", "open_points", "expiring", "liability")
    columns = tuple(
        Column(words.say(f"loyalty.columns.{name}", currency=words.currency), is_number=name != "tier")
        for name in names
    )
    lines = tuple(
        (
            words.say(f"loyalty.tiers.{tier}"),
            words.count(row["customers"]),
            words.count(row["open_points"]),
            words.count(row["expiring"]),
            words.amount(row["liability"]),
        )
        for tier, row in rows
    )
    return chart_of(
        lambda narrow: draw_bars(bars, narrow),
        "loyalty-tiers",
        headline,
        words.say("loyalty.tiers.alt", headline=headline),
        Table(words.say("loyalty.tiers.table"), columns, lines),
    )


def _small_chart(months: list[Row], measure: str, words: Wording) -> list[SmallChart]:
    """One measure at the end of each month; the running month is at D."""
    known = [row for row in months if row[measure] is not None]
    if not known:
        return []
    last = known[-1]
    name, value = words.say(f"loyalty.measures.{measure}"), _shown(measure, last[measure], words)
    month = words.month(last["month"])
    key = "loyalty.at_end" if last["is_complete"] else "loyalty.so_far"
    points = [
        Point(
            row["month"],
            None if row[measure] is None else float(row[measure]),
            row["is_complete"],
            words.say("loyalty.hover", month=words.month(row["month"]), value=_shown(measure, row[measure], words)),
        )
        for row in months
    ]
    is_rate = measure == "redemption_rate"
    drawn = draw_line(
        points, not is_rate, (lambda rate: words.percent(rate, 0)) if is_rate else words.compact, words.short_month
    )
    alt = words.say("loyalty.alt", measure=name, month=month, value=value)
    chart_id = f"loyalty-{measure.replace('_', '-')}"
    return [SmallChart(chart_id, name, value, (words.say(key, month=month),), alt, to_json(drawn))]


def _shown(measure: str, value: Number | None, words: Wording) -> str:
    if measure == "redemption_rate":
        return words.percent(value)
    return words.money(value) if measure == "liability" else words.count(value)


CHAPTER = Chapter(77, lambda reader, words, _: build(read(reader), words))
