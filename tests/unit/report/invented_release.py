"""A small invented release: the tables of schema ``analytics`` that the report reads, with figures that hang together."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from kehu.release.manifest import RELEASE_FILE
from kehu.release.on_duckdb.reading import open_folder
from kehu.report import page
from kehu.report.background import UNKNOWN, Background
from kehu.settings import load_settings

AS_OF = date(2024, 3, 17)
FIRST_DAY = date(2023, 1, 2)
MARTS = Path(__file__).with_name("invented_marts.sql")

TABLES = {
    "release": """release_id varchar, as_of_date date, built_at timestamp, published_at timestamp, code_version varchar,
        warehouse varchar, previous_release_id varchar""",
    "dim_customers": """customer_id varchar, order_count bigint, gross_revenue decimal(18, 2), discounts decimal(18, 2),
        refunds decimal(18, 2), net_revenue decimal(18, 2), margin decimal(18, 2), rfm_segment varchar, value_tier varchar,
        lifecycle_stage varchar, predicted_clv decimal(18, 2), as_of_date date""",
    "fct_orders": """order_id varchar, customer_id varchar, order_date date, status varchar, is_valid boolean,
        gross_revenue decimal(18, 2), discounts decimal(18, 2), refunds decimal(18, 2), net_revenue decimal(18, 2),
        cost decimal(18, 2), is_cost_estimated boolean, gross_margin decimal(18, 2)""",
    "customer_rfm": """customer_id varchar, recency_days bigint, frequency bigint, monetary decimal(18, 2), r_score integer,
        f_score integer, m_score integer, rfm_code varchar, rfm_segment varchar, as_of_date date""",
    "segment_summary": """segmentation varchar, segment varchar, label_en varchar, label_zh varchar, customers bigint,
        share_of_customers double, net_revenue decimal(18, 2), share_of_revenue double, margin decimal(18, 2),
        average_order_value decimal(18, 2), predicted_clv decimal(18, 2), churned_share double, nps double, as_of_date date""",
    "cohort_retention": """cohort_month date, age integer, cohort_size bigint, active_customers bigint, retention_rate double,
        net_revenue decimal(18, 2), cumulative_net_revenue_per_customer decimal(18, 2), is_complete boolean, as_of_date date""",
    "revenue_concentration": """percentile integer, customers bigint, cumulative_revenue decimal(18, 2),
        cumulative_share_of_revenue double, gini double, top_20_share double, as_of_date date""",
    "personas": """persona varchar, label_en varchar, label_zh varchar, traits_en varchar, traits_zh varchar, reason_en varchar,
        reason_zh varchar, sort_order integer, customers bigint, share_of_customers double, net_revenue decimal(18, 2),
        share_of_revenue double, as_of_date date""",
    "persona_traits": """persona varchar, measure varchar, name_en varchar, name_zh varchar, trait_rank integer, mean double,
        mean_of_all double, as_of_date date""",
    "needs_by_segment": """segmentation varchar, segment varchar, need varchar, customers bigint, customers_who_wrote bigint,
        customers_with_need bigint, texts bigint, mentions bigint, problem_mentions bigint, share double, index_to_all double,
        is_hidden boolean, as_of_date date""",
    "needs_monthly": """need varchar, customers_with_need bigint, texts bigint, mentions bigint, problem_mentions bigint,
        share double, index_to_all double, is_complete boolean, month date, as_of_date date""",
    "kpi_monthly": """month date, revenue decimal(18, 2), margin decimal(18, 2), customers bigint, active bigint, new bigint,
        "returning" bigint, retention_rate double, repeat_rate double, aov decimal(18, 2), orders_per_customer double,
        nps double, csat double, ces double, complaint_rate double, resolution_hours double, churn_rate double,
        cac decimal(18, 2), clv_to_cac double, gini double, top_20_share double, is_complete boolean, as_of_date date,
        guest_orders bigint""",
    "customer_lifetime_value": """customer_id varchar, model_grade varchar, predicted_clv decimal(18, 2), as_of_date date""",
    "clv_model_quality": """segment varchar, model_name varchar, kind varchar, grade varchar, reason varchar, parameters varchar,
        at_bound varchar, best_baseline varchar, margin_rate_origin varchar, holdout_weeks integer, horizon_weeks integer,
        log_likelihood double, holdout_mae double, holdout_rmse double, holdout_total_error double, best_baseline_rmse double,
        value_frequency_correlation double, margin_rate double, annual_discount_rate double, is_converged boolean,
        is_trustworthy boolean, is_chosen boolean, is_frozen boolean""",
    "clv_tracking": """segment varchar, model_name varchar, week integer, is_holdout boolean, actual double, expected double,
        cumulative_actual double, cumulative_expected double, as_of_date date""",
    "clv_calibration": """segment varchar, frequency varchar, sort_order integer, customers bigint, actual double,
        expected double, as_of_date date""",
    "clv_gains": """segment varchar, decile integer, customers double, actual double, expected double,
        share_of_actual double, cumulative_share_of_actual double, as_of_date date""",
    "lifecycle_transitions": """month date, from_stage varchar, to_stage varchar, customers bigint, share_of_from double,
        is_complete boolean, as_of_date date""",
    "customer_ledger": """month date, segmentation varchar, segment varchar, opening bigint, new bigint, reactivated bigint,
        moved_in bigint, lapsed bigint, moved_out bigint, closing bigint, net_revenue_stayed decimal(18, 2),
        net_revenue_new decimal(18, 2), net_revenue_reactivated decimal(18, 2), net_revenue_moved_in decimal(18, 2),
        net_revenue_lapsed decimal(18, 2), net_revenue decimal(18, 2), is_complete boolean, as_of_date date""",
    "data_quality": """release_id varchar, as_of_date date, layer varchar, "table" varchar, "check" varchar, severity varchar,
        status varchar, observed varchar, expected varchar, reason varchar""",
}

LABELS = {
    "rfm": {
        "champions": ("Champions", "冠军客户"), "loyal": ("Loyal", "忠诚客户"),
        "potential_loyalist": ("Potential loyalists", "潜力忠诚客户"), "new": ("New", "新客户"),
        "promising": ("Promising", "有望客户"), "need_attention": ("Need attention", "需关注客户"),
        "about_to_sleep": ("About to sleep", "即将沉睡客户"), "at_risk": ("At risk", "风险客户"),
        "cant_lose": ("Can't lose", "不能流失的客户"), "hibernating": ("Hibernating", "沉睡客户"), "unknown": ("Unknown", "未知"),
    },
    "lifecycle": {
        "prospect": ("Prospects", "潜在客户"), "new": ("New", "新客户"), "active": ("Active", "活跃客户"),
        "loyal": ("Loyal", "忠诚客户"), "reactivated": ("Reactivated", "挽回客户"), "at_risk": ("At risk", "流失预警"),
        "churned": ("Churned", "流失客户"),
    },
    "value_tier": {
        "high": ("High value", "高价值"), "medium": ("Medium value", "中价值"), "low": ("Low value", "低价值"),
        "unknown": ("Unknown", "未知"),
    },
    "need": {
        "price": ("Price", "价格"), "quality": ("Quality", "质量"), "delivery": ("Delivery", "物流"),
        "service": ("Service", "服务"), "product_range": ("Product range", "品种"), "customisation": ("Customisation", "定制"),
    },
}  # fmt: skip

CHECKS = """
landing|orders|order_id is never empty|critical|passed|0|0|an order without a number cannot be found again
landing|orders|amounts are numbers|critical|passed|0|0|text would be quarantined
landing|customers|an e-mail has an @|warning|failed|0.6% of rows have none|at most 0.5%|campaigns cannot reach them
landing|survey_responses|scores are 0 to 10|critical|skipped||10|no source delivers survey_responses
landing|tickets|every ticket has a kind|critical|skipped||0|no source delivers tickets
marts|customer_rfm|scores are 1 to 5|critical|passed|0|0|the grid has 25 cells
marts|dim_customers|one row per customer|critical|passed|0|0|doubles would count revenue twice
marts|fct_orders|net = gross - discounts - refunds|critical|passed|0|0|money must balance
marts|kpi_monthly|months follow one another|critical|passed|0|0|a gap would hide a month
marts|segment_summary|segments partition the customers|critical|passed|0|0|everybody counts once
drift|segment_summary|stability of rfm|critical|accepted|PSI 0.31|at most 0.25|accepted for this run: spring campaign
drift|fct_orders|closed months are not restated|critical|passed|0.0%|at most 0.5%|history must not move
"""
"""layer|table|check|severity|status|observed|expected|reason"""


def build(folder: Path, fill_tables: Callable[[duckdb.DuckDBPyConnection], None]) -> Path:
    """Make a release folder whose tables ``fill_tables`` fills."""
    folder.mkdir(parents=True)
    with editing(folder) as connection:
        connection.execute("create schema analytics")
        for table, columns in TABLES.items():
            connection.execute(f"create table analytics.{table} ({columns})")
        fill_tables(connection)
    return folder


def write_report(folder: Path, output: Path, language: Any, currency: str, background: Background = UNKNOWN) -> Path:
    """Draw the release in a folder, opened as the store of releases opens it."""
    with open_folder(load_settings(home=output.parent), folder) as release:
        return page.write_report(release, output, language, currency, background)


@contextmanager
def editing(folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The file of a release, open for writing, under a name that is not that of its schema."""
    connection = duckdb.connect()
    connection.execute(f"attach '{folder / RELEASE_FILE}' as published")
    connection.execute("use published")
    yield connection
    connection.close()


def fill(connection: duckdb.DuckDBPyConnection) -> None:
    """Fill every table: orders first, then the marts from them."""
    connection.execute(
        "insert into analytics.release values (?, ?, timestamp '2024-03-18 03:15:00', null, '0.1.0', 'duckdb', null)",
        ["r20240317_20240318t031500", AS_OF],
    )
    rows = [_order_row(number, *order) for number, order in enumerate(_orders())]
    names = [f"c{place}" for place in range(len(rows[0]))]
    connection.register("invented_orders", pa.table([list(column) for column in zip(*rows, strict=True)], names=names))
    connection.execute("insert into analytics.fct_orders select * from invented_orders")
    connection.unregister("invented_orders")
    connection.executemany(
        "insert into analytics.data_quality values ('r20240317_20240318t031500', ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [(AS_OF, *check.split("|")) for check in CHECKS.strip().splitlines()],
    )
    connection.execute(MARTS.read_text(encoding="utf-8").replace("$as_of", f"date '{AS_OF}'"))
    for segmentation, labels in LABELS.items():
        for segment, (english, chinese) in labels.items():
            connection.execute(
                "update analytics.segment_summary set label_en = ?, label_zh = ? where segmentation = ? and segment = ?",
                [english, chinese, segmentation, segment],
            )


def _orders() -> list[tuple[str | None, date, float]]:
    """Purchases: customers join over time, buy at their own pace for a while, then leave; pace and basket are skewed."""
    chance = random.Random(20240317)
    orders: list[tuple[str | None, date, float]] = []
    for number in range(640):
        day = FIRST_DAY + timedelta(days=int(430 * chance.random() ** 1.25))
        pace = math.exp(chance.gauss(3.2, 0.75))
        lifetime = chance.expovariate(1 / 240)
        basket = math.exp(chance.gauss(3.9, 0.7))
        left = day + timedelta(days=lifetime)
        while day <= AS_OF:
            season = 1.35 if day.month in (11, 12) else 1.0
            orders.append((f"shop:{1000 + number}", day, round(basket * season * math.exp(chance.gauss(0, 0.35)), 2)))
            day += timedelta(days=max(1, round(chance.expovariate(1 / pace))))
            if day > left:
                break
    orders += [(None, FIRST_DAY + timedelta(days=9 * number), 40.0 + number) for number in range(24)]
    return orders


def _order_row(number: int, customer: str | None, day: date, gross: float) -> tuple[object, ...]:
    discount = round(gross * 0.1, 2) if number % 6 == 0 else 0.0
    refund = round((gross - discount) * 0.5, 2) if number % 41 == 0 else 0.0
    is_valid = number % 97 != 0
    if not is_valid:
        gross = discount = refund = 0.0
    net = round(gross - discount - refund, 2)
    cost = round((gross - discount) * 0.62, 2)
    status = "completed" if is_valid else "cancelled"
    amounts = (gross, discount, refund, net, cost, number % 4 == 0, round(net - cost, 2))
    return (f"shop:o{number}", customer, day, status, is_valid, *amounts)
