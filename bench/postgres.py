r"""Measures the same days of the same shop on both warehouses, and the loading of Postgres beside psql's own ``\copy``.

``python bench/postgres.py [--customers N] [--folder F]`` lands a demo shop once, then builds, gates and publishes it on
DuckDB and on a PostgreSQL 18 server of its own, which writes to the disk as servers do. It stops if a published table has not
the same checksum on both. Times are wall seconds of whole processes. ``\copy`` gets the rows of every landed batch as CSV that
is there already, into tables of the same columns.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import time
from collections import defaultdict
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import duckdb
from measuring import BENCH, Measured, demo_shop, measure

from kehu.landing.ledger import read_ledger
from kehu.release.catalog import current_release_id, find
from kehu.settings import Settings, load_settings
from kehu.warehouse.factory import open_warehouse

sys.path.insert(0, str(BENCH.parent))

from tests.support.postgres_server import running_server

AS_OF = "2017-12-31"
STEPS = (("build", "--as-of", AS_OF), ("gate",), ("publish",), ("run", "--as-of", AS_OF))
NAMES = ("build, landing suites included", "gate", "publish", "a second run, nothing new")
SERVER = ("shared_buffers=2GB", "effective_cache_size=8GB", "maintenance_work_mem=256MB", "max_wal_size=8GB")
"""As PostgreSQL is delivered, but for the sizes that everybody sets first."""
MODELS = "select node_id, seconds from ops.node_results where release_id = ? and resource_type = 'model'"
COLUMNS = (
    "select column_name, data_type from information_schema.columns where table_schema = 'landing' and table_name = ?"
)
SHOWN = 12


@dataclass(frozen=True)
class Place:
    """A warehouse and a home of its own."""

    home: Path
    sources: Path
    warehouse: str
    warehouse_dsn: str | None = None

    @property
    def settings(self) -> Settings:
        """What Kehu works with there."""
        return load_settings(**self._given())

    def kehu(self, *words: str) -> Measured:
        """One command of Kehu there, measured."""
        print(f"… {self.warehouse}: kehu {' '.join(words)}", file=sys.stderr, flush=True)
        chosen = {f"KEHU_{name.upper()}": str(value) for name, value in self._given().items()}
        log = self.home.with_name(f"{self.home.name}.log")
        return measure([sys.executable, "-m", "kehu.cli", *words], {**os.environ, **chosen}, log)

    def rows(self, sql: str, parameters: list[object]) -> list[tuple[Any, ...]]:
        """A query of the working warehouse."""
        with open_warehouse(self.settings).session(read_only=True) as session:
            return session.rows(sql, parameters)

    def _given(self) -> dict[str, object]:
        return {name: value for name, value in asdict(self).items() if value is not None}


@dataclass(frozen=True)
class Day:
    """A day on one warehouse: its steps, the seconds of every model of its first build, and what it published."""

    steps: list[Measured]
    models: dict[str, float]
    checksums: dict[str, str]


def load(place: Place) -> float:
    """Wall seconds in which the landed batches are loaded into the landing tables of an empty database."""
    settings, files = place.settings, defaultdict[str, list[Path]](list)
    for batch in read_ledger(settings.landing_dir):
        files[batch.entity].append(settings.landing_dir / batch.path)
    with open_warehouse(settings).session() as session:
        started = time.monotonic()
        open_warehouse(settings).load_landing(session, files)
        return time.monotonic() - started


def copied_by_psql(place: Place, psql: Path) -> float:
    r"""Wall seconds that ``\copy`` and ``analyze`` take for the same rows, from CSV into tables of the same columns."""
    settings, total = place.settings, 0.0
    file = place.home.with_name("peer.csv")
    with open_warehouse(settings).session() as session, duckdb.connect() as connection:
        session.execute("create schema peer")
        for number, batch in enumerate(read_ledger(settings.landing_dir)):
            table = f"peer.{batch.entity}_{number}"
            rows = connection.read_parquet(str(settings.landing_dir / batch.path), hive_partitioning=False)
            rows.write_csv(str(file), header=False)
            kinds = dict(session.rows(COLUMNS, [batch.entity]))
            session.execute(f"create table {table} ({', '.join(f'{name} {kinds[name]}' for name in rows.columns)})")
            commands = (f"\\copy {table} from '{file}' (format csv)", f"analyze {table}")
            started = time.monotonic()
            subprocess.run([psql, str(place.warehouse_dsn), "-qX", *(f"-c{each}" for each in commands)], check=True)
            total += time.monotonic() - started
            if session.rows(f"select count(*) from {table}") != [(batch.row_count,)]:
                raise SystemExit(f"psql did not load every row of {batch.entity}")
            file.unlink()
    return total


def day(place: Place) -> Day:
    """Build, gate and publish, and once more with nothing new."""
    steps = [place.kehu(*words) for words in STEPS[:3]]
    release_id = str(current_release_id(place.settings))
    tables = find(place.settings, release_id).tables
    steps += [place.kehu(*words) for words in STEPS[3:]]
    models = {str(node).rpartition(".")[2]: float(seconds) for node, seconds in place.rows(MODELS, [release_id])}
    return Day(steps, models, {name: each.checksum for name, each in tables.items() if not each.is_run_specific})


def compare(on_duckdb: Day, on_postgres: Day) -> None:
    """Print both days beside each other; ends the bench where they published something else."""
    print("| step | DuckDB | Postgres | Postgres / DuckDB |\n|---|---|---|---|")
    for name, here, there in zip(NAMES, on_duckdb.steps, on_postgres.steps, strict=True):
        print(f"| {name} | {here.wall:.1f} s | {there.wall:.1f} s | {there.wall / here.wall:.1f} |")
    here, there = on_duckdb.models, on_postgres.models
    print(f"| all models, one after another | {sum(here.values()):.1f} s | {sum(there.values()):.1f} s | |")
    for name in sorted(there, key=lambda each: there[each] - here.get(each, 0.0), reverse=True)[:SHOWN]:
        print(f"| {name} | {here.get(name, 0.0):.1f} s | {there[name]:.1f} s | |")
    names = on_duckdb.checksums.keys() | on_postgres.checksums.keys()
    other = sorted(name for name in names if on_duckdb.checksums.get(name) != on_postgres.checksums.get(name))
    if other:
        raise SystemExit(f"the releases differ in {', '.join(other)}")
    print(f"\n{len(names)} published tables have the same checksum on both")


def main() -> None:
    """Parse the arguments and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--folder", type=Path, default=BENCH / "out")
    given = parser.parse_args()
    shop = demo_shop(given.folder, given.customers)
    folder = shop / "both"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    on_duckdb = Place(folder / "duckdb", shop / "files" / "sources.yml", "duckdb")
    land = on_duckdb.kehu("ingest")
    shutil.copytree(folder / "duckdb", folder / "postgres")
    rows = sum(batch.row_count for batch in read_ledger(on_duckdb.settings.landing_dir))
    print(f"{given.customers:,} customers, {rows:,} rows, landed in {land.wall:.1f} s\n", flush=True)
    with running_server(SERVER) as (server, databases):
        scratch = Place(folder / "postgres", shop / "files" / "sources.yml", "postgres", databases.new())
        loaded, copied = load(scratch), copied_by_psql(scratch, server.programs / "psql")
        print(f"loaded into Postgres in {loaded:.1f} s ({rows / loaded:,.0f} rows a second),", end=" ")
        print(f"by psql in {copied:.1f} s: {loaded / copied:.2f} times\n", flush=True)
        on_postgres = replace(scratch, warehouse_dsn=databases.new())
        compare(day(on_duckdb), day(on_postgres))


if __name__ == "__main__":
    main()
