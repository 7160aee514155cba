"""Keeps erased persons out of what lands: the row filter that an ingest hands to the landing zone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import duckdb

from kehu.erasure.ledger import ErasureLedger, open_ledger
from kehu.erasure.rows import erased, prepare
from kehu.landing.extract import Rows
from kehu.landing.workspace import Workspace, duckdb_config
from kehu.quoting import sql_text
from kehu.settings import Settings


class ErasedPersons:
    """Whoever the erasure ledger remembers.

    The SQL of ``sources.yml`` never shares a connection with the key: its result is written into a scratch file, and a
    second connection, in which nothing but Kehu's own SQL runs, reads that one.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._ledger = ErasureLedger()

    def prepare(self) -> None:
        """Read the ledger.

        Raises:
            ErasureKeyError: there are erasures, and the key is not the right one.
            ErasureError: an entry cannot be read.
        """
        self._ledger = open_ledger(self._settings)

    def applied(self, work: Workspace, source: str, entity: str, rows: Rows) -> Rows:
        """The rows without them, in scratch files; the rows as they are while nobody was erased.

        Raises:
            duckdb.Error: an expression of the source fails on some row.
        """
        if self._ledger.key is None:
            return rows
        spooled = replace(
            rows,
            accepted=_spooled(work, work.connection, rows.accepted),
            rejects=_spooled(work, work.connection, rows.rejects) if rows.rejects else None,
        )
        with self._apart(work.folder) as apart:
            prepare(apart, self._ledger)
            clean = erased(source, entity, spooled, self._ledger)
            return replace(
                clean,
                accepted=_spooled(work, apart, clean.accepted),
                rejects=_spooled(work, apart, clean.rejects) if clean.rejects else None,
            )

    @contextmanager
    def _apart(self, folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection that no SQL of a source ever reaches."""
        with duckdb.connect(":memory:", config=duckdb_config(self._settings, folder / "spill_apart")) as connection:
            yield connection


def _spooled(work: Workspace, connection: duckdb.DuckDBPyConnection, query: str) -> str:
    """Write the rows of a query into a scratch file; the query that reads them again."""
    file = sql_text(str(work.new_file(".parquet")))
    connection.execute(f"copy ({query}) to {file} (format parquet, compression zstd, compression_level 1)")
    return f"select * from read_parquet({file}, hive_partitioning = false)"
