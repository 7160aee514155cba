"""Empties the working schemas on Postgres of everything that the landing zone gives back, and removes dead rows."""

from __future__ import annotations

import time
from collections.abc import Iterable

from psycopg2 import errors, sql

from kehu.errors import WarehouseBusy
from kehu.ops.tables import OPS_TABLES, STATE_TABLES
from kehu.warehouse.on_postgres.session import PostgresSession

_REBUILT = ("seeds", "staging", "intermediate", "work")
_RELATIONS = """
    select pg_class.relname, pg_class.relkind::text from pg_class
    inner join pg_namespace on pg_namespace.oid = pg_class.relnamespace
    where pg_namespace.nspname = ? and pg_class.relkind in ('r', 'v', 'm', 'p')
"""
_CANDIDATES = "select nspname from pg_namespace where nspname like 'candidate\\_r%'"
_ATTEMPTS, _WAIT_SECONDS, _PAUSE_SECONDS = 30, 2, 1.0


def reset_postgres(session: PostgresSession) -> None:
    """Drop all that dbt has built, and empty the ops tables that speak of it. The schemas themselves and their grants stay."""
    with session.transaction():
        for schema in _REBUILT:
            for name, kind in session.rows(_RELATIONS, [schema]):
                what = {"v": "view", "m": "materialized view"}.get(kind, "table")
                _run(session, f"drop {what} if exists {{}} cascade", schema, name)
        for (schema,) in session.rows(_CANDIDATES):
            _run(session, "drop schema {} cascade", schema)
        for table in STATE_TABLES:
            session.execute(f"delete from ops.{table}")
    landing = [("landing", name) for name, kind in session.rows(_RELATIONS, ["landing"]) if kind == "r"]
    rewrite_tables(session, [*landing, *(("ops", table) for table in OPS_TABLES), ("pg_catalog", "pg_statistic")])
    session.execute("checkpoint") if _may_checkpoint(session) else None


def rewrite_tables(session: PostgresSession, tables: Iterable[tuple[str, ...]]) -> None:
    """Write tables anew without their dead rows, and gather their statistics anew: those hold frequent values.

    Raises:
        WarehouseBusy: a query keeps reading one of them.
    """
    for schema, table in sorted(tables):
        for _ in range(_ATTEMPTS):
            try:
                session.execute(f"set lock_timeout = '{_WAIT_SECONDS}s'")
                _run(session, "vacuum (full, analyze) {}", schema, table)
                break
            except errors.LockNotAvailable:
                time.sleep(_PAUSE_SECONDS)
        else:
            raise WarehouseBusy(
                "a query keeps reading a table whose dead rows are to be removed",
                fix="run the erasure again when it has ended: it goes on where it stopped",
                table=f"{schema}.{table}",
            )
    session.execute("reset lock_timeout")


def _may_checkpoint(session: PostgresSession) -> bool:
    """Dropped tables leave the disk with the next checkpoint; a role that may ask for one need not wait for it."""
    version = session.connection.server_version
    role = "pg_checkpoint" if version >= 150_000 else None
    rows = session.rows("select rolsuper from pg_roles where rolname = current_user")
    if rows and rows[0][0]:
        return True
    return bool(role and session.rows("select pg_has_role(current_user, ?, 'usage')", [role])[0][0])


def _run(session: PostgresSession, statement: str, *names: str) -> None:
    session.execute(sql.SQL(statement).format(sql.Identifier(*names)).as_string(session.connection))
