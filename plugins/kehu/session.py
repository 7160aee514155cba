"""An open connection to a warehouse, as all SQL of Kehu's own sees it; each engine answers in its own room."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

import pyarrow as pa


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
