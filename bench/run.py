"""Measures a whole day on the demo data and on a demo shop, against the same SQL run bare and against pandas.

``python bench/run.py [--customers N] [--folder F] [--demo-only | --shop-only]`` prints one table a shop; times are wall seconds
of whole processes, memory the peak of the largest one, ratios are of the same run on the same machine.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
from pathlib import Path

import duckdb
from measuring import BENCH, SHOP_LAST_DAY, Measured, demo_shop, measure

CORE_MEMORY = "600MB"


def sql_seconds(warehouse: Path, release_id: str) -> float:
    """Wall seconds during which at least one dbt node was running."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        spans = connection.execute(
            "select epoch(finished_at) - seconds, epoch(finished_at) from ops.node_results where release_id = ? order by 1",
            [release_id],
        ).fetchall()
    total, until = 0.0, 0.0
    for begin, end in spans:
        total += max(0.0, end - max(begin, until))
        until = max(until, end)
    return total


def peer_input(home: Path, file: Path) -> None:
    """The valid orders of a release as the CSV that the pandas program reads."""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{home / 'published' / 'kehu.duckdb'}' as release (read_only)")
        connection.execute(
            "copy (select order_id, customer_id, ordered_at, gross_revenue - discounts as subtotal_amount"
            f" from release.analytics.fct_orders where is_valid and customer_id is not null) to '{file}' (header)"
        )


def ours(home: Path) -> dict[str, object]:
    """The same figures from the published release, to be equal to those of the peer."""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{home / 'published' / 'kehu.duckdb'}' as release (read_only)")
        connection.execute("use release.analytics")
        segments = connection.execute(
            "select rfm_segment, count(*) from customer_rfm group by all order by 1"
        ).fetchall()
        cells = connection.execute(
            "select count(*), sum(active_customers) from cohort_retention where active_customers > 0"
        ).fetchone()
        sums = connection.execute(
            "select count(*) filter (order_count > 0), sum(order_count), sum(gross_revenue - discounts) from dim_customers"
        ).fetchone()
    assert cells and sums
    return {
        "customers": sums[0],
        "orders": int(sums[1]),
        "revenue": float(sums[2]),
        "segments": dict(segments),
        "cohort_cells": cells[0],
        "cohort_active": int(cells[1]),
    }


def bench(name: str, folder: Path, as_of: str, environment: dict[str, str]) -> None:
    """Measure one shop and print its table."""
    home, log = folder / "home", folder / "log.txt"
    shutil.rmtree(home, ignore_errors=True)
    shutil.rmtree(folder / "bare", ignore_errors=True)
    shutil.rmtree(folder / "core", ignore_errors=True)
    environment = {**os.environ, **environment, "KEHU_HOME": str(home)}

    def kehu(*words: str) -> Measured:
        print(f"… {name}: kehu {' '.join(words)}", file=sys.stderr, flush=True)
        return measure([sys.executable, "-m", "kehu.cli", *words], environment, log)

    land = kehu("ingest")
    build = kehu("build", "--as-of", as_of)
    gate, publish, report = kehu("gate"), kehu("publish"), kehu("report")
    release_id = (home / "published").resolve().name
    again = kehu("run", "--as-of", as_of)
    bare = measure(
        [sys.executable, str(BENCH / "bare_sql.py"), str(home), release_id, str(folder / "bare")], environment, log
    )
    (folder / "core").mkdir(exist_ok=True)
    shutil.copyfile(home / "warehouse" / "kehu.duckdb", folder / "core" / "kehu.duckdb")
    core = measure(
        [sys.executable, str(BENCH / "bare_sql.py"), str(home), release_id, str(folder / "core"), "--core"],
        {**environment, "KEHU_MEMORY_LIMIT": CORE_MEMORY},
        log,
    )
    peer_csv = folder / "orders.csv"
    peer_input(home, peer_csv)
    result = folder / "pandas.json"
    peer = measure([sys.executable, str(BENCH / "pandas_peer.py"), str(peer_csv), as_of, str(result)], environment, log)
    theirs = json.loads(result.read_text())
    mine = ours(home)
    if theirs != mine:
        raise SystemExit(f"the figures differ:\nkehu   {mine}\npandas {theirs}")

    with duckdb.connect(str(home / "warehouse" / "kehu.duckdb"), read_only=True) as connection:
        rows = (connection.execute("select sum(row_count) from ops.batches").fetchone() or (0,))[0]
    sql = sql_seconds(home / "warehouse" / "kehu.duckdb", release_id)
    print(f"\n### {name}: {mine['customers']:,} customers, {mine['orders']:,} orders, {rows:,} rows landed\n")
    print("| step | wall | peak memory | |\n|---|---|---|---|")
    print(land.row("land", f"{rows / land.wall:,.0f} rows a second"))
    print(build.row("build", f"{1 - sql / build.wall:.0%} of the wall is not SQL; landing suites included"))
    print(gate.row("gate") + "\n" + publish.row("publish") + "\n" + report.row("report"))
    print(again.row("a second run", "nothing new: the state is not built again"))
    print(bare.row("bare SQL", "the same models in DuckDB alone"))
    print(core.row("core SQL", f"RFM, cohorts, lifetime sums from the facts, DuckDB limited to {CORE_MEMORY}"))
    print(peer.row("pandas", "RFM, cohorts, lifetime sums only, from the CSV; equal figures"))
    whole = land.wall + build.wall
    print(f"\nbuild / bare SQL = {build.wall / bare.wall:.2f}; (land + build) / bare SQL = {whole / bare.wall:.2f}")
    print(
        f"pandas / core SQL = {peer.wall / core.wall:.2f}; peak memory of core SQL / pandas = {core.peak / peer.peak:.2f}"
    )
    print(f"(land + build) / pandas = {whole / peer.wall:.2f}; peak memory / pandas = {build.peak / peer.peak:.2f}\n")


def main() -> None:
    """Parse the arguments and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--folder", type=Path, default=BENCH / "out")
    parser.add_argument("--demo-only", action="store_true")
    parser.add_argument("--shop-only", action="store_true")
    given = parser.parse_args()
    if not given.shop_only:
        (given.folder / "demo").mkdir(parents=True, exist_ok=True)
        bench("The Complete Journey", given.folder / "demo", "2018-01-01", {})
    if not given.demo_only:
        shop = demo_shop(given.folder, given.customers)
        bench("Demo shop", shop, SHOP_LAST_DAY, {"KEHU_SOURCES": str(shop / "files" / "sources.yml")})


if __name__ == "__main__":
    main()
