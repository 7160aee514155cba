"""Online Retail through a ``sources.yml`` alone equals the published references, customer by customer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples" / "online_retail"
AS_OF = date(2011, 12, 9)

Build = Callable[[Path, date, str], duckdb.DuckDBPyConnection]


@pytest.fixture(scope="module")
def sales_only(shared_data: Path, build_reference: Build) -> duckdb.DuckDBPyConnection:
    """Cancellations and zero prices left out in the mapping."""
    return build_reference(EXAMPLE / "sources.yml", AS_OF, "GBP")


@pytest.fixture(scope="module")
def with_returns(shared_data: Path, build_reference: Build) -> duckdb.DuckDBPyConnection:
    """Cancellations kept."""
    return build_reference(EXAMPLE / "sources_with_returns.yml", AS_OF, "GBP")


def test_rfm_equals_the_reference_for_every_customer(sales_only: duckdb.DuckDBPyConnection, shared_data: Path) -> None:
    reference = shared_data / "online_retail" / "reference_rfm.csv"
    compared, different = sales_only.execute(
        """
        select count(*), count(*) filter (
            not coalesce(
                ours.recency_days = theirs.recency_days - 1
                and ours.frequency = theirs.frequency
                and ours.monetary = theirs.monetary
                and ours.r_score = theirs.r_cut
                and ours.f_score = theirs.f_cut
                and ours.m_score = theirs.m_cut,
                false
            )
        )
        from customer_rfm as ours
        full join (
            select *, cast(monetary as decimal(18, 2)) as money
            from read_csv(?, types = {'customer_id': 'varchar', 'monetary': 'decimal(18,2)'})
        ) as theirs
            on ours.customer_id = 'online_retail:' || theirs.customer_id
        """,
        [str(reference)],
    ).fetchone() or (0, 0)
    assert compared == 4338
    assert different == 0


def test_cohorts_equal_the_reference(sales_only: duckdb.DuckDBPyConnection, shared_data: Path) -> None:
    reference = shared_data / "online_retail" / "reference_cohort_retention.csv"
    rows = sales_only.execute(
        """
        select count(*), count(*) filter (
            not coalesce(
                ours.active_customers = theirs.active_customers
                and ours.cohort_size = theirs.cohort_size
                and abs(ours.retention_rate - theirs.retention) < 1e-12,
                false
            )
        )
        from cohort_retention as ours
        full join read_csv(?, types = {'cohort': 'varchar'}) as theirs
            on strftime(ours.cohort_month, '%Y-%m') = theirs.cohort and ours.age = theirs.k
        """,
        [str(reference)],
    ).fetchone()
    assert rows == (91, 0)


def test_sales_balance_with_the_published_totals(sales_only: duckdb.DuckDBPyConnection) -> None:
    customers = sales_only.execute(
        "select count(*), sum(order_count), sum(gross_revenue) from dim_customers where order_count > 0"
    ).fetchone()
    assert customers == (4338, 18532, Decimal("8911407.90"))
    repeat = sales_only.execute(
        "select count(*) filter (order_count >= 2) / count(*) from dim_customers where order_count > 0"
    ).fetchone()
    assert repeat and round(repeat[0], 4) == 0.6558


def test_guests_are_reported_and_belong_to_nobody(sales_only: duckdb.DuckDBPyConnection) -> None:
    guests = sales_only.execute(
        "select count(*), sum(gross_revenue) from fct_orders where customer_id is null and is_valid"
    ).fetchone()
    total = sales_only.execute("select sum(gross_revenue) from fct_orders").fetchone()
    assert guests and total
    assert guests[0] > 0
    assert total[0] - guests[1] == Decimal("8911407.90")
    assert sales_only.execute("select count(*) from dim_customers where customer_id is null").fetchone() == (0,)


def test_cancellations_become_refunds_on_their_day(with_returns: duckdb.DuckDBPyConnection, shared_data: Path) -> None:
    reference = str(shared_data / "online_retail" / "reference_rfm.csv")
    net = with_returns.execute(
        """
        select count(*), sum(net_revenue)
        from dim_customers as ours
        inner join read_csv(?, types = {'customer_id': 'varchar'}) as theirs
            on ours.customer_id = 'online_retail:' || theirs.customer_id
        """,
        [reference],
    ).fetchone()
    assert net == (4338, Decimal("8310477.05"))
    refunds = with_returns.execute(
        "select sum(amount), count(*) filter (refund_date <> order_date) from fct_refunds"
        " left join fct_orders using (order_id) where fct_refunds.customer_id is not null and is_counted"
    ).fetchone()
    assert refunds == (Decimal("611342.09"), 0)


def test_returns_only_customers_are_no_buyers(with_returns: duckdb.DuckDBPyConnection) -> None:
    # 34 customers have no sale; the only line of one of them has no price, and the mapping leaves those out.
    assert with_returns.execute(
        "select count(*) from dim_customers where order_count = 0 and refunds > 0"
    ).fetchone() == (33,)
    assert with_returns.execute("select count(*) from customer_rfm").fetchone() == (4338,)


def test_it_balances_to_the_cent(with_returns: duckdb.DuckDBPyConnection) -> None:
    orders = with_returns.execute("select sum(net_revenue) from fct_orders").fetchone()
    months = with_returns.execute("select sum(revenue) from kpi_monthly").fetchone()
    people = with_returns.execute(
        "select (select sum(net_revenue) from dim_customers)"
        " + (select sum(net_revenue) from fct_orders where customer_id is null)"
    ).fetchone()
    assert orders == months == people


def test_lifetime_value_names_the_degenerate_fit_and_uses_what_is_proved(sales_only: duckdb.DuckDBPyConnection) -> None:
    """BG/NBD says that everybody is alive here: its dropout runs to the bound."""
    quality = {
        row[0]: row[1:]
        for row in sales_only.execute(
            "select model_name, is_trustworthy, reason, at_bound, is_chosen, grade, holdout_rmse, best_baseline_rmse"
            " from clv_model_quality where kind in ('model', 'baseline')"
        ).fetchall()
    }
    is_trustworthy, reason, *_ = quality["bg_nbd"]
    assert not is_trustworthy
    assert "at a bound (a = " in reason
    (chosen,) = (name for name, row in quality.items() if row[3])
    _, reason, at_bound, _, grade, rmse, baseline = quality[chosen]
    assert chosen != "bg_nbd"
    assert not at_bound
    assert grade in {"A", "B", "C"}
    assert rmse <= baseline
    assert chosen in reason
    used = sales_only.execute("select distinct model_name, model_grade from customer_lifetime_value").fetchall()
    assert used == [(chosen, grade)]
    assert sales_only.execute(
        "select count(*) filter (predicted_clv is null), count(*) from customer_lifetime_value"
    ).fetchone() == (0, 4338)
