"""The records of an object: by their ids in order, within a closed window of time, and as many as Fxiaoke says there are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kehu.errors import SourceRefused, SourceUnreadable
from kehu.sources.fxiaoke.fxiaoke_client import FxiaokeClient
from kehu.sources.http.record_file import RecordFile

KEY, CHANGED = "_id", "last_modified_time"
_LIMIT = 100
_ATTEMPTS = 3
Record = Mapping[str, Any]


@dataclass(frozen=True)
class Reading:
    """What is read of an object.

    Attributes:
        client: whom to ask.
        object: the object.
        has_changed: whether it tells when its records change.
    """

    client: FxiaokeClient
    object: str
    has_changed: bool

    def records(self, names: Sequence[str], low: datetime | None, file: RecordFile) -> None:
        """All records that have changed since, into a file; those that change meanwhile are the next reading's.

        Raises:
            SourceRefused: there are more than can be read: a right is missing that hides them.
        """
        for attempt in range(_ATTEMPTS):
            window = self._window(low)
            total, seen = 0, 0
            file.begin()
            for told, page in self._pages(names, window):
                total = told if told is not None else total
                seen += len(page)
                file.write(page)
            if seen == total:
                return
            if attempt == _ATTEMPTS - 1:
                raise SourceRefused(
                    "Fxiaoke has another number of records than it lets us read",
                    fix="let the role of open_user_id see all records of the object (data permissions), then ingest again;"
                    " nothing has landed",
                    source=self.client.config.name,
                    object=self.object,
                    total=total,
                    read=seen,
                )

    def _window(self, low: datetime | None) -> list[dict[str, Any]]:
        """Filters: from a bound to now, by the server's clock."""
        if not self.has_changed:
            return []
        filters = [_filter(CHANGED, "GTE", _ms(low))] if low is not None else []
        now = self.client.server_time
        return [*filters, *([_filter(CHANGED, "LTE", _ms(now) + 999)] if now is not None else [])]

    def _pages(
        self, names: Sequence[str], window: Sequence[dict[str, Any]]
    ) -> Iterator[tuple[int | None, Sequence[Record]]]:
        """The records, a page at a time; with the first one how many there are."""
        last: str | None = None
        seen, total = 0, None
        while True:
            filters = [*window, *([_filter(KEY, "GT", last)] if last is not None else [])]
            told, page = self._page(names, filters, is_first=last is None)
            total = told if last is None else total
            yield (told if last is None else None), page
            seen += len(page)
            if len(page) < _LIMIT or seen == total:
                return
            last = str(page[-1][KEY])

    def _page(
        self, names: Sequence[str], filters: Sequence[dict[str, Any]], is_first: bool
    ) -> tuple[int, Sequence[Record]]:
        search = {
            "limit": _LIMIT,
            "offset": 0,
            "filters": list(filters),
            "orders": [{"fieldName": KEY, "isAsc": True}],
            "fieldProjection": list(names),
        }
        question = {
            "dataObjectApiName": self.object,
            "find_explicit_total_num": is_first,
            "search_query_info": search,
        }
        is_custom = self.object.endswith("__c")
        path = "/cgi/crm/custom/v2/data/query" if is_custom else "/cgi/crm/v2/data/query"
        data = self.client.ask(path, {"data": question}).get("data")
        page = data.get("dataList") if isinstance(data, Mapping) else None
        if not isinstance(data, Mapping) or not isinstance(page, list) or not all(one.get(KEY) for one in page):
            raise SourceUnreadable(
                "Fxiaoke's answer has no records, or one without an id",
                fix="ingest again, or report this",
                source=self.client.config.name,
                object=self.object,
            )
        return int(data.get("total") or 0), page


def _filter(name: str, operator: str, value: object) -> dict[str, Any]:
    return {"field_name": name, "operator": operator, "field_values": [value]}


def _ms(moment: datetime | None) -> int:
    return int(moment.timestamp() * 1000) if moment is not None else 0
