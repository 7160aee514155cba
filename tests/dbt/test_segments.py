"""RFM, value tiers, lifecycle, cohorts and months against an independent computation on random histories."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

import pytest

from tests.support import segment_oracle as oracle
from tests.support.dbt_shop import DbtShop
from tests.support.random_shop import LEAP_DAY, RandomShop, random_shop
from tests.support.segment_oracle import ZERO, Books

TABLES = (
    "segment_summary",
    "customer_segments",
    "cohort_retention",
    "kpi_monthly",
    "revenue_concentration",
    "customer_lifetime_value",
)
DAYS = {
    "history too short for a cadence": date(2018, 5, 31),
    "in the middle of a month": date(2019, 12, 15),
    "leap day and month end": LEAP_DAY,
}

Records = list[dict[str, Any]]


class Release:
    """The marts of one day beside what the oracle knows about it; dbt's own tests have their say on the last day."""

    def __init__(self, shop: DbtShop, history: RandomShop, as_of: date) -> None:
        day, is_last = as_of.isoformat(), as_of == max(DAYS.values())
        shop.build("tag:features", as_of=day, with_tests=is_last)
        shop.score()
        tables = ("customer_rfm", "rfm_cut_points", "customer_lifecycle", *TABLES)
        shop.build(*(f"tag:candidate,+{table}" for table in tables), as_of=day, with_tests=is_last)
        self.shop = shop
        self.books = Books.up_to(as_of, history.sales, history.refunds)
        self.customers = sorted(customer for customer, day in history.first_seen.items() if day <= as_of)
        self.tables = {table: shop.records(f"select * from {shop.candidate}.{table}") for table in tables}
        self.tiers = dict(
            shop.rows(f"select customer_id, value_tier from {shop.candidate}_features.feat_customer_value")
        )


@pytest.fixture(scope="module")
def release_on(module_shop: Callable[[], DbtShop]) -> Callable[[date], Release]:
    """A function that builds the release of a day once."""
    shop, history = module_shop(), random_shop(seed=20200229)
    shop.land("orders", history.orders)
    shop.land("refunds", history.refund_rows)
    shop.land("customers", history.customer_rows)
    shop.build("tag:state,+tag:features", *(f"tag:state,+{table}" for table in TABLES))
    built: dict[date, Release] = {}

    def build(as_of: date) -> Release:
        if as_of not in built:
            built[as_of] = Release(shop, history, as_of)
        return built[as_of]

    return build


@pytest.fixture(params=list(DAYS.values()), ids=list(DAYS))
def release(request: pytest.FixtureRequest, release_on: Callable[[date], Release]) -> Release:
    """The release of one of the days."""
    return release_on(request.param)


def by_customer(rows: Records, *columns: str) -> dict[str, tuple[Any, ...]]:
    """customer → values; fails if a customer has two rows."""
    result = {row["customer_id"]: tuple(row[column] for column in columns) for row in rows}
    assert len(result) == len(rows)
    return result


def cents(amount: Decimal | Fraction, count: int) -> Decimal:
    """amount / count, rounded half away from zero."""
    exact = Fraction(amount) / count
    return (Decimal(exact.numerator) / Decimal(exact.denominator)).quantize(Decimal("0.01"), ROUND_HALF_UP)


def test_rfm_is_that_of_the_definitions(release: Release) -> None:
    found = by_customer(
        release.tables["customer_rfm"], "recency_days", "frequency", "monetary", "rfm_code", "rfm_segment"
    )
    assert found == oracle.rfm(release.books)
    assert len({row[4] for row in found.values()}) >= 6, "the histories should reach most segments"


def test_cut_points_are_the_quantiles_and_are_published(release: Release) -> None:
    rows = release.tables["rfm_cut_points"]
    assert len(rows) == 12
    for row in rows:
        values = [Fraction(customer[row["measure"]]) for customer in release.tables["customer_rfm"]]
        exact = oracle.quantile(values, int(row["quantile"] * 5))
        assert row["cut_point"] == pytest.approx(float(exact), abs=1e-9)
        assert row["origin"] == "computed"


def test_value_tiers_are_those_of_the_definitions(release: Release) -> None:
    tiers = oracle.value_tiers(release.books)
    assert release.tiers == {customer: tiers.get(customer, "unknown") for customer in release.customers}
    assert set(release.tiers.values()) == {"high", "medium", "low", "unknown"}


def test_lifecycle_is_that_of_the_definitions(release: Release) -> None:
    books, population = release.books, oracle.population_cadence(release.books)
    found = by_customer(release.tables["customer_lifecycle"], "lifecycle_stage", "own_cadence_days")
    assert found == {customer: oracle.lifecycle(books, customer, population) for customer in release.customers}


def test_days_overdue_are_counted_from_the_own_cadence(release: Release) -> None:
    for row in release.tables["customer_lifecycle"]:
        days = release.books.purchase_days(row["customer_id"])
        if not days:
            assert row["days_since_last_order"] is row["days_overdue"] is row["churn_limit_days"] is None
            continue
        silent = (release.books.as_of - days[-1]).days
        assert row["days_since_last_order"] == silent
        assert row["days_overdue"] == silent - row["own_cadence_days"]
        assert row["churn_limit_days"] == oracle.churn_limit(row["own_cadence_days"])
        assert (row["first_purchase_date"], row["last_purchase_date"]) == (days[0], days[-1])


def test_the_histories_reach_every_stage_and_both_sides_of_a_gap(release_on: Callable[[date], Release]) -> None:
    stages = {
        row["customer_id"]: row["lifecycle_stage"]
        for row in release_on(DAYS["in the middle of a month"]).tables["customer_lifecycle"]
    }
    assert set(stages.values()) == {"prospect", "churned", "new", "at_risk", "reactivated", "loyal", "active"}
    assert stages["shop:back"] == "reactivated"
    assert stages["shop:not_back"] != "reactivated"


def test_each_segmentation_holds_every_customer_once(release: Release) -> None:
    segments = {row["customer_id"]: row["rfm_segment"] for row in release.tables["customer_rfm"]}
    stages = {row["customer_id"]: row["lifecycle_stage"] for row in release.tables["customer_lifecycle"]}
    clv_tiers = by_customer(release.tables["customer_lifetime_value"], "clv_tier")
    placed = {
        "rfm": {customer: segments.get(customer, "unknown") for customer in release.customers},
        "value_tier": release.tiers,
        "clv_tier": {customer: clv_tiers.get(customer, ("unknown",))[0] for customer in release.customers},
        "lifecycle": stages,
    }
    rows = [row for row in release.tables["customer_segments"] if row["segmentation"] in placed]
    long = {(row["customer_id"], row["segmentation"]): row["segment"] for row in rows}
    assert len(long) == len(rows)
    assert long == {(who, name): segment for name, members in placed.items() for who, segment in members.items()}
    total = sum((release.books.net(customer) for customer in release.customers), ZERO)
    for segmentation, members in placed.items():
        rows = [row for row in release.tables["segment_summary"] if row["segmentation"] == segmentation]
        heads = Counter(members.values())
        assert {row["segment"]: row["customers"] for row in rows if row["customers"]} == heads
        for row in rows:
            customers = [customer for customer, segment in members.items() if segment == row["segment"]]
            net = sum((release.books.net(customer) for customer in customers), ZERO)
            assert row["net_revenue"] == net
            sales = [sale for sale in release.books.sales if sale.customer in customers]
            bought = sum((sale.gross - sale.discount for sale in sales), ZERO)
            assert row["average_order_value"] == (cents(bought, len(sales)) if sales else None)
            assert row["share_of_revenue"] == pytest.approx(float(net / total))
            assert row["share_of_customers"] == pytest.approx(len(customers) / len(release.customers))
            churned = sum(1 for customer in customers if stages[customer] == "churned")
            assert row["churned_share"] == (pytest.approx(churned / len(customers)) if customers else None)


def test_lifetime_values_are_the_sums_of_the_customer(release: Release) -> None:
    found = by_customer(release.tables["customer_lifetime_value"], "historic_revenue", "average_order_value")
    expected = {}
    for customer in release.books.buyers:
        orders = [sale for sale in release.books.sales if sale.customer == customer]
        bought = sum((sale.gross - sale.discount for sale in orders), ZERO)
        expected[customer] = (release.books.net(customer), cents(bought, len(orders)))
    assert found == expected


def cohort_cells(books: Books) -> dict[tuple[date, int], tuple[int, int, Decimal, Decimal, bool]]:
    """(cohort month, age) → size, active customers, net revenue, cumulative net revenue, complete."""
    cohorts = defaultdict(set)
    for customer in books.buyers:
        cohorts[oracle.month_of(books.purchase_days(customer)[0])].add(customer)
    cells = {}
    for cohort, members in cohorts.items():
        cumulative = ZERO
        for age, month in enumerate(oracle.months(cohort, books.as_of)):
            sales = [s for s in books.sales if s.customer in members and oracle.month_of(s.day) == month]
            # What was given back before the cohort month counts at age 0.
            refunds = [
                r for r in books.refunds if r.customer in members and max(oracle.month_of(r.day), cohort) == month
            ]
            net = sum((s.gross - s.discount for s in sales), ZERO) - sum((r.amount for r in refunds), ZERO)
            cumulative += net
            active = len({sale.customer for sale in sales})
            cells[cohort, age] = (len(members), active, net, cumulative, oracle.has_ended(month, books.as_of))
    return cells


def test_cohorts_have_a_cell_for_every_age_up_to_d(release: Release) -> None:
    expected = cohort_cells(release.books)
    rows = release.tables["cohort_retention"]
    assert {(row["cohort_month"], row["age"]) for row in rows} == set(expected)
    assert len(rows) == len(expected)
    for row in rows:
        size, active, net, cumulative, complete = expected[row["cohort_month"], row["age"]]
        assert (row["cohort_size"], row["active_customers"], row["net_revenue"]) == (size, active, net)
        assert row["retention_rate"] == pytest.approx(active / size)
        assert row["cumulative_net_revenue_per_customer"] == cents(cumulative, size)
        assert row["is_complete"] is complete


def test_months_are_those_of_the_definitions(release: Release) -> None:
    books = release.books
    rows = {row["month"]: row for row in release.tables["kpi_monthly"]}
    first = min([sale.day for sale in books.sales] + [refund.day for refund in books.refunds])
    assert sorted(rows) == oracle.months(first, books.as_of)
    active_before: set[str] = set()
    seen: set[str] = set()
    for month in sorted(rows):
        row = rows[month]
        sales = [sale for sale in books.sales if oracle.month_of(sale.day) == month]
        refunds = [refund for refund in books.refunds if oracle.month_of(refund.day) == month]
        bought = sum((sale.gross - sale.discount for sale in sales), ZERO)
        active = {sale.customer for sale in sales if sale.customer}
        assert row["net_revenue"] == bought - sum((refund.amount for refund in refunds), ZERO)
        assert (row["revenue"], row["margin"]) == (row["net_revenue"], row["gross_margin"])
        assert (row["orders"], row["active"], row["new"]) == (len(sales), len(active), len(active - seen))
        assert row["returning"] == len(active & active_before)
        assert row["resurrected"] == len((active & seen) - active_before)
        assert row["dormant"] == len(active_before - active)
        assert row["retention_rate"] == (
            pytest.approx(len(active & active_before) / len(active_before)) if active_before else None
        )
        assert row["aov"] == (cents(bought, len(sales)) if sales else None)
        of_customers = sum(1 for sale in sales if sale.customer)
        assert row["orders_per_customer"] == (pytest.approx(of_customers / len(active)) if active else None)
        assert row["is_complete"] is oracle.has_ended(month, books.as_of)
        active_before, seen = active, seen | active
        assert row["customers"] == len(seen)
        counts = Counter(s.customer for s in books.sales if s.customer and s.day < oracle.next_month(month))
        repeaters = sum(1 for count in counts.values() if count >= 2)
        assert row["repeat_rate"] == (pytest.approx(repeaters / len(seen)) if seen else None)


def test_concentration_of_a_month_is_that_of_its_buyers(release: Release) -> None:
    for row in release.tables["kpi_monthly"]:
        days = {row["month"] + timedelta(days=offset) for offset in range(31)}
        days = {day for day in days if day.month == row["month"].month}
        sales = [sale for sale in release.books.sales if sale.day in days and sale.customer]
        refunds = [refund for refund in release.books.refunds if refund.day in days]
        nets = [
            sum((s.gross - s.discount for s in sales if s.customer == customer), ZERO)
            - sum((r.amount for r in refunds if r.customer == customer), ZERO)
            for customer in {sale.customer for sale in sales}
        ]
        assert row["gini"] == pytest.approx(oracle.gini(nets) if nets else None)
        assert row["top_20_share"] == pytest.approx(oracle.top_20_share(nets) if nets else None)


def test_the_curve_of_concentration_is_cumulated_from_the_best(release: Release) -> None:
    nets = sorted((max(release.books.net(customer), ZERO) for customer in release.books.buyers), reverse=True)
    rows = {row["percentile"]: row for row in release.tables["revenue_concentration"]}
    assert sorted(rows) == list(range(101))
    for percentile, row in rows.items():
        top = -(-percentile * len(nets) // 100)
        assert (row["customers"], row["cumulative_revenue"]) == (top, sum(nets[:top], ZERO))
        assert row["gini"] == pytest.approx(oracle.gini(nets))
        assert row["top_20_share"] == pytest.approx(oracle.top_20_share(nets))
