"""Requests to one system: a timeout on each, asked again with growing random pauses where that helps, secrets in no message."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import httpx
from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception_type,
    wait_random_exponential,
)

from kehu.errors import ConfigurationError, SourceRefused, SourceUnreachable
from kehu.sources.http.answers import Answer, AskAgain, TokenExpired, by_status
from kehu.sources.http.budget import Budget
from kehu.sources.http.rate_limit import RateLimit

log = logging.getLogger(__name__)
# httpx tells every URL at level INFO, with its query.
for _name in ("httpx", "httpcore"):
    logging.getLogger(_name).setLevel(logging.WARNING)


@dataclass(frozen=True)
class Patience:
    """How long to wait, in seconds, and how often to ask.

    Attributes:
        attempts: how often the same is asked.
        first_pause: the longest pause before the second time; the next may be twice as long, and so on.
        longest_pause: no pause is longer, unless the server asks for it.
        longest_wait: if the server wants to be left alone for longer, the request has failed.
        connect: until a connection stands.
        answer: between two pieces of an answer.
    """

    attempts: int = 6
    first_pause: float = 1.0
    longest_pause: float = 60.0
    longest_wait: float = 900.0
    connect: float = 10.0
    answer: float = 60.0


class Authorisation(Protocol):
    """Who asks: headers, and how to get new ones once the server does not accept them any more."""

    def headers(self) -> Mapping[str, str]:
        """The headers of a request."""

    def renew(self, refused: Mapping[str, str]) -> None:
        """Get others than these; called once a request at most."""


@dataclass
class HttpClient:
    """A client of one system.

    Attributes:
        source: the source's name.
        base_url: scheme, host and port; every path counts from there, and no request goes elsewhere.
        authorisation: who asks.
        judge: what an answer means beyond its status, for systems that tell of errors in good answers; raises AskAgain,
            TokenExpired or a KehuError.
        patience: timeouts and pauses.
        sleep: waits; tests hand in another.
        budget: how many requests may be sent.
        limit: how many calls of one path are allowed within a while.
        remedies: what to do about the codes by which the system refuses.
    """

    source: str
    base_url: str
    authorisation: Authorisation | None = None
    judge: Callable[[Answer], None] | None = None
    patience: Patience = field(default_factory=Patience)
    sleep: Callable[[float], None] = time.sleep
    budget: Budget | None = None
    limit: RateLimit | None = None
    remedies: Mapping[str, str] = field(default_factory=dict)
    requests: int = 0

    def __post_init__(self) -> None:
        timeout = httpx.Timeout(self.patience.answer, connect=self.patience.connect)
        try:
            self._http = httpx.Client(base_url=self.base_url, timeout=timeout, follow_redirects=False)
        except httpx.InvalidURL:
            raise ConfigurationError(
                "the address of the system is none", fix="correct host", source=self.source
            ) from None
        if self._http.base_url.scheme not in ("http", "https") or not self._http.base_url.host:
            raise ConfigurationError(
                "the address of the system is none", fix="write it as https://host", source=self.source
            )

    def ask(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        body: Any = None,
        make_body: Callable[[], Any] | None = None,
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        expects_json: bool = True,
    ) -> Answer:
        """A good answer, whole; what has not changed (304) and what is empty (204) are good.

        Args:
            method: of HTTP.
            path: below the system's address.
            params: the query.
            body: sent as JSON.
            make_body: makes the body, where it holds the token, which may be another at the next attempt.
            form: sent as a form.
            headers: besides those of who asks.
            expects_json: whether an answer that is no JSON is a stumble.

        Raises:
            SourceUnreachable: the server does not answer, or stumbles again and again.
            SourceRefused: it refuses.
        """
        if not path.startswith("/") or path.startswith("//"):
            raise SourceRefused("a request must not leave the system", fix="report this", source=self.source)
        parts = {"params": params, "json": body, "data": form}
        given = {name: value for name, value in parts.items() if value is not None}
        request = _Request(method, path, given, headers or {}, make_body)
        waits = wait_random_exponential(self.patience.first_pause, self.patience.longest_pause)
        renewed = _Once()
        try:
            for attempt in Retrying(
                stop=self._is_enough,
                retry=retry_if_exception_type(AskAgain),
                wait=lambda state: max(_asked_for(state), waits(state)),
                sleep=self.sleep,
                before_sleep=self._tell,
                reraise=True,
            ):
                with attempt:
                    answer = self._once(request, renewed)
                    _ = answer.body if expects_json else None
                    return answer
        except AskAgain as again:
            raise SourceUnreachable(
                "the system does not answer as it should, again and again",
                fix="see whether it runs and whether it asks for patience, then ingest again: nothing is half done",
                **self._place(path),
                attempts=self.patience.attempts,
                cause=again.reason,
                wait_seconds=again.after or None,
            ) from None
        raise AssertionError("unreachable")

    def close(self) -> None:
        """Let the connections go."""
        self._http.close()
        if self.budget is not None:
            self.budget.give_back()

    def _once(self, request: _Request, renewed: _Once) -> Answer:
        """One request, and one more with another token where that is what was wrong."""
        path = request.path
        while True:
            identity = self.authorisation.headers() if self.authorisation else {}
            answer = self._sent(request, identity)
            try:
                if self.judge is not None:
                    self.judge(answer)
                if not answer.is_good:
                    by_status(answer)
            except TokenExpired:
                if self.authorisation is None or renewed.done:
                    raise self._refused(
                        path, answer, "the system does not let us in", "correct the credentials"
                    ) from None
                renewed.done = True
                self.authorisation.renew(identity)
                continue
            if answer.is_good:
                return answer
            raise self._refused(
                path, answer, "the system refuses what is asked", "see what its code means, and its rights"
            )

    def _sent(self, request: _Request, identity: Mapping[str, str]) -> Answer:
        if self.budget is not None:
            self.budget.spend()
        if self.limit is not None:
            self.limit.wait(request.path)
        self.requests += 1
        body = {"json": request.make_body()} if request.make_body is not None else {}
        headers = {**request.headers, **identity}
        try:
            response = self._http.request(request.method, request.path, headers=headers, **request.given, **body)
        except (httpx.TransportError, httpx.DecodingError) as error:
            raise AskAgain(type(error).__name__) from None
        return Answer(response.status_code, {k.lower(): v for k, v in response.headers.items()}, response.content)

    def _refused(self, path: str, answer: Answer, problem: str, fix: str) -> SourceRefused:
        code = answer.code("code", "error", "errorCode")
        return SourceRefused(
            problem, fix=self.remedies.get(str(code), fix), **self._place(path), status=answer.status, code=code
        )

    def _place(self, path: str) -> dict[str, object]:
        """Where a request went; never its query, which may hold anything."""
        return {"source": self.source, "host": self._http.base_url.host, "path": path.partition("?")[0]}

    def _is_enough(self, state: RetryCallState) -> bool:
        return state.attempt_number >= self.patience.attempts or _asked_for(state) > self.patience.longest_wait

    def _tell(self, state: RetryCallState) -> None:
        error = state.outcome.exception() if state.outcome else None
        pause = state.next_action.sleep if state.next_action else 0.0
        reason = error.reason if isinstance(error, AskAgain) else ""
        log.warning("%s: %s; asking again in %.1f s", self.source, reason, pause)


@dataclass(frozen=True)
class _Request:
    """What is asked, as often as it takes."""

    method: str
    path: str
    given: Mapping[str, Any]
    headers: Mapping[str, str]
    make_body: Callable[[], Any] | None


@dataclass
class _Once:
    done: bool = False


def _asked_for(state: RetryCallState) -> float:
    """How long the server wants to be left alone."""
    error = state.outcome.exception() if state.outcome else None
    return error.after if isinstance(error, AskAgain) else 0.0
