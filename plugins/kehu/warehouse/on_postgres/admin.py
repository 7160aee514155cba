"""What an administrator does to a database once: `kehu warehouse init` makes its roles, logins, limits and privileges."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg2.errors

from kehu.errors import ConfigurationError
from kehu.session import one_value
from kehu.settings import Settings
from kehu.warehouse.on_postgres import privileges as postgres_privileges
from kehu.warehouse.on_postgres.advisory_lock import writer_lock
from kehu.warehouse.on_postgres.connection import connect, named_errors, parts
from kehu.warehouse.on_postgres.postgres_backend import administrators_dsn, dsn_of
from kehu.warehouse.on_postgres.release_schemas import published_id
from kehu.warehouse.on_postgres.role_making import RoleMaker
from kehu.warehouse.on_postgres.roles import BUILDER, LOADER, PUBLISHER, WORKERS, personal_reader
from kehu.warehouse.on_postgres.session import PostgresSession
from kehu.warehouse.on_postgres.setup import prepare

HOLDER = "kehu warehouse init"
_LOCK_TIMEOUT = "10s"


@contextmanager
def administering(settings: Settings, computes: bool = True) -> Iterator[PostgresSession]:
    """A session of the administrator in Kehu's database while nobody else writes there, with all that Kehu needs in it.

    Raises:
        ConfigurationError: no administrator is named, it is the role that Kehu logs in as, or it may not do this.
        WarehouseUnreachable: the server does not let the administrator in.
        WarehouseBusy: a run is under way, or queries on what is published would not make room.
    """
    login_of(settings)
    dsn = administrators_dsn(settings)
    with _rights_named(dsn), writer_lock(dsn, HOLDER, settings.lock_timeout_seconds):
        connection = connect(dsn, HOLDER)
        try:
            with named_errors():
                session = PostgresSession(connection, dsn)
                # a schema `analytics` that is somebody else's stays theirs
                published_id(session)
                prepare(session, settings.dbt_project, computes=computes)
                yield session
        finally:
            connection.close()


@contextmanager
def _rights_named(dsn: str) -> Iterator[None]:
    try:
        yield
    except psycopg2.errors.InsufficientPrivilege as error:
        raise ConfigurationError(
            "the role of KEHU_WAREHOUSE_ADMIN_DSN may not do what `kehu warehouse init` has to; no role was changed",
            fix="name a superuser there, or the database's owner with CREATEROLE who is a member of every present owner",
            role=parts(dsn).get("user"),
            cause=str(error).strip().splitlines()[0],
        ) from None


def make_roles(settings: Settings, session: PostgresSession) -> list[str]:
    """Make roles and privileges what they are to be, whatever they were; call it in a transaction.

    Returns:
        What was done, a sentence each.
    """
    session.execute(f"set local lock_timeout = '{_LOCK_TIMEOUT}'")
    readers = (settings.bi_role, personal_reader(settings.bi_role))
    login = login_of(settings)
    maker = RoleMaker(session)
    maker.require_no_more_than_needed((*WORKERS, login), readers)
    for role in (*WORKERS, *readers):
        maker.make(role)
    maker.join_workers(WORKERS)
    maker.make_login(login, WORKERS, parts(dsn_of(settings)).get("password"))
    for role, password in zip(readers, (settings.bi_reader_password, settings.bi_reader_pii_password), strict=True):
        maker.let_log_in(role, password.get_secret_value() if password else None)
        maker.limit(role, settings.bi_statement_timeout_seconds, settings.bi_idle_timeout_seconds)
    maker.take_database_from(login)
    changed = postgres_privileges.hand_over(session)
    postgres_privileges.apply(session, login, readers)
    if maker.is_superuser:
        postgres_privileges.close_functions(session, (*WORKERS, login))
    return [*maker.done, *_privileges_in_words(changed, maker, readers)]


def login_of(settings: Settings) -> str:
    """The role that Kehu logs in as.

    Raises:
        ConfigurationError: the connection string names none, or one that is to be something else.
    """
    name = parts(dsn_of(settings)).get("user", "")
    taken = (*WORKERS, settings.bi_role, personal_reader(settings.bi_role))
    if not name or name in taken:
        raise ConfigurationError(
            "KEHU_WAREHOUSE_DSN names no role that Kehu could log in as",
            fix="name a role of Kehu's own there, as in postgresql://kehu:password@host:port/database; it is made if missing",
            role=name,
        )
    return name


def _privileges_in_words(changed: list[str], maker: RoleMaker, readers: tuple[str, str]) -> Iterator[str]:
    if changed:
        yield f"handed schemas over to their roles: {', '.join(changed)}"
    database = one_value(maker.session, "select current_database()")
    yield (
        f"granted: {LOADER} writes landing, {BUILDER} reads it and writes what is built, {PUBLISHER} reads candidates and"
        f" writes releases; only {', '.join(readers)}, their members and the login may connect to {database}"
    )
    if maker.is_superuser:
        yield "closed large objects and advisory locks of this database to everybody but Kehu"
    else:
        yield "left large objects and advisory locks of this database open to every role: only a superuser can close them"
