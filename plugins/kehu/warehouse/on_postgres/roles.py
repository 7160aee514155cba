"""The roles of a database: who loads, builds, publishes and reads; and how a session takes its own.

The roles exist where ``kehu warehouse init`` has made them; elsewhere one owner does everything. The owner of schema
``landing`` says which: there is no mark beside it that could disagree.
"""

from __future__ import annotations

from collections.abc import Mapping

import psycopg2.errors
import psycopg2.extensions

from kehu.errors import ConfigurationError
from kehu.warehouse.on_postgres.connection import parts
from kehu.warehouse.protocol import Role

LOADER, BUILDER, PUBLISHER = "kehu_loader", "kehu_builder", "kehu_publisher"
WORKERS = (LOADER, BUILDER, PUBLISHER)
ROLES: Mapping[Role, str] = {"load": LOADER, "build": BUILDER, "publish": PUBLISHER}
_TAKE = """
    select set_config('role', %(role)s, false) from pg_namespace
    where nspname = 'landing' and nspowner = to_regrole(%(loader)s)
"""


def personal_reader(bi_role: str) -> str:
    """The role that reads what the role of ``KEHU_BI_ROLE`` reads, personal columns unmasked."""
    return f"{bi_role}_pii"


def take_role(connection: psycopg2.extensions.connection, role: Role) -> str | None:
    """Let a new connection act in a role; returns it, or None where the database has no roles.

    Raises:
        ConfigurationError: there are roles, and who has logged in may not take this one.
    """
    try:
        with connection.cursor() as cursor:
            cursor.execute(_TAKE, {"role": ROLES[role], "loader": LOADER})
            return ROLES[role] if cursor.fetchone() else None
    except psycopg2.errors.InsufficientPrivilege:
        raise ConfigurationError(
            "the database has roles, and the role of KEHU_WAREHOUSE_DSN may not act as the one that this step needs",
            fix="let an administrator run `kehu warehouse init` with this KEHU_WAREHOUSE_DSN",
            login=connection.info.user,
            role=ROLES[role],
        ) from None


def acting(dsn: str, role: str | None) -> str:
    """The connection string whose connections act as a role from their beginning; as it is where there is no role."""
    if role is None:
        return dsn
    return psycopg2.extensions.make_dsn(dsn, options=f"{parts(dsn).get('options', '')} -c role={role}".strip())
