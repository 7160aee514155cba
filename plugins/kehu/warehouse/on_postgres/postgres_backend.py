"""A Postgres database as the warehouse: state, candidates and releases on a server that a whole company reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from psycopg2.extensions import make_dsn

from kehu.errors import ConfigurationError
from kehu.files.full_disk import naming_a_full_disk
from kehu.files.locks import exclusive
from kehu.session import Session
from kehu.settings import Settings
from kehu.warehouse.on_postgres.advisory_lock import writer_lock
from kehu.warehouse.on_postgres.connection import connect, named_errors, options, parts
from kehu.warehouse.on_postgres.landing_tables import load_landing
from kehu.warehouse.on_postgres.reset import reset_postgres
from kehu.warehouse.on_postgres.roles import acting, take_role
from kehu.warehouse.on_postgres.searching import search_database
from kehu.warehouse.on_postgres.session import PostgresSession
from kehu.warehouse.on_postgres.setup import prepare
from kehu.warehouse.protocol import Role, TableSearch

_PLANNER = "-c enable_nestloop=off -c enable_mergejoin=off"
"""Models join whole tables, and the planner cannot know how many rows a chain of CTEs leaves. Where it guesses one, it would
go through the other side again for every row: minutes for a few thousand rows with a `window` batch. Where it guesses many, it
would sort both sides to merge them: twice the time of a hash join for the lines of the demo. Joins that have no equality
still go through the other side."""

PASSWORD_VARIABLE = "DBT_ENV_SECRET_KEHU_WAREHOUSE_PASSWORD"  # noqa: S105 - a name
"""dbt takes variables of this prefix for secrets: they may stand in a profile and are left out of its logs."""


class PostgresWarehouse:
    """The database of ``KEHU_WAREHOUSE_DSN``.

    Args:
        role: the role that every session takes, where ``kehu warehouse init`` has made the roles of this database.
        computes: whether models run there; otherwise it only serves releases.

    Raises:
        ConfigurationError: no connection string is set.
    """

    name = "postgres"

    def __init__(self, settings: Settings, role: Role = "build", computes: bool = True) -> None:
        self.settings = settings
        self.computes = computes
        self.role: Role = role
        self.dsn = dsn_of(settings)

    @contextmanager
    def session(self, read_only: bool = False) -> Iterator[PostgresSession]:
        """Connect for the block; makes the persistent schemas where they are missing.

        Raises:
            WarehouseUnreachable: the server does not answer, or the connection was lost within the block.
            WarehouseBusy: a statement was not let through in time.
            WarehouseFull: the server has no room left.
            ConfigurationError: the database is not made as Kehu needs it, or the login may not take this role.
        """
        dsn = administrators_dsn(self.settings) if self.role == "administer" and self._has_roles() else self.dsn
        connection = connect(dsn)
        try:
            with named_errors():
                role = None if self.role == "administer" else take_role(connection, self.role)
                session = PostgresSession(connection, acting(dsn, role))
                if read_only:
                    connection.set_session(readonly=True, autocommit=True)
                else:
                    prepare(
                        session,
                        self.settings.dbt_project,
                        may_change=role is None and dsn == self.dsn,
                        computes=self.computes,
                    )
                yield session
        finally:
            connection.close()

    def _has_roles(self) -> bool:
        connection = connect(self.dsn)
        try:
            return take_role(connection, "build") is not None
        finally:
            connection.close()

    @contextmanager
    def writing(self, holder: str) -> Iterator[int]:
        """Hold the database's lock, and that of this machine, whose descriptor goes to child processes.

        The first keeps writers on other machines out, the second a dbt that outlived its killed parent on this one.

        Raises:
            DiskFull: the disk of ``KEHU_HOME`` is full, or that of the server while dbt was building.
        """
        lock, timeout = self.settings.locks_dir / "warehouse.lock", self.settings.lock_timeout_seconds
        with (
            exclusive(lock, holder, timeout) as descriptor,
            writer_lock(self.dsn, holder, timeout),
            naming_a_full_disk(holder),
        ):
            yield descriptor

    def dbt_profile(self) -> dict[str, object]:
        """The dbt-postgres output for this database; the password is named, not written down."""
        known = parts(self.dsn)
        ssl = {name: known[name] for name in ("sslmode", "sslcert", "sslkey", "sslrootcert") if name in known}
        return {
            "type": "postgres",
            # empty is libpq's own default: the socket of this machine
            "host": known.get("host", ""),
            "port": int(known.get("port", "5432")),
            "user": known.get("user", ""),
            "password": f"{{{{ env_var('{PASSWORD_VARIABLE}') }}}}",
            "dbname": known.get("dbname", known.get("user", "")),
            "schema": "work",
            "threads": self.settings.threads,
            "application_name": "kehu dbt",
            "keepalives_idle": 60,
            **ssl,
        }

    def is_made(self) -> bool:
        """Yes: whoever names a database has made it."""
        return True

    def load_landing(self, session: Session, files: Mapping[str, Sequence[Path]]) -> None:
        """Load the Parquet files of each entity that are not in ``landing.<entity>`` yet; take out those that are gone."""
        assert isinstance(session, PostgresSession)
        load_landing(session, files)

    def reset(self, files: Mapping[str, Sequence[Path]]) -> None:
        """Bring the copy of the landing zone up to its files, and drop all that is built from it, dead rows included."""
        with self.session() as session:
            load_landing(session, files)
            reset_postgres(session)

    def search(self, pattern: str) -> TableSearch:
        """Look for a regular expression in all tables of the database and in what the server keeps of frequent values."""
        with self.session(read_only=True) as session:
            return search_database(session, pattern)

    def child_environment(self) -> Mapping[str, str]:
        """What a child process must know to reach the database as this one does."""
        connection = connect(self.dsn)
        try:
            # dbt's own `role` is forgotten with the first transaction that it rolls back; what a connection starts with is not
            dsn = acting(self.dsn, take_role(connection, self.role))
        finally:
            connection.close()
        return {PASSWORD_VARIABLE: parts(dsn).get("password", ""), "PGOPTIONS": f"{options(dsn)} {_PLANNER}"}


def dsn_of(settings: Settings) -> str:
    """The connection string of the settings.

    Raises:
        ConfigurationError: there is none.
    """
    if settings.warehouse_dsn is None:
        raise ConfigurationError(
            "KEHU_WAREHOUSE is postgres, and KEHU_WAREHOUSE_DSN does not say which database",
            fix="set KEHU_WAREHOUSE_DSN to postgresql://user:password@host:port/database",
        )
    return settings.warehouse_dsn.get_secret_value()


def administrators_dsn(settings: Settings) -> str:
    """The connection string of the administrator in the database of the settings.

    Raises:
        ConfigurationError: there is none, or it is the one that Kehu itself logs in with.
    """
    known = parts(dsn_of(settings))
    if settings.warehouse_admin_dsn is None:
        raise ConfigurationError(
            "KEHU_WAREHOUSE_ADMIN_DSN does not say who administers the database",
            fix="set it for this one command to the connection string of a superuser, or of the database's owner with CREATEROLE",
        )
    own = parts(settings.warehouse_admin_dsn.get_secret_value())
    if own.get("user") in (None, known.get("user")):
        raise ConfigurationError(
            "KEHU_WAREHOUSE_ADMIN_DSN names the role that Kehu logs in as, or none: who may change roles must not be who runs",
            fix="name another role in KEHU_WAREHOUSE_DSN: it is made if it is missing",
            role=own.get("user"),
        )
    return make_dsn(**{**own, "dbname": known.get("dbname", known["user"])})
