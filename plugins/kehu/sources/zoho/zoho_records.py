"""The records of a module by its interface: page, then page_token; again where records were deleted while it was read.

Pages are by position in the order of ids, in which only a deletion moves records to an earlier page, past the one who reads.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kehu.errors import SourceUnreadable
from kehu.sources.http.answers import Answer
from kehu.sources.http.record_file import RecordFile
from kehu.sources.zoho.zoho_client import ZohoClient

PER_PAGE = 200
_PAGES = 10
"""So many are read by their number; the rest by the token that the one before has."""
_ATTEMPTS = 5


@dataclass(frozen=True)
class Reading:
    """What is read of a module.

    Attributes:
        client: whom to ask.
        module: the module, or ``Campaigns/Contacts`` for what belongs to its records.
        since: only what has changed since; None for everything.
        begun: the server's clock before anything was read.
    """

    client: ZohoClient
    module: str
    since: datetime | None
    begun: datetime | None

    def pages(self, names: Sequence[str]) -> Iterator[Sequence[Mapping[str, Any]]]:
        """The records with these fields, a page at a time."""
        params = {"fields": ",".join(names), "sort_by": "id", "sort_order": "asc"}
        return self._pages(f"/crm/v8/{self.module}", params, self.since)

    def has_more_than_a_page(self) -> bool:
        """Whether everything does not fit into one answer."""
        params = {"fields": "id", "per_page": str(PER_PAGE), "page": "1"}
        answer = self.client.ask("GET", f"/crm/v8/{self.module}", params=params)
        return answer.status == 200 and bool(self._content(answer)[1].get("more_records"))

    def stable(self, names: Sequence[str], file: RecordFile) -> None:
        """All records into a file; a record may be in it several times.

        Raises:
            SourceUnreadable: records are deleted faster than they are read.
        """
        known: set[str] = set()
        for _ in range(_ATTEMPTS):
            pages = 0
            for page in self.pages(names):
                file.write(page)
                pages += 1
            gone = self.deleted_ids() if pages > 1 else known
            if gone == known:
                return
            known = gone
        raise SourceUnreadable(
            "records are deleted faster than they can be read, so that others may be missed",
            fix="ingest again when less is deleted; nothing is half done",
            source=self.client.config.name,
            module=self.module,
        )

    def deleted(self, since: datetime | None) -> Iterator[Sequence[Mapping[str, Any]]]:
        """What was deleted since, with the time, a page at a time."""
        return self._pages(f"/crm/v8/{self.module}/deleted", {"type": "all"}, since)

    def deleted_ids(self) -> set[str]:
        """What was deleted since the reading has begun."""
        return {str(one.get("id")) for page in self.deleted(self.begun) for one in page}

    def one(self, record: str) -> Mapping[str, Any] | None:
        """One record in one answer; None where it is gone."""
        answer = self.client.ask("GET", f"/crm/v8/{self.module}/{record}")
        found = answer.body.get("data") if isinstance(answer.body, dict) else None
        return found[0] if found else None

    def _pages(
        self, path: str, params: Mapping[str, str], since: datetime | None
    ) -> Iterator[Sequence[Mapping[str, Any]]]:
        headers = {"If-Modified-Since": since.isoformat(timespec="seconds")} if since is not None else {}
        page = 1
        token: str | None = None
        while True:
            where: dict[str, str] = {"page_token": token} if token else {"page": str(page)}
            answer = self.client.ask(
                "GET", path, params={**params, "per_page": str(PER_PAGE), **where}, headers=headers
            )
            if answer.status in (204, 304):
                return
            records, info = self._content(answer)
            yield records
            if not info.get("more_records"):
                return
            page += 1
            token = info.get("next_page_token") if page > _PAGES else None
            if page > _PAGES and not token:
                raise self._unreadable("Zoho has more records and no token for their page")

    def _content(self, answer: Answer) -> tuple[Sequence[Mapping[str, Any]], Mapping[str, Any]]:
        body = answer.body
        if not isinstance(body, dict) or not isinstance(body.get("data"), list):
            raise self._unreadable("Zoho's answer has no data")
        if not all(isinstance(one, dict) and one.get("id") for one in body["data"]):
            raise self._unreadable("a record of Zoho has no id")
        info = body.get("info")
        return body["data"], info if isinstance(info, dict) else {}

    def _unreadable(self, problem: str) -> SourceUnreadable:
        return SourceUnreadable(
            problem, fix="ingest again, or report this", source=self.client.config.name, module=self.module
        )
