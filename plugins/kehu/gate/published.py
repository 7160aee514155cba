"""The release that BI reads now, seen from a session of the working warehouse."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, cast

import duckdb

from kehu.errors import KehuError
from kehu.gate.outcomes import safe_message
from kehu.settings import Settings
from kehu.warehouse.protocol import Session, one_value

if TYPE_CHECKING:
    from kehu.warehouse.on_postgres.session import PostgresSession

_ALIAS = "published_release"
_TABLES = "select table_name from information_schema.tables where table_catalog = ? and table_schema = ? order by 1"


class PublishedUnreadable(KehuError):
    """The release that BI should read is lost or damaged."""


@dataclass(frozen=True)
class Schema:
    """A schema that holds the tables of a release; ``catalog`` is the database that it is in."""

    catalog: str
    name: str

    def table(self, name: str) -> str:
        """The qualified name of one of its tables."""
        return f'"{self.catalog}"."{self.name}"."{name}"'


@contextmanager
def attached(settings: Settings, session: Session) -> Iterator[Schema | None]:
    """The published release's schema for the block; None where nothing was ever published. DuckDB attaches it read-only.

    Raises:
        PublishedUnreadable: there is a published release and its file cannot be opened.
    """
    if settings.warehouse == "postgres":
        from kehu.warehouse.on_postgres.release_schemas import PUBLISHED, published_id

        is_there = published_id(cast("PostgresSession", session)) is not None
        yield Schema(one_value(session, "select current_database()"), PUBLISHED) if is_there else None
        return
    if not settings.published_link.is_symlink() and not settings.published_link.exists():
        yield None
        return
    # The link may be moved by a rollback meanwhile: read the release that it names now.
    file = settings.published_link.resolve() / "analytics.duckdb"
    quoted = str(file).replace("'", "''")
    try:
        session.execute(f"attach '{quoted}' as {_ALIAS} (read_only)")
    except duckdb.Error as error:
        raise _unreadable(error) from error
    try:
        yield Schema(_ALIAS, "analytics")
    finally:
        session.execute(f"detach {_ALIAS}")


def published_as_of(session: Session, published: Schema) -> tuple[str, date]:
    """The id and the day of a published release.

    Raises:
        PublishedUnreadable: its table ``release`` cannot be read, or does not hold exactly one row.
    """
    try:
        rows = session.rows(f"select release_id, as_of_date from {published.table('release')}")
    except duckdb.Error as error:
        raise _unreadable(error) from error
    if len(rows) != 1:
        raise _unreadable(ValueError(f"the published table `release` holds {len(rows)} rows instead of one"))
    return rows[0][0], rows[0][1]


def require_readable(session: Session, published: Schema) -> None:
    """Read all of a published DuckDB file: damage inside shows only where its blocks are read.

    Raises:
        PublishedUnreadable: a table of it cannot be read.
    """
    if published.catalog != _ALIAS:
        return
    try:
        for (name,) in session.rows(_TABLES, [published.catalog, published.name]):
            session.rows(f"select max(hash(whole)) from {published.table(name)} as whole")
    except duckdb.Error as error:
        raise _unreadable(error) from error


def _unreadable(error: Exception) -> PublishedUnreadable:
    return PublishedUnreadable(safe_message(str(error), type(error).__name__))
