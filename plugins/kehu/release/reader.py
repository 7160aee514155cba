"""Reading a release wherever it is kept: the same queries, with tables named ``analytics.<table>``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import pyarrow as pa


class ReleaseReader(Protocol):
    """An opened release: its tables are named ``analytics.<table>``, whatever holds them."""

    kind: str

    def rows(self, sql: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Run one query and fetch all of its (few) rows.

        Raises:
            ReleaseError: the release is damaged, or lacks a table or a column of the contract.
        """

    def records(self, sql: str, parameters: Sequence[object] = ()) -> list[dict[str, Any]]:
        """The same as dictionaries by column."""

    def arrow(self, sql: str, parameters: Sequence[object] = ()) -> pa.Table:
        """Run one query and fetch it as an Arrow table."""

    def columns(self) -> dict[str, dict[str, str]]:
        """Type by column by table, in DuckDB's names whatever holds the release."""
