"""Runs the SQL that a build has compiled, bare: one DuckDB connection, in the order of the models, nothing else.

``python bench/bare_sql.py HOME RELEASE_ID FOLDER`` reads the compiled models of a run under HOME, and builds them into a fresh
``FOLDER/kehu.duckdb`` from the same landing zone. Seeds, bookkeeping, scores and personas are copied: they are not measured.
``--core`` builds only what RFM, cohorts and historic lifetime value need above the facts, in a copy of the run's warehouse that
is already at ``FOLDER/kehu.duckdb``.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from datetime import date
from graphlib import TopologicalSorter
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
from jinja2 import Environment

from kehu.entities import ENTITIES
from kehu.landing.ledger import read_ledger
from kehu.ops.tables import personas_schema, scores_schema
from kehu.release.ids import parse_release_id
from kehu.settings import load_settings
from kehu.warehouse.on_duckdb.duckdb_backend import DuckDBWarehouse
from kehu.warehouse.on_duckdb.landing_views import landing_views

MACROS = Path(__file__).resolve().parents[1] / "dbt_project" / "macros"
STARS = MACROS / "identity" / "find_stars.sql"
WORKING_TABLE = MACROS / "dialect" / "working_table.sql"
STEPS = ("state", "features", "candidate")
PREPARED = ";  -- prepared; what is observed:"
"""What stands between the two queries of a model of the materialization month_ends."""
AT_ONCE = 6
CORE = ("customer_rfm", "cohort_retention", "customer_lifetime_value")


def models(run: Path) -> dict[str, dict[str, Any]]:
    """All models of the project, by id, as the run's candidate describes them."""
    manifest = json.loads((artifacts(run, "candidate") / "manifest.json").read_text())
    return {name: node for name, node in manifest["nodes"].items() if node["resource_type"] == "model"}


def artifacts(run: Path, step: str) -> Path:
    """What dbt left of a step."""
    return run / step / "attempt_1" / "target"


def compiled(target: Path, node: dict[str, Any]) -> Path:
    """Where the step has put the model's SQL."""
    return target / "compiled" / "kehu" / node["original_file_path"]


def prepare(connection: duckdb.DuckDBPyConnection, home: Path, warehouse: Path, release_id: str) -> None:
    """Landing views, seeds and bookkeeping, as the build found them; scores and personas, which no SQL computes."""
    files: dict[str, list[Path]] = {name: [] for name in ENTITIES}
    for batch in read_ledger(home / "landing"):
        files[batch.entity].append(home / "landing" / batch.path)
    given = ("ops", "seeds", scores_schema(release_id), personas_schema(release_id))
    for schema in (*given, "landing", "staging", "intermediate", "work"):
        connection.execute(f"create schema {schema}")
    for statement in landing_views(files):
        connection.execute(statement)
    connection.execute(f"attach '{warehouse}' as built (read_only)")
    tables = connection.execute(
        "select schema_name, table_name from duckdb_tables() where database_name = 'built' and list_contains(?, schema_name)",
        [list(given)],
    ).fetchall()
    for schema, table in tables:
        connection.execute(f"create table {schema}.{table} as from built.{schema}.{table}")
    connection.execute("detach built")


def core(nodes: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The models of a step that the core marts stand on, and those marts."""
    wanted, found = [f"model.kehu.{name}" for name in CORE], {}
    while wanted:
        name = wanted.pop()
        if name in nodes and name not in found:
            found[name] = nodes[name]
            wanted += nodes[name]["depends_on"]["nodes"]
    return found


def stars(connection: duckdb.DuckDBPyConnection, name: str, select: str) -> str:
    """The rounds of the materialization connected_components; returns the query of their result."""

    def run_query(sql: str) -> SimpleNamespace:
        rows = connection.execute(sql).fetchall()
        return SimpleNamespace(columns=[SimpleNamespace(values=lambda: [row[0] for row in rows])])

    def statement(_: str, caller: Any) -> str:
        run_query(caller())
        return ""

    def fail(message: str) -> None:
        raise SystemExit(message)

    globals_ = {
        "run_query": run_query,
        "statement": statement,
        "exceptions": SimpleNamespace(raise_compiler_error=fail),
        "adapter": SimpleNamespace(dispatch=lambda macro: getattr(macros, f"default__{macro}")),
        "return": lambda value: value,
    }
    source = STARS.read_text() + WORKING_TABLE.read_text()
    macros: Any = Environment(extensions=["jinja2.ext.do"]).from_string(source, globals_).module
    run_query(macros.edges_sql(f"{name}__edges", select))
    macros.find_stars(f"{name}__edges", f"{name}__stars", 100)
    return f"select node, neighbour as component from {name}__edges"


def build_month_ends(connection: duckdb.DuckDBPyConnection, relation: str, select: str, as_of: date) -> None:
    """What the materialization month_ends does: some months by one statement, rows kept where they differ from the one before."""
    first = "(select min(month_end) from work.core_month_fingerprints)"
    found = connection.execute(
        f"select last_day(month) from generate_series({first} - interval 40 day, ?::timestamp, interval 1 month) as series(month)"
        f" where last_day(month) between {first} and ? order by 1",
        [as_of, as_of],
    )
    months = [month for (month,) in found.fetchall()]
    prepared, observed = select.split(PREPARED)
    name = relation.replace('"', "").rpartition(".")[2]

    def observe(some: Sequence[date]) -> None:
        days = " union all ".join(f"select date '{month}' as month_end" for month in some)
        days = days or "select null::date as month_end where false"
        connection.execute(f"create or replace temporary table {name}_days as {days}")
        connection.execute(f"create or replace temporary table {name}_prepared as {prepared}")
        connection.execute(f"create or replace temporary table observed as {observed}")

    observe([])
    connection.execute(f"create or replace table {relation} as from observed")
    connection.execute("create or replace temporary table seen as from observed")
    columns = [name for name, *_ in connection.execute("describe observed").fetchall()]
    state = ", ".join(name for name in columns if name not in ("month_end", "customer_id"))
    for begin in range(0, len(months), AT_ONCE):
        some = months[begin : begin + AT_ONCE]
        observe(some)
        connection.execute(
            f"insert into {relation} select * exclude (is_observed, state) from ("
            f"select *, row({state}) as state from (select *, true as is_observed from observed union all"
            " select *, false as is_observed from seen) as everything) as stated"
            " qualify is_observed and state is distinct from lag(state) over (partition by customer_id order by month_end)"
        )
        connection.execute(
            f"create or replace temporary table seen as select * from observed where month_end = date '{some[-1]}'"
        )


def build(connection: duckdb.DuckDBPyConnection, nodes: dict[str, dict[str, Any]], target: Path, as_of: date) -> int:
    """Build the models in dependency order; returns how many."""
    graph = {
        name: [parent for parent in node["depends_on"]["nodes"] if parent in nodes] for name, node in nodes.items()
    }
    for name in TopologicalSorter(graph).static_order():
        node = nodes[name]
        relation, select = f'"{node["schema"]}"."{node["alias"]}"', compiled(target, node).read_text()
        kind = "view" if node["config"]["materialized"] == "view" else "table"
        connection.execute(f'create schema if not exists "{node["schema"]}"')
        if node["config"]["materialized"] == "month_ends":
            build_month_ends(connection, relation, select, as_of)
            continue
        if node["config"]["materialized"] == "connected_components":
            select = stars(connection, node["alias"], select)
        connection.execute(f"create or replace {kind} {relation} as {select}")
    return len(nodes)


def steps(home: Path, release_id: str) -> Iterator[tuple[Path, dict[str, dict[str, Any]]]]:
    """The dbt steps of a run in their order: where each was compiled, and the models that it has compiled."""
    run = home / "runs" / release_id
    nodes = models(run)
    for target in (artifacts(run, step) for step in STEPS):
        if target.exists():
            yield target, {name: node for name, node in nodes.items() if compiled(target, node).exists()}


def main(home: Path, release_id: str, folder: Path, is_core: bool) -> None:
    """Build everything into a fresh file, or the core again in a copy."""
    folder.mkdir(parents=True, exist_ok=True)
    warehouse = DuckDBWarehouse(load_settings(home=home))
    config = {**warehouse.config(), "temp_directory": str(folder / "spill")}
    connection = duckdb.connect(str(folder / "kehu.duckdb"), config=config)
    connection.execute("set TimeZone = 'UTC'")
    found = list(steps(home, release_id))
    if is_core:
        above = {name: node for _, nodes in found[1:] for name, node in nodes.items()}
        wanted = core(above)
        found = [(target, {name: nodes[name] for name in nodes if name in wanted}) for target, nodes in found[1:]]
    else:
        prepare(connection, home, warehouse.path, release_id)
    as_of = parse_release_id(release_id).as_of
    print(sum(build(connection, nodes, target, as_of) for target, nodes in found), "models")
    connection.execute("checkpoint")
    connection.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]), "--core" in sys.argv)
