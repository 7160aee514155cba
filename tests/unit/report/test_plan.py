"""What to do: priorities against their capacity, and the money behind them."""

from __future__ import annotations

import json

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
