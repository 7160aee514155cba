"""Actions: what is due by kind, what is not on the list and why, and what past actions changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from kehu.report.blocks import Chart, Column, Key, Table
from kehu.report.charts.bars import Bar, Part, draw_bars
from kehu.report.charts.intervals import Interval, draw_intervals
from kehu.report.charts.rows import Heading
from kehu.report.palette import BLUE, GREY, LIGHT_BLUE, ORANGE
from kehu.report.release_reader import ReleaseReader, Row
from kehu.report.two_widths import chart_of
from kehu.report.wording import Wording

SOON = timedelta(days=7)
TIMES = {"overdue": ORANGE, "soon": BLUE, "later": LIGHT_BLUE}

_DUE = """
select actions.action, actions.due_date, actions.as_of_date, count(*) as actions
from analytics.customer_actions as actions
where actions.is_listed
group by actions.action, actions.due_date, actions.as_of_date
order by actions.action, actions.due_date
"""
_UNLISTED = """
select coalesce(actions.withheld_reason, actions.reason) as reason, count(distinct actions.customer_id) as customers
from analytics.customer_actions as actions
where actions.status = 'open' and (actions.withheld_reason is not null or actions.action = 'no_action')
group by coalesce(actions.withheld_reason, actions.reason)
order by count(distinct actions.customer_id) desc, coalesce(actions.withheld_reason, actions.reason)
"""
_RESULTS = """
select treated.action, treated.persons, held.persons as held_out, treated.buyer_rate, held.buyer_rate as held_out_rate,
    treated.effect, treated.effect_low, treated.effect_high, treated.margin_effect, treated.margin_effect_low,
    treated.margin_effect_high, treated.detectable_effect, treated.has_wrong_ratio, held.contaminated_persons
from analytics.action_results as treated
inner join analytics.action_results as held on held.action = treated.action and held.arm = 'holdout'
where treated.arm = 'treatment' and treated.effect is not null
order by case when treated.action = 'all' then 0 else 1 end, treated.persons desc, treated.action
"""


@dataclass(frozen=True)
class ActionsData:
    """Listed actions by kind and due date, reasons of what is not listed, results of actions whose days have passed."""

    due: list[Row]
    unlisted: list[Row]
    results: list[Row]


def read_actions(reader: ReleaseReader) -> ActionsData:
    """What the release says of actions; one from before there were any says nothing."""
    if not reader.has("customer_actions", "action_results"):
        return ActionsData([], [], [])
    return ActionsData(reader.rows(_DUE), reader.rows(_UNLISTED), reader.rows(_RESULTS))


def action_charts(data: ActionsData, words: Wording) -> tuple[Chart, ...]:
    """The charts that there is something for."""
    charts = []
    if data.due:
        charts.append(_due_chart(data.due, words))
    if data.unlisted:
        charts.append(_unlisted_chart(data.unlisted, words))
    if data.results:
        charts.append(_results_chart(data.results, words))
    return tuple(charts)


def action_notes(data: ActionsData, words: Wording) -> tuple[str, ...]:
    """Where the list is, and why there may be no results yet."""
    if not data.due and not data.unlisted:
        return ()
    notes = [words.say("plan.note_list")]
    if not data.results:
        notes.append(words.say("plan.note_no_results"))
    return tuple(notes)


def _due_chart(due: list[Row], words: Wording) -> Chart:
    """Listed actions by kind, those overdue first."""
    counts: dict[str, dict[str, int]] = {}
    for row in due:
        times = counts.setdefault(row["action"], dict.fromkeys(TIMES, 0))
        times[_time(row["due_date"], row["as_of_date"])] += row["actions"]
    ordered = sorted(counts, key=lambda one: (-sum(counts[one].values()), one))
    bars = [
        Bar(
            Heading(_action(one, words), "", words.count(sum(counts[one].values()))),
            tuple(Part(counts[one][time], colour) for time, colour in TIMES.items()),
            words.join([words.say(f"plan.times.{time}", n=words.count(counts[one][time])) for time in TIMES]),
        )
        for one in ordered
    ]
    headline = words.say(
        "plan.due.headline",
        actions=words.counted("actions", sum(sum(times.values()) for times in counts.values())),
        soon=words.count(sum(times["soon"] for times in counts.values())),
        overdue=words.count(sum(times["overdue"] for times in counts.values())),
    )
    columns = (
        Column(words.say("plan.columns.action"), is_number=False),
        *(Column(words.say(f"plan.columns.{time}")) for time in TIMES),
    )
    lines = tuple((_action(one, words), *(words.count(counts[one][time]) for time in TIMES)) for one in ordered)
    return chart_of(
        lambda narrow: draw_bars(bars, narrow),
        "plan-due",
        headline,
        words.say("plan.due.alt", headline=headline),
        Table(words.say("plan.due.table"), columns, lines),
        explanation=words.say("plan.due.explanation"),
        keys=tuple(Key(colour, words.say(f"plan.columns.{time}")) for time, colour in TIMES.items()),
    )


def _time(due: date, as_of: date) -> str:
    if due < as_of:
        return "overdue"
    return "soon" if due <= as_of + SOON else "later"


def _action(action: str, words: Wording) -> str:
    return words.name("plan.actions", action)


def _unlisted_chart(rows: list[Row], words: Wording) -> Chart:
    """Customers for whom nothing is listed, or something is held back, by reason."""
    bars = [
        Bar(
            Heading(words.name("plan.reasons", row["reason"]), "", words.count(row["customers"])),
            (Part(row["customers"], GREY),),
            words.counted("customers", row["customers"]).strip(),
        )
        for row in rows
    ]
    first = words.name("plan.reasons", rows[0]["reason"])
    customers = words.counted("customers", rows[0]["customers"])
    headline = words.say("plan.unlisted.headline", reason=first, customers=customers)
    columns = (Column(words.say("plan.columns.reason"), is_number=False), Column(words.say("plan.columns.customers")))
    lines = tuple((words.name("plan.reasons", row["reason"]), words.count(row["customers"])) for row in rows)
    return chart_of(
        lambda narrow: draw_bars(bars, narrow),
        "plan-unlisted",
        headline,
        words.say("plan.unlisted.alt", headline=headline),
        Table(words.say("plan.unlisted.table"), columns, lines),
        explanation=words.say("plan.unlisted.explanation"),
    )


def _results_chart(results: list[Row], words: Wording) -> Chart:
    """The difference in buyers between who was to have an action and who was held out of it, with its interval."""
    intervals = [_interval(row, words) for row in results]
    whole = results[0]
    is_sure = whole["effect_low"] > 0 or whole["effect_high"] < 0
    headline = words.say(
        "plan.results.headline" if is_sure else "plan.results.headline_unsure",
        action=_action(whole["action"], words),
        effect=_effect(whole, words),
        smallest=_points(whole["detectable_effect"], words),
    )
    return chart_of(
        lambda narrow: draw_intervals(intervals, 0.0, lambda value: words.percent(value, 0), narrow),
        "plan-results",
        headline,
        words.say("plan.results.alt", headline=headline),
        _results_table(results, words),
        explanation=words.say("plan.results.explanation"),
        notes=_warnings(results, words),
        is_full_width=True,
    )


def _interval(row: Row, words: Wording) -> Interval:
    heading = Heading(
        _action(row["action"], words),
        words.say("plan.results.n", n=words.count(row["persons"]), held_out=words.count(row["held_out"])),
        _effect(row, words),
    )
    hover = words.say(
        "plan.results.hover",
        rate=words.percent(row["buyer_rate"]),
        held_out=words.percent(row["held_out_rate"]),
        smallest=_points(row["detectable_effect"], words),
    )
    is_thin = bool(row["has_wrong_ratio"])
    return Interval(heading, row["effect"], row["effect_low"], row["effect_high"], hover, is_thin=is_thin)


def _results_table(results: list[Row], words: Wording) -> Table:
    names = ("action", "persons", "held_out", "buyer_rate", "held_out_rate", "effect", "smallest", "margin_effect")
    columns = tuple(
        Column(words.say(f"plan.columns.{name}", currency=words.currency), is_number=name != "action") for name in names
    )
    lines = tuple(
        (
            _action(row["action"], words),
            words.count(row["persons"]),
            words.count(row["held_out"]),
            words.percent(row["buyer_rate"]),
            words.percent(row["held_out_rate"]),
            _effect(row, words),
            _points(row["detectable_effect"], words),
            words.amount(row["margin_effect"]),
        )
        for row in results
    )
    return Table(words.say("plan.results.table"), columns, lines)


def _warnings(results: list[Row], words: Wording) -> tuple[str, ...]:
    """What keeps the results from being relied on."""
    notes = []
    if wrong := [_action(row["action"], words) for row in results if row["has_wrong_ratio"]]:
        notes.append(words.say("plan.results.wrong_ratio", actions=words.join(wrong)))
    if reached := sum(row["contaminated_persons"] for row in results if row["action"] != "all"):
        notes.append(words.say("plan.results.contaminated", customers=words.counted("customers", reached)))
    return tuple(notes)


def _effect(row: Row, words: Wording) -> str:
    low, high = (words.decimal(row[end] * 100, 1) for end in ("effect_low", "effect_high"))
    return words.say("plan.results.effect", effect=_points(row["effect"], words), low=low, high=high)


def _points(value: float | None, words: Wording) -> str:
    """A difference of two rates in percentage points."""
    return words.say("plan.results.points", n=words.decimal(None if value is None else value * 100, 1))
