"""Measures the history of stages: all month ends of ten years, then one month more, and a late order.

``python bench/history.py [--customers N] [--folder F]`` draws purchase histories (``generate.py``, CDNOW's parameters) over ten
years straight into the tables that stand before the history (``work.order_values``, ``work.refund_values``), and runs the
models from there with dbt: the purchase days (state), then the history up to the month before the last, then up to the last
month, then after a late order in the month before. Seconds are dbt's own of each model.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
from datetime import date, timedelta
from pathlib import Path

import duckdb
import generate
import yaml

from kehu.warehouse.bookkeeping import OPS_TABLES, SCHEMAS

PROJECT = Path(__file__).resolve().parents[1] / "dbt_project"
FIRST_DAY = date(2014, 1, 1)
DAYS = 3652
LAST_MONTH, MONTH_BEFORE = date(2023, 12, 31), date(2023, 11, 30)
STATE = ("purchase_days", "refund_days", "month_fingerprints")
HISTORY = ("customer_stage_changes",)
ORDERS = f"""
    create or replace table work.order_values as
    select
        'shop:O' || row_number() over () as order_id, 'shop:C' || customer as customer_id, true as is_valid,
        cast(value as decimal(18, 2)) as gross_revenue, cast(0 as decimal(18, 2)) as discounts,
        date '{FIRST_DAY}' + cast(floor(day) as integer) as order_date
    from drawn
"""
REFUNDS = """
    create or replace table work.refund_values as
    select
        customer_id, true as counts, cast(gross_revenue / 2 as decimal(18, 2)) as amount,
        order_date + 10 as refund_date
    from work.order_values
    where hash(order_id) % 25 = 0
"""


def draw_shop(database: Path, customers: int, pace: float, seed: int) -> int:
    """Fill the tables that the history stands on; returns the number of orders."""
    generate.DAYS = DAYS
    with duckdb.connect(str(database)) as connection:
        for schema in SCHEMAS:
            connection.execute(f"create schema if not exists {schema}")
        for table, columns in OPS_TABLES.items():
            connection.execute(f"create table if not exists ops.{table} ({columns})")
        connection.execute("create temporary table drawn (customer bigint, day double, value double)")
        for number, begin in enumerate(range(0, customers, generate.CHUNK)):
            part = generate.draw(min(generate.CHUNK, customers - begin), pace, seed + number)
            connection.register("part", part)
            connection.execute(f"insert into drawn select customer + {begin}, day, value from part")
            connection.unregister("part")
        connection.execute(ORDERS)
        connection.execute(REFUNDS)
        found = connection.execute("select count(*) from work.order_values").fetchone()
    return int(found[0]) if found else 0


def run_dbt(folder: Path, command: str, models: tuple[str, ...], as_of: date) -> dict[str, float]:
    """Run models (or seeds) and return the seconds of each."""
    variables = {"as_of_date": as_of.isoformat(), "release_id": "bench", "candidate_schema": "candidate_bench"}
    arguments = ["--project-dir", str(PROJECT), "--profiles-dir", str(folder), "--target-path", str(folder / "target")]
    arguments += ["--log-path", str(folder / "logs"), "--vars", json.dumps(variables), "--select", *models]
    done = subprocess.run(
        [sys.executable, "-c", "from dbt.cli.main import cli; cli()", command, *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "DO_NOT_TRACK": "1", "DBT_SEND_ANONYMOUS_USAGE_STATS": "false"},
    )
    if done.returncode:
        raise SystemExit(done.stdout[-3000:])
    results = json.loads((folder / "target" / "run_results.json").read_text())["results"]
    return {result["unique_id"].rsplit(".", 1)[-1]: result["execution_time"] for result in results}


def prepare(folder: Path, memory_limit: str) -> Path:
    """Write the profile; returns the database's path."""
    database = folder / "kehu.duckdb"
    settings = {"TimeZone": "UTC", "memory_limit": memory_limit, "temp_directory": str(folder / "spill")}
    output = {"type": "duckdb", "path": str(database), "schema": "work", "threads": 2, "settings": settings}
    (folder / "profiles.yml").write_text(yaml.safe_dump({"kehu": {"target": "bench", "outputs": {"bench": output}}}))
    return database


def one_value(database: Path, sql: str) -> int:
    """The only value of a query."""
    with duckdb.connect(str(database)) as connection:
        found = connection.execute(sql).fetchone()
    return int(found[0]) if found else 0


def measure(folder: Path, customers: int, pace: float, memory_limit: str) -> None:
    """Draw, build, extend, correct; print what each took."""
    database = prepare(folder, memory_limit)
    orders = draw_shop(database, customers, pace, 20140101)
    run_dbt(folder, "seed", ("lifecycle_rules", "relationship_rules", "rfm_segments"), LAST_MONTH)
    state = run_dbt(folder, "run", STATE, LAST_MONTH)
    days = one_value(database, "select count(*) from work.purchase_days")
    full = run_dbt(folder, "run", HISTORY, MONTH_BEFORE)[HISTORY[0]]
    month = run_dbt(folder, "run", HISTORY, LAST_MONTH)[HISTORY[0]]
    nothing = run_dbt(folder, "run", HISTORY, LAST_MONTH)[HISTORY[0]]
    late = LAST_MONTH.replace(day=1) - timedelta(days=15)
    one_value(
        database,
        "insert into work.order_values select 'shop:late', 'shop:C0', true, 9.00, 0.00, date '"
        + late.isoformat()
        + "'",
    )
    again = run_dbt(folder, "run", STATE, LAST_MONTH)
    corrected = run_dbt(folder, "run", HISTORY, LAST_MONTH)[HISTORY[0]]
    months = one_value(database, "select count(*) from work.customer_stage_changes_months")
    rows = one_value(database, "select count(*) from work.customer_stage_changes")
    print(
        f"{customers:,} customers, {orders:,} orders, {days:,} purchase days, {months} month ends, {rows:,} rows kept\n"
    )
    print("| step | seconds |\n|---|---|")
    for name, seconds in state.items():
        print(f"| state: {name} | {seconds:.1f} |")
    print(f"| history, the first {months - 1} month ends | {full:.1f} |")
    print(f"| history, the next month | {month:.2f} |")
    print(f"| history, nothing new | {nothing:.2f} |")
    print(f"| state again after a late order | {sum(again.values()):.1f} |")
    print(f"| history after a late order in the month before: two months | {corrected:.2f} |")
    print(f"\nThe whole costs {full / month:.0f} times the next month.")
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024**2
    print(f"Peak memory of a dbt process: {peak:.2f} GB.")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--pace", type=float, default=6.0)
    parser.add_argument("--folder", type=Path, help="an empty folder; by default a temporary one that is removed")
    parser.add_argument("--memory-limit", default="4GB")
    given = parser.parse_args()
    if given.folder:
        given.folder.mkdir(parents=True)
        measure(given.folder, given.customers, given.pace, given.memory_limit)
    else:
        with tempfile.TemporaryDirectory() as temporary:
            measure(Path(temporary), given.customers, given.pace, given.memory_limit)
