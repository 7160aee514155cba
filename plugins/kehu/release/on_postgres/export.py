"""The candidate's tables become a release on Postgres: a schema ``rel_<id>`` with its manifest, in one transaction."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from kehu.files.fault_points import step
from kehu.ops.tables import candidate_schema
from kehu.quoting import sql_name
from kehu.release.candidate import CandidateFacts, last_checks, own_row
from kehu.release.descriptions import comments
from kehu.release.ids import ReleaseId
from kehu.release.manifest import Manifest
from kehu.release.on_postgres.checksums import summarise_schema
from kehu.release.origin import LATEST_ORDERS, Origin, origin_of
from kehu.release.personal import PERSONAL_NAMES, tagged_columns
from kehu.settings import Settings
from kehu.warehouse.on_postgres.masks import mask_release
from kehu.warehouse.on_postgres.release_schemas import MANIFESTS, schema_of_release
from kehu.warehouse.on_postgres.session import PostgresSession
from kehu.warehouse.protocol import Warehouse

_TABLES = "select table_name from information_schema.tables where table_schema = ? order by table_name"
_BYTES = """
    select coalesce(sum(pg_total_relation_size(pg_class.oid)), 0)
    from pg_class inner join pg_namespace on pg_namespace.oid = pg_class.relnamespace
    where pg_namespace.nspname = ? and pg_class.relkind = 'r'
"""


def store_release(
    settings: Settings, warehouse: Warehouse, release_id: ReleaseId, previous: str | None, now: datetime
) -> Manifest:
    """Copy a candidate into a schema of its own, complete it, and write down its manifest; all of it or nothing.

    Raises:
        ReleaseError: the candidate is not there, or its ``release`` table is not of this release.
    """
    with warehouse.session() as session:
        assert isinstance(session, PostgresSession)
        origin = origin_of(settings, session, release_id, previous, now)
        with session.transaction():
            manifest = _store(settings, session, release_id, origin)
            step("publish:synced")
    step("publish:renamed")
    return manifest


def _store(settings: Settings, session: PostgresSession, release_id: ReleaseId, origin: Origin) -> Manifest:
    candidate, schema = candidate_schema(release_id), schema_of_release(release_id)
    tables = [row[0] for row in session.rows(_TABLES, [candidate])]
    facts = own_row(session, release_id, tables)
    session.execute(f"create schema {sql_name(schema)}")
    for table in map(sql_name, tables):
        session.execute(f"create table {sql_name(schema)}.{table} as select * from {sql_name(candidate)}.{table}")
    checks = last_checks(session, release_id)
    if checks is not None:
        target = f"{sql_name(schema)}.data_quality"
        session.execute(f"delete from {target}")
        session.execute(f"insert into {target} ({', '.join(checks.columns)}) {checks.query}", checks.parameters)
    return complete_release(settings, session, release_id, tables, facts=facts, origin=origin)


def complete_release(
    settings: Settings,
    session: PostgresSession,
    release_id: ReleaseId,
    tables: Collection[str],
    *,
    facts: CandidateFacts,
    origin: Origin,
) -> Manifest:
    """Make a release of a schema that holds a candidate's tables: dates, descriptions, statistics, masks, its manifest.

    Args:
        settings: name the run, which knows the descriptions and which columns are personal.
        session: in a transaction.
        tables: the names of the tables in the schema.
        facts: what the candidate says of itself.
        origin: what the release was built from.
    """
    schema = sql_name(schema_of_release(release_id))
    session.execute(
        f"update {schema}.release set published_at = ?, previous_release_id = ?", [origin.published_at, origin.previous]
    )
    for statement in comments(settings, release_id, schema, set(tables)):
        session.execute(statement)
    for table in map(sql_name, tables):
        session.execute(f"analyze {schema}.{table}")
    step("publish:exported")
    summaries = summarise_schema(session, schema_of_release(release_id))
    latest = session.rows(LATEST_ORDERS.format(schema=schema)) if "fct_orders" in tables else []
    size = int(session.rows(_BYTES, [schema_of_release(release_id)])[0][0])
    manifest = origin.manifest(facts, summaries, dict(latest), size)
    mask_release(session, release_id, tagged_columns(settings, release_id), PERSONAL_NAMES)
    session.execute(f"insert into {MANIFESTS} values (?, ?)", [release_id, manifest.model_dump_json()])
    return manifest
