"""Releases on Postgres: a schema each, `rel_<id>`, of which the current one is called `analytics` instead.

Renaming two schemas is one step; a statement under way keeps the tables that it began with. Postgres looks up the tables of a
statement one after another, so for the moment of the step nobody may be between two of these lookups: see `_hold_readers`.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from typing import Any

from psycopg2 import errors, sql

from kehu.errors import ReleaseError
from kehu.session import one_value
from kehu.warehouse.on_postgres.session import PostgresSession

log = logging.getLogger(__name__)

PUBLISHED = "analytics"
MANIFESTS = "ops.release_manifests"
"""The manifest of each release that is kept, written with the release in one transaction."""
SWAP = 2
"""Number of the advisory lock under which the schemas change their names; who reads several tables shares it."""
_HOLD_MILLISECONDS, _HOLD_PAUSE_SECONDS, _HOLD_ATTEMPTS = 50, 0.1, 30
"""How long readers may be held, the pause in which they go on, and how often it is tried."""
_RELATIONS = """
    select relname from pg_class inner join pg_namespace on pg_namespace.oid = pg_class.relnamespace
    where pg_namespace.nspname = ? and pg_class.relkind = any(?::"char"[]) order by relname
"""
_DEPENDENTS = """
    select distinct dependent_schema.nspname || '.' || dependent.relname
    from pg_depend as edges
    inner join pg_rewrite as rules on rules.oid = edges.objid and edges.classid = 'pg_rewrite'::regclass
    inner join pg_class as dependent on dependent.oid = rules.ev_class
    inner join pg_namespace as dependent_schema on dependent_schema.oid = dependent.relnamespace
    inner join pg_class as owned on owned.oid = edges.refobjid and edges.refclassid = 'pg_class'::regclass
    inner join pg_namespace as owner on owner.oid = owned.relnamespace
    where owner.nspname = any(?) and dependent_schema.nspname <> all(?)
    order by 1
"""


@dataclass(frozen=True)
class Readers:
    """The roles of BI that the server has: ``masked`` sees personal columns masked, ``whole`` as they are."""

    masked: str | None
    whole: str | None

    @property
    def existing(self) -> tuple[str, ...]:
        """Those that there are."""
        return tuple(name for name in (self.masked, self.whole) if name is not None)


def schema_of_release(release_id: str) -> str:
    """The schema of a release that is not the current one."""
    return f"rel_{release_id}"


def schema_of_personal(release_id: str) -> str:
    """The schema that holds, whole, the tables of a release that have personal columns; its name stays when BI moves."""
    return f"{schema_of_release(release_id)}_personal"


def published_id(session: PostgresSession) -> str | None:
    """The release that BI reads now, or None before the first publication.

    Raises:
        ReleaseError: a schema ``analytics`` is there that Kehu did not make.
    """
    if not _exists(session, PUBLISHED):
        return None
    if one_value(session, "select to_regclass('analytics.release') is not null"):
        rows = session.rows("select release_id from analytics.release")
        if len(rows) == 1:
            found: str = rows[0][0]
            return found
    raise ReleaseError(
        "the schema analytics is not one that Kehu has published",
        fix="rename it or give Kehu a database of its own, then publish or roll back",
    )


def where_is(session: PostgresSession, release_id: str) -> str | None:
    """The schema that holds a release now; None where it is not kept."""
    if published_id(session) == release_id:
        return PUBLISHED
    schema = schema_of_release(release_id)
    return schema if _exists(session, schema) else None


def manifests(session: PostgresSession) -> dict[str, dict[str, Any]]:
    """What is written down of each release."""
    if not one_value(session, "select to_regclass(?) is not null", [MANIFESTS]):
        return {}
    return dict(session.rows(f"select release_id, manifest from {MANIFESTS} order by release_id"))


def swap(session: PostgresSession, release_id: str, readers: Readers) -> None:
    """Give the name ``analytics`` to a release; call it in the transaction that writes down that it was done.

    Args:
        release_id: a release that is kept and not the current one.
        readers: the roles that may read what is published, and nothing else of Kehu.
    """
    session.execute("select pg_advisory_xact_lock(hashtext('kehu'), ?)", [SWAP])
    current = published_id(session)
    target = schema_of_release(release_id)
    grant(session, target, release_id, readers)
    if current is not None:
        _hold_readers(session)
        _rename(session, PUBLISHED, schema_of_release(current))
    _rename(session, target, PUBLISHED)
    if current is not None:
        revoke(session, current, readers)


def _hold_readers(session: PostgresSession) -> None:
    """Make whoever begins to read the current release wait until the end of the transaction.

    A statement that waits for a table looks its name up again afterwards, and so finds all of its tables in the new release; one
    that holds a table already keeps the lock from being given, and is let through. Nobody waits longer than an attempt.

    A long query keeps the lock from being given for as long as it runs. After the last attempt the names change without it.
    """
    listed = session.rows(_RELATIONS, [PUBLISHED, ["r", "v"]])
    names = sql.SQL(", ").join(sql.Identifier(PUBLISHED, row[0]) for row in listed)
    lock = sql.SQL("lock table {} in access exclusive mode").format(names).as_string(session.connection)
    for _ in range(_HOLD_ATTEMPTS):
        session.execute("savepoint before_hold")
        try:
            session.execute(f"set local statement_timeout = '{_HOLD_MILLISECONDS}ms'")
            session.execute(lock)
            session.execute("set local statement_timeout = 0")
            return
        except (errors.QueryCanceled, errors.LockNotAvailable, errors.DeadlockDetected):
            session.execute("rollback to savepoint before_hold")
            time.sleep(_HOLD_PAUSE_SECONDS)
    log.warning(
        "queries on the current release have run on for %.0f s; a statement over several tables that begins in the instant of the"
        " swap may see two releases",
        _HOLD_ATTEMPTS * (_HOLD_PAUSE_SECONDS + _HOLD_MILLISECONDS / 1000),
    )


def grant(session: PostgresSession, schema: str, release_id: str, readers: Readers) -> None:
    """Let the readers read a release whose tables are in a schema, masked or whole."""
    for reader in readers.existing:
        _run(session, "grant usage on schema {} to {}", schema, reader)
        _run(session, "grant select on all tables in schema {} to {}", schema, reader)
    grant_whole(session, release_id, readers)


def grant_whole(session: PostgresSession, release_id: str, readers: Readers) -> None:
    """Let the one reader see the personal columns of a release, when it is the current one."""
    private = schema_of_personal(release_id)
    if readers.whole is not None and _exists(session, private):
        # use of the schema is what the views ask for; no right to read its tables goes with it
        _run(session, "grant usage on schema {} to {}", private, readers.whole)


def revoke(session: PostgresSession, release_id: str, readers: Readers) -> None:
    """Take a release that is not the current one from the readers.

    Not the use of the schema of its whole values: a query that still runs would see masks from its middle on.
    """
    for reader in readers.existing:
        _run(session, "revoke usage on schema {} from {}", schema_of_release(release_id), reader)


def existing_role(session: PostgresSession, name: str) -> str | None:
    """The name, if the server has a role of that name."""
    return name if session.rows("select 1 from pg_roles where rolname = ?", [name]) else None


def views_on(session: PostgresSession, release_id: str) -> list[str]:
    """Other people's views that read a release which is not the current one; they would go with it."""
    own = [schema_of_release(release_id), schema_of_personal(release_id)]
    return [row[0] for row in session.rows(_DEPENDENTS, [own, own])]


def drop_release(session: PostgresSession, release_id: str) -> None:
    """Drop the schemas of a release that is not the current one; call it where :func:`views_on` has found nothing.

    Without CASCADE beyond the schemas' own tables: whatever depends on one of them makes it an error, and nothing is dropped.
    """
    for schema in (schema_of_release(release_id), schema_of_personal(release_id)):
        if not _exists(session, schema):
            continue
        for kind, name in (("v", "view"), ("r", "table")):
            found = [row[0] for row in session.rows(_RELATIONS, [schema, [kind]])]
            if found:
                names = sql.SQL(", ").join(sql.Identifier(schema, relation) for relation in found)
                session.execute(sql.SQL(f"drop {name} {{}} restrict").format(names).as_string(session.connection))
        _run(session, "drop schema {} restrict", schema)
    session.execute(f"delete from {MANIFESTS} where release_id = ?", [release_id])


def _exists(session: PostgresSession, schema: str) -> bool:
    return bool(one_value(session, "select to_regnamespace(?) is not null", [f'"{schema}"']))


def _rename(session: PostgresSession, old: str, new: str) -> None:
    _run(session, "alter schema {} rename to {}", old, new)


def _run(session: PostgresSession, statement: str, *names: str) -> None:
    identifiers = [sql.Identifier(name) for name in names]
    session.execute(sql.SQL(statement).format(*identifiers).as_string(session.connection))
