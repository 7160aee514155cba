"""What to do: priorities against their capacity, and the money behind them."""

from __future__ import annotations

import json
from datetime import date

import pytest

from kehu.report.sections import plan
from kehu.report.wording import Wording
from tests.unit.report.contract_release import reader_of
from tests.unit.report.parsed_page import plain

PLAN = [
    {"priority": name, "service_tier": tier, "customers": customers, "capacity": capacity,
     "capacity_use": customers / capacity if capacity else None, "expected_revenue": expected, "revenue_at_risk": at_risk}
    for name, tier, customers, capacity, expected, at_risk in (
        ("none", "none", 40, None, 0, 0), ("P2", "regular", 120, 100, 900, 300), ("P1", "dedicated", 18, 20, 700, 400),
        ("P4", "automated", 300, None, 50, 25),
    )
]  # fmt: skip


def section(language="en", rows=PLAN):
    return plan.build(plan.read(reader_of(resource_plan=rows)), Wording(language, "USD"))


def test_the_most_urgent_come_first_with_room_and_money():
    built = section()
    assert (
        plain(built.headline)
        == "18 customers come first, for whom there is room for 20; USD 400.00 is at risk with them"
    )
    capacity, money = built.charts
    assert [row[0][:2] for row in capacity.table.rows] == ["P1", "P2", "P4", "Le"]
    (bars,) = json.loads(capacity.wide)["data"]
    assert bars["x"] == [18, 120, 300, 40]
    strokes = [shape["x0"] for shape in json.loads(capacity.wide)["layout"]["shapes"]]
    assert strokes == [20, 100, 0]
    assert capacity.headline == "“P2: soon” is beyond its capacity: 120% of it is asked for"
    assert plain(money.headline) == "USD 725.00 of revenue is at risk in all"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_without_anybody_a_line_says_what_to_deliver(language):
    assert "orders" in section(language, []).missing
    nobody = [row | {"customers": 0} for row in PLAN]
    assert "orders" in section(language, nobody).missing
    assert plan.build(plan.read(reader_of()), Wording(language, "USD")).missing


D = date(2024, 3, 17)


def action(number, name, due, **more):
    return {
        "action_id": f"a{number}", "customer_id": f"s:{number}", "action": name, "kind": "marketing", "status": "open",
        "reason": "why", "is_listed": True, "due_date": due, "as_of_date": D, **more,
    }  # fmt: skip


ACTIONS = [
    action(1, "win_back", date(2024, 3, 1)),
    action(2, "win_back", D),
    action(3, "win_back", date(2024, 3, 24)),
    action(4, "birthday", date(2024, 3, 25)),
    action(5, "birthday", D, is_listed=False, withheld_reason="held_out"),
    action(6, "birthday", D, is_listed=False, withheld_reason="no_consent"),
    action(7, "no_action", None, is_listed=False, reason="nothing_is_due"),
    action(8, "no_action", None, is_listed=False, reason="nothing_is_due"),
    action(9, "win_back", D, is_listed=False, status="done", withheld_reason="held_out"),
]


def result(name, arm, persons, rate, effect, **more):
    return {
        "action": name, "arm": arm, "persons": persons, "buyer_rate": rate, "effect": effect,
        "effect_low": None if effect is None else effect - 0.03, "effect_high": None if effect is None else effect + 0.03,
        "detectable_effect": 0.042, "margin_effect": 1.5, "contaminated_persons": 0, "has_wrong_ratio": False, **more,
    }  # fmt: skip


RESULTS = [
    result("all", "treatment", 900, 0.25, 0.05),
    result("all", "holdout", 100, 0.2, 0.05, contaminated_persons=4),
    result("win_back", "treatment", 90, 0.15, 0.01, has_wrong_ratio=True),
    result("win_back", "holdout", 10, 0.14, 0.01, contaminated_persons=4),
    result("welcome", "treatment", 5, 0.2, None),
]


def with_actions(language="en", actions=ACTIONS, results=RESULTS):
    reader = reader_of(resource_plan=PLAN, customer_actions=actions, action_results=results)
    return plan.build(plan.read(reader), Wording(language, "USD"))


def chart(built, chart_id):
    return next(one for one in built.charts if one.id == chart_id)


def test_what_is_listed_is_counted_by_kind_and_by_when_it_is_due():
    shown = chart(with_actions(), "plan-due")
    assert plain(shown.headline) == "4 actions on the list: 1 overdue, 2 due within 7 days"
    assert shown.table.rows == (("Win back", "1", "2", "0"), ("Birthday", "0", "0", "1"))


def test_who_has_nothing_on_the_list_is_counted_by_the_reason():
    shown = chart(with_actions(), "plan-unlisted")
    assert shown.table.rows == (
        ("Nothing is due", "2"),
        ("Held out, to see what actions change", "1"),
        ("Did not agree to marketing", "1"),
    )


def test_what_past_actions_changed_stands_with_its_interval_and_the_smallest_effect_to_be_seen():
    shown = chart(with_actions(), "plan-results")
    whiskers, dots = json.loads(shown.wide)["data"]
    assert dots["x"] == [0.05, 0.01]
    assert whiskers["x"][:2] == [pytest.approx(0.02), pytest.approx(0.08)]
    assert shown.headline == "All marketing actions changed the share of buyers by 5.0 points (2.0 to 8.0)"
    assert [(row[0], row[1], row[2], row[6]) for row in shown.table.rows] == [
        ("All marketing actions", "900", "100", "4.2 points"),
        ("Win back", "90", "10", "4.2 points"),
    ]
    assert "Win back" in shown.notes[0]
    assert "4 customers" in plain(shown.notes[1])


def test_an_effect_that_may_be_chance_is_not_told_as_one():
    unsure = [row | {"effect": 0.01, "effect_low": -0.02, "effect_high": 0.04} for row in RESULTS[:2]]
    assert "which may be chance" in chart(with_actions(results=unsure), "plan-results").headline


@pytest.mark.parametrize("language", ["en", "zh"])
def test_before_the_days_have_passed_it_is_said_what_results_need_and_nobody_is_named(language):
    built = with_actions(language, results=[])
    assert "action_horizon_days" in built.notes[-1]
    assert "s:1" not in repr(built)
