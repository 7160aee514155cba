"""A release on Postgres is written anew: its rows are changed in one transaction, then the dead ones are removed."""

from __future__ import annotations

from collections.abc import Iterator

from kehu.files.fault_points import step
from kehu.quoting import sql_name
from kehu.release.manifest import Manifest
from kehu.release.on_postgres.checksums import summarise_schema
from kehu.release.on_postgres.reading import PostgresRelease
from kehu.release.rewriting import Replacement, Rewriting, Rewritten, touched_rows
from kehu.warehouse.on_postgres.release_schemas import MANIFESTS, schema_of_personal, where_is
from kehu.warehouse.on_postgres.reset import rewrite_tables
from kehu.warehouse.on_postgres.session import PostgresSession

_COLUMNS = """
    select columns.table_schema, columns.table_name, columns.column_name, columns.data_type
    from information_schema.columns
    inner join information_schema.tables using (table_schema, table_name)
    where table_schema = any(?) and table_type = 'BASE TABLE' order by 1, 2, columns.ordinal_position
"""
"""What a masked view of a release shows lies in a schema of its own."""
_TEXTS = {"text", "character varying"}

Location = tuple[str, str]
"""Schema and table."""


def count_in_schemas(session: PostgresSession, behind: list[Manifest], by: Rewriting) -> dict[str, dict[str, int]]:
    """The rows of each table of each release that would change."""
    counts = {}
    for manifest, schema in _located(session, behind):
        found = _tables(session, _schemas(manifest, schema), by)
        counts[manifest.release_id] = {where[1]: _count(session, where, hits) for where, _, hits in found if hits}
    return counts


def rewrite_schemas(session: PostgresSession, behind: list[Manifest], by: Rewriting) -> Rewritten:
    """Change the rows of these releases, as an administrator of the database."""
    done = Rewritten()
    for manifest, schema in _located(session, behind):
        done.rows[manifest.release_id] = _rewrite(session, schema, manifest, by)
        step("erase:release_rewritten")
    # Statistics hold the frequent values of columns, and those of before as dead rows.
    rewrite_tables(session, [("pg_catalog", "pg_statistic")])
    return done


def _rewrite(session: PostgresSession, schema: str, manifest: Manifest, by: Rewriting) -> dict[str, int]:
    counts = {}
    schemas = _schemas(manifest, schema)
    with session.transaction():
        for where, names, found in _tables(session, schemas, by):
            if not found:
                continue
            counts[where[1]] = _count(session, where, found)
            changes = ", ".join(f"{sql_name(name)} = {sql}" for name, sql in by.columns(where[1], names, found).items())
            session.execute(f"update {_sql(where)} set {changes} where {touched_rows(found)}")
    # Before the manifest says that the release is done, so that a killed erasure comes back for the dead rows.
    rewrite_tables(session, _shapes(session, schemas))
    step("erase:release_vacuumed")
    with session.transaction():
        new = by.manifest(manifest, summarise_schema(session, schema), manifest.file_bytes)
        session.execute(
            f"update {MANIFESTS} set manifest = ? where release_id = ?", [new.model_dump_json(), manifest.release_id]
        )
    rewrite_tables(session, [tuple(MANIFESTS.split("."))])
    return counts


def _located(session: PostgresSession, behind: list[Manifest]) -> Iterator[tuple[Manifest, str]]:
    for manifest in behind:
        schema = where_is(session, manifest.release_id)
        if schema is not None:
            yield manifest, schema


def _schemas(manifest: Manifest, schema: str) -> list[str]:
    return [schema, schema_of_personal(manifest.release_id)]


def _shapes(session: PostgresSession, schemas: list[str]) -> dict[Location, list[tuple[str, str]]]:
    """The columns of every table with their types."""
    columns: dict[Location, list[tuple[str, str]]] = {}
    for schema, table, column, kind in session.rows(_COLUMNS, [schemas]):
        columns.setdefault((schema, table), []).append((column, kind))
    return columns


def _tables(
    session: PostgresSession, schemas: list[str], by: Rewriting
) -> Iterator[tuple[Location, list[str], list[Replacement]]]:
    """Every table with its columns and what is to be replaced in it."""
    release = PostgresRelease(session, schemas[0])
    for where, shape in _shapes(session, schemas).items():
        texts = [name for name, kind in shape if kind in _TEXTS]
        found = [one for name in texts for one in by.replacements(release, _sql(where), where[1], name)]
        yield where, [name for name, _ in shape], found


def _count(session: PostgresSession, where: Location, found: list[Replacement]) -> int:
    return int(session.rows(f"select count(*) from {_sql(where)} where {touched_rows(found)}")[0][0])


def _sql(where: Location) -> str:
    return f"{sql_name(where[0])}.{sql_name(where[1])}"
