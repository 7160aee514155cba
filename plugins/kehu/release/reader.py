"""Reading a release whatever warehouse holds it: the same queries, with tables named ``analytics.<table>``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

from kehu.release.on_duckdb.reading import open_release
from kehu.release.pointer import release_folder
from kehu.settings import Settings
from kehu.warehouse.on_duckdb.duckdb_backend import DuckDBSession


class ReleaseReader(Protocol):
    """An opened release."""

    def rows(self, sql: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Run one query and fetch all of its (few) rows."""

    def records(self, sql: str, parameters: Sequence[object] = ()) -> list[dict[str, Any]]:
        """Run one query and fetch all of its (few) rows as dictionaries by column."""


@contextmanager
def reading(settings: Settings, release_id: str) -> Iterator[ReleaseReader]:
    """Open a release that is kept, read-only, for the block.

    Raises:
        ReleaseError: it cannot be opened.
    """
    if settings.warehouse == "postgres":
        from kehu.warehouse.on_postgres.reader import open_postgres_release

        with open_postgres_release(settings, release_id) as release:
            yield release
        return
    with open_release(settings, release_folder(settings, release_id)) as connection:
        yield DuckDBSession(connection)
