"""A tenant of Fxiaoke on loopback: two generations of tokens, errors in good answers, pages by id, limits; it enforces them."""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

from tests.support.http_server import Reply, Request, Server, serve
from tests.support.switchboard import Switchboard

APP, SECRET, CODE, USER = "FSAID_1", "s3cr3t-of-fx", "p3rmanent-c0de", "FSUID_reader"
BEGIN = datetime(2026, 3, 1, 10, tzinfo=UTC)


def refusal(code: int, **rest: Any) -> Reply:
    """An error as Fxiaoke tells it, in a good answer; its message may hold anything."""
    return Reply(200, {"errorCode": code, "errorMessage": f"{SECRET} ann@mail.example", **rest})


def ms(moment: datetime) -> int:
    """Milliseconds since the epoch."""
    return int(moment.timestamp() * 1000)


@dataclass
class Object:
    """An object: fields as described, records by id; some that the user may not see."""

    fields: dict[str, dict[str, Any]]
    records: dict[str, dict[str, Any]] = field(default_factory=dict)
    hidden: set[str] = field(default_factory=set)


@dataclass
class Fxiaoke:
    """The state of the tenant, which a test changes as its users would."""

    generation: str = "oauth"
    objects: dict[str, Object] = field(default_factory=dict)
    switchboard: Switchboard = field(default_factory=Switchboard)
    now: datetime = BEGIN
    tick: timedelta = timedelta(milliseconds=20)
    minted: list[datetime] = field(default_factory=list)
    tokens: set[str] = field(default_factory=set)
    next_id: int = 1
    calls: dict[str, deque[datetime]] = field(default_factory=dict)
    refused_as_too_fast: int = 0
    server: Server = field(default_factory=lambda: Server(""))

    def object(self, name: str, /, **fields: dict[str, Any]) -> Object:
        """Add an object; every one has an id and times."""
        always = {
            "_id": {"type": "text", "label": "ID"},
            "create_time": {"type": "date_time", "label": "创建时间"},
            "last_modified_time": {"type": "date_time", "label": "最后修改时间"},
            "life_status": {
                "type": "select_one",
                "label": "生命状态",
                "options": [{"value": "normal", "label": "正常"}, {"value": "invalid", "label": "作废"}],
            },
        }
        self.objects[name] = Object({**always, **fields})
        return self.objects[name]

    def add(self, name: str, /, **values: Any) -> str:
        """Add a record; its id."""
        record = f"65f{self.next_id:021x}"
        self.next_id += 1
        stamps = {"create_time": ms(self.now), "last_modified_time": ms(self.now), "life_status": "normal"}
        self.objects[name].records[record] = {"_id": record, **stamps, **values}
        return record

    def change(self, name: str, record: str, /, **values: Any) -> None:
        """Change a record, now."""
        self.objects[name].records[record] |= {**values, "last_modified_time": ms(self.now)}

    def later(self, **duration: float) -> None:
        """Let time go by."""
        self.now += timedelta(**duration)

    def answer(self, request: Request) -> Reply:
        """What Fxiaoke answers."""
        self.now += self.tick
        reply = self.switchboard.before(request)
        reply = reply if reply is not None else self.switchboard.after(self._truth(request))
        headers = {"Date": format_datetime(self.now, usegmt=True), **reply.headers}
        return Reply(reply.status, reply.body, headers, reply.cut, reply.delay, reply.hang_up)

    def _truth(self, request: Request) -> Reply:
        body = request.json()
        if request.path in ("/cgi/corpAccessToken/get/V2", "/oauth2.0/token"):
            return self._token(request, body)
        if self._is_too_fast(request.path):
            self.refused_as_too_fast += 1
            return refusal(30004)
        token = self._sent_token(request, body)
        if token is None:
            return refusal(30003)
        if token not in self.tokens:
            return refusal(20016)
        match request.path:
            case "/cgi/crm/v2/object/list":
                known = [{"describeApiName": name, "describeDisplayName": name} for name in self.objects]
                return Reply(body={"errorCode": 0, "data": {"objects": known}})
            case "/cgi/crm/v2/object/describe":
                found = self.objects[body["apiName"]].fields
                return Reply(body={"errorCode": 0, "data": {"describe": {"fields": found}}})
            case "/cgi/crm/v2/data/query" | "/cgi/crm/custom/v2/data/query" as path:
                name = body["data"]["dataObjectApiName"]
                if name.endswith("__c") != ("custom" in path):
                    return refusal(30005)
                return self._query(self.objects[name], body["data"])
        return refusal(404)

    def _token(self, request: Request, body: dict[str, Any]) -> Reply:
        is_old = request.path.startswith("/cgi")
        if is_old != (self.generation == "corp_token"):
            return refusal(20002)
        if not is_old and (not request.query.get("thirdTraceId") or body.get("grantType") != "app_secret"):
            return refusal(20003)
        if (body.get("appId"), body.get("appSecret"), body.get("permanentCode")) != (APP, SECRET, CODE):
            return refusal(20021)
        recent = [one for one in self.minted if one > self.now - timedelta(minutes=1)]
        if len(recent) >= 10:
            return refusal(30004)
        self.minted.append(self.now)
        token = f"t0ken-{len(self.minted)}"
        self.tokens.add(token)
        if is_old:
            return Reply(body={"errorCode": 0, "corpAccessToken": token, "corpId": "FSCID", "expiresIn": 7200})
        return Reply(body={"accessToken": token, "ea": "tenant", "expiresIn": 7200, "openUserId": USER})

    def _sent_token(self, request: Request, body: dict[str, Any]) -> str | None:
        if self.generation == "corp_token":
            is_whole = body.get("corpId") == "FSCID" and body.get("currentOpenUserId") == USER
            return body.get("corpAccessToken") if is_whole and "authorization" not in request.headers else None
        is_whole = request.headers.get("x-fs-ea") == "tenant" and request.headers.get("x-fs-userid") == USER
        given = request.headers.get("authorization", "")
        return given.removeprefix("Bearer ") if is_whole and "corpAccessToken" not in body else None

    def _is_too_fast(self, path: str) -> bool:
        calls = self.calls.setdefault(path, deque())
        while calls and calls[0] <= self.now - timedelta(seconds=20):
            calls.popleft()
        calls.append(self.now)
        return len(calls) > 100

    def _query(self, one: Object, question: dict[str, Any]) -> Reply:
        search = question["search_query_info"]
        limit, offset = search["limit"], search["offset"]
        if limit > 100 or offset % limit or offset > 10_000:
            return refusal(10013)
        wants_total = bool(question.get("find_explicit_total_num"))
        found: list[dict[str, Any]] = []
        seen: list[dict[str, Any]] = []
        for record in self._after(one, search["filters"]):
            if _fits(record, search["filters"]):
                found.append(record)
                seen += [record] if record["_id"] not in one.hidden else []
            if not wants_total and len(seen) == offset + limit:
                break
        names = {*search["fieldProjection"]}
        if names - one.fields.keys():
            return refusal(10006)
        rows = [
            {**{key: value for key, value in record.items() if key in names}, "owner__r": {"name": "Ann Nobody"}}
            for record in seen[offset : offset + limit]
        ]
        total = len(found) if wants_total else 0
        return Reply(body={"errorCode": 0, "data": {"dataList": rows, "total": total, "offset": 0, "limit": limit}})

    @staticmethod
    def _after(one: Object, filters: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        """The records in the order of their ids, from where a filter lets them begin."""
        ids = sorted(one.records)
        begins = [filter_["field_values"][0] for filter_ in filters if filter_["field_name"] == "_id"]
        return (one.records[name] for name in ids[bisect_right(ids, begins[0]) if begins else 0 :])


@contextmanager
def fxiaoke_server(generation: str = "oauth") -> Iterator[Fxiaoke]:
    """A server for the block."""
    state = Fxiaoke(generation)
    with serve(state.answer) as server:
        state.server = server
        yield state


def _fits(record: dict[str, Any], filters: list[dict[str, Any]]) -> bool:
    compare = {
        "GT": lambda a, b: a > b,
        "GTE": lambda a, b: a >= b,
        "LTE": lambda a, b: a <= b,
        "EQ": lambda a, b: a == b,
    }
    return all(compare[one["operator"]](record[one["field_name"]], one["field_values"][0]) for one in filters)
