"""One writer at a time on Postgres, whatever machine it runs on: an advisory lock that a session holds while it lives."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg2.extensions

from kehu.errors import WarehouseBusy
from kehu.warehouse.on_postgres.connection import connect

WRITER = 1
"""The second half of the lock's key; the first is the hash of `kehu`."""
_POLL_SECONDS = 0.2
_HOLDER = """
    select activity.application_name, activity.client_addr::text
    from pg_locks
    inner join pg_stat_activity as activity on activity.pid = pg_locks.pid
    where
        pg_locks.locktype = 'advisory'
        and pg_locks.granted
        and pg_locks.classid::bigint::bit(32) = hashtext('kehu')::bigint::bit(32)
        and pg_locks.objid = %s
        and pg_locks.database = (select oid from pg_database where datname = current_database())
"""


@contextmanager
def writer_lock(dsn: str, holder: str, timeout_seconds: float) -> Iterator[None]:
    """Hold the database's single-writer lock for the block, on a connection of its own.

    Raises:
        WarehouseBusy: somebody else still holds it after the timeout; names the holder.
    """
    connection = connect(dsn, holder)
    try:
        deadline = time.monotonic() + timeout_seconds
        while not _taken(connection):
            if time.monotonic() >= deadline:
                raise WarehouseBusy(
                    "another run holds the warehouse",
                    fix="wait for it to end, or raise KEHU_LOCK_TIMEOUT_SECONDS",
                    held_by=_holder(connection),
                )
            time.sleep(_POLL_SECONDS)
        yield
    finally:
        connection.close()


def _taken(connection: psycopg2.extensions.connection) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_lock(hashtext('kehu'), %s)", [WRITER])
        row = cursor.fetchone()
        return bool(row and row[0])


def _holder(connection: psycopg2.extensions.connection) -> str:
    with connection.cursor() as cursor:
        cursor.execute(_HOLDER, [WRITER])
        row = cursor.fetchone()
    return " from ".join(part for part in row if part) if row else "unknown"
