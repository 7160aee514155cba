"""Online Retail through a ``sources.yml`` alone equals what pandas computes from its lines, customer by customer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from tests.support.online_retail_oracle import AS_OF, Totals, cohorts, priced_lines, rfm, totals
from tests.support.reference_data import example, online_retail_files

FIGURES = {
    "extract": Totals(65_168, 2_780, 638, Decimal("1747460.81"), Decimal("122225.98"), Decimal("1625564.41"), 4),
    # of the 34 customers without a sale one has only a line without a price, and the mapping leaves those out
    "whole": Totals(397_884, 18_532, 4_338, Decimal("8911407.90"), Decimal("611342.09"), Decimal("8310477.05"), 33),
}

Build = Callable[[Path, date, str], duckdb.DuckDBPyConnection]
Connection = duckdb.DuckDBPyConnection


@pytest.fixture(scope="module", params=online_retail_files())
def data(request: pytest.FixtureRequest) -> str:
    """The extract in the repository, and the whole set where the environment names it."""
    return request.param


@pytest.fixture(scope="module")
def lines(data: str) -> pd.DataFrame:
    return priced_lines(online_retail_files()[data])


@pytest.fixture(scope="module")
def sales_only(data: str, build_reference: Build, tmp_path_factory: pytest.TempPathFactory) -> Connection:
    """Cancellations and zero prices left out in the mapping."""
    return built("online_retail/sources.yml", data, build_reference, tmp_path_factory)


@pytest.fixture(scope="module")
def with_returns(data: str, build_reference: Build, tmp_path_factory: pytest.TempPathFactory) -> Connection:
    """Cancellations kept."""
    return built("online_retail/sources_with_returns.yml", data, build_reference, tmp_path_factory)


def built(name: str, data: str, build: Build, folders: pytest.TempPathFactory) -> Connection:
    file = online_retail_files()[data]
    return build(example(name, file.parent, folders.mktemp("example")), AS_OF, "GBP")


def test_the_oracle_gives_the_figures_of_the_references(data: str, lines: pd.DataFrame) -> None:
    assert totals(lines) == FIGURES[data]


def test_rfm_equals_pandas_for_every_customer(sales_only: Connection, lines: pd.DataFrame) -> None:
    rows = sales_only.execute(
        "select customer_id, recency_days, frequency, monetary, r_score, f_score, m_score from customer_rfm"
    ).fetchall()
    assert {row[0].removeprefix("online_retail:"): row[1:] for row in rows} == rfm(lines)


def test_cohorts_equal_pandas(sales_only: Connection, lines: pd.DataFrame) -> None:
    rows = sales_only.execute(
        "select strftime(cohort_month, '%Y-%m'), age, active_customers, cohort_size, retention_rate from cohort_retention"
    ).fetchall()
    assert {(month, age): (active, size) for month, age, active, size, _ in rows} == cohorts(lines)
    assert all(rate == pytest.approx(active / size, abs=1e-12) for *_, active, size, rate in rows)


def test_sales_balance_with_the_totals(data: str, sales_only: Connection, lines: pd.DataFrame) -> None:
    customers = sales_only.execute(
        "select count(*), sum(order_count), sum(gross_revenue) from dim_customers where order_count > 0"
    ).fetchone()
    assert customers == (FIGURES[data].customers, FIGURES[data].orders, FIGURES[data].gross)
    frequencies = [frequency for _, frequency, *_ in rfm(lines).values()]
    repeat = sales_only.execute("select count(*) from dim_customers where order_count >= 2").fetchone()
    assert repeat == (sum(frequency >= 2 for frequency in frequencies),)


def test_guests_are_reported_and_belong_to_nobody(data: str, sales_only: Connection) -> None:
    guests = sales_only.execute(
        "select count(*), sum(gross_revenue) from fct_orders where customer_id is null and is_valid"
    ).fetchone()
    total = sales_only.execute("select sum(gross_revenue) from fct_orders").fetchone()
    assert guests and total
    assert guests[0] > 0
    assert total[0] - guests[1] == FIGURES[data].gross
    assert sales_only.execute("select count(*) from dim_customers where customer_id is null").fetchone() == (0,)


def test_cancellations_become_refunds_on_their_day(data: str, with_returns: Connection) -> None:
    net = with_returns.execute("select count(*), sum(net_revenue) from dim_customers where order_count > 0").fetchone()
    assert net == (FIGURES[data].customers, FIGURES[data].net)
    refunds = with_returns.execute(
        "select sum(amount), count(*) filter (refund_date <> order_date) from fct_refunds"
        " left join fct_orders using (order_id) where fct_refunds.customer_id is not null and is_counted"
    ).fetchone()
    assert refunds == (FIGURES[data].returns, 0)


def test_customers_with_nothing_but_returns_are_no_buyers(data: str, with_returns: Connection) -> None:
    assert with_returns.execute(
        "select count(*) from dim_customers where order_count = 0 and refunds > 0"
    ).fetchone() == (FIGURES[data].only_returns,)
    assert with_returns.execute("select count(*) from customer_rfm").fetchone() == (FIGURES[data].customers,)


def test_it_balances_to_the_cent(with_returns: Connection) -> None:
    orders = with_returns.execute("select sum(net_revenue) from fct_orders").fetchone()
    months = with_returns.execute("select sum(net_revenue) from kpi_monthly").fetchone()
    people = with_returns.execute(
        "select (select sum(net_revenue) from dim_customers)"
        " + (select sum(net_revenue) from fct_orders where customer_id is null)"
    ).fetchone()
    assert orders == months == people


def test_lifetime_value_names_the_degenerate_fit_and_uses_what_is_proved(data: str, sales_only: Connection) -> None:
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
    ).fetchone() == (0, FIGURES[data].customers)


def test_who_leaves_is_told_better_than_by_silence_alone(data: str, with_returns: Connection) -> None:
    rows = with_returns.execute("select candidate, auc, log_loss, is_judged, grade from churn_risk_record").fetchall()
    record = {row[0]: row[1:] for row in rows}
    judged = next(row for row in record.values() if row[2])
    assert {row[3] for row in record.values()} - {None} <= {"A", "B", "C"}
    if data == "whole":
        assert judged[0] >= 0.74
        assert judged[1] < record["recency"][1] == pytest.approx(0.675, abs=2e-3)
