"""Releases kept on Postgres: stored as a schema each, made current by two renames, dropped when they are too many.

Everything that must be true together is one transaction: tables and manifest, the swap and its entry in the books.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg2.errors
from pydantic import ValidationError

from kehu.errors import ReleaseError
from kehu.release.manifest import Manifest
from kehu.settings import Settings
from kehu.warehouse.on_postgres import release_schemas as postgres_releases
from kehu.warehouse.on_postgres.postgres_backend import PostgresWarehouse
from kehu.warehouse.on_postgres.reader import open_postgres_release
from kehu.warehouse.on_postgres.roles import personal_reader
from kehu.warehouse.on_postgres.session import PostgresSession
from kehu.warehouse.protocol import Session

log = logging.getLogger(__name__)

_TABLES = "select table_name from information_schema.tables where table_schema = ? order by table_name"
_LOCK_TIMEOUT = "5s"


def current_id(settings: Settings) -> str | None:
    """The release that BI reads now."""
    with _reading(settings) as session:
        return postgres_releases.published_id(session)


def kept_ids(settings: Settings) -> list[str]:
    """Every release that is written down."""
    with _reading(settings) as session:
        return sorted(postgres_releases.manifests(session))


def find_manifest(settings: Settings, release_id: str) -> Manifest | None:
    """The manifest of a release; None if none is written down.

    Raises:
        ReleaseError: the release is damaged: its manifest is not valid, or its schema is gone.
    """
    with _reading(settings) as session:
        found = postgres_releases.manifests(session).get(release_id)
        where = postgres_releases.where_is(session, release_id)
    if found is None:
        return None
    try:
        manifest = Manifest.model_validate(found)
    except ValidationError as error:
        raise _damaged(release_id, f"its manifest is not valid: {error.errors()[0]['msg']}") from None
    if where is None:
        raise _damaged(release_id, "its schema is gone")
    return manifest


def verify_release(settings: Settings, manifest: Manifest) -> None:
    """See that a release has the tables and rows of its manifest.

    Raises:
        ReleaseError: it does not; BI must not be pointed at it.
    """
    expected = {name: table.rows for name, table in manifest.tables.items()}
    with open_postgres_release(settings, manifest.release_id) as release:
        names = [row[0] for row in release.rows(_TABLES, [release.schema])]
        found = {name: release.rows(f'select count(*) from "{release.schema}"."{name}"')[0][0] for name in names}
    wrong = sorted(name for name in expected.keys() | found.keys() if expected.get(name) != found.get(name))
    if wrong:
        raise ReleaseError(
            "the schema of the release does not hold what its manifest says",
            fix="build the day again, or roll back to another release",
            release=manifest.release_id,
            tables=wrong,
        )


def make_current(settings: Settings, session: Session, release_id: str) -> None:
    """Make BI read a release; call it in the transaction that writes it into the books."""
    assert isinstance(session, PostgresSession)
    readers = readers_of(settings, session)
    if readers.masked is None:
        log.warning("the role %s does not exist: nobody is given the right to read the release", settings.bi_role)
    postgres_releases.swap(session, release_id, readers)


def readers_of(settings: Settings, session: PostgresSession) -> postgres_releases.Readers:
    """The roles of BI, as far as the server has them."""
    names = (settings.bi_role, personal_reader(settings.bi_role))
    return postgres_releases.Readers(*(postgres_releases.existing_role(session, name) for name in names))


def remove(session: Session, release_id: str) -> bool:
    """Drop a release that is kept no longer, in a transaction of its own; False if it has to stay for now.

    It stays where somebody's view reads it, which is named, or where a query still runs on it.
    """
    assert isinstance(session, PostgresSession)
    views = postgres_releases.views_on(session, release_id)
    if views:
        log.warning(
            "release %s stays, because views read it: %s; drop them or point them at analytics", release_id, views
        )
        return False
    try:
        with session.transaction():
            session.execute(f"set local lock_timeout = '{_LOCK_TIMEOUT}'")
            postgres_releases.drop_release(session, release_id)
    except psycopg2.errors.LockNotAvailable:
        log.warning("release %s stays for now, because a query still reads it", release_id)
        return False
    except psycopg2.errors.DependentObjectsStillExist as error:
        log.warning("release %s stays, because something depends on it: %s", release_id, error.diag.message_detail)
        return False
    return True


@contextmanager
def _reading(settings: Settings) -> Iterator[PostgresSession]:
    with PostgresWarehouse(settings, "publish").session(read_only=True) as session:
        yield session


def _damaged(release_id: str, problem: str) -> ReleaseError:
    return ReleaseError(
        f"the release is damaged: {problem}",
        fix="restore the database from a backup, or build the day again",
        release=release_id,
    )
