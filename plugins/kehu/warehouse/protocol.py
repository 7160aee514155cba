"""What Kehu asks of a warehouse; ``duckdb_backend`` and ``postgres_backend`` answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

import pyarrow as pa

Role = Literal["load", "build", "publish", "administer"]
"""What a step does: it brings batches into the warehouse, builds and checks (and looks things up), or publishes and reads
releases. On a server with roles each has its own, which may do no more than that; to administer, which is to change all of
it, takes the administrator's own login."""


@dataclass
class TableSearch:
    """How many tables were searched, and where something was found: names of places, never values."""

    tables: int = 0
    found_in: list[str] = field(default_factory=list)


class Session(Protocol):
    """An open connection. Identifiers in SQL are the caller's; values always go through ``parameters``.

    ``kind`` is the name of the warehouse that it belongs to.
    """

    kind: str

    def execute(self, sql: str, parameters: Sequence[object] = ()) -> None:
        """Run one statement."""

    def rows(self, sql: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Run one query and fetch all of its (few) rows."""

    def records(self, sql: str, parameters: Sequence[object] = ()) -> list[dict[str, Any]]:
        """Run one query and fetch all of its (few) rows as dictionaries by column."""

    def arrow(self, sql: str, parameters: Sequence[object] = ()) -> pa.Table:
        """Run one query and fetch it as an Arrow table."""

    def transaction(self) -> AbstractContextManager[None]:
        """Commit the block as one, or roll it back."""

    def append(self, table: str, rows: Sequence[Mapping[str, object]]) -> None:
        """Add a few rows to a bookkeeping table, columns matched by name."""

    def append_arrow(self, table: str, rows: pa.Table) -> None:
        """Add an Arrow table to a table, columns matched by name."""

    def fingerprint(self, relation: str) -> tuple[int, str]:
        """Rows of a relation and a checksum that does not depend on their order; equal rows give equal ones in one engine."""

    def checkpoint(self) -> None:
        """Bring what is committed to where it will stay; called at the end of a long step."""


class Warehouse(Protocol):
    """A place where the models run."""

    name: str

    def session(self, read_only: bool = False) -> AbstractContextManager[Session]:
        """Open a connection for the block and close it after."""

    def writing(self, holder: str) -> AbstractContextManager[int]:
        """Hold the single-writer lock; yields a descriptor to pass to child processes."""

    def dbt_profile(self) -> dict[str, object]:
        """The output of a dbt profile that reaches this warehouse."""

    def child_environment(self) -> Mapping[str, str]:
        """Variables of the environment that dbt needs beside the profile; secrets belong here."""

    def is_made(self) -> bool:
        """Whether there can be something in it: opening a session makes it otherwise."""

    def load_landing(self, session: Session, files: Mapping[str, Sequence[Path]]) -> None:
        """Show the Parquet files of each entity to the models as ``landing.<entity>``; no file, an empty relation."""

    def reset(self, files: Mapping[str, Sequence[Path]]) -> None:
        """Drop all that the landing zone gives back, so that no row of before is left anywhere; keep the run records.

        Args:
            files: the committed Parquet files of each entity, of which a server keeps a copy.
        """

    def search(self, pattern: str) -> TableSearch:
        """Look for a regular expression (lower case) in all tables that are not in files below ``KEHU_HOME``."""


def replace_rows(session: Session, table: str, rows: Sequence[Mapping[str, object]]) -> None:
    """Make ``rows`` the whole content of a bookkeeping table, in one transaction."""
    with session.transaction():
        session.execute(f"delete from {table}")
        session.append(table, rows)


def one_value(session: Session, sql: str, parameters: Sequence[object] = ()) -> Any:
    """The only value of a query's only row, or None where it has no row."""
    found = session.rows(sql, parameters)
    return found[0][0] if found else None


def iterate(session: Session, sql: str, parameters: Sequence[object] = ()) -> Iterator[dict[str, Any]]:
    """The rows of a small query as dictionaries."""
    yield from session.records(sql, parameters)
