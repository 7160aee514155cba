"""Measures ten years of month ends from landed rows to the history of stages, then the next month, and a late order.

``python bench/history.py [--customers N] [--folder F]`` draws the purchases of a demo shop over ten
years, lands them as batches, and lets dbt build everything up to the history four times: all months but the last, the next
month after its rows have landed, nothing new, and after a late order in the month before. Seconds are dbt's own of each model,
one model after another (DuckDB itself uses all cores); tests and the start of dbt are left out. With ``--marts`` everything
at a day follows: features, purchase models, personas, marts.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import duckdb
import yaml

from kehu.demo_shop.histories import purchase_histories
from kehu.demo_shop.plan import Plan
from kehu.entities import ENTITIES, PLUMBING
from kehu.ops.tables import OPS_TABLES, SCHEMAS, features_schema, personas_schema, scores_schema
from kehu.personas.policy import Policy
from kehu.pipeline.lifetime_value import policy_in_force, score_features
from kehu.pipeline.personas import write_personas
from kehu.pipeline.variables import segmentations
from kehu.scoring.persona_tables import replace_personas
from kehu.scoring.score_tables import replace_scores
from kehu.warehouse.on_duckdb.duckdb_backend import DuckDBSession
from kehu.warehouse.on_duckdb.landing_views import landing_views

PROJECT = Path(__file__).resolve().parents[1] / "dbt_project"
FIRST_DAY = date(2014, 1, 1)
DAYS = 3652
LAST_MONTH, MONTH_BEFORE = date(2023, 12, 31), date(2023, 11, 30)
LATE_DAY = LAST_MONTH.replace(day=1) - timedelta(days=15)
HISTORY = "customer_stage_changes"
ORDERS = f"""
    create table orders as
    select
        'O' || row_number() over (order by day, customer) as order_id, 'C' || customer as customer_id,
        date '{FIRST_DAY}' + day as happened_on, cast(value as varchar) as amount
    from drawn
"""
ROWS = {
    "customers": (
        "select customer_id, customer_id || '@example.com' as email, min(happened_on) || ' 09:00:00' as created_at"
        " from orders group by customer_id having min(happened_on)"
    ),
    "orders": (
        "select order_id, customer_id, happened_on || ' 12:00:00' as ordered_at, amount as subtotal_amount"
        " from orders where happened_on"
    ),
    "refunds": (
        "select 'R' || order_id as refund_id, order_id, happened_on + 10 || ' 15:00:00' as refunded_at,"
        " cast(cast(amount as decimal(18, 2)) / 2 as varchar) as amount"
        " from orders where hash(order_id) % 25 = 0 and happened_on + 10"
    ),
}
"""What lands of an entity; a condition on the day follows."""
STAGING, IDENTITY, VALUES, DAYS_BOUGHT, STAGES, BESIDE = (
    "staging",
    "identity",
    "values of orders and refunds",
    "purchase and refund days",
    "history of stages",
    "state that the history does not read",
)


@dataclass
class Shop:
    """A landing zone and a warehouse that grow batch by batch."""

    folder: Path
    memory_limit: str

    def __post_init__(self) -> None:
        self.database = self.folder / "kehu.duckdb"
        options = {"memory_limit": self.memory_limit, "temp_directory": str(self.folder / "spill")}
        output = {"type": "duckdb", "path": str(self.database), "schema": "work", "threads": 1}
        output |= {"config_options": options, "settings": {"TimeZone": "UTC"}}
        profile = {"kehu": {"target": "bench", "outputs": {"bench": output}}}
        (self.folder / "profiles.yml").write_text(yaml.safe_dump(profile))
        self._files: dict[str, list[Path]] = {name: [] for name in ENTITIES}

    def draw(self, customers: int, seed: int) -> int:
        """Draw all orders into a file beside the warehouse, and make the warehouse; returns their number."""
        plan = Plan(customers, DAYS, seed, LAST_MONTH, has_dirt=False)
        with duckdb.connect(str(self.folder / "drawn.duckdb")) as connection:
            connection.execute("create temporary table drawn (customer bigint, day integer, value decimal(18, 2))")
            for part in purchase_histories(plan):
                connection.register("part", part)
                connection.execute("insert into drawn select person, day, cents / 100 from part")
                connection.unregister("part")
            connection.execute(ORDERS)
        with duckdb.connect(str(self.database)) as connection:
            for schema in SCHEMAS:
                connection.execute(f"create schema if not exists {schema}")
            for table, columns in OPS_TABLES.items():
                connection.execute(f"create table if not exists ops.{table} ({columns})")
        return self.value("select count(*) from orders", self.folder / "drawn.duckdb")

    def land(self, condition: str) -> None:
        """Land what the drawn days of each entity give under a condition on the day, as one batch an entity."""
        for entity, query in ROWS.items():
            self.land_rows(entity, f"{query} {condition}")

    def land_rows(self, entity: str, query: str) -> None:
        """Land the rows of a query as a batch."""
        sequence = 1 + sum(len(files) for files in self._files.values())
        batch_id = f"{sequence:04d}{entity}"
        file = self.folder / "landing" / f"{batch_id}.parquet"
        file.parent.mkdir(exist_ok=True)
        extracted_at = f"timestamp '2024-01-01' + to_hours({sequence})"
        with duckdb.connect(str(self.folder / "drawn.duckdb")) as connection:
            delivered = [column[0] for column in connection.sql(query).description]
            plumbing = {
                "_source": "'shop'",
                "_file": f"'{entity}.csv'",
                "_batch_id": f"'{batch_id}'",
                "_row_number": "row_number() over ()",
                "_extracted_at": extracted_at,
            }
            columns = [c if c in delivered else f"cast(null as varchar) as {c}" for c in ENTITIES[entity].column_names]
            columns += [f"{plumbing.get(name, 'cast(null as varchar)')} as {name}" for name in PLUMBING]
            connection.execute(f"copy (select {', '.join(columns)} from ({query})) to '{file}'")
        self._files[entity].append(file)
        with duckdb.connect(str(self.database)) as connection:
            connection.execute(
                "insert into ops.batches (batch_id, source, entity, mode, sequence, delivered_columns, timezone,"
                f" extracted_at, file) select '{batch_id}', 'shop', '{entity}', 'append', {sequence},"
                f" ',{','.join(delivered)},', 'UTC', {extracted_at}, '{entity}.csv'"
            )
            for statement in landing_views(self._files):
                connection.execute(statement)

    def dbt(self, command: str, as_of: date, *select: str) -> dict[str, float]:
        """Run models or seeds; returns the seconds of each."""
        self._dbt(command, as_of, "--select", *select)
        results = json.loads((self.folder / "target" / "run_results.json").read_text())["results"]
        return {result["unique_id"].rsplit(".", 1)[-1]: result["execution_time"] for result in results}

    def _dbt(self, command: str, as_of: date, *options: str) -> str:
        variables = {"as_of_date": as_of.isoformat(), "release_id": "bench", "candidate_schema": "candidate_bench"}
        variables |= {"segmentations": segmentations(PROJECT)}
        arguments = ["--project-dir", str(PROJECT), "--profiles-dir", str(self.folder)]
        arguments += ["--target-path", str(self.folder / "target"), "--log-path", str(self.folder / "logs")]
        arguments += ["--vars", json.dumps(variables), *options]
        done = subprocess.run(
            [sys.executable, "-c", "from dbt.cli.main import cli; cli()", command, *arguments],
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "DO_NOT_TRACK": "1", "DBT_SEND_ANONYMOUS_USAGE_STATS": "false"},
        )
        if done.returncode:
            raise SystemExit(done.stdout[-3000:])
        return done.stdout

    def history(self, as_of: date) -> dict[str, float]:
        """Bring the state up to what has landed, and the history up to a day."""
        return self.dbt("run", as_of, "tag:state", HISTORY)

    def read_by_the_history(self) -> set[str]:
        """The models that the history stands on."""
        return set(self._dbt("ls", LAST_MONTH, "--quiet", "--output", "name", "--select", f"+{HISTORY}").split())

    def marts(self, as_of: date) -> dict[str, float]:
        """Everything at a day above state and history; the seconds of each model, of purchase models and of personas."""
        seconds = self.dbt("run", as_of, "tag:features")
        features = features_schema("bench")
        defaults = yaml.safe_load((PROJECT / "dbt_project.yml").read_text())["vars"]
        with duckdb.connect(str(self.database)) as connection:
            session = DuckDBSession(connection)
            started = time.monotonic()
            scores, _ = score_features(session, features, policy_in_force(defaults), {})
            replace_scores(session, scores_schema("bench"), scores)
            seconds["purchase models (Python)"] = time.monotonic() - started
            started = time.monotonic()
            replace_personas(session, personas_schema("bench"), {})
            write_personas(session, features, personas_schema("bench"), Policy())
            seconds["personas (Python)"] = time.monotonic() - started
        return seconds | self.dbt("run", as_of, "tag:candidate")

    def value(self, sql: str, database: Path | None = None) -> int:
        """The only value of a query."""
        with duckdb.connect(str(database or self.database)) as connection:
            found = connection.execute(sql).fetchone()
        return int(found[0]) if found else 0


def group_of(model: str, read: set[str]) -> str:
    """The row of the printed table that a model belongs to."""
    if model == HISTORY:
        return STAGES
    if model not in read:
        return BESIDE
    if model.startswith(("base_", "stg_")):
        return STAGING
    if model.startswith(("int_order", "int_refunds", "core_order", "core_refunds")):
        return VALUES
    return IDENTITY if model.startswith("int_") else DAYS_BOUGHT


def measure(shop: Shop, customers: int) -> dict[str, dict[str, float]]:
    """Draw, build, extend, correct; the seconds of each model in each of the four builds."""
    orders = shop.draw(customers, 20140101)
    steps: dict[str, dict[str, float]] = {}

    def take(name: str, as_of: date) -> None:
        steps[name] = shop.history(as_of)
        print(f"… {name}: {sum(steps[name].values()):.1f} s", file=sys.stderr, flush=True)

    shop.land(f"<= date '{MONTH_BEFORE}'")
    shop.dbt("seed", MONTH_BEFORE, "*")
    take("full build", MONTH_BEFORE)
    shop.land(f"between date '{MONTH_BEFORE}' + 1 and date '{LAST_MONTH}'")
    take("next month", LAST_MONTH)
    take("nothing new", LAST_MONTH)
    late = (
        f"select 'late' as order_id, 'C0' as customer_id, '{LATE_DAY} 12:00:00' as ordered_at, '9' as subtotal_amount"
    )
    shop.land_rows("orders", late)
    take("late order", LAST_MONTH)
    counted = ("core_purchase_days", "customer_stage_changes_months", "customer_stage_changes")
    days, months, rows = (shop.value(f"select count(*) from work.{table}") for table in counted)
    print(
        f"{customers:,} customers, {orders:,} orders, {days:,} purchase days, {months} month ends, {rows:,} rows kept\n"
    )
    return steps


def report(shop: Shop, steps: dict[str, dict[str, float]]) -> None:
    """Print the tables for bench/README.md."""
    read = shop.read_by_the_history()
    print("| seconds | " + " | ".join(steps) + " |\n|---|" + "---|" * len(steps))
    sums = {group: [0.0] * len(steps) for group in (STAGING, IDENTITY, VALUES, DAYS_BOUGHT, STAGES, BESIDE)}
    for place, step in enumerate(steps.values()):
        for model, taken in step.items():
            sums[group_of(model, read)][place] += taken
    sums["history and all that it reads"] = [sum(taken[:-1]) for taken in zip(*sums.values(), strict=True)]
    sums["all state and history"] = [
        a + b for a, b in zip(sums["history and all that it reads"], sums[BESIDE], strict=True)
    ]
    for group, taken in sums.items():
        print(f"| {group} | " + " | ".join(f"{seconds:.1f}" for seconds in taken) + " |")
    print()
    for group in (STAGES, "history and all that it reads", "all state and history"):
        full, month, _, late = sums[group]
        print(
            f"{group}: the full build costs {full / month:.0f} times the next month, {full / late:.0f} times a late order."
        )
    print("\nModels that took more than a fiftieth of a build:\n\n| model | " + " | ".join(steps) + " |")
    print("|---|" + "---|" * len(steps))
    slow = {m for step in steps.values() for m, taken in step.items() if taken > sum(step.values()) / 50}
    for model in sorted(slow):
        print(f"| `{model}` | " + " | ".join(f"{step[model]:.2f}" for step in steps.values()) + " |")


def report_marts(seconds: dict[str, float]) -> None:
    """Print what takes longest above the history."""
    print(f"\nFeatures, purchase models, personas and marts at {LAST_MONTH}: {sum(seconds.values()):.1f} s, of which\n")
    print("| model | seconds |\n|---|---|")
    for model, taken in sorted(seconds.items(), key=lambda one: -one[1])[:25]:
        print(f"| {model} | {taken:.2f} |")


def run(folder: Path, customers: int, memory_limit: str, with_marts: bool) -> None:
    """Measure everything in an empty folder and print it."""
    shop = Shop(folder, memory_limit)
    report(shop, measure(shop, customers))
    if with_marts:
        report_marts(shop.marts(LAST_MONTH))
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024**2
    print(f"\nPeak memory of a dbt process: {peak:.2f} GB.")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--folder", type=Path, help="a new folder; by default a temporary one that is removed")
    parser.add_argument("--memory-limit", default="4GB")
    parser.add_argument("--marts", action="store_true", help="measure features, personas and marts as well")
    given = parser.parse_args()
    if given.folder:
        given.folder.mkdir(parents=True)
        run(given.folder, given.customers, given.memory_limit, given.marts)
    else:
        with tempfile.TemporaryDirectory() as temporary:
            run(Path(temporary), given.customers, given.memory_limit, given.marts)
