"""Releases that DuckDB has computed and Postgres serves: copied into a schema, swapped, masked and erased as on Postgres alone.

The records of what happened are in another database than the releases: the store moves first, and whoever was killed between
the two completes the records from it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, nullcontext
from datetime import datetime
from typing import cast

from kehu.files.fault_points import step
from kehu.release.candidate import last_checks, own_row
from kehu.release.ids import ReleaseId
from kehu.release.manifest import SCHEMA, Manifest
from kehu.release.on_duckdb.reading import ATTACHED
from kehu.release.on_postgres.copying_in import columns_of_candidate, copy_candidate
from kehu.release.on_postgres.copying_out import copy_out
from kehu.release.on_postgres.export import complete_release
from kehu.release.on_postgres.reading import open_schema
from kehu.release.on_postgres.store import PostgresStore
from kehu.release.origin import Origin, origin_of
from kehu.release.rewriting import Rewriting, Rewritten
from kehu.session import Session
from kehu.settings import Settings
from kehu.warehouse.on_duckdb.duckdb_backend import DuckDBSession
from kehu.warehouse.on_postgres.advisory_lock import writer_lock
from kehu.warehouse.on_postgres.postgres_backend import PostgresWarehouse
from kehu.warehouse.on_postgres.release_schemas import schema_of_release
from kehu.warehouse.on_postgres.session import PostgresSession
from kehu.warehouse.protocol import Role, TableSearch, Warehouse


class ServedStore(PostgresStore):
    """The releases in a database that only serves.

    Args:
        settings: where the run and its records are.
        there: the same settings as whoever works in the database needs them.
    """

    def __init__(self, settings: Settings, there: Settings) -> None:
        super().__init__(there)
        self.home = settings
        self.database = PostgresWarehouse(there, "publish", computes=False)

    def store(self, warehouse: Warehouse, release_id: ReleaseId, previous: str | None, now: datetime) -> Manifest:
        """Copy a candidate from DuckDB into a schema of its own, in one transaction with its manifest."""
        with warehouse.session() as source, self._writing(f"kehu publish {release_id}") as target:
            origin = origin_of(self.home, source, release_id, previous, now)
            with target.transaction():
                manifest = self._copied(cast("DuckDBSession", source), target, release_id, origin)
                step("publish:synced")
        step("publish:renamed")
        return manifest

    def make_current(
        self, release_id: ReleaseId, operation: str, records: Session | None, record: Callable[[], None]
    ) -> None:
        """Rename two schemas in one transaction, then record it."""
        with self._writing(f"kehu {operation} {release_id}") as session, session.transaction():
            self._swap(session, release_id)
            step(f"{operation}:before_swap")
        step(f"{operation}:swapped")
        with records.transaction() if records else nullcontext():
            record()

    @contextmanager
    def attach(self, release_id: ReleaseId, session: Session, tables: Collection[str]) -> Iterator[str]:
        """Copies of the tables in a database of the session's own, which goes with the block."""
        duckdb = cast("DuckDBSession", session)
        duckdb.execute(f"attach ':memory:' as {ATTACHED}")
        try:
            duckdb.execute(f"create schema {ATTACHED}.{SCHEMA}")
            with open_schema(self.database, release_id) as release:
                for table in tables:
                    copy_out(release, duckdb, table, f"{ATTACHED}.{SCHEMA}")
            yield f"{ATTACHED}.{SCHEMA}"
        finally:
            duckdb.execute(f"detach {ATTACHED}")

    def remove(self, release_id: ReleaseId, records: Session, record: Callable[[], None]) -> bool:
        """Drop the schemas of a release, then record it."""

        def note() -> None:
            # before the commit that drops: killed between the two, the release is listed and dropped by the next one
            with records.transaction():
                record()

        with self._writing(f"kehu publish: pruning {release_id}") as session:
            return self._dropped(session, release_id, note)

    def rewrite(self, warehouse: Warehouse, by: Rewriting) -> Rewritten:
        """Change the rows of the releases that are behind, as the administrator of the database that serves."""
        del warehouse
        with writer_lock(self.database.dsn, "kehu erase", self.settings.lock_timeout_seconds):
            return super().rewrite(self._opened("administer"), by)

    def count(self, warehouse: Warehouse, by: Rewriting) -> dict[str, dict[str, int]]:
        """Count in the releases that are behind."""
        del warehouse
        return super().count(self._opened("administer"), by)

    def search(self, pattern: str) -> TableSearch:
        """Look for a regular expression in the whole database."""
        return self._opened("administer").search(pattern)

    def where_bi_reads(self) -> list[str]:
        """The schema and the role."""
        return [f"BI reads:   schema analytics of the database of KEHU_SERVE_DSN, as role {self.settings.bi_role}"]

    def _copied(
        self, source: DuckDBSession, target: PostgresSession, release_id: ReleaseId, origin: Origin
    ) -> Manifest:
        tables = columns_of_candidate(source, release_id)
        facts = own_row(source, release_id, list(tables))
        copy_candidate(source, target, release_id, tables)
        checks = last_checks(source, release_id)
        if checks is not None:
            quality = f'"{schema_of_release(release_id)}".data_quality'
            target.execute(f"delete from {quality}")
            target.append(quality, source.records(checks.query, checks.parameters))
        return complete_release(self.home, target, release_id, list(tables), facts=facts, origin=origin)

    def _opened(self, role: Role) -> PostgresWarehouse:
        return PostgresWarehouse(self.settings, role, computes=False)

    @contextmanager
    def _writing(self, holder: str) -> Iterator[PostgresSession]:
        """A session while no other machine writes there; the lock of this machine is the caller's already."""
        with writer_lock(self.database.dsn, holder, self.settings.lock_timeout_seconds), self.database.session() as one:
            yield one
