"""Erasure in releases on Postgres: the rows of a release are rewritten in one transaction, then the dead ones are removed.

The hashes are made here, so that the key of the ledger never stands in a statement that the server may log.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, cast

from kehu.erasure.ledger import ErasureLedger
from kehu.erasure.rewriting import (
    Replacement,
    is_erased,
    is_personal,
    may_name_a_person,
    rewritten_columns,
    rewritten_manifest,
    touched_rows,
)
from kehu.files.fault_points import step
from kehu.release.manifest import Manifest
from kehu.release.on_duckdb.reading import sql_name
from kehu.release.on_postgres.checksums import summarise_schema
from kehu.settings import Settings
from kehu.warehouse.on_postgres.release_schemas import MANIFESTS, manifests, schema_of_personal, where_is
from kehu.warehouse.on_postgres.reset import rewrite_tables

if TYPE_CHECKING:
    from kehu.warehouse.on_postgres.postgres_backend import PostgresWarehouse
    from kehu.warehouse.on_postgres.session import PostgresSession
    from kehu.warehouse.protocol import Warehouse

_COLUMNS = """
    select columns.table_schema, columns.table_name, columns.column_name, columns.data_type
    from information_schema.columns
    inner join information_schema.tables using (table_schema, table_name)
    where table_schema = any(?) and table_type = 'BASE TABLE' order by 1, 2, columns.ordinal_position
"""
"""What a masked view of a release shows lies in a schema of its own."""
_TEXTS = {"text", "character varying"}

Place = tuple[str, str]
"""Schema and table."""


def count_in_schemas(settings: Settings, warehouse: Warehouse, ledger: ErasureLedger) -> dict[str, dict[str, int]]:
    """The rows of each table of each release that would change."""
    del settings
    counts = {}
    with cast("PostgresWarehouse", warehouse).session(read_only=True) as session:
        for manifest, schema in _behind(session, ledger):
            found = _tables(session, _places(manifest, schema), ledger)
            counts[manifest.release_id] = {place[1]: _count(session, place, hits) for place, _, hits in found if hits}
    return counts


def erase_schemas(settings: Settings, warehouse: Warehouse, ledger: ErasureLedger) -> dict[str, dict[str, int]]:
    """Rewrite the rows of every release that is behind; returns how many changed, by release and table."""
    changed = {}
    with cast("PostgresWarehouse", warehouse).session() as session:
        for manifest, schema in _behind(session, ledger):
            changed[manifest.release_id] = _rewrite(settings, session, schema, manifest, ledger)
            step("erase:release_rewritten")
        # Statistics hold the frequent values of columns, and those of before as dead rows.
        rewrite_tables(session, [("pg_catalog", "pg_statistic")])
    return changed


def _rewrite(
    settings: Settings, session: PostgresSession, schema: str, manifest: Manifest, ledger: ErasureLedger
) -> dict[str, int]:
    counts = {}
    places = _places(manifest, schema)
    with session.transaction():
        for place, names, found in _tables(session, places, ledger):
            if not found:
                continue
            counts[place[1]] = _count(session, place, found)
            changes = ", ".join(
                f"{sql_name(name)} = {sql}" for name, sql in rewritten_columns(place[1], names, found).items()
            )
            session.execute(f"update {_sql(place)} set {changes} where {touched_rows(found)}")
    # Before the manifest says that the release is done, so that a killed erasure comes back for the dead rows.
    rewrite_tables(session, _shapes(session, places))
    step("erase:release_vacuumed")
    with session.transaction():
        new = rewritten_manifest(settings, manifest, ledger, summarise_schema(session, schema), manifest.file_bytes)
        session.execute(
            f"update {MANIFESTS} set manifest = ? where release_id = ?", [new.model_dump_json(), manifest.release_id]
        )
    rewrite_tables(session, [tuple(MANIFESTS.split("."))])
    return counts


def _behind(session: PostgresSession, ledger: ErasureLedger) -> list[tuple[Manifest, str]]:
    found = []
    for release_id, text in manifests(session).items():
        manifest, schema = Manifest.model_validate(text), where_is(session, release_id)
        if schema is not None and not is_erased(manifest, ledger):
            found.append((manifest, schema))
    return found


def _places(manifest: Manifest, schema: str) -> list[str]:
    return [schema, schema_of_personal(manifest.release_id)]


def _shapes(session: PostgresSession, schemas: list[str]) -> dict[Place, list[tuple[str, str]]]:
    """The columns of every table with their types."""
    columns: dict[Place, list[tuple[str, str]]] = {}
    for schema, table, column, kind in session.rows(_COLUMNS, [schemas]):
        columns.setdefault((schema, table), []).append((column, kind))
    return columns


def _tables(
    session: PostgresSession, schemas: list[str], ledger: ErasureLedger
) -> Iterator[tuple[Place, list[str], list[Replacement]]]:
    """Every table with its columns and what is to be replaced in it."""
    for place, shape in _shapes(session, schemas).items():
        texts = [name for name, kind in shape if kind in _TEXTS and may_name_a_person(name)]
        found = [one for name in texts for one in _replacements(session, place, name, ledger)]
        yield place, [name for name, _ in shape], found


def _replacements(session: PostgresSession, place: Place, column: str, ledger: ErasureLedger) -> Iterator[Replacement]:
    pseudonyms, texts = _known(ledger)
    assert ledger.key is not None
    name = sql_name(column)
    for (value,) in session.rows(f"select distinct {name} from {_sql(place)} where {name} <> ''"):
        if is_personal(place[1], column) and ledger.key.hmac(f"text|{value}") in texts:
            yield Replacement(column, value, None)
            continue
        items = [_pseudonym(item, ledger, pseudonyms) for item in value.split(",")]
        if any(items):
            old = value.split(",")
            yield Replacement(column, value, ",".join(new or was for new, was in zip(items, old, strict=True)))


def _pseudonym(item: str, ledger: ErasureLedger, pseudonyms: dict[str, str]) -> str | None:
    assert ledger.key is not None
    for message in (f"record|{item.strip()}", f"email|{item.strip().lower()}"):
        found = pseudonyms.get(ledger.key.hmac(message))
        if found is not None:
            return found
    return None


def _known(ledger: ErasureLedger) -> tuple[dict[str, str], frozenset[str]]:
    pseudonyms = {
        key.hmac: key.pseudonym or f"{one.token}@erased.invalid"
        for one in reversed(ledger.erasures)
        for key in one.keys
        if key.kind in ("record", "email")
    }
    return pseudonyms, frozenset(key.hmac for one in ledger.erasures for key in one.keys if key.kind == "text")


def _count(session: PostgresSession, place: Place, found: list[Replacement]) -> int:
    return int(session.rows(f"select count(*) from {_sql(place)} where {touched_rows(found)}")[0][0])


def _sql(place: Place) -> str:
    return f"{sql_name(place[0])}.{sql_name(place[1])}"
