"""A whole module by jobs: asked for, waited for, fetched as a zip with one CSV; a job a page of 200,000 records."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from kehu.errors import SourceRefused, SourceTimeout, SourceUnreadable
from kehu.sources.http.record_file import RecordFile
from kehu.sources.zoho.zoho_client import ZohoClient

_PATH = "/crm/bulk/v8/read"
_CHUNK = 5_000
_FIRST_WAIT, _LONGEST_WAIT, _LONGEST_JOB = 5.0, 60.0, 3600.0
_BAD_ZIPS = 3


def bulk_names(names: Sequence[str]) -> dict[str, str] | None:
    """Column → what jobs call it; None where a job does not give a column: the name of a record that another names."""
    if any(name.endswith(".name") for name in names):
        return None
    return {name: name.removesuffix(".id") for name in names}


def read_bulk(client: ZohoClient, module: str, names: Mapping[str, str], file: RecordFile) -> None:
    """All records of a module into a file.

    Raises:
        SourceRefused: Zoho refuses a job, or a job fails.
        SourceTimeout: a job is not done within an hour.
    """
    page, token = 1, None
    while True:
        job = _started(client, module, sorted(set(names.values())), page, token)
        result = _finished(client, module, job)
        for records in _fetched(client, module, job, int(str(result.get("count", -1)))):
            file.write([{name: record.get(given) or None for name, given in names.items()} for record in records])
        if not result.get("more_records"):
            return
        page, token = page + 1, result.get("next_page_token")


def _started(client: ZohoClient, module: str, fields: Sequence[str], page: int, token: object) -> str:
    query: dict[str, Any] = {"module": {"api_name": module}, "fields": list(fields)}
    query |= {"page_token": token} if token else {"page": page}
    body = client.ask("POST", _PATH, body={"query": query}).body
    data = body.get("data") if isinstance(body, dict) else None
    if not data or "id" not in (data[0].get("details") or {}):
        raise SourceRefused(
            "Zoho does not take the job",
            fix="see whether the token has the scope ZohoCRM.bulk.READ; or set bulk: never",
            source=client.config.name,
            module=module,
        )
    return str(data[0]["details"]["id"])


def _finished(client: ZohoClient, module: str, job: str) -> Mapping[str, Any]:
    """The result of a job, once it is done."""
    waited, pause = 0.0, _FIRST_WAIT
    while waited <= _LONGEST_JOB:
        client.sleep(pause)
        waited, pause = waited + pause, min(pause * 1.5, _LONGEST_WAIT)
        body = client.ask("GET", f"{_PATH}/{job}").body
        state = body["data"][0] if isinstance(body, dict) and body.get("data") else {}
        match str(state.get("state", "")).upper():
            case "COMPLETED":
                return dict(state.get("result") or {})
            case "FAILURE" | "FAILED":
                raise SourceRefused(
                    "a job of Zoho has failed",
                    fix="ingest again; if it fails again, set bulk: never",
                    source=client.config.name,
                    module=module,
                    job=job,
                )
    raise SourceTimeout(
        "a job of Zoho is not done after an hour",
        fix="ingest again later, or set bulk: never; nothing is half done",
        source=client.config.name,
        module=module,
        job=job,
    )


def _fetched(client: ZohoClient, module: str, job: str, count: int) -> Iterator[list[dict[str, str]]]:
    """The records of a job, in chunks; what does not arrive whole is fetched again."""
    for attempt in range(_BAD_ZIPS):
        content = client.ask("GET", f"{_PATH}/{job}/result", expects_json=False).content
        try:
            text = _csv(content)
            break
        except (zipfile.BadZipFile, EOFError, ValueError):
            if attempt == _BAD_ZIPS - 1:
                raise _damaged(client, module, job) from None
    seen = 0
    chunk: list[dict[str, str]] = []
    for record in csv.DictReader(io.StringIO(text, newline="")):
        chunk.append({("id" if name == "Id" else name): value for name, value in record.items()})
        seen += 1
        if len(chunk) == _CHUNK:
            yield chunk
            chunk = []
    yield chunk
    if count not in (-1, seen):
        raise _damaged(client, module, job, expected=count, found=seen)


def _csv(content: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if archive.testzip() is not None or len(archive.namelist()) != 1:
            raise zipfile.BadZipFile
        return archive.read(archive.namelist()[0]).decode("utf-8-sig")


def _damaged(client: ZohoClient, module: str, job: str, **facts: object) -> SourceUnreadable:
    return SourceUnreadable(
        "the result of a job of Zoho is damaged",
        fix="ingest again, or set bulk: never",
        source=client.config.name,
        module=module,
        job=job,
        **facts,
    )
