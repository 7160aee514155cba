"""Who asks Fxiaoke: the two generations of authentication. One token at a time is asked for, and all processes share it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Protocol

from kehu.errors import SourceRefused
from kehu.sources.http.client import HttpClient
from kehu.sources.http.credentials import Credentials
from kehu.sources.http.token_cache import Token, TokenCache

CREDENTIALS = ("app_id", "app_secret", "permanent_code", "open_user_id")
_SECONDS = 7200


class Identity(Protocol):
    """What a generation of authentication puts where."""

    def headers(self, token: Token) -> Mapping[str, str]:
        """Headers of a request."""

    def body(self, token: Token) -> Mapping[str, str]:
        """What every body has besides the question."""

    def mint(self, http: HttpClient) -> Mapping[str, Any]:
        """Ask for a token; the answer."""

    def token(self, answer: Mapping[str, Any]) -> tuple[str | None, Mapping[str, str]]:
        """The token in an answer, and what was told with it."""


@dataclass(frozen=True)
class CorpToken:
    """The old one: token, company and user are in every body."""

    credentials: Credentials

    def headers(self, _: Token) -> Mapping[str, str]:
        """None."""
        return {}

    def body(self, token: Token) -> Mapping[str, str]:
        """Token, company, and the user in whose name is read."""
        user = self.credentials["open_user_id"]
        return {"corpAccessToken": token.value, "corpId": token.facts["corp"], "currentOpenUserId": user}

    def mint(self, http: HttpClient) -> Mapping[str, Any]:
        """Ask with app and permanent code."""
        names = {"appId": "app_id", "appSecret": "app_secret", "permanentCode": "permanent_code"}
        body = {key: self.credentials[name] for key, name in names.items()}
        return dict(http.ask("POST", "/cgi/corpAccessToken/get/V2", body=body).body or {})

    def token(self, answer: Mapping[str, Any]) -> tuple[str | None, Mapping[str, str]]:
        """Token and company."""
        return answer.get("corpAccessToken"), {"corp": str(answer.get("corpId", ""))}


@dataclass(frozen=True)
class OAuth:
    """The new one: token, company and user are headers."""

    credentials: Credentials

    def headers(self, token: Token) -> Mapping[str, str]:
        """Token, company, and the user in whose name is read."""
        user = self.credentials.get("open_user_id", token.facts["user"])
        return {"authorization": f"Bearer {token.value}", "x-fs-ea": token.facts["corp"], "x-fs-userid": user}

    def body(self, _: Token) -> Mapping[str, str]:
        """Nothing."""
        return {}

    def mint(self, http: HttpClient) -> Mapping[str, Any]:
        """Ask with app, secret and permanent code."""
        names = {"appId": "app_id", "appSecret": "app_secret", "permanentCode": "permanent_code"}
        body = {key: self.credentials[name] for key, name in names.items()}
        params = {"thirdTraceId": str(uuid.uuid4())}
        answer = http.ask("POST", "/oauth2.0/token", params=params, body={"grantType": "app_secret", **body}).body
        return dict(answer or {})

    def token(self, answer: Mapping[str, Any]) -> tuple[str | None, Mapping[str, str]]:
        """Token, company and user."""
        return answer.get("accessToken"), {
            "corp": str(answer.get("ea", "")),
            "user": str(answer.get("openUserId", "")),
        }


@dataclass
class Tokens:
    """The token of one app of one tenant, in whichever generation."""

    identity: Identity
    cache: TokenCache
    minting: HttpClient
    _token: Token | None = field(default=None, repr=False)

    def headers(self) -> Mapping[str, str]:
        """The headers of a request."""
        return self.identity.headers(self._current())

    def body(self) -> Mapping[str, str]:
        """What the body of a request has besides the question."""
        return self.identity.body(self._current())

    def renew(self, _: Mapping[str, str]) -> None:
        """Another token than the one that was sent."""
        self._token = self.cache.get(self._mint, self._current().value)

    def _current(self) -> Token:
        if self._token is None:
            self._token = self.cache.get(self._mint)
        return self._token

    def _mint(self) -> Token:
        answer = self.identity.mint(self.minting)
        value, facts = self.identity.token(answer)
        if not value:
            raise SourceRefused(
                "Fxiaoke gives no token",
                fix="correct app_id, app_secret and permanent_code, and see whether authentication and host are the tenant's",
                source=self.cache.source,
            )
        now = self.cache.now()
        return Token(value, now + timedelta(seconds=int(answer.get("expiresIn") or _SECONDS)), now, facts)
