"""A candidate, a published release and suites, each as small as a test of the gate allows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import yaml

from kehu.gate import candidate_gate
from kehu.gate.results import CheckResult
from kehu.ops.tables import candidate_schema
from kehu.release.catalog import reading_current
from kehu.release.manifest import RELEASE_FILE
from kehu.settings import PROJECT_ROOT, Settings
from kehu.warehouse.on_duckdb.duckdb_backend import DuckDBWarehouse

RELEASE = "r20180101_20260102t031500"
SCHEMA = candidate_schema(RELEASE)
AS_OF = date(2018, 1, 1)
MARKER = "Zebulon Quartermain"
"""A name that occurs in the data and must occur nowhere else."""

TABLES: dict[str, str] = {
    "release": f"select '{RELEASE}' as release_id, date '2018-01-01' as as_of_date",
    "dim_customers": f"""
        select 'shop:' || i as customer_id, '{MARKER} ' || i as full_name, '{MARKER}' || i as city, i as order_count
        from range(1, 11) as customers (i)""",
    "dim_dates": "select unnest(range(date '2017-12-01', date '2018-01-02', interval 1 day))::date as date_day",
    "fct_orders": """
        select 'shop:' || i as order_id, date '2017-12-22' + i::integer as order_date, i::decimal(18, 2) as net_revenue
        from range(10) as orders (i)""",
    "customer_rfm": "select 'shop:' || i as customer_id, 1 + i % 5 as r_score from range(1, 11) as customers (i)",
    "customer_lifetime_value": """
        select 'shop:' || i as customer_id, cast(null as decimal(18, 2)) as predicted_clv
        from range(1, 11) as customers (i)""",
    "customer_lifecycle": "select 'shop:' || i as customer_id, 'new' as lifecycle_stage from range(1, 11) as customers (i)",
    "fct_refunds": "select '' as refund_id, 0.00::decimal(18, 2) as amount where false",
}
"""The select that makes each table of the candidate."""

KEYS = {
    "release": "release_id",
    "dim_dates": "date_day",
    "fct_orders": "order_id",
    "fct_refunds": "refund_id",
}


def expectation(
    kind: str, /, *, severity: str = "critical", name: str | None = None, **arguments: object
) -> dict[str, object]:
    """One entry of a suite."""
    entry: dict[str, object] = {"expect": kind, "with": arguments, "severity": severity, "reason": "the test says so"}
    return entry | ({"name": name} if name else {})


def suite(table: str, *expectations: dict[str, object], **settings: object) -> dict[str, object]:
    """A suite that asks for the key's presence, and what else is given."""
    key = expectation("expect_column_to_exist", column=KEYS.get(table, "customer_id"))
    return {"table": table, "expectations": [key, *expectations], **settings}


def default_suites() -> dict[str, dict[str, object]]:
    """A suite for every table of ``TABLES``."""
    return {table: suite(table) for table in TABLES} | {"fct_refunds": suite("fct_refunds", entities=["refunds"])}


def write_suites(settings: Settings, layer: str, suites: Mapping[str, object]) -> None:
    """Write suites; a text is written as it is."""
    folder = settings.expectations / layer
    folder.mkdir(parents=True, exist_ok=True)
    for table, content in suites.items():
        text = content if isinstance(content, str) else yaml.safe_dump(content, sort_keys=False)
        (folder / f"{table}.yml").write_text(text, encoding="utf-8")


def make_home(folder: Path) -> Settings:
    """A KEHU_HOME with a warehouse whose candidate and suites are all right."""
    settings = Settings(home=folder / "home", expectations=folder / "expectations", threads=1, memory_limit="500MB")
    write_suites(settings, "marts", default_suites())
    thresholds = (PROJECT_ROOT / "expectations" / "drift.yml").read_text(encoding="utf-8")
    (settings.expectations / "drift.yml").write_text(thresholds, encoding="utf-8")
    run_sql(settings, f"create schema {SCHEMA}")
    make_tables(settings, TABLES)
    run_sql(settings, "insert into ops.sources values ('shop', 'orders', true), ('shop', 'customers', true)")
    return settings


def check_candidate(settings: Settings, accept_drift: Sequence[str] = (), **arguments: Any) -> list[CheckResult]:
    """Hold the candidate against its suites and against what is published, as the pipeline does.

    Its contracts are as it is, unless they are given.
    """
    arguments = {"contracts": contracts(settings), **arguments}
    return candidate_gate.check_candidate(
        settings,
        DuckDBWarehouse(settings),
        RELEASE,
        AS_OF,
        accept_drift,
        open_published=partial(reading_current, settings),
        **arguments,
    )


def make_tables(settings: Settings, tables: Mapping[str, str], schema: str = SCHEMA) -> None:
    """Make or replace tables of the candidate."""
    run_sql(settings, *(f"create or replace table {schema}.{name} as {sql}" for name, sql in tables.items()))


def contracts(settings: Settings) -> dict[str, dict[str, str]]:
    """Contracts that the candidate fulfils as it is."""
    columns = run_sql(
        settings,
        f"select table_name, column_name, data_type from information_schema.columns where table_schema = '{SCHEMA}'",
    )
    promised: dict[str, dict[str, str]] = {}
    for table, column, data_type in columns:
        promised.setdefault(str(table), {})[str(column)] = str(data_type)
    return promised


def run_sql(settings: Settings, *statements: str) -> list[tuple[object, ...]]:
    """Run statements in the warehouse; the rows of the last one."""
    with DuckDBWarehouse(settings).session() as session:
        for statement in statements[:-1]:
            session.execute(statement)
        return session.rows(statements[-1]) if statements else []


def publish(
    settings: Settings, as_of: str, tables: Mapping[str, str], release_id: str = "r20171201_20260101t000000"
) -> Path:
    """Make a published release that holds ``release`` and the given tables."""
    folder = settings.releases_dir / release_id
    folder.mkdir(parents=True)
    made = {"release": f"select '{release_id}' as release_id, date '{as_of}' as as_of_date"} | dict(tables)
    with duckdb.connect(str(folder / RELEASE_FILE)) as connection:
        connection.execute("create schema analytics")
        for name, sql in made.items():
            connection.execute(f"create table analytics.{name} as {sql}")
    settings.published_link.unlink(missing_ok=True)
    settings.published_link.symlink_to(folder)
    return folder
