"""Requests to Fxiaoke: its tokens, its limits, and its errors, which come in good answers."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from kehu.clock import utc_now
from kehu.errors import SourceRefused
from kehu.settings import Settings
from kehu.sources.fxiaoke.fxiaoke_config import FxiaokeSourceConfig
from kehu.sources.fxiaoke.fxiaoke_tokens import CorpToken, OAuth, Tokens
from kehu.sources.http.answers import Answer, AskAgain, TokenExpired, server_clock
from kehu.sources.http.budget import Budget
from kehu.sources.http.client import HttpClient, Patience
from kehu.sources.http.credentials import Credentials
from kehu.sources.http.rate_limit import RateLimit
from kehu.sources.http.token_cache import TokenCache

_EXPIRED = 20016
_AGAIN = {-1, 50009, 30004, 14001}
_STOP = {
    30002: ("the tenant's calls of today are used up", "ingest again tomorrow, or buy more; nothing is half done"),
    30003: ("the app is not allowed to call this", "let the tenant's administrator grant the app this interface"),
    20021: ("the app is not authorised by the tenant any more", "authorise the app again, and renew permanent_code"),
    20022: ("the app is switched off", "switch it on in the tenant's administration"),
    10013: ("the position of a page is not allowed", "report this"),
}
_MINTING = 6.0
_WINDOW = 20.0


@dataclass
class FxiaokeClient:
    """A tenant of Fxiaoke for one source. Nothing is asked before the first request."""

    config: FxiaokeSourceConfig
    credentials: Credentials
    settings: Settings
    patience: Patience = field(default_factory=Patience)
    sleep: Callable[[float], None] = time.sleep
    now: Callable[[], datetime] = utc_now
    clock: Callable[[], float] = time.monotonic
    server_time: datetime | None = None
    objects: list[tuple[str, str]] | None = None
    """Name and label of what there is, once it was asked for."""

    def ask(self, path: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
        """The answer to a question.

        Raises:
            SourceRefused: Fxiaoke refuses, says why.
            SourceUnreachable: it does not answer.
        """
        answer = self._http.ask("POST", path, make_body=lambda: {**self._tokens.body(), **body})
        self.server_time = server_clock(answer) or self.server_time
        return dict(answer.body or {})

    def close(self) -> None:
        """Let the connections go, and give back what is left of the budget; allowed at any time."""
        for name in ("_http", "_tokens", "_minting"):
            opened = self.__dict__.pop(name, None)
            if isinstance(opened, HttpClient):
                opened.close()

    @cached_property
    def _http(self) -> HttpClient:
        limit = RateLimit(self.config.calls_per_window, _WINDOW, self.sleep, self.clock)
        budget = Budget(self.settings, self.config.name, self.config.daily_requests, now=self.now)
        return HttpClient(
            self.config.name,
            self.config.host,
            authorisation=self._tokens,
            judge=self._judge,
            patience=self.patience,
            sleep=self.sleep,
            budget=budget,
            limit=limit,
        )

    @cached_property
    def _minting(self) -> HttpClient:
        return HttpClient(
            self.config.name, self.config.host, judge=self._judge_token, patience=self.patience, sleep=self.sleep
        )

    @cached_property
    def _tokens(self) -> Tokens:
        is_old = self.config.authentication == "corp_token"
        identity = f"fxiaoke {self.config.authentication} {self.config.host} {self.credentials['app_id']}"
        identity += f" {self.credentials['permanent_code']}"
        secret = self.credentials["app_secret"]
        cache = TokenCache(self.settings, self.config.name, identity, secret, _MINTING, self.now, self.sleep)
        return Tokens(CorpToken(self.credentials) if is_old else OAuth(self.credentials), cache, self._minting)

    def _judge(self, answer: Answer) -> None:
        if answer.is_good:
            self._judge_code(answer)

    def _judge_token(self, answer: Answer) -> None:
        """The same, where another token would be no remedy, and a token is answer enough."""
        if answer.is_good and isinstance(answer.body, dict) and "errorCode" not in answer.body:
            return
        try:
            self._judge(answer)
        except TokenExpired:
            raise AskAgain("errorCode 20016") from None

    def _judge_code(self, answer: Answer) -> None:
        body = answer.body
        code = body.get("errorCode") if isinstance(body, dict) else None
        if code is None:
            raise AskAgain("an answer without errorCode")
        number = int(code) if str(code).lstrip("-").isdigit() else None
        if number == 0:
            return
        if number == _EXPIRED:
            raise TokenExpired
        if number in _AGAIN:
            raise AskAgain(f"errorCode {number}")
        problem, fix = _STOP.get(
            number or 1, ("Fxiaoke refuses what is asked", "see what its errorCode means, and the rights of the user")
        )
        raise SourceRefused(problem, fix=fix, source=self.config.name, code=number)
