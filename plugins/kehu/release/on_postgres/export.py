"""The candidate's tables become a release on Postgres: a schema ``rel_<id>`` with its manifest, in one transaction."""

from __future__ import annotations

from datetime import datetime

from kehu.files.fault_points import step
from kehu.ops.tables import candidate_schema
from kehu.release.descriptions import comments
from kehu.release.ids import parse_release_id
from kehu.release.manifest import Manifest
from kehu.release.on_duckdb.export import own_row
from kehu.release.on_duckdb.reading import sql_name
from kehu.release.on_postgres.checksums import summarise_schema
from kehu.release.origin import LATEST_ORDERS, Origin, origin_of
from kehu.release.personal import PERSONAL_NAMES, tagged_columns
from kehu.settings import Settings
from kehu.warehouse.on_postgres.masks import mask_release
from kehu.warehouse.on_postgres.postgres_backend import PostgresWarehouse
from kehu.warehouse.on_postgres.release_schemas import MANIFESTS, schema_of_release
from kehu.warehouse.on_postgres.session import PostgresSession

_TABLES = "select table_name from information_schema.tables where table_schema = ? order by table_name"
_DATA_QUALITY = """
    insert into {schema}.data_quality
        (release_id, layer, "table", "check", severity, status, observed, expected, reason, as_of_date)
    select release_id, layer, table_name, check_name, severity, status, observed, expected, reason, cast(? as date)
    from ops.check_results
    where release_id = ?
    order by layer, table_name, check_name
"""
_BYTES = """
    select coalesce(sum(pg_total_relation_size(pg_class.oid)), 0)
    from pg_class inner join pg_namespace on pg_namespace.oid = pg_class.relnamespace
    where pg_namespace.nspname = ? and pg_class.relkind = 'r'
"""


def store_release(
    settings: Settings, warehouse: PostgresWarehouse, release_id: str, previous: str | None, now: datetime
) -> Manifest:
    """Copy a candidate into a schema of its own, complete it, and write down its manifest; all of it or nothing.

    Raises:
        ReleaseError: the candidate is not there, or its ``release`` table is not of this release.
    """
    with warehouse.session() as session:
        origin = origin_of(settings, session, release_id, previous, now)
        with session.transaction():
            manifest = _store(settings, session, release_id, origin)
            step("publish:synced")
    step("publish:renamed")
    return manifest


def _store(settings: Settings, session: PostgresSession, release_id: str, origin: Origin) -> Manifest:
    candidate, schema = candidate_schema(release_id), schema_of_release(release_id)
    tables = [row[0] for row in session.rows(_TABLES, [candidate])]
    facts = own_row(session, release_id, tables)
    session.execute(f"create schema {sql_name(schema)}")
    for table in map(sql_name, tables):
        session.execute(f"create table {sql_name(schema)}.{table} as select * from {sql_name(candidate)}.{table}")
    _complete(session, release_id, schema, tables, origin)
    for statement in comments(settings, release_id, sql_name(schema), set(tables)):
        session.execute(statement)
    for table in map(sql_name, tables):
        session.execute(f"analyze {sql_name(schema)}.{table}")
    step("publish:exported")
    summaries = summarise_schema(session, schema)
    latest = session.rows(LATEST_ORDERS.format(schema=sql_name(schema))) if "fct_orders" in tables else []
    size = int(session.rows(_BYTES, [schema])[0][0])
    manifest = origin.manifest(facts, summaries, dict(latest), size)
    mask_release(session, release_id, tagged_columns(settings, release_id), PERSONAL_NAMES)
    session.execute(f"insert into {MANIFESTS} values (?, ?)", [release_id, manifest.model_dump_json()])
    return manifest


def _complete(session: PostgresSession, release_id: str, schema: str, tables: list[str], origin: Origin) -> None:
    """Fill in what is known at publication only: when, after which release, and what the last checks said."""
    place = sql_name(schema)
    completed = f"update {place}.release set published_at = ?, previous_release_id = ?"
    session.execute(completed, [origin.published_at, origin.previous])
    if "data_quality" in tables:
        session.execute(f"delete from {place}.data_quality")
        as_of = parse_release_id(release_id).as_of
        session.execute(_DATA_QUALITY.format(schema=place), [as_of, release_id])
