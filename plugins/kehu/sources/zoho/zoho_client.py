"""Requests to Zoho CRM: its tokens, its credits, and what its codes mean."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from kehu.clock import utc_now
from kehu.errors import SourceRefused
from kehu.settings import Settings
from kehu.sources.http.answers import Answer, AskAgain, TokenExpired
from kehu.sources.http.budget import Budget
from kehu.sources.http.client import HttpClient, Patience
from kehu.sources.http.credentials import Credentials
from kehu.sources.http.token_cache import Token, TokenCache
from kehu.sources.zoho.zoho_config import DATA_CENTRES, ZohoSourceConfig

CREDENTIALS = ("client_id", "client_secret", "refresh_token")
REMEDIES = {
    "OAUTH_SCOPE_MISMATCH": "make a refresh token with the scopes ZohoCRM.modules.READ, ZohoCRM.settings.READ, ZohoCRM.bulk.READ",
    "NO_PERMISSION": "let the profile of the token's user read the module, and its role see all records",
    "INVALID_MODULE": "correct the module: kehu sources describe lists those that there are",
    "REQUIRED_PARAM_MISSING": "report this, with the path",
    "INVALID_DATA": "see whether the module and its fields are as kehu sources describe lists them",
    "AUTHORIZATION_FAILED": "let the profile of the token's user use the interface",
    "LICENSE_EXPIRED": "renew the licence of Zoho CRM",
    "DISCRETE_PAGINATION_LIMIT_EXCEEDED": "set bulk: first_load, which reads by jobs",
    "PAGINATION_LIMIT_EXCEEDED": "set bulk: first_load, which reads by jobs",
    "invalid_code": "make a new refresh token: it was withdrawn, or is of another data centre",
    "invalid_client": "correct client_id and client_secret, and see whether they are of this data centre",
    "invalid_client_secret": "correct client_secret",
}
_EXPIRED = {"INVALID_TOKEN", "AUTHENTICATION_FAILURE"}
_BUSY = {"TOO_MANY_REQUESTS", "INTERNAL_ERROR"}
_MINTING = 60.0
_CREDITS = "x-api-credits-remaining"


@dataclass
class ZohoClient:
    """Zoho CRM for one source. Nothing is asked before the first request."""

    config: ZohoSourceConfig
    credentials: Credentials
    settings: Settings
    patience: Patience = field(default_factory=Patience)
    sleep: Callable[[float], None] = time.sleep
    now: Callable[[], datetime] = utc_now
    modules: list[tuple[str, str]] | None = None
    """Name and label of what there is, once it was asked for."""
    _token: Token | None = None

    def ask(self, method: str, path: str, **request: Any) -> Answer:
        """A good answer; see ``HttpClient.ask``."""
        return self._http.ask(method, path, **request)

    def close(self) -> None:
        """Let the connections go, and give back what is left of the budget; allowed at any time."""
        opened = self.__dict__.pop("_http", None)
        if opened is not None:
            opened.close()

    def headers(self) -> Mapping[str, str]:
        """The token as Zoho wants it: not as Bearer."""
        if self._token is None:
            self._token = self._cache.get(self._mint)
        return {"Authorization": f"Zoho-oauthtoken {self._token.value}"}

    def renew(self, refused: Mapping[str, str]) -> None:
        """Another token: the one that another process has got meanwhile, or a new one."""
        self._token = self._cache.get(self._mint, refused["Authorization"].removeprefix("Zoho-oauthtoken "))

    @cached_property
    def _http(self) -> HttpClient:
        self.headers()
        budget = Budget(self.settings, self.config.name, self.config.daily_requests, now=self.now)
        return HttpClient(
            self.config.name,
            self._api_url(),
            authorisation=self,
            judge=self._judge,
            patience=self.patience,
            sleep=self.sleep,
            budget=budget,
            remedies=REMEDIES,
        )

    @cached_property
    def _cache(self) -> TokenCache:
        identity = f"zoho {self._accounts_url} {self.credentials['client_id']} {self.credentials['refresh_token']}"
        secret = self.credentials["client_secret"]
        return TokenCache(self.settings, self.config.name, identity, secret, _MINTING, self.now, self.sleep)

    @property
    def _accounts_url(self) -> str:
        return self.config.accounts_url or DATA_CENTRES[self.config.data_centre][0]

    def _api_url(self) -> str:
        """Where the data is: as the entry says, as Zoho said with the token, or as the data centre says."""
        if self.config.api_url is not None:
            return self.config.api_url
        told = str(self._token.facts.get("api_domain", "")) if self._token else ""
        host = urlsplit(told).hostname or ""
        known = [urlsplit(api).hostname or "" for _, api in DATA_CENTRES.values()]
        domains = [name.removeprefix("www") for name in known]
        is_zoho = told.startswith("https://") and any(host.endswith(domain) for domain in domains)
        return told.rstrip("/") if is_zoho else DATA_CENTRES[self.config.data_centre][1]

    def _mint(self) -> Token:
        http = HttpClient(
            self.config.name,
            self._accounts_url,
            judge=_judge_token,
            patience=self.patience,
            sleep=self.sleep,
            remedies=REMEDIES,
        )
        try:
            form = {"grant_type": "refresh_token", **{name: self.credentials[name] for name in CREDENTIALS}}
            body = http.ask("POST", "/oauth/v2/token", form=form).body
        finally:
            http.close()
        if not isinstance(body, dict) or not isinstance(body.get("access_token"), str):
            raise _no_token(self.config.name, str(body.get("error")) if isinstance(body, dict) else "")
        now = self.now()
        facts = {"api_domain": str(body.get("api_domain", ""))}
        return Token(body["access_token"], now + timedelta(seconds=int(body.get("expires_in", 3600))), now, facts)

    def _judge(self, answer: Answer) -> None:
        if not answer.is_good:
            code = answer.code("code")
            if code in _EXPIRED:
                raise TokenExpired
            if code in _BUSY:
                raise AskAgain(str(code))
        left = answer.headers.get(_CREDITS, "")
        if left.isdigit() and int(left) < self.config.keep_credits:
            raise SourceRefused(
                "the account has fewer credits left than keep_credits leaves to others",
                fix="ingest again when credits of the last 24 hours are free again; nothing is half done",
                source=self.config.name,
                credits=int(left),
                keep_credits=self.config.keep_credits,
            )


def _judge_token(answer: Answer) -> None:
    """Zoho tells of errors of tokens in good answers too."""
    if answer.code("error") is None and b"Access Denied" in answer.content:
        raise AskAgain("too many tokens asked for", 60.0)


def _no_token(source: str, code: str) -> SourceRefused:
    return SourceRefused(
        "Zoho gives no token",
        fix=REMEDIES.get(code, "see whether client and refresh token are of this data centre, and not withdrawn"),
        source=source,
        code=code if code in REMEDIES else None,
    )
