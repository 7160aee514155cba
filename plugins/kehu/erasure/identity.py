"""Who is who, as the last build knew it: from the working warehouse, else from the newest release."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from kehu.release.catalog import newest_first, reading
from kehu.release.factory import open_store
from kehu.settings import Settings
from kehu.warehouse.factory import open_warehouse

_RELATIONS = {
    "state": ("intermediate.int_records_map", "record_id"),
    "release": ("analytics.map_source_customers_to_customers", "source_customer_id"),
}
_IS_BUILT = (
    "select 1 from information_schema.tables where table_schema = 'intermediate' and table_name = 'int_records_map'"
)

Query = Callable[[str, Sequence[object]], list[tuple]]


@dataclass(frozen=True)
class Identity:
    """The map of records to persons; empty (``is_known`` false) where nothing has been built."""

    query: Query | None
    relation: str = ""
    record: str = ""

    @property
    def is_known(self) -> bool:
        """Whether there is a map at all."""
        return self.query is not None

    def persons_records(self, record_id: str) -> set[str]:
        """All records of the person who has this one; empty if nobody has."""
        same = f"select customer_id from {self.relation} where {self.record} = ?"
        return self._column(f"select {self.record} from {self.relation} where customer_id in ({same})", [record_id])

    def among(self, records: Iterable[str]) -> set[str]:
        """Those of the records that the map knows."""
        return self._column(f"select {self.record} from {self.relation} where {self.record} = any(?)", [list(records)])

    def _column(self, sql: str, parameters: Sequence[object]) -> set[str]:
        return {row[0] for row in self.query(sql, parameters)} if self.query else set()


@contextmanager
def open_identity(settings: Settings) -> Iterator[Identity]:
    """The map for the block."""
    warehouse = open_warehouse(settings)
    if warehouse.is_made():
        with warehouse.session(read_only=True) as session:
            if session.rows(_IS_BUILT):
                yield Identity(session.rows, *_RELATIONS["state"])
                return
    releases = newest_first(open_store(settings))
    if not releases:
        yield Identity(None)
        return
    with reading(settings, max(one.release_id for one in releases)) as release:
        yield Identity(release.rows, *_RELATIONS["release"])
