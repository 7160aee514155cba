"""A Zoho CRM on loopback: tokens, credits, pages, page tokens, field sets, 304 and 204, deletions, jobs; it enforces them."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

from tests.support.http_server import Reply, Request, Server, serve
from tests.support.switchboard import Switchboard

CLIENT, SECRET, REFRESH = "1000.CLIENT", "s3cr3t-of-zoho", "1000.r3fr3sh.t0ken"
BEGIN = datetime(2026, 3, 1, 10, tzinfo=UTC)


def error(status: int, code: str) -> Reply:
    """An error as Zoho tells it; its message may hold anything."""
    return Reply(status, {"code": code, "details": {}, "message": f"{REFRESH} ann@mail.example", "status": "error"})


@dataclass
class Module:
    """A module: fields with their types, records by id, the deleted ones with the time."""

    fields: dict[str, str]
    records: dict[str, dict[str, Any]] = field(default_factory=dict)
    deleted: dict[str, datetime] = field(default_factory=dict)


@dataclass
class Zoho:
    """The state of the server, which a test changes as users of the CRM would."""

    modules: dict[str, Module] = field(default_factory=dict)
    switchboard: Switchboard = field(default_factory=Switchboard)
    now: datetime = BEGIN
    minted: int = 0
    tokens: set[str] = field(default_factory=set)
    hidden: set[str] = field(default_factory=set)
    """Modules that the user may not read."""
    credits: int | None = None
    page_tokens_work: bool = True
    jobs: dict[str, tuple[str, list[str], int]] = field(default_factory=dict)
    polls: dict[str, int] = field(default_factory=dict)
    bulk_page_rows: int = 1_000_000
    members: dict[str, list[str]] = field(default_factory=dict)
    """Campaign → contacts."""
    next_id: int = 4_000_000_000_000_000_001
    server: Server = field(default_factory=lambda: Server(""))

    def module(self, name: str, /, **fields: str) -> Module:
        """Add a module."""
        self.modules[name] = Module({"Created_Time": "datetime", "Modified_Time": "datetime", **fields})
        return self.modules[name]

    def add(self, module: str, /, **values: Any) -> str:
        """Add a record; its id."""
        record = str(self.next_id)
        self.next_id += 1
        now = _zoned(self.now)
        stamps = {name: now for name in ("Created_Time", "Modified_Time") if name in self.modules[module].fields}
        self.modules[module].records[record] = {"id": record, **stamps, **values}
        return record

    def change(self, module: str, record: str, /, **values: Any) -> None:
        """Change a record, now."""
        stamp = {"Modified_Time": _zoned(self.now)} if "Modified_Time" in self.modules[module].fields else {}
        self.modules[module].records[record] |= {**values, **stamp}

    def delete(self, module: str, record: str) -> None:
        """Delete a record, now."""
        del self.modules[module].records[record]
        self.modules[module].deleted[record] = self.now

    def later(self, **duration: float) -> None:
        """Let time go by."""
        self.now += timedelta(**duration)

    def answer(self, request: Request) -> Reply:
        """What Zoho answers."""
        self.now += timedelta(seconds=1)
        reply = self.switchboard.before(request)
        reply = reply if reply is not None else self.switchboard.after(self._truth(request))
        left = {"X-API-CREDITS-REMAINING": str(self.credits)} if self.credits is not None else {}
        headers = {"Date": format_datetime(self.now, usegmt=True), **left, **reply.headers}
        return Reply(reply.status, reply.body, headers, reply.cut, reply.delay, reply.hang_up)

    def _truth(self, request: Request) -> Reply:
        if request.path == "/oauth/v2/token":
            return self._token(request)
        authorisation = request.headers.get("authorization", "")
        if not authorisation.startswith("Zoho-oauthtoken "):
            return error(401, "AUTHENTICATION_FAILURE")
        if authorisation.removeprefix("Zoho-oauthtoken ") not in self.tokens:
            return error(401, "INVALID_TOKEN")
        parts = request.path.strip("/").split("/")
        match parts:
            case ["crm", "v8", "settings", "modules"]:
                known = [{"api_name": name, "plural_label": name, "api_supported": True} for name in self.modules]
                return Reply(body={"modules": known})
            case ["crm", "v8", "settings", "fields"]:
                return self._fields(request.query.get("module", ""))
            case ["crm", "bulk", "v8", "read", *rest]:
                return self._bulk(request, rest)
            case ["crm", "v8", name, *rest] if name in self.modules:
                return error(403, "NO_PERMISSION") if name in self.hidden else self._records(request, name, rest)
        return error(400, "INVALID_MODULE")

    def _token(self, request: Request) -> Reply:
        form = request.form()
        if request.method != "POST" or request.query or form.get("grant_type") != "refresh_token":
            return Reply(400, {"error": "invalid_request"})
        if (form.get("client_id"), form.get("client_secret")) != (CLIENT, SECRET):
            return Reply(200, {"error": "invalid_client"})
        if form.get("refresh_token") != REFRESH:
            return Reply(200, {"error": "invalid_code"})
        self.minted += 1
        token = f"1000.acc3ss.{self.minted}"
        self.tokens.add(token)
        body = {"access_token": token, "api_domain": self.server.url, "token_type": "Bearer", "expires_in": 3600}
        return Reply(body=body)

    def _fields(self, name: str) -> Reply:
        if name not in self.modules:
            return error(400, "INVALID_MODULE")
        if name in self.hidden:
            return error(403, "NO_PERMISSION")
        known = self.modules[name].fields.items()
        return Reply(body={"fields": [{"api_name": n, "field_label": n, "data_type": t} for n, t in known]})

    def _records(self, request: Request, name: str, rest: list[str]) -> Reply:
        module = self.modules[name]
        if rest == ["deleted"]:
            if request.query.get("type") != "all":
                return error(400, "REQUIRED_PARAM_MISSING")
            since = self._since(request)
            gone = [
                {"id": one, "deleted_time": _zoned(moment), "type": "recycle", "display_name": "Ann Nobody"}
                for one, moment in sorted(module.deleted.items())
                if since is None or moment >= since
            ]
            return self._page(request, gone, since)
        if len(rest) == 2:
            return self._members(request, rest[0], rest[1])
        if rest:
            found = module.records.get(rest[0])
            return Reply(body={"data": [found]}) if found else Reply(204)
        names = [one for one in request.query.get("fields", "").split(",") if one]
        if not names:
            return error(400, "REQUIRED_PARAM_MISSING")
        if len(names) > 50:
            return error(400, "LIMIT_EXCEEDED")
        if any(one not in module.fields and one != "id" for one in names):
            return error(400, "INVALID_DATA")
        since = self._since(request)
        chosen = [
            module.records[one]
            for one in sorted(module.records)
            if since is None or datetime.fromisoformat(module.records[one]["Modified_Time"]) >= since
        ]
        return self._page(request, chosen, since, names)

    def _members(self, request: Request, parent: str, name: str) -> Reply:
        names = [one for one in request.query.get("fields", "").split(",") if one]
        if not names:
            return error(400, "REQUIRED_PARAM_MISSING")
        records = [self.modules[name].records[one] for one in sorted(self.members.get(parent, []))]
        return self._page(request, records, None, names)

    def _since(self, request: Request) -> datetime | None:
        given = request.headers.get("if-modified-since")
        return datetime.fromisoformat(given) if given else None

    def _page(
        self, request: Request, rows: list[dict[str, Any]], since: datetime | None, names: list[str] | None = None
    ) -> Reply:
        size = int(request.query.get("per_page", "200"))
        number, token = request.query.get("page"), request.query.get("page_token")
        if size > 200 or (number and token):
            return error(400, "INVALID_DATA")
        start = int(token.removeprefix("after-")) if token else (int(number or 1) - 1) * size
        if not token and start >= 2000:
            return error(400, "DISCRETE_PAGINATION_LIMIT_EXCEEDED")
        part = rows[start : start + size]
        if not part:
            return Reply(304 if since is not None and start == 0 else 204)
        more = start + size < len(rows)
        following = f"after-{start + size}" if more and self.page_tokens_work else None
        info = {"per_page": size, "count": str(len(part)), "more_records": more, "next_page_token": following}
        shown = [{"id": one["id"], **{name: one.get(name) for name in names}} for one in part] if names else part
        return Reply(body={"data": shown, "info": info})

    def _bulk(self, request: Request, rest: list[str]) -> Reply:
        if request.method == "POST" and not rest:
            query = request.json()["query"]
            name, page = query["module"]["api_name"], int(query.get("page", 1))
            if name not in self.modules:
                return error(400, "INVALID_MODULE")
            job = f"job{len(self.jobs) + 1}"
            self.jobs[job] = (name, query["fields"], page)
            return Reply(201, {"data": [{"status": "success", "code": "ADDED_SUCCESSFULLY", "details": {"id": job}}]})
        job = rest[0]
        name, names, page = self.jobs[job]
        rows = sorted(self.modules[name].records.values(), key=lambda one: str(one["id"]))
        start = (page - 1) * self.bulk_page_rows
        part = rows[start : start + self.bulk_page_rows]
        if rest[1:] == ["result"]:
            return Reply(body=_zipped(part, names), headers={"Content-Type": "application/octet-stream"})
        self.polls[job] = self.polls.get(job, 0) + 1
        if self.polls[job] < 3:
            return Reply(body={"data": [{"id": job, "state": ["ADDED", "IN PROGRESS"][self.polls[job] - 1]}]})
        more = start + self.bulk_page_rows < len(rows)
        result = {"page": page, "count": len(part), "more_records": more, "download_url": f"/x/{job}/result"}
        return Reply(body={"data": [{"id": job, "state": "COMPLETED", "result": result}]})


def _zipped(rows: list[dict[str, Any]], names: list[str]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["Id" if name == "id" else name for name in names])
    for row in rows:
        writer.writerow([_cell(row.get(name)) for name in names])
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("part.csv", text.getvalue())
    return packed.getvalue()


def _cell(value: Any) -> str:
    if isinstance(value, dict):
        return str(value["id"])
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)


def _zoned(moment: datetime) -> str:
    """As Zoho writes it: with the offset of the user."""
    return moment.astimezone(UTC).isoformat(timespec="seconds")


@contextmanager
def zoho_server() -> Iterator[Zoho]:
    """A server for the block."""
    state = Zoho()
    with serve(state.answer) as server:
        state.server = server
        yield state
