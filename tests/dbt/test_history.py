"""Stages over time: point in time, late orders, ledger, flow and moves against an independent computation."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from tests.support import segment_oracle
from tests.support.dbt_shop import DbtShop
from tests.support.history_oracle import PROSPECT, History, Period, State, states
from tests.support.random_shop import RandomShop, ZonedShop, random_shop

SEED = 20200229
AS_OF = date(2020, 6, 15)
"""In the middle of a month: D is an observation of its own."""
LATE_DAY = date(2019, 10, 27)
"""Of the late order: the day on which summer time ends."""
PREVIOUS_RELEASE = date(2020, 4, 12)
ZONE = {"timezone": "Europe/Berlin"}
TABLES = (
    "churn_limit_evidence",
    "customer_ledger",
    "customer_lifecycle",
    "customer_lifecycle_history",
    "lifecycle_flow",
    "lifecycle_transitions",
    "segment_moves",
)
FRESH_DAYS = [date(2019, 8, 31)]
MORE_FRESH_DAYS = [
    *(date(2018, month, 1) - timedelta(days=1) for month in (4, 6, 8, 11)),
    *(date(2019, month, 1) - timedelta(days=1) for month in (1, 3, 5, 7, 11)),
    date(2020, 2, 29),
    date(2020, 4, 30),
]
"""With FRESH_DAYS twelve."""
COLUMNS = "customer_id, lifecycle_stage, relationship_stage, rfm_segment, value_tier"

Books = dict[str, list[Period]]


class HistoryShop:
    """A landed shop, its builds, and what the oracle knows about it."""

    def __init__(self, shop: DbtShop, history: RandomShop) -> None:
        self.shop, self.events = shop, history
        self.shop.land("refunds", history.refund_rows)
        self.shop.land("customers", history.customer_rows)
        self.land_orders([row for row in history.orders if str(row["ordered_at"])[:10] <= str(AS_OF)])

    def land_orders(self, rows: list[dict[str, str | None]]) -> None:
        """Land orders and bring the state up to them."""
        self.shop.land("orders", rows)
        self.shop.build("tag:state", with_tests=False, **ZONE)

    def build_release(self) -> str:
        """Build the tables at D with every test; returns what dbt printed."""
        printed = self.shop.build("tag:features", as_of=str(AS_OF), **ZONE)
        self.shop.score()
        wanted = [f"tag:candidate,+{name}" for name in (*TABLES, "kpi_monthly")]
        return printed + self.shop.build(*wanted, as_of=str(AS_OF), **ZONE)

    def build_history(self) -> int:
        """Bring the history up to D again; returns how many months were computed."""
        printed = self.shop.build(
            "tag:features,+feat_customer_stage_periods", with_tests=False, as_of=str(AS_OF), **ZONE
        )
        found = re.search(r"customer_stage_changes .*\[(\d+) MONTHS", printed)
        assert found, printed
        return int(found[1])

    def fresh(self, day: date) -> dict[str, State]:
        """The stages as a build as of that day finds them, without a look at the history."""
        self.shop.build("tag:features,+feat_customer_stages", with_tests=False, as_of=str(day), **ZONE)
        schema = f"{self.shop.candidate}_features"
        return {row[0]: row[1:] for row in self.shop.rows(f"select {COLUMNS} from {schema}.feat_customer_stages")}

    def periods(self) -> Books:
        """The periods as built last, by customer in order."""
        sql = (
            f"select {COLUMNS}, valid_from, valid_to from {self.shop.candidate}_features.feat_customer_stage_periods"
            " order by customer_id, valid_from"
        )
        found: Books = {}
        for row in self.shop.rows(sql):
            found.setdefault(row[0], []).append((row[5], row[6], row[1:5]))
        return found

    def months(self) -> set[date]:
        """The month ends that the history holds."""
        return {row[0] for row in self.shop.rows("select month_end from work.customer_stage_changes_months")}

    def expected(self) -> History:
        """What the oracle makes of everything that has landed."""
        return History(AS_OF, self.events.sales, self.events.refunds, self.events.first_seen)


def at(periods: Books, day: date) -> dict[str, State]:
    """What the periods say of a day."""
    return {
        customer: state
        for customer, mine in periods.items()
        for begin, end, state in mine
        if begin <= day and (end is None or day < end)
    }


@pytest.fixture(scope="module")
def life(module_shop: Callable[[], DbtShop]) -> HistoryShop:
    """The shop of all tests of this file, which run in order: what has landed only grows."""
    events = random_shop(SEED, ZonedShop())
    # Given money back in the month in which the silence passes the limit.
    events.refund(events.order("lapses", date(2019, 3, 5), Decimal("30.00")), date(2019, 9, 10), Decimal("5.00"))
    built = HistoryShop(module_shop(), events)
    with built.shop.connection() as connection:
        for day, event in ((PREVIOUS_RELEASE, "published"), (date(2020, 5, 9), "stored"), (AS_OF, "published")):
            connection.execute(
                "insert into ops.releases values (?, ?, ?, null, timestamp '2020-07-01' + to_days(?))",
                ["r", day, event, day.month],
            )
    built.build_release()
    return built


@pytest.fixture(scope="module")
def expected(life: HistoryShop) -> History:
    """The oracle's history of the first landing."""
    return life.expected()


@pytest.fixture(scope="module")
def first_periods(life: HistoryShop) -> Books:
    """The history of the first landing."""
    return life.periods()


def records(life: HistoryShop, table: str) -> list[dict[str, Any]]:
    return life.shop.records(f"select * from {life.shop.candidate}.{table}")


def test_the_history_is_that_of_the_definitions(expected: History, first_periods: Books) -> None:
    assert first_periods == expected.periods()
    reached = {state for mine in first_periods.values() for _, _, state in mine}
    assert {state[0] for state in reached} == {
        *("prospect", "churned", "new", "at_risk", "reactivated", "loyal", "active"),
    }
    assert {state[1] for state in reached} == {"none", "decline", "exploration", "growth", "stable"}
    assert PROSPECT in reached


def test_the_published_history_names_the_stage_before_and_since_when(life: HistoryShop, expected: History) -> None:
    published = {(row["customer_id"], row["valid_from"]): row for row in records(life, "customer_lifecycle_history")}
    lifecycle = {row["customer_id"]: row for row in records(life, "customer_lifecycle")}
    for customer, mine in expected.periods().items():
        stage, since, before = None, None, None
        for begin, end, state in mine:
            if state[0] != stage:
                stage, since, before = state[0], begin, stage
            row = published.pop((customer, begin))
            assert (row["valid_to"], row["lifecycle_stage"], row["value_tier"]) == (end, state[0], state[3])
            assert (row["stage_since"], row["previous_stage"], row["is_current"]) == (since, before, end is None)
        assert lifecycle[customer]["stage_since"] == since
        assert lifecycle[customer]["relationship_stage"] == mine[-1][2][1]
    assert not published


def test_transitions_are_those_between_the_observations(life: HistoryShop, expected: History) -> None:
    found = {
        (r["month"], r["from_stage"], r["to_stage"]): r["customers"] for r in records(life, "lifecycle_transitions")
    }
    assert found == expected.transitions()
    for row in records(life, "lifecycle_transitions"):
        leaving = sum(count for key, count in found.items() if key[:2] == (row["month"], row["from_stage"]))
        share = None if row["from_stage"] == "entered" else pytest.approx(row["customers"] / leaving)
        assert row["share_of_from"] == share


def test_the_ledger_is_that_of_the_definitions(life: HistoryShop, expected: History) -> None:
    columns = [*("opening", "new", "reactivated", "moved_in", "lapsed", "moved_out", "closing", "net_revenue")]
    columns += [f"net_revenue_{name}" for name in ("stayed", "new", "reactivated", "moved_in", "lapsed")]
    found = {}
    for row in records(life, "customer_ledger"):
        if amounts := {column: row[column] for column in columns if row[column]}:
            found[row["month"], row["segmentation"], row["segment"]] = amounts
    ledger = expected.ledger()
    assert found == ledger
    movements = {column for amounts in ledger.values() for column in amounts}
    assert movements == set(columns), "the histories should reach every movement, with money"


def test_the_flow_counts_every_month(life: HistoryShop) -> None:
    books = segment_oracle.Books.up_to(AS_OF, life.events.sales, life.events.refunds)
    rows = {row["month"]: row for row in records(life, "lifecycle_flow")}
    first = min(sale.day for sale in books.sales if sale.customer)
    assert sorted(rows) == segment_oracle.months(first, AS_OF)
    last: set[str] = set()
    seen: set[str] = set()
    for month in sorted(rows):
        active = {s.customer for s in books.sales if s.customer and segment_oracle.month_of(s.day) == month}
        row = rows[month]
        assert (row["active"], row["new"], row["returning"]) == (len(active), len(active - seen), len(active & last))
        assert (row["resurrected"], row["dormant"]) == (len((active & seen) - last), len(last - active))
        last, seen = active, seen | active


def test_the_suggested_churn_limit_is_read_off_the_curve_of_kaplan_and_meier(life: HistoryShop) -> None:
    books = segment_oracle.Books.up_to(AS_OF, life.events.sales, life.events.refunds)
    silences = []
    for customer in books.buyers:
        days = books.purchase_days(customer)
        silences += [(gap, True) for gap in segment_oracle.gaps(days)] + [((AS_OF - days[-1]).days, False)]
    gaps = sorted(length for length, has_ended in silences if has_ended)

    def lasting(day: int) -> Fraction:
        """Share of silences that last longer."""
        share = Fraction(1)
        for length in sorted({gap for gap in gaps if gap <= day}):
            watched = sum(1 for other, _ in silences if other >= length)
            share *= 1 - Fraction(gaps.count(length), watched)
        return share

    plateau = lasting(max(length for length, _ in silences))
    suggested = next(day for day in sorted(set(gaps)) if 1 - lasting(day) >= Fraction(95, 100) * (1 - plateau))
    rows = {row["silence_days"]: row for row in records(life, "churn_limit_evidence")}
    assert set(rows) == {*range(30, 721, 30), 180, 730, suggested}
    for day, row in rows.items():
        assert row["silences"] == sum(1 for length, _ in silences if length >= day)
        assert row["share_of_gaps"] == pytest.approx(sum(1 for gap in gaps if gap <= day) / len(gaps))
        assert row["share_lasting"] == pytest.approx(float(lasting(day)))
        assert row["return_probability"] == pytest.approx(float(1 - plateau / lasting(day)), abs=1e-9)
        assert (row["suggested_limit_days"], row["is_suggested"]) == (suggested, day == suggested)
        assert (row["churn_floor_days"], row["churn_ceiling_days"]) == (180, 730)


def test_churn_rate_is_lapsed_over_opening(life: HistoryShop) -> None:
    ledger = {row["month"]: row for row in records(life, "customer_ledger") if row["segment"] == "all"}
    rates = {row["month"]: row["churn_rate"] for row in records(life, "kpi_monthly")}
    assert any(rates.values())
    for month, row in ledger.items():
        assert rates[month] == (pytest.approx(row["lapsed"] / row["opening"]) if row["opening"] else None)


def test_moves_tell_who_entered_and_left_since_the_month_end_and_the_release_before(
    life: HistoryShop, expected: History
) -> None:
    known = [customer for customer, day in life.events.first_seen.items() if day <= PREVIOUS_RELEASE]
    books = segment_oracle.Books.up_to(PREVIOUS_RELEASE, life.events.sales, life.events.refunds)
    month_end = AS_OF.replace(day=1) - timedelta(days=1)
    comparisons = {
        ("last_month_end", month_end): expected.at(month_end),
        ("previous_release", PREVIOUS_RELEASE): states(books, known),
    }
    wanted = set()
    for (name, day), earlier in comparisons.items():
        for customer, state in expected.at(AS_OF).items():
            before = earlier.get(customer, (None,) * 4)
            for place, segmentation in enumerate(("lifecycle", "relationship", "rfm", "value_tier")):
                if state[place] == before[place]:
                    continue
                wanted.add((name, day, customer, segmentation, state[place], "entered", before[place]))
                if before[place] is not None:
                    wanted.add((name, day, customer, segmentation, before[place], "left", state[place]))
    rows = records(life, "segment_moves")
    keys = ("compared_with", "since_date", "customer_id", "segmentation", "segment", "move", "other_segment")
    assert {tuple(row[key] for key in keys) for row in rows} == wanted
    assert len(rows) == len(wanted)


def test_a_build_that_was_killed_goes_on_where_it_stopped(life: HistoryShop, first_periods: Books) -> None:
    stopped_after = date(2020, 1, 31)
    with life.shop.connection() as connection:
        for table in ("customer_stage_changes", "customer_stage_changes_months"):
            connection.execute(f"delete from work.{table} where month_end > ?", [stopped_after])
    assert life.build_history() == 4
    assert life.periods() == first_periods


def later_orders(life: HistoryShop) -> list[dict[str, str | None]]:
    """The orders after D."""
    found = [row for row in life.events.orders if str(row["ordered_at"])[:10] > str(AS_OF)]
    assert len(found) > 20
    return found


def test_orders_after_d_change_nothing_at_d(life: HistoryShop, first_periods: Books, is_long: bool) -> None:
    if not is_long:
        pytest.skip("part of --long; otherwise they land with the late order")
    life.land_orders(later_orders(life))
    assert life.build_history() == 0
    assert life.periods() == first_periods


def test_a_late_order_changes_what_the_oracle_says_and_only_from_its_month_on(
    life: HistoryShop, first_periods: Books, is_long: bool
) -> None:
    rows = [] if is_long else later_orders(life)
    already = len(life.events.orders)
    life.events.order("c01", LATE_DAY, Decimal("950.00"))
    life.events.order("late_comer", LATE_DAY, Decimal("10.00"))
    life.land_orders(rows + life.events.orders[already:])
    assert life.build_history() == 8
    periods = life.periods()
    assert periods == life.expected().periods()
    for day in (date(2018, 12, 31), date(2019, 9, 30)):
        assert at(periods, day) == at(first_periods, day)
    changed = {customer for customer, mine in periods.items() if first_periods.get(customer) != mine}
    assert "shop:late_comer" in changed
    assert changed - {"shop:late_comer", "shop:c01"}, "quantiles and tiers of others move too"


def test_a_fresh_build_of_a_past_month_end_is_what_the_history_says_of_it(life: HistoryShop, is_long: bool) -> None:
    periods, months = life.periods(), life.months()
    for day in FRESH_DAYS + (MORE_FRESH_DAYS if is_long else []):
        found = life.fresh(day)
        assert found == at(periods, day)
        assert found
    assert life.months() == months, "building an earlier day must not forget later months"


def test_a_rule_that_changes_is_held_against_the_whole_past(life: HistoryShop, is_long: bool) -> None:
    if not is_long:
        pytest.skip("part of --long")
    life.shop.build(
        "tag:features,+feat_customer_stage_periods", with_tests=False, as_of=str(AS_OF), new_days=90, **ZONE
    )
    stages = {mine[0][2][0] for mine in life.periods().values()}
    assert "new" in stages
    assert life.periods() != life.expected().periods()
    assert life.build_history() == 29
    assert life.periods() == life.expected().periods()


def test_other_random_histories_are_those_of_the_definitions(module_shop: Callable[[], DbtShop], is_long: bool) -> None:
    if not is_long:
        pytest.skip("part of --long")
    for seed in range(1, 6):
        life = HistoryShop(module_shop(), random_shop(seed, ZonedShop()))
        life.build_history()
        assert life.periods() == life.expected().periods(), f"seed {seed}"
