"""A home with the planted shop landed, and by plain SQL what a build and two publications would have left of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq

from kehu.entities import ENTITIES
from kehu.landing.ledger import read_ledger
from kehu.ops.checked import note_checked
from kehu.ops.finished import note_finished
from kehu.ops.tables import candidate_schema
from kehu.pipeline.ingest import ingest_source, source_names
from kehu.release.ids import parse_release_id
from kehu.session import Session
from kehu.settings import Settings
from kehu.warehouse.factory import open_warehouse
from tests.support.planted_customer import CUSTOMER, IN_THE_CRM, VALUES
from tests.unit.release.candidates import add_check, identity, published

RELEASES = (identity("2024-03-03"), identity("2024-03-04"))
KEY = "a key for tests, and for nothing else"
_SHOP = "from landing.customers where _source = 'shop' and customer_id is not null and _error is null"
_STATE = {
    "intermediate.int_records_map": f"""
        select record_id, coalesce(joined, record_id) as customer_id from (
            select distinct 'shop:' || customer_id as record_id, cast(null as varchar) as joined {_SHOP}
            union select '{IN_THE_CRM}', '{CUSTOMER}' union select 'crm:lead:l71', '{CUSTOMER}'
            union select 'crm:k9', 'shop:c9' union select 'crm:lead:l8', 'shop:c8') as records""",
    "staging.base_customers": "select * from landing.customers",
    "staging.base_tickets": "select * from landing.tickets",
}


def build_home(settings: Settings) -> None:
    """Land every source, make a state and publish two releases of the planted shop."""
    publish_home(settings, _STATE, _tables)
    (settings.runs_dir / RELEASES[0] / "note.log").write_text(f"somebody wrote {VALUES[2]} and {IN_THE_CRM} here\n")


def publish_home(settings: Settings, state: Mapping[str, str], tables: Callable[[str, str], dict[str, str]]) -> None:
    """Land every source, make a state and publish two releases.

    Args:
        state: the query of each table of the state.
        tables: the query of each table of a release, by its name and the SQL of its day.
    """
    for name in source_names(settings):
        ingest_source(settings, name)
    with open_warehouse(settings).session() as session:
        files: dict[str, list[Path]] = {name: [] for name in ENTITIES}
        for batch in read_ledger(settings.landing_dir):
            files[batch.entity].append(settings.landing_dir / batch.path)
        open_warehouse(settings).load_landing(session, files)
        for table, sql in state.items():
            session.execute(f"create table {table} as {sql}")
        if settings.warehouse == "postgres":
            session.execute("analyze")
        for name in RELEASES:
            _add_candidate(settings, session, name, tables)
    for minute, name in enumerate(RELEASES):
        published(settings, name, minutes=minute)


def _add_candidate(
    settings: Settings, session: Session, name: str, tables: Callable[[str, str], dict[str, str]]
) -> None:
    schema, day = candidate_schema(name), f"date '{parse_release_id(name).as_of}'"
    session.execute(f"create schema {schema}")
    for table, sql in tables(name, day).items():
        session.execute(f"create table {schema}.{table} as {sql}")
    note_finished(session, name, "what it was made from")
    note_checked(session, name, tables(name, day))
    add_check(session, name)
    folder = settings.runs_dir / name
    folder.mkdir(parents=True, exist_ok=True)
    batches = [
        {"batch_id": b.batch_id, "source": b.source, "entity": b.entity} for b in read_ledger(settings.landing_dir)
    ]
    (folder / "run.json").write_text(json.dumps({"release_id": name, "batches": batches}))


def release_table(name: str, day: str) -> str:
    """The query of the table ``release``."""
    return f"""
        select cast('{name}' as varchar) as release_id, {day} as as_of_date, timestamp '2026-01-02 03:15:00' as built_at,
            cast(null as timestamp) as published_at, cast('0.1.0+abc' as varchar) as code_version,
            cast('x' as varchar) as warehouse, cast(null as varchar) as previous_release_id"""


def _tables(name: str, day: str) -> dict[str, str]:
    return {
        "release": release_table(name, day),
        "dim_customers": f"""
            select distinct 'shop:' || customer_id as customer_id, city, country, true as has_marketing_consent,
                cast(case when customer_id = 'c7' then '{IN_THE_CRM},crm:lead:l71,{CUSTOMER}' else 'shop:' || customer_id end
                    as varchar) as source_customer_ids, cast(3 as bigint) as order_count {_SHOP}""",
        "fct_orders": f"""
            select 'shop:' || order_id as order_id, 'shop:' || customer_id as customer_id,
                cast(length(order_id) as decimal(18, 2)) as net_revenue, {day} as order_date from landing.orders""",
        "fct_refunds": """
            select 'shop:' || refund_id as refund_id, 'shop:' || substr(order_id, 2, 1) as order_id,
                'shop:c' || substr(order_id, 2, 1) as customer_id, reason from landing.refunds""",
        "map_source_customers_to_customers": """
            select record_id as source_customer_id, customer_id from intermediate.int_records_map""",
    }


def places_of(settings: Settings, values: tuple[str, ...]) -> dict[str, list[str]]:
    """Where values are found, by a search that has nothing in common with Kehu's: bytes, Arrow, rows as text."""
    found: dict[str, list[str]] = {}
    for file in sorted(settings.home.rglob("*")):
        if not file.is_file() or file.is_symlink():
            continue
        texts = [file.read_bytes().decode("utf-8", errors="replace")]
        if file.suffix == ".parquet":
            texts += [str(row) for row in pq.read_table(file).to_pylist()]
        elif file.suffix == ".duckdb":
            texts += [str(row) for _, row in rows_of(file)]
        whole = "\n".join(texts).lower()
        for value in values:
            if value.lower() in whole:
                found.setdefault(value, []).append(str(file.relative_to(settings.home)))
    return found


def rows_of(file: Path) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """Every row of every table of a DuckDB file."""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{file}' as looked_at (read_only)")
        tables = connection.execute(
            "select schema_name, table_name from duckdb_tables() where database_name = 'looked_at' order by all"
        ).fetchall()
        for schema, table in tables:
            for row in connection.execute(f'select * from looked_at.{schema}."{table}" order by all').fetchall():
                yield table, row


def landed_rows(settings: Settings) -> list[tuple[Any, ...]]:
    """Every landed row but its batch id, which is that of the content."""
    rows = []
    for batch in read_ledger(settings.landing_dir):
        for row in pq.read_table(settings.landing_dir / batch.path).to_pylist():
            rows.append((batch.entity, *(str(value) for name, value in sorted(row.items()) if name != "_batch_id")))
    return sorted(rows)
