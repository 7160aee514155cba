"""Releases kept on Postgres: stored as a schema each, made current by two renames, dropped when they are too many.

Everything that must be true together is one transaction: tables and manifest, the swap and its record.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import datetime

import psycopg2.errors
from pydantic import ValidationError

from kehu.errors import ReleaseError
from kehu.files.fault_points import step
from kehu.quoting import sql_name
from kehu.release.ids import ReleaseId, parse_release_id
from kehu.release.manifest import Manifest
from kehu.release.on_postgres.export import store_release
from kehu.release.on_postgres.reading import open_schema
from kehu.release.on_postgres.rewriting import count_in_schemas, rewrite_schemas
from kehu.release.on_postgres.verifying import verify_schema
from kehu.release.reader import ReleaseReader
from kehu.release.rewriting import Rewriting, Rewritten
from kehu.session import Session
from kehu.settings import Settings
from kehu.warehouse.on_postgres import release_schemas
from kehu.warehouse.on_postgres.postgres_backend import PostgresWarehouse
from kehu.warehouse.on_postgres.roles import personal_reader
from kehu.warehouse.on_postgres.session import PostgresSession
from kehu.warehouse.protocol import TableSearch, Warehouse

log = logging.getLogger(__name__)

_LOCK_TIMEOUT = "5s"


class PostgresStore:
    """The releases in the database that computes them."""

    name = "postgres"

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.database = PostgresWarehouse(settings, "publish")

    def kept(self) -> list[str]:
        """Every release that is written down."""
        with self._reading() as session:
            return sorted(release_schemas.manifests(session))

    def current(self) -> ReleaseId | None:
        """The release whose schema is called ``analytics``."""
        with self._reading() as session:
            found = release_schemas.published_id(session)
            return None if found is None else parse_release_id(found)

    def find(self, release_id: ReleaseId) -> Manifest | None:
        """What is written down of a release, if its schema is there."""
        with self._reading() as session:
            found = release_schemas.manifests(session).get(release_id)
            where = release_schemas.where_is(session, release_id)
        if found is None:
            return None
        try:
            manifest = Manifest.model_validate(found)
        except ValidationError as error:
            raise damaged(release_id, f"its manifest is not valid: {error.errors()[0]['msg']}") from None
        if where is None:
            raise damaged(release_id, "its schema is gone")
        return manifest

    def manifests(self) -> list[Manifest]:
        """The manifests that can be read."""
        with self._reading() as session:
            return _valid(release_schemas.manifests(session))

    def tidy(self) -> None:
        """Nothing: a killed transaction leaves nothing."""

    def store(self, warehouse: Warehouse, release_id: ReleaseId, previous: str | None, now: datetime) -> Manifest:
        """Copy a candidate into a schema of its own, in one transaction with its manifest."""
        return store_release(self.settings, warehouse, release_id, previous, now)

    def verify(self, release_id: ReleaseId) -> None:
        """Compare what the schema holds with the manifest."""
        manifest = self.find(release_id)
        if manifest is None:
            raise damaged(release_id, "nothing of it is written down")
        with self._reading() as session:
            verify_schema(session, manifest)

    def make_current(
        self, release_id: ReleaseId, operation: str, records: Session | None, record: Callable[[], None]
    ) -> None:
        """Rename two schemas and record it, in one transaction."""
        assert isinstance(records, PostgresSession)
        with records.transaction():
            self._swap(records, release_id)
            step(f"{operation}:before_swap")
            record()

    def open(self, release_id: ReleaseId) -> AbstractContextManager[ReleaseReader]:
        """Read the schema of a release."""
        return open_schema(self.database, release_id)

    @contextmanager
    def attach(self, release_id: ReleaseId, session: Session, tables: Collection[str]) -> Iterator[str]:
        """The schema of the release, in the same database."""
        assert isinstance(session, PostgresSession)
        with open_schema(self.database, release_id) as release:
            missing = sorted(set(tables) - release.columns().keys())
            if missing:
                raise damaged(release_id, f"it lacks {', '.join(missing)}")
            yield sql_name(release.schema)

    def remove(self, release_id: ReleaseId, records: Session, record: Callable[[], None]) -> bool:
        """Drop the schemas of a release and record it, in one transaction; not where somebody's view or query reads it."""
        assert isinstance(records, PostgresSession)
        return self._dropped(records, release_id, record)

    def rewrite(self, warehouse: Warehouse, by: Rewriting) -> Rewritten:
        """Change the rows of the releases that are behind."""
        with warehouse.session() as session:
            assert isinstance(session, PostgresSession)
            return rewrite_schemas(session, _behind(session, by), by)

    def count(self, warehouse: Warehouse, by: Rewriting) -> dict[str, dict[str, int]]:
        """Count in the releases that are behind."""
        with warehouse.session(read_only=True) as session:
            assert isinstance(session, PostgresSession)
            return count_in_schemas(session, _behind(session, by), by)

    def search(self, pattern: str) -> TableSearch:
        """Nothing: the database is the warehouse's."""
        del pattern
        return TableSearch()

    def where_bi_reads(self) -> list[str]:
        """The schema and the role."""
        role = self.settings.bi_role
        return [f"BI reads:   schema analytics of the database of KEHU_WAREHOUSE_DSN, as role {role}"]

    def _swap(self, session: PostgresSession, release_id: ReleaseId) -> None:
        readers = readers_of(self.settings, session)
        if readers.masked is None:
            role = self.settings.bi_role
            log.warning("the role %s does not exist: nobody is given the right to read the release", role)
        release_schemas.swap(session, release_id, readers)

    def _dropped(self, session: PostgresSession, release_id: ReleaseId, record: Callable[[], None]) -> bool:
        views = release_schemas.views_on(session, release_id)
        if views:
            log.warning(
                "release %s stays, because views read it: %s; drop them or point them at analytics", release_id, views
            )
            return False
        try:
            with session.transaction():
                session.execute(f"set local lock_timeout = '{_LOCK_TIMEOUT}'")
                release_schemas.drop_release(session, release_id)
                record()
        except psycopg2.errors.LockNotAvailable:
            log.warning("release %s stays for now, because a query still reads it", release_id)
            return False
        except psycopg2.errors.DependentObjectsStillExist as error:
            detail = error.diag.message_detail
            log.warning("release %s stays, because something depends on it: %s", release_id, detail)
            return False
        return True

    @contextmanager
    def _reading(self) -> Iterator[PostgresSession]:
        with self.database.session(read_only=True) as session:
            yield session


def readers_of(settings: Settings, session: PostgresSession) -> release_schemas.Readers:
    """The roles of BI, as far as the server has them."""
    names = (settings.bi_role, personal_reader(settings.bi_role))
    return release_schemas.Readers(*(release_schemas.existing_role(session, name) for name in names))


def damaged(release_id: str, problem: str) -> ReleaseError:
    """The error of a release that cannot be served."""
    return ReleaseError(
        f"the release is damaged: {problem}",
        fix="restore the database from a backup, or build the day again",
        release=release_id,
    )


def _behind(session: PostgresSession, by: Rewriting) -> list[Manifest]:
    return [manifest for manifest in _valid(release_schemas.manifests(session)) if by.is_behind(manifest)]


def _valid(manifests: Mapping[str, object]) -> list[Manifest]:
    found = []
    for one in manifests.values():
        with suppress(ValidationError):
            found.append(Manifest.model_validate(one))
    return found
