"""What whoever lands may have taken out of the rows first; landing itself does not know what that is."""

from __future__ import annotations

from typing import Protocol

from kehu.landing.extract import Rows
from kehu.landing.workspace import Workspace


class RowFilter(Protocol):
    """Changes rows before they land: a source may go on delivering what must not land again."""

    def prepare(self) -> None:
        """Read what is to be taken out; called once an extraction, under the lock of the source.

        Raises:
            KehuError: it cannot be told, so that nothing may land.
        """

    def applied(self, work: Workspace, source: str, entity: str, rows: Rows) -> Rows:
        """The rows as they may land; the same rows where there is nothing to take out.

        Raises:
            duckdb.Error: an expression of the source fails on some row.
        """
