"""What to do: how many customers each priority holds, who can serve them, and what stands behind it."""

from __future__ import annotations

from dataclasses import dataclass

from kehu.report.blocks import Chart, Column, Key, Section, Table
from kehu.report.chapters import Chapter
from kehu.report.charts.bars import Bar, Part, draw_bars
from kehu.report.charts.rows import Heading
from kehu.report.palette import BLUE, GREY, INK, LIGHT_BLUE, MID_BLUE, ORANGE
from kehu.report.release_reader import ReleaseReader, Row
from kehu.report.sections.plan_actions import ActionsData, action_charts, action_notes, read_actions
from kehu.report.two_widths import chart_of
from kehu.report.wording import Wording

_PRIORITIES = {"P1": ORANGE, "P2": BLUE, "P3": MID_BLUE, "P4": LIGHT_BLUE, "none": GREY}
_PLAN = """
select plans.priority, plans.service_tier, plans.customers, plans.capacity, plans.capacity_use, plans.expected_revenue,
    plans.revenue_at_risk
from analytics.resource_plan as plans
order by case when plans.priority = 'none' then 'z' else plans.priority end
"""


@dataclass(frozen=True)
class PlanData:
    """Priorities with their capacities, the most urgent first, and the actions."""

    plan: list[Row]
    actions: ActionsData


def read(reader: ReleaseReader) -> PlanData:
    """The plan and the actions; a release from before there were any has none."""
    return PlanData(reader.rows(_PLAN) if reader.has("resource_plan") else [], read_actions(reader))


def build(data: PlanData, words: Wording) -> Section:
    """The chapter, or what to deliver for it."""
    name, plan = words.say("plan.name"), data.plan
    if not any(row["customers"] for row in plan):
        return Section("plan", name, missing=words.say("plan.missing"))
    first = plan[0]
    headline = words.say(
        "plan.headline",
        customers=words.counted("customers", first["customers"]),
        capacity=words.count(first["capacity"]),
        money=words.money(first["revenue_at_risk"]),
    )
    return Section(
        "plan",
        name,
        headline,
        words.say("plan.lead"),
        charts=(_capacity_chart(plan, words), _money_chart(plan, words), *action_charts(data.actions, words)),
        notes=(words.say("plan.note"), *action_notes(data.actions, words)),
    )


def _capacity_chart(plan: list[Row], words: Wording) -> Chart:
    """Customers of each priority, with a stroke where the capacity ends."""
    bars = [
        Bar(
            Heading(_label(row, words), _tier(row, words), words.count(row["customers"])),
            (Part(row["customers"], _PRIORITIES[row["priority"]]),),
            _capacity_text(row, words),
            mark=row["capacity"],
        )
        for row in plan
    ]
    beyond = [row for row in plan if row["capacity_use"] is not None and row["capacity_use"] > 1]
    if beyond:
        key, row = "plan.capacity.headline_beyond", max(beyond, key=lambda row: (row["capacity_use"], row["priority"]))
    else:
        limited = [row for row in plan if row["capacity_use"] is not None]
        if not limited:
            return _capacity(bars, words.say("plan.capacity.headline_unlimited"), plan, words)
        key, row = "plan.capacity.headline", max(limited, key=lambda row: (row["capacity_use"], row["priority"]))
    headline = words.say(key, priority=_label(row, words), use=words.percent(row["capacity_use"], 0))
    return _capacity(bars, headline, plan, words)


def _capacity(bars: list[Bar], headline: str, plan: list[Row], words: Wording) -> Chart:
    return chart_of(
        lambda narrow: draw_bars(bars, narrow),
        "plan-capacity",
        headline,
        words.say("plan.capacity.alt", headline=headline),
        _table(plan, words),
        explanation=words.say("plan.capacity.explanation"),
        keys=(Key(INK, words.say("plan.capacity.mark"), "stroke"),),
    )


def _capacity_text(row: Row, words: Wording) -> str:
    customers = words.counted("customers", row["customers"]).strip()
    if row["capacity"] is None:
        return words.say("plan.capacity.hover_unlimited", customers=customers)
    use = words.percent(row["capacity_use"], 0)
    return words.say("plan.capacity.hover", customers=customers, capacity=words.count(row["capacity"]), use=use)


def _money_chart(plan: list[Row], words: Wording) -> Chart:
    """The revenue at risk of each priority, with a stroke at the expected revenue."""
    bars = [
        Bar(
            Heading(_label(row, words), _tier(row, words), words.money(row["revenue_at_risk"])),
            (Part(float(row["revenue_at_risk"] or 0), _PRIORITIES[row["priority"]]),),
            words.say(
                "plan.money.hover",
                at_risk=words.money(row["revenue_at_risk"]),
                expected=words.money(row["expected_revenue"]),
            ),
            mark=None if row["expected_revenue"] is None else float(row["expected_revenue"]),
        )
        for row in plan
    ]
    total = sum(row["revenue_at_risk"] or 0 for row in plan)
    headline = words.say("plan.money.headline", money=words.money(total))
    names = ("priority", "revenue_at_risk", "expected_revenue")
    columns = tuple(_column(name, words) for name in names)
    lines = tuple(
        (_label(row, words), words.amount(row["revenue_at_risk"]), words.amount(row["expected_revenue"]))
        for row in plan
    )
    return chart_of(
        lambda narrow: draw_bars(bars, narrow),
        "plan-money",
        headline,
        words.say("plan.money.alt", headline=headline),
        Table(words.say("plan.money.table"), columns, lines),
        explanation=words.say("plan.money.explanation"),
        keys=(Key(INK, words.say("plan.money.mark"), "stroke"),),
    )


def _table(plan: list[Row], words: Wording) -> Table:
    columns = tuple(
        _column(name, words) for name in ("priority", "service_tier", "customers", "capacity", "capacity_use")
    )
    lines = tuple(
        (
            _label(row, words),
            _tier(row, words),
            words.count(row["customers"]),
            words.count(row["capacity"]),
            words.percent(row["capacity_use"], 0),
        )
        for row in plan
    )
    return Table(words.say("plan.table"), columns, lines)


def _column(name: str, words: Wording) -> Column:
    is_text = name in ("priority", "service_tier")
    return Column(words.say(f"plan.columns.{name}", currency=words.currency), is_number=not is_text)


def _label(row: Row, words: Wording) -> str:
    return words.name("plan.priorities", row["priority"])


def _tier(row: Row, words: Wording) -> str:
    return words.name("plan.tiers", row["service_tier"])


CHAPTER = Chapter(74, lambda reader, words, _: build(read(reader), words))
