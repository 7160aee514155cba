"""What a database needs before Kehu works in it: the right order of texts, schemas, bookkeeping, functions."""

from __future__ import annotations

import hashlib
from pathlib import Path

from kehu.errors import ConfigurationError
from kehu.ops.tables import OPS_TABLES, SCHEMAS, make_ops
from kehu.session import one_value
from kehu.warehouse.on_postgres.landing_tables import make_landing_tables
from kehu.warehouse.on_postgres.release_schemas import MANIFESTS
from kehu.warehouse.on_postgres.session import PostgresSession

FUNCTIONS = Path("dialect") / "postgres_functions.sql"
"""Within the dbt project, whose macros call them: so a change of them is a change of the state's code."""
_SETUP = 5
"""Number of the advisory lock under which the database is prepared."""
_TEXT_ORDER = "select lower('ÄÉЖ') = 'äéж' and 'Z' < 'a' and 'z' < 'ä' and 'a b' < 'ab'"


def prepare(session: PostgresSession, dbt_project: Path, may_change: bool = True, computes: bool = True) -> None:
    """Make schemas, bookkeeping, landing tables and functions, unless that was done with this code already.

    Args:
        computes: whether models will run there. A database that only serves may order texts as it likes.
        may_change: whether the session's role may; where the database has roles, only an administrator may.

    Raises:
        ConfigurationError: texts are ordered otherwise than by their code points in this database, or it was prepared by
            another version of Kehu and must be changed.
    """
    functions = (dbt_project / FUNCTIONS).read_text(encoding="utf-8")
    mark = hashlib.sha256(repr((functions, sorted(OPS_TABLES.items()), _shape_of_landing())).encode()).hexdigest()
    served = f"{mark} serves only"
    if _mark(session) in ({mark} if computes else {mark, served}):
        return
    if not may_change:
        raise ConfigurationError(
            "the database was prepared by another version of Kehu, and the roles of a run may not change it",
            fix="let an administrator run `kehu warehouse init` with this version",
        )
    if computes:
        _require_text_order(session)
    with session.transaction():
        session.execute("select pg_advisory_xact_lock(hashtext('kehu'), ?)", [_SETUP])
        for schema in (*SCHEMAS, "kehu"):
            session.execute(f"create schema if not exists {schema}")
        for statement in make_ops():
            session.execute(statement)
        session.execute(f"create table if not exists {MANIFESTS} (release_id varchar primary key, manifest jsonb)")
        make_landing_tables(session)
        session.execute(functions)
        session.execute(f"comment on schema kehu is '{mark if computes else served}'")


def _shape_of_landing() -> list[tuple[str, dict[str, str]]]:
    from kehu.entities import ENTITIES

    return [(entity.name, entity.landed) for entity in ENTITIES.values()]


def _mark(session: PostgresSession) -> str | None:
    found: str | None = one_value(session, "select obj_description(to_regnamespace('kehu'), 'pg_namespace')")
    return found


def _text_order_clause(session: PostgresSession) -> str:
    if session.connection.server_version >= 170_000:
        return "locale_provider builtin builtin_locale 'C.UTF-8' locale 'C'"
    return "lc_collate 'C' lc_ctype 'C.UTF-8'"


def _require_text_order(session: PostgresSession) -> None:
    if one_value(session, _TEXT_ORDER) is not True:
        raise ConfigurationError(
            "the database orders texts or changes their case otherwise than Unicode's code points; equal data would give"
            " other figures than on other warehouses",
            fix="make a database of Kehu's own: create database kehu template template0 encoding 'UTF8' "
            f"{_text_order_clause(session)}",
            database=one_value(session, "select current_database()"),
        )
