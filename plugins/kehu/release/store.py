"""Where releases are kept and read: what Kehu asks of it; ``on_duckdb`` and ``on_postgres`` answer.

A store knows nothing of the gate, of drift or of pruning rules; it holds releases, and makes one of them current in one step.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from kehu.release.ids import ReleaseId
from kehu.release.manifest import Manifest
from kehu.release.reader import ReleaseReader
from kehu.release.rewriting import Rewriting, Rewritten
from kehu.session import Session
from kehu.warehouse.protocol import TableSearch, Warehouse


class ReleaseStore(Protocol):
    """The releases of one company. Methods that change something are called under the warehouse lock."""

    name: str

    def kept(self) -> list[str]:
        """The names of all releases of which something is there, whole or damaged."""

    def current(self) -> ReleaseId | None:
        """The release that BI reads now, or None before the first publication; it may be damaged or gone.

        Raises:
            ReleaseError: something that is not Kehu's stands in its place.
        """

    def find(self, release_id: ReleaseId) -> Manifest | None:
        """The manifest of a release; None if nothing of it is kept.

        Raises:
            ReleaseError: the release is damaged, as far as can be seen without reading it.
        """

    def manifests(self) -> list[Manifest]:
        """What is written down of every release, whether or not the release itself is whole."""

    def tidy(self) -> None:
        """Remove what killed steps left, and bring releases of an earlier version to today's names."""

    def store(self, warehouse: Warehouse, release_id: ReleaseId, previous: str | None, now: datetime) -> Manifest:
        """Make an immutable release of a candidate; BI does not read it yet, and a crash leaves no half release.

        Raises:
            ReleaseError: the candidate or the record of its run is not there.
        """

    def verify(self, release_id: ReleaseId) -> None:
        """Read every block of a release and compare rows and checksums of its tables with its manifest.

        Raises:
            ReleaseError: it is not kept or damaged; BI must not be pointed at it.
        """

    def make_current(
        self, release_id: ReleaseId, operation: str, records: Session | None, record: Callable[[], None]
    ) -> None:
        """Make BI read a release, in one step that a crash cannot tear, and record that it was done.

        Where a crash parts the two, the store is right and the records are completed from it.

        Args:
            release_id: a release that was verified.
            operation: ``publish`` or ``rollback``; names the crash points.
            records: a session of the working warehouse; None where that cannot be opened.
            record: writes into ``records``; called within a transaction, the same as that of the step where that can be.
        """

    def open(self, release_id: ReleaseId) -> AbstractContextManager[ReleaseReader]:
        """Read a release for the block.

        Raises:
            ReleaseError: it cannot be opened.
        """

    def attach(self, release_id: ReleaseId, session: Session, tables: Collection[str]) -> AbstractContextManager[str]:
        """Show tables of a release beside a session of the working warehouse, to be joined with what is there.

        Args:
            release_id: a release that is kept.
            session: an open session of the working warehouse.
            tables: those that are asked for; where the release is in another database they are copied for the block.

        Returns:
            The schema as SQL of the session names it: ``<schema>.<table>``.

        Raises:
            ReleaseError: the release cannot be opened, or lacks one of the tables.
        """

    def remove(self, release_id: ReleaseId, records: Session, record: Callable[[], None]) -> bool:
        """Remove a release that is not the current one and record it; False if it has to stay for now."""

    def rewrite(self, warehouse: Warehouse, by: Rewriting) -> Rewritten:
        """Write every release anew that is behind, so that nothing is left of what is replaced; a damaged one is named.

        Args:
            warehouse: opened to administer.
            by: who is replaced by what.
        """

    def count(self, warehouse: Warehouse, by: Rewriting) -> dict[str, dict[str, int]]:
        """The rows that :meth:`rewrite` would change, by release and table."""

    def search(self, pattern: str) -> TableSearch:
        """Look for a regular expression in all tables that are neither the warehouse's nor in files below ``KEHU_HOME``."""

    def where_bi_reads(self) -> list[str]:
        """Where the current release is read, in lines for a terminal."""
