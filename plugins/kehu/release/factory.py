"""Which store of releases the settings ask for: the only place where that is decided."""

from __future__ import annotations

from dataclasses import dataclass

from kehu.errors import ConfigurationError
from kehu.release.on_duckdb.store import DuckDBStore
from kehu.release.store import ReleaseStore
from kehu.settings import Settings


@dataclass(frozen=True)
class Database:
    """A Postgres database that Kehu works in.

    Attributes:
        settings: the settings as whoever works there needs them: ``warehouse_dsn`` names it.
        computes: whether the models run there; otherwise it only serves.
    """

    settings: Settings
    computes: bool


def open_store(settings: Settings) -> ReleaseStore:
    """The place where releases are kept and BI reads them; nothing is opened yet.

    Raises:
        ConfigurationError: it is Postgres, and no connection string is set.
    """
    database = database_of(settings)
    if database is None:
        return DuckDBStore(settings)
    # Only who works on Postgres pays for its driver.
    if database.computes:
        from kehu.release.on_postgres.store import PostgresStore

        return PostgresStore(settings)
    from kehu.release.on_postgres.served_store import ServedStore

    return ServedStore(settings, database.settings)


def database_of(settings: Settings) -> Database | None:
    """The Postgres database of the settings; None where everything is in files below ``KEHU_HOME``.

    Raises:
        ConfigurationError: one only serves, and no connection string names it.
    """
    if settings.serves_on == "duckdb":
        return None
    if settings.warehouse == "postgres":
        return Database(settings, computes=True)
    dsn = settings.serve_dsn or settings.warehouse_dsn
    if dsn is None:
        raise ConfigurationError(
            "KEHU_SERVE is postgres, and neither KEHU_SERVE_DSN nor KEHU_WAREHOUSE_DSN says which database",
            fix="set KEHU_SERVE_DSN to postgresql://user:password@host:port/database",
        )
    there = settings.model_copy(
        update={"warehouse": "postgres", "serve": None, "serve_dsn": None, "warehouse_dsn": dsn}
    )
    return Database(there, computes=False)
