"""Publishing what DuckDB has computed into Postgres, held against psql's own copy of the same rows.

    python bench/served.py --dsn postgresql://…/an_empty_database [--customers N]

A candidate of invented customers, orders (three each) and segments (six each) is published with KEHU_SERVE=postgres. Then the
same rows, as CSV files that DuckDB has written, are copied into tables of the same shape by psql; and from DuckDB by COPY, as
publishing does it, and by ADBC.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import psycopg2
from adbc_driver_postgresql import dbapi

from kehu.ops.checked import note_checked, require_checked
from kehu.ops.finished import note_finished
from kehu.ops.tables import candidate_schema
from kehu.release.catalog import find
from kehu.release.ids import release_id
from kehu.release.publish import publish
from kehu.settings import Settings, load_settings
from kehu.warehouse.factory import open_warehouse
from kehu.warehouse.on_duckdb.duckdb_backend import DuckDBSession, DuckDBWarehouse
from kehu.warehouse.on_postgres.copying import copy_rows

NOW = datetime(2026, 1, 2, 3, 30, tzinfo=UTC)
ID = release_id(NOW.date(), NOW)
TABLES = {
    "release": """
        select '{id}' as release_id, date '2026-01-02' as as_of_date, timestamp '2026-01-02 03:30:00' as built_at,
            cast(null as timestamp) as published_at, 'bench' as code_version, cast(null as varchar) as previous_release_id""",
    "dim_customers": """
        select 'shop:' || i as customer_id, 'City ' || i % 500 as city, 'country ' || i % 30 as country, i % 40 as order_count,
            cast(i % 90000 / 7.0 as decimal(18, 2)) as net_revenue, cast(i % 9000 / 3.0 as decimal(18, 2)) as margin,
            date '2020-01-01' + cast(i % 2000 as integer) as first_order_date, date '2023-01-01' + cast(i % 1000 as integer) as
            last_order_date, 'loyal' as lifecycle_stage, 'high' as value_tier, i % 5 + 1 as r_score, i % 4 + 1 as f_score,
            i % 3 + 1 as m_score, cast(i % 977 / 977.0 as double) as probability_alive,
            cast(i % 5000 / 3.0 as decimal(18, 2)) as predicted_clv, i % 2 = 0 as has_marketing_consent
        from range({n}) as customers (i)""",
    "fct_orders": """
        select 'shop:o' || i as order_id, 'shop:' || i % {n} as customer_id, date '2020-01-01' + cast(i % 2000 as integer) as
            order_date, 'completed' as status, 'web' as channel, cast(i % 90000 / 7.0 as decimal(18, 2)) as net_revenue,
            cast(i % 900 / 7.0 as decimal(18, 2)) as discounts, true as is_counted
        from range(3 * {n}) as orders (i)""",
    "customer_segments": """
        select 'shop:' || i // 6 as customer_id, 'segmentation ' || i % 6 as segmentation, 'segment ' || i % 11 as segment
        from range(6 * {n}) as segments (i)""",
}


def main() -> None:
    """Run the bench and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dsn", required=True)
    parser.add_argument("--customers", type=int, default=1_000_000)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        settings = load_settings(home=Path(folder) / "home", serve="postgres", serve_dsn=arguments.dsn)
        _candidate(settings, arguments.customers)
        warehouse = open_warehouse(settings, "publish")
        lines = {"the candidate is what the gate saw": _seconds(lambda: _checked(settings))}
        with warehouse.writing("bench"):
            lines["publish"] = _seconds(lambda: publish(settings, warehouse, ID, NOW))
        rows = sum(table.rows for table in find(settings, ID).tables.values())
        lines |= _peers(settings, arguments.dsn, Path(folder))
    print(f"{arguments.customers:,} customers, {rows:,} rows")
    for name, seconds in lines.items():
        print(f"| {name} | {seconds:.1f} s | {seconds / lines['psql copy']:.2f} |")


def _candidate(settings: Settings, customers: int) -> None:
    schema = candidate_schema(ID)
    with DuckDBWarehouse(settings).session() as session:
        session.execute(f"create schema {schema}")
        for table, sql in TABLES.items():
            session.execute(f"create table {schema}.{table} as {sql.format(id=ID, n=customers)}")
        note_finished(session, ID, "bench")
        note_checked(session, ID, TABLES)
        check = dict.fromkeys(("table_name", "check_name", "observed", "expected", "reason"), "bench")
        passed = {"release_id": ID, "layer": "marts", "severity": "critical", "status": "passed"}
        session.append("ops.check_results", [passed | check])
    (settings.runs_dir / ID).mkdir(parents=True)
    (settings.runs_dir / ID / "run.json").write_text(json.dumps({"release_id": ID, "batches": []}))


def _checked(settings: Settings) -> None:
    with DuckDBWarehouse(settings).session() as session:
        require_checked(session, ID, TABLES)


def _peers(settings: Settings, dsn: str, folder: Path) -> dict[str, float]:
    """The same rows by psql from CSV, and by ADBC from DuckDB."""
    with DuckDBWarehouse(settings).session() as session:
        schema = candidate_schema(ID)
        written = _seconds(
            lambda: [
                session.execute(f"copy {schema}.{table} to '{folder / table}.csv' (header false)") for table in TABLES
            ]
        )
        for peer in ("by_psql", "by_copy", "by_adbc"):
            _empty_tables(dsn, peer)
        commands = "\n".join(f"\\copy by_psql.{table} from '{folder / table}.csv' (format csv)" for table in TABLES)
        command = ["psql", dsn, "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1"]
        copied = _seconds(lambda: subprocess.run(command, input=commands, text=True, check=True))
        copied_here = _seconds(lambda: _copy(session, dsn))
        with dbapi.connect(dsn) as adbc, adbc.cursor() as cursor:

            def ingest() -> None:
                for table in TABLES:
                    reader = session.connection.sql(f"from {schema}.{table}").to_arrow_reader(65_536)
                    cursor.adbc_ingest(table, reader, mode="append", db_schema_name="by_adbc")
                adbc.commit()

            ingested = _seconds(ingest)
    return {
        "psql copy": copied,
        "writing its CSV files": written,
        "COPY from DuckDB, as publishing does": copied_here,
        "ADBC ingest": ingested,
    }


def _copy(session: DuckDBSession, dsn: str) -> None:
    connection = psycopg2.connect(dsn)
    for table in TABLES:
        relation = session.connection.sql(f"from {candidate_schema(ID)}.{table}")
        copy_rows(connection, f"by_copy.{table}", relation.columns, relation.to_arrow_reader(65_536))
    connection.commit()
    connection.close()


def _empty_tables(dsn: str, schema: str) -> None:
    connection = psycopg2.connect(dsn)
    with connection, connection.cursor() as cursor:
        cursor.execute(f"create schema {schema}")
        for table in TABLES:
            cursor.execute(f"create table {schema}.{table} (like analytics.{table})")
    connection.close()


def _seconds(act: Callable[[], object]) -> float:
    started = time.monotonic()
    act()
    return time.monotonic() - started


if __name__ == "__main__":
    main()
