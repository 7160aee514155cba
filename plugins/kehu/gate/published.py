"""The release that BI reads now, as the drift check asks for it; whoever calls the gate says where it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import date
from typing import Any, Protocol

from kehu.errors import KehuError


class PublishedUnreadable(KehuError):
    """The release that BI should read is lost or damaged."""


class Published(Protocol):
    """The published release, opened; its tables are named ``analytics.<table>``."""

    def rows(self, sql: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Run one query and fetch all of its (few) rows.

        Raises:
            ReleaseError: it is damaged, or does not have what is asked for.
        """

    def columns(self) -> dict[str, dict[str, str]]:
        """Type by column by table, in DuckDB's names."""


OpenPublished = Callable[[], AbstractContextManager[Published | None]]
"""Opens the published release; None where nothing was ever published."""


def published_as_of(published: Published) -> tuple[str, date]:
    """The id and the day of a published release.

    Raises:
        ReleaseError: its table ``release`` cannot be read.
        PublishedUnreadable: that table does not hold exactly one row.
    """
    rows = published.rows("select release_id, as_of_date from analytics.release")
    if len(rows) != 1:
        raise PublishedUnreadable(f"the published table `release` holds {len(rows)} rows instead of one")
    return rows[0][0], rows[0][1]
