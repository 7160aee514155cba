"""Loyalty: points that balance, tiers that add up to the members, what is expected to be paid."""

from __future__ import annotations

import json
from datetime import date

import pytest

from kehu.report.sections import loyalty
from kehu.report.wording import Wording
from tests.unit.report.contract_release import reader_of
from tests.unit.report.parsed_page import plain


def month(first, earned, redeemed, expired, balance, members, is_complete=True):
    return {
        "month": first, "earned_points": earned, "redeemed_points": redeemed, "expired_points": expired,
        "adjusted_points": 0, "balance": balance, "liability": balance / 100, "members": members, "new_members": 1,
        "bronze_customers": members - 2, "silver_customers": 2, "gold_customers": 0, "platinum_customers": 0,
        "redemption_rate": 0.25, "is_complete": is_complete,
    }  # fmt: skip


MONTHS = [
    month(date(2024, 1, 1), 900, 0, 0, 900, 8),
    month(date(2024, 2, 1), 400, 250, 50, 1000, 10),
    month(date(2024, 3, 1), 120, 20, 0, 1100, 12, is_complete=False),
]
MEMBERS = [
    {"customer_id": f"s:{n}", "loyalty_tier": "silver" if n < 2 else "bronze", "open_points": 100,
     "points_expiring_30d": 10 if n < 3 else 0, "liability": 1}
    for n in range(12)
]  # fmt: skip


def section(language="en", months=MONTHS, members=MEMBERS):
    reader = reader_of(loyalty_summary=months, customer_loyalty=members)
    return loyalty.build(loyalty.read(reader), Wording(language, "USD"))


def test_the_state_at_the_as_of_date_is_the_headline():
    built = section()
    assert plain(built.headline) == "12 members hold 1,100 points, which are expected to cost USD 11.00"
    assert built.notes[0] == "30 points expire within 30 days unless they are used."


def test_points_earned_go_up_and_those_used_or_lost_go_down_and_both_make_the_balance():
    shown = section().charts[0]
    earned, redeemed, expired = (trace["y"] for trace in json.loads(shown.wide)["data"])
    assert (earned, redeemed, expired) == ([900, 400, 120], [0, -250, -20], [0, -50, 0])
    balances = [row["balance"] for row in MONTHS]
    moved = [sum(parts) for parts in zip(earned, redeemed, expired, strict=True)]
    assert [sum(moved[: place + 1]) for place in range(3)] == balances
    assert shown.headline == "February 2024: 400 points earned, 250 redeemed"
    assert shown.table.rows[0][0] == "Mar 2024*"


def test_the_tiers_add_up_to_the_members():
    built = section()
    rows = built.charts[1].table.rows
    assert [row[:2] for row in rows] == [("Silver", "2"), ("Bronze", "10")]
    assert sum(int(row[1]) for row in rows) == MONTHS[-1]["members"]


def test_every_measure_names_its_month():
    small = {one.id: one for one in section().small_charts}
    assert set(small) == {"loyalty-balance", "loyalty-liability", "loyalty-members", "loyalty-redemption-rate"}
    assert small["loyalty-balance"].value == "1,100"
    assert small["loyalty-balance"].changes == ("March 2024, so far",)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_without_points_a_line_says_what_to_deliver_and_no_member_is_named(language):
    assert "loyalty_transactions" in section(language, [], []).missing
    assert "loyalty_transactions" in loyalty.build(loyalty.read(reader_of()), Wording(language, "USD")).missing
    assert "s:1" not in repr(section(language))
