"""Lifetime value at scale, beside ``lifetimes`` in the same run: summary, BG/NBD fit, expected purchases of 52 weeks.

``python bench/lifetime_value.py [--customers N] [--alone]`` draws the purchases of a demo shop without seasons over three years
(Pareto/NBD, about ten orders a customer), then runs both programs, each in a process of its own on the same Parquet file. It
stops if their parameters or expectations differ by more than the
tolerance. ``--alone`` leaves the peer out.

- **kehu**: one SQL summary to summaries with their counts, fit and score of the distinct ones, joined back to customers.
- **lifetimes**: its own ``summary_data_from_transaction_data``, ``BetaGeoFitter.fit`` and
  ``conditional_expected_number_of_purchases_up_to_time``, in weeks.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from datetime import date
from pathlib import Path
from typing import Any

BENCH = Path(__file__).resolve().parent
AS_OF = "2017-12-31"
DAYS = 3 * 365
HORIZON_WEEKS = 52
TOLERANCE = 0.01

SUMMARY = """
create table customers as
with purchase_days as (
    select distinct customer, cast(ordered_at as date) as purchase_date from read_parquet('{file}')
)
select
    customer,
    cast(count(*) - 1 as integer) as x,
    cast(date_diff('day', min(purchase_date), max(purchase_date)) as integer) as t_x_days,
    cast(date_diff('day', min(purchase_date), date '{as_of}') as integer) as t_days
from purchase_days
group by customer
"""
TUPLES = """
select x, t_x_days, t_days, count(*) as customers
from customers
group by x, t_x_days, t_days
order by x, t_x_days, t_days
"""
JOINED = """
create table scored as
select customers.customer, scores.alive, scores.expected
from customers
inner join scores
    on customers.x = scores.x and customers.t_x_days = scores.t_x_days and customers.t_days = scores.t_days
"""


def kehu(file: Path) -> dict[str, Any]:
    """Summary in SQL, fit and score on distinct summaries, join back in SQL."""
    import duckdb
    import pyarrow as pa

    from kehu.clv.models import MODELS
    from kehu.clv.summaries import Summaries

    connection = duckdb.connect(str(file.with_suffix(".duckdb")))
    clock = time.perf_counter()
    connection.execute(SUMMARY.format(file=file, as_of=AS_OF))
    found = connection.sql(TUPLES).to_arrow_table()
    summary, clock = time.perf_counter() - clock, time.perf_counter()
    x, t_x, t, count = (found[name].to_numpy().astype(float) for name in ("x", "t_x_days", "t_days", "customers"))
    model = MODELS["bg_nbd"]
    fit = model.fit(Summaries(x, t_x / 7, t / 7, count))
    fitted, clock = time.perf_counter() - clock, time.perf_counter()
    alive = model.probability_alive(fit.parameters, x, t_x / 7, t / 7)
    expected = model.expected_purchases(fit.parameters, x, t_x / 7, t / 7, HORIZON_WEEKS)
    columns = {name: found[name] for name in ("x", "t_x_days", "t_days")}
    connection.register("scores", pa.table({**columns, "alive": alive, "expected": expected}))
    connection.execute(JOINED)
    scored = time.perf_counter() - clock
    total = connection.execute("select count(*), sum(expected), sum(alive) from scored").fetchone()
    connection.close()
    file.with_suffix(".duckdb").unlink()
    return _result((summary, fitted, scored), fit.parameters, total, len(x))


def lifetimes(file: Path) -> dict[str, Any]:
    """The peer's own three functions."""
    import pandas as pd
    from lifetimes import BetaGeoFitter
    from lifetimes.utils import summary_data_from_transaction_data

    orders = pd.read_parquet(file)
    clock = time.perf_counter()
    table = summary_data_from_transaction_data(orders, "customer", "ordered_at", observation_period_end=AS_OF, freq="D")
    table["recency"], table["T"] = table["recency"] / 7, table["T"] / 7
    summary, clock = time.perf_counter() - clock, time.perf_counter()
    fitter = BetaGeoFitter().fit(table["frequency"], table["recency"], table["T"])
    fitted, clock = time.perf_counter() - clock, time.perf_counter()
    expected = fitter.conditional_expected_number_of_purchases_up_to_time(
        HORIZON_WEEKS, table["frequency"], table["recency"], table["T"]
    )
    alive = fitter.conditional_probability_alive(table["frequency"], table["recency"], table["T"])
    scored = time.perf_counter() - clock
    total = (len(table), float(expected.sum()), float(alive.sum()))
    return _result((summary, fitted, scored), dict(fitter.params_), total, len(table))


def _result(seconds: tuple[float, float, float], parameters: dict[str, float], total: Any, rows: int) -> dict[str, Any]:
    return {
        "seconds": dict(zip(("summary", "fit", "score"), seconds, strict=True)),
        "parameters": {name: float(value) for name, value in parameters.items()},
        "customers": int(total[0]),
        "expected": float(total[1]),
        "alive": float(total[2]),
        "rows": rows,
    }


def draw_orders(file: Path, customers: int, seed: int) -> None:
    """Write the orders as one Parquet file, unless it is there."""
    import duckdb

    from kehu.demo_shop.histories import purchase_histories
    from kehu.demo_shop.plan import Plan

    if file.exists():
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    connection = duckdb.connect()
    connection.execute("create table drawn (customer bigint, moment bigint)")
    plan = Plan(customers, DAYS, seed, date.fromisoformat(AS_OF), has_seasons=False, has_dirt=False)
    for part in purchase_histories(plan):
        connection.register("part", part)
        connection.execute("insert into drawn select person, moment from part")
        connection.unregister("part")
    ordered = "timestamp '1970-01-01' + to_seconds(moment)"
    connection.execute(f"copy (select customer, {ordered} as ordered_at from drawn) to '{file}.tmp' (format parquet)")
    os.replace(f"{file}.tmp", file)


def measured(name: str, file: Path) -> tuple[dict[str, Any], float]:
    """Run one program in a process of its own; its result and its peak memory in GB."""
    result = file.with_name(f"{file.stem}.{name}.json")
    process = subprocess.Popen([sys.executable, __file__, "--program", name, str(file), str(result)])
    _, status, usage = os.wait4(process.pid, 0)
    if os.waitstatus_to_exitcode(status) != 0:
        raise SystemExit(f"{name} failed")
    return json.loads(result.read_text()), usage.ru_maxrss / 1024 / 1024


def row(name: str, result: dict[str, Any], peak: float) -> str:
    """A row of the printed table."""
    parts = result["seconds"]
    steps = " | ".join(f"{parts[step]:.1f} s" for step in ("summary", "fit", "score"))
    return f"| {name} | {steps} | {sum(parts.values()):.1f} s | {peak:.2f} GB |"


def compare(mine: dict[str, Any], theirs: dict[str, Any]) -> None:
    """Stop where the two programs do not say the same."""
    if mine["customers"] != theirs["customers"]:
        raise SystemExit(f"{mine['customers']} customers here, {theirs['customers']} there")
    pairs = {name: (mine["parameters"][name], value) for name, value in theirs["parameters"].items()}
    pairs |= {name: (mine[name], theirs[name]) for name in ("expected", "alive")}
    for name, (here, there) in pairs.items():
        if abs(here / there - 1) > TOLERANCE:
            raise SystemExit(f"{name} is {here} here and {there} there")


def main() -> None:
    """Draw, run, compare, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=20180101)
    parser.add_argument("--folder", type=Path, default=BENCH / "out")
    parser.add_argument("--alone", action="store_true", help="without the peer")
    parser.add_argument("--program", nargs=3, metavar=("NAME", "FILE", "RESULT"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.program:
        name, file, result = given.program
        Path(result).write_text(json.dumps({"kehu": kehu, "lifetimes": lifetimes}[name](Path(file))))
        return
    file = given.folder / f"orders_{given.customers}.parquet"
    draw_orders(file, given.customers, given.seed)
    mine, my_peak = measured("kehu", file)
    print(f"\n{mine['customers']:,} customers, {mine['rows']:,} distinct summaries\n")
    print("| program | summary | fit | score | together | peak memory |\n|---|---|---|---|---|---|")
    print(row("kehu", mine, my_peak))
    if not given.alone:
        theirs, their_peak = measured("lifetimes", file)
        print(row("lifetimes 0.11.3", theirs, their_peak))
        compare(mine, theirs)
        faster = sum(theirs["seconds"].values()) / sum(mine["seconds"].values())
        print(f"\nlifetimes / kehu = {faster:.2f}; equal parameters and sums within {TOLERANCE:.0%}")


if __name__ == "__main__":
    main()
