"""Targets: those of the latest month that is over, met or missed, also where less is better."""

from __future__ import annotations

import json
from datetime import date

import pytest

from kehu.report.sections import targets
from kehu.report.wording import Wording
from tests.unit.report.contract_release import reader_of
from tests.unit.report.parsed_page import plain


def target(metric, month, goal, actual, status, direction="up"):
    return {
        "metric": metric, "owner": "growth", "direction": direction, "status": status, "target": goal, "actual": actual,
        "attainment": None if actual is None else actual / goal, "month": month,
    }  # fmt: skip


JANUARY, FEBRUARY, MARCH = date(2024, 1, 1), date(2024, 2, 1), date(2024, 3, 1)
TARGETS = [
    target("net_revenue", JANUARY, 1000.0, 900.0, "missed"),
    target("net_revenue", FEBRUARY, 1100.0, 1210.0, "met"),
    target("net_revenue", MARCH, 1200.0, 300.0, "running"),
    target("complaint_rate", FEBRUARY, 0.02, 0.03, "missed", "down"),
    target("nps", FEBRUARY, 30.0, None, "no_data"),
]


def section(language="en", rows=TARGETS):
    return targets.build(targets.read(reader_of(kpi_targets=rows)), Wording(language, "USD"))


def test_the_latest_month_that_is_over_is_told():
    built = section()
    assert plain(built.headline) == "1 of 3 targets of February 2024 met"
    (table,) = built.tables
    assert [plain(" | ".join(row)) for row in table.rows] == [
        "Complaints per order | growth | at most 2.0% | 3.0% | 150% | missed",
        "Net revenue | growth | at least USD 1,100 | USD 1,210 | 110% | met",
        "Net promoter score | growth | at least 30.00 | – | – | no data",
    ]
    (history,) = built.details
    assert len(history.rows) == len(TARGETS)


def test_the_line_shows_what_was_reached_against_what_was_to_be():
    small = {one.id: one for one in section().small_charts}
    goals, *reached = json.loads(small["target-net-revenue"].drawing)["data"]
    assert goals["y"] == [1000.0, 1000.0, 1100.0, 1100.0]
    assert reached[0]["y"] == [900.0, 1210.0]
    assert plain(small["target-net-revenue"].changes[0]) == "target: at least USD 1,100; met"
    assert small["target-nps"].value == "–"


def test_only_running_targets_are_said_to_run():
    running = [target("net_revenue", MARCH, 1200.0, 300.0, "running")]
    assert plain(section(rows=running).headline) == "1 target for March 2024, which is not over yet"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_without_targets_a_line_says_where_to_set_them(language):
    assert "kpi_targets_set" in section(language, []).missing
    assert "kpi_targets_set" in targets.build(targets.read(reader_of()), Wording(language, "USD")).missing
