"""Connections to Postgres: every one in UTC, bounded, named, and never with its password in a message."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import psycopg2
import psycopg2.errors
import psycopg2.extensions

from kehu.errors import ConfigurationError, WarehouseBusy, WarehouseFull, WarehouseUnreachable
from kehu.server_address import HINT, is_address

APPLICATION = "kehu"
_SETTINGS = {
    "TimeZone": "UTC",
    "DateStyle": "ISO",
    "client_min_messages": "warning",
    # A build is many statements of seconds: compiling each costs more than it saves.
    "jit": "off",
    "idle_session_timeout": "0",
    "work_mem": "64MB",
}
_KEEPALIVE: dict[str, Any] = {"keepalives": 1, "keepalives_idle": 60, "keepalives_interval": 10, "keepalives_count": 6}


def _number(value: str | bytes | None, _: object) -> int | Decimal | None:
    if value is None:
        return None
    text = str(value)
    return int(text) if text.lstrip("-").isdigit() else Decimal(text)


_WHOLE_OR_DECIMAL = psycopg2.extensions.new_type((1700,), "WHOLE_OR_DECIMAL", _number)
"""A sum of whole numbers is a `numeric` on Postgres: without decimals it is read as the whole number that it is."""


def connect(dsn: str, application: str = APPLICATION) -> psycopg2.extensions.connection:
    """Open a connection in which every statement commits by itself until a transaction is begun.

    Args:
        dsn: a libpq connection string or URL.
        application: who connects, as shown in ``pg_stat_activity``; Postgres keeps 63 bytes of it.

    Raises:
        ConfigurationError: the connection string is not one.
        WarehouseUnreachable: the server does not answer or does not let us in.
    """
    try:
        connection = psycopg2.connect(
            dsn, application_name=application[:63], options=options(dsn), connect_timeout=10, **_KEEPALIVE
        )
    except psycopg2.OperationalError as error:
        raise WarehouseUnreachable(
            "the Postgres server cannot be reached",
            fix="see whether it runs and whether KEHU_WAREHOUSE_DSN names a database and a role that may connect",
            cause=_cause(error, dsn),
            **_whereabouts(dsn),
        ) from None
    connection.autocommit = True
    psycopg2.extensions.register_type(_WHOLE_OR_DECIMAL, connection)
    return connection


@contextmanager
def named_errors() -> Iterator[None]:
    """Give the troubles of a server their names; what SQL did wrong stays psycopg2's.

    Raises:
        WarehouseFull: its disk is full.
        WarehouseBusy: a lock was not given in time, or the server has cancelled the statement.
        WarehouseUnreachable: the connection is lost.
    """
    try:
        yield
    except psycopg2.errors.DiskFull as error:
        raise WarehouseFull(
            "the disk of the Postgres server is full",
            fix="make room, then run again: nothing is half done",
            cause=_first_line(error),
        ) from error
    except (psycopg2.errors.LockNotAvailable, psycopg2.errors.QueryCanceled) as error:
        raise WarehouseBusy(
            "the Postgres server did not let a statement through in time",
            fix="see who holds the lock in pg_stat_activity, or raise lock_timeout and statement_timeout, then run again",
            cause=_first_line(error),
        ) from error
    except (psycopg2.OperationalError, psycopg2.InterfaceError) as error:
        raise WarehouseUnreachable(
            "the connection to the Postgres server is lost",
            fix="see whether the server runs, then run again: what was not committed is undone",
            cause=_first_line(error),
        ) from error


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or ["no reason given"])[0]


def options(dsn: str) -> str:
    """The settings of every session, as libpq wants them, those of the connection string last.

    ``PGOPTIONS`` carries them to child processes.
    """
    own = [f"-c {name}={value}" for name, value in _SETTINGS.items()]
    return " ".join([*own, parts(dsn).get("options", "")]).strip()


def parts(dsn: str) -> dict[str, str]:
    """What a connection string says: host, port, user, password, dbname, sslmode and so on.

    Raises:
        ConfigurationError: it is not a connection string.
    """
    try:
        found = dict(psycopg2.extensions.parse_dsn(dsn))
    except psycopg2.ProgrammingError:
        found = None
    if found is None or not is_address(found.get("host"), found.get("port"), found.get("dbname")):
        # without any fact: whatever was taken for a host may be the rest of a password
        raise ConfigurationError("KEHU_WAREHOUSE_DSN is not a connection string", fix=HINT)
    return found


def _whereabouts(dsn: str) -> dict[str, Any]:
    known = parts(dsn)
    # Without a user, what stands where the port does may be a password behind which the host is missing.
    shown = ("host", "port", "dbname") if "user" in known else ("host", "dbname")
    return {name: known.get(name) for name in shown}


def _cause(error: Exception, dsn: str) -> str:
    first = (str(error).strip().splitlines() or ["no reason given"])[-1]
    password = parts(dsn).get("password")
    return re.sub(re.escape(password), "…", first) if password else first
