"""Requests over real sockets: what is asked again, how long is waited, what is refused, and no secret anywhere."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

import pytest
from pydantic import SecretStr

from kehu.errors import ConfigurationError, KehuError, SourceRefused, SourceUnreachable
from kehu.settings import load_settings
from kehu.sources.config_errors import as_configuration_errors
from kehu.sources.config_models import MappedEntity
from kehu.sources.http.answers import Answer, AskAgain, TokenExpired
from kehu.sources.http.budget import Budget
from kehu.sources.http.client import HttpClient, Patience
from kehu.sources.http.credentials import Credentials, find_credentials
from kehu.sources.http.http_config import HttpSourceConfig
from kehu.sources.http.rate_limit import RateLimit
from tests.support.http_server import Reply, Request, Server, serve

SECRET = "hunter2/öé+x"


class Config(HttpSourceConfig[MappedEntity]):
    kind: Literal["thing"]


class Tokens:
    def __init__(self) -> None:
        self.token, self.renewals = "old", 0

    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Thing {self.token}"}

    def renew(self, refused: object) -> None:
        self.renewals += 1
        self.token = f"new{self.renewals}"


class Script:
    """Answers in a row, the last again and again; and the pauses that were made."""

    def __init__(self, *replies: Reply) -> None:
        self.replies, self.pauses, self.asked = list(replies), [], 0

    def __call__(self, _: Request) -> Reply:
        self.asked += 1
        return self.replies[min(self.asked, len(self.replies)) - 1]


@contextmanager
def client(script: Script, **options: object) -> Iterator[tuple[HttpClient, Server]]:
    with serve(script) as server:
        patience = Patience(attempts=4, first_pause=1, longest_pause=8, longest_wait=100, connect=2, answer=0.5)
        one = HttpClient("shop", server.url, patience=patience, sleep=script.pauses.append, **options)
        yield one, server
        one.close()


GOOD = Reply(body={"ok": "ü"})


def test_a_good_answer_is_asked_for_once() -> None:
    script = Script(GOOD)
    with client(script) as (http, server):
        answer = http.ask("POST", "/a", params={"q": "ü &"}, body={"x": 1}, headers={"If-Modified-Since": "t"})
    assert answer.body == {"ok": "ü"}
    (request,) = server.requests
    assert (request.method, request.path, request.query, request.json()) == ("POST", "/a", {"q": "ü &"}, {"x": 1})
    assert request.headers["if-modified-since"] == "t"
    assert script.pauses == []


@pytest.mark.parametrize("status", [204, 304])
def test_nothing_and_nothing_new_are_good(status: int) -> None:
    with client(Script(Reply(status))) as (http, _):
        answer = http.ask("GET", "/a")
    assert (answer.status, answer.body) == (status, None)


STUMBLES = {
    "too many requests": Reply(429, {"code": "TOO_MANY_REQUESTS"}),
    "a failure inside": Reply(500, b"<html>"),
    "a bad gateway": Reply(502),
    "no service": Reply(503),
    "an answer that comes too late": Reply(delay=0.9, body={}),
    "no answer": Reply(hang_up=True),
    "an answer that is cut off on the way": Reply(body={"a": "x" * 2000}, cut=100),
    "an answer that was cut off before": Reply(body=b'{"data": [1, 2'),
    "a page instead of JSON": Reply(body=b"<html>maintenance</html>"),
}


@pytest.mark.parametrize("name", STUMBLES)
def test_a_stumble_is_asked_again(name: str) -> None:
    script = Script(STUMBLES[name], STUMBLES[name], GOOD)
    with client(script) as (http, _):
        assert http.ask("GET", "/a").body == {"ok": "ü"}
    assert script.asked == 3
    assert len(script.pauses) == 2
    assert all(0 <= pause <= 2**number for number, pause in enumerate(script.pauses)), "they may double each time"


@pytest.mark.parametrize("name", STUMBLES)
def test_stumbling_for_ever_is_named_and_holds_no_secret(name: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    script = Script(STUMBLES[name])
    with client(script) as (http, _), pytest.raises(SourceUnreachable, match=r"again and again.*attempts=4") as caught:
        http.ask("GET", "/a?token=" + SECRET, headers={"X-Key": "hunter2"}, form={"secret": SECRET})
    assert script.asked == 4
    assert caught.value.facts["path"] == "/a"
    told = str(caught.value) + "".join(record.getMessage() for record in caplog.records if record.name != "httpcore")
    assert "hunter2" not in told


def test_pauses_are_random_and_grow() -> None:
    seen = set()
    for _ in range(3):
        script = Script(Reply(503))
        with client(script) as (http, _), pytest.raises(SourceUnreachable):
            http.ask("GET", "/a")
        assert len(script.pauses) == 3
        assert max(script.pauses) <= 8
        seen.add(tuple(script.pauses))
    assert len(seen) == 3, "many who were refused at once must not come back at once"


def test_a_server_that_asks_for_patience_gets_it() -> None:
    script = Script(
        Reply(429, headers={"Retry-After": "17"}),
        Reply(503, headers={"Retry-After": "Mon, 05 Jan 2026 10:00:30 GMT", "Date": "Mon, 05 Jan 2026 10:00:00 GMT"}),
        GOOD,
    )
    with client(script) as (http, _):
        http.ask("GET", "/a")
    assert script.pauses == [17, 30], "seconds, or a moment by the server's own clock"


def test_a_server_that_asks_for_a_day_has_failed() -> None:
    script = Script(Reply(429, headers={"Retry-After": "86400"}))
    with client(script) as (http, _), pytest.raises(SourceUnreachable, match="wait_seconds=86400"):
        http.ask("GET", "/a")
    assert script.asked == 1


def test_a_token_that_has_run_out_is_renewed_once() -> None:
    tokens, script = Tokens(), Script(Reply(401, {"code": "INVALID_TOKEN"}), GOOD)
    with client(script, authorisation=tokens) as (http, server):
        assert http.ask("GET", "/a").body == {"ok": "ü"}
    assert [request.headers["authorization"] for request in server.requests] == ["Thing old", "Thing new1"]
    assert script.pauses == []
    script = Script(Reply(401, {"code": "INVALID_TOKEN", "message": f"for ann@mail.example {SECRET}"}))
    with client(script, authorisation=tokens) as (http, _), pytest.raises(SourceRefused) as caught:
        http.ask("GET", "/a")
    assert script.asked == 2
    assert "does not let us in" in str(caught.value)
    assert "code='INVALID_TOKEN'" in str(caught.value)
    assert "mail.example" not in str(caught.value), "a sentence of the server may hold anything"


@pytest.mark.parametrize("status", [400, 403, 404, 409, 302])
def test_what_is_refused_is_not_asked_again(status: int) -> None:
    script = Script(Reply(status, {"code": "NO_PERMISSION", "message": "ann@mail.example"}))
    with (
        client(script) as (http, _),
        pytest.raises(SourceRefused, match=rf"status={status}, code='NO_PERMISSION'") as caught,
    ):
        http.ask("GET", "/a")
    assert script.asked == 1
    assert "mail.example" not in str(caught.value)


def test_a_system_may_tell_of_errors_in_good_answers() -> None:
    def judge(answer: Answer) -> None:
        match answer.body["errorCode"]:
            case 20016:
                raise TokenExpired
            case -1:
                raise AskAgain("busy")
            case 30002:
                raise SourceRefused("the daily quota is used up", fix="wait until tomorrow", source="shop")

    tokens = Tokens()
    replies = [Reply(body={"errorCode": code}) for code in (20016, -1, 0)]
    script = Script(*replies)
    with client(script, authorisation=tokens, judge=judge) as (http, _):
        assert http.ask("POST", "/a").body == {"errorCode": 0}
    assert (script.asked, tokens.renewals, len(script.pauses)) == (3, 1, 1)
    script = Script(Reply(body={"errorCode": 30002}))
    with client(script, judge=judge) as (http, _), pytest.raises(KehuError, match="daily quota"):
        http.ask("POST", "/a")
    assert script.asked == 1


@pytest.mark.parametrize("path", ["https://elsewhere.example/a", "//elsewhere.example/a", "a"])
def test_no_request_leaves_the_system(path: str) -> None:
    script = Script(GOOD)
    with client(script) as (http, _), pytest.raises(SourceRefused, match="must not leave"):
        http.ask("GET", path)
    assert script.asked == 0


def test_a_server_that_is_not_there_is_named() -> None:
    with serve(Script(GOOD)) as server:
        url = server.url
    pauses: list[float] = []
    http = HttpClient("shop", url, patience=Patience(attempts=2, connect=0.5), sleep=pauses.append)
    with pytest.raises(SourceUnreachable, match="cause='ConnectError'"):
        http.ask("GET", "/a")
    for address in ("", "ftp://host", "https://", "host"):
        with pytest.raises(ConfigurationError, match="address"):
            HttpClient("shop", address)


def load(**entry: object) -> Config:
    with as_configuration_errors("sources.yml", Config):
        return Config.model_validate({"name": "crm", "kind": "thing", "entities": {"customers": {}}, **entry})


@pytest.mark.parametrize(
    "text",
    [
        json.dumps({"conn_type": "http", "login": "me", "password": SECRET, "extra": {"client_id": "c1"}}),
        json.dumps({"conn_type": "http", "login": "me", "password": SECRET, "extra": json.dumps({"client_id": "c1"})}),
        "http://me:hunter2%2F%C3%B6%C3%A9%2Bx@host.example/?client_id=c1",
        "http://me:hunter2%2F%C3%B6%C3%A9%2Bx@host.example/?__extra__=%7B%22client_id%22%3A+%22c1%22%7D",
    ],
)
@pytest.mark.parametrize("handed_in", [True, False])
def test_credentials_come_from_an_airflow_connection(
    text: str, handed_in: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not handed_in:
        monkeypatch.setenv("AIRFLOW_CONN_CRM", text)
    found = find_credentials(load(connection="crm"), {"crm": SecretStr(text)} if handed_in else {}, [])
    assert (found["login"], found["password"], found["client_id"]) == ("me", SECRET, "c1")
    assert SECRET not in repr(found)
    with pytest.raises(ConfigurationError, match=r"add refresh_token to the extra of the Airflow connection crm"):
        _ = found["refresh_token"]


def test_credentials_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRM_CLIENT_SECRET", SECRET)
    found = find_credentials(load(env_prefix="CRM"), {}, ["client_id", "client_secret"])
    assert found["client_secret"] == SECRET
    assert found.get("host", "default") == "default"
    with pytest.raises(ConfigurationError, match="credential='client_id'"):
        _ = found["client_id"]


@pytest.mark.parametrize("text", ["{", "[]", '{"extra": 5}', '{"extra": "x"}', "http://[::1", "http://h/?__extra__=x"])
def test_what_is_no_connection_is_named_without_showing_it(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_CRM", text.replace("x", SECRET) if "x" in text else text)
    with pytest.raises(ConfigurationError) as caught:
        _ = find_credentials(load(connection="crm"), {}, [])["client_id"]
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ({}, "exactly one of: connection, env_prefix"),
        ({"connection": "a", "env_prefix": "B"}, "exactly one of"),
        ({"connection": f"http://u:{SECRET}@h"}, "is the id of an Airflow connection"),
        ({"env_prefix": "A B"}, "names of environment variables begin with"),
        ({"connection": "a", "client_secret": SECRET}, "credentials do not belong into this file"),
        ({"connection": "a", "refresh_token": SECRET}, "credentials do not belong into this file"),
        ({"connection": "a", "Password": SECRET}, "credentials do not belong into this file"),
    ],
)
def test_a_file_with_credentials_or_without_their_place_is_refused(entry: dict, said: str) -> None:
    with pytest.raises(ConfigurationError, match=said) as caught:
        load(**entry)
    assert "hunter2" not in str(caught.value)


def test_secrets_are_taken_out_of_messages_in_every_spelling() -> None:
    found = Credentials({"a": SecretStr(SECRET), "b": SecretStr("ab")}, "crm", "x")
    message = f"no: {SECRET} hunter2%2F%C3%B6%C3%A9%2Bx about"
    assert found.without_secrets(message) == "no: … … about"


def test_calls_of_an_endpoint_are_held_back_within_their_window() -> None:
    now = [100.0]
    pauses: list[float] = []

    def sleep(seconds: float) -> None:
        pauses.append(seconds)
        now[0] += seconds

    limit = RateLimit(calls=3, seconds=20, sleep=sleep, clock=lambda: now[0])
    for _ in range(3):
        limit.wait("/a")
        now[0] += 2
    limit.wait("/b")
    assert pauses == [], "each endpoint has its own"
    limit.wait("/a")
    assert pauses == [14], "until the first of the three is 20 seconds ago"
    now[0] += 100
    for _ in range(3):
        limit.wait("/a")
    assert pauses == [14]


def test_a_budget_is_one_for_all_processes_and_comes_back_after_a_day(tmp_path: Path) -> None:
    moment = [datetime(2026, 3, 1, 10, 30)]  # noqa: DTZ001 - the contract of the clock is UTC without an offset
    settings = load_settings(home=tmp_path)

    def process(limit: int = 50) -> Budget:
        return Budget(settings, "crm", limit, now=lambda: moment[0])

    first, second = process(), process()
    for _ in range(5):
        first.spend()
        second.spend()
    first.give_back()
    second.give_back()
    for _ in range(40):
        first.spend()
    with pytest.raises(SourceRefused, match="again_after='2026-03-02 11:00 UTC'"):
        process().spend()
    moment[0] += timedelta(hours=26)
    process().spend()


def test_numbers_with_a_point_are_as_exact_as_they_stand_there() -> None:
    answer = Answer(200, {}, b'{"a": 1234567890123456.10, "b": 1}')
    assert str(answer.body["a"]) == "1234567890123456.10"
