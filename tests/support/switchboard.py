"""Faults that a simulated server commits when it is told to, on the requests that it is told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Literal

from tests.support.http_server import Reply, Request

FaultName = Literal["busy", "failure", "slow", "cut", "truncated", "hang_up", "html"]
SLOW = 0.8
"""Longer than a test's client waits."""


@dataclass
class Fault:
    """A fault on some requests.

    Attributes:
        path: what the path has to contain.
        what: the fault; a callable changes the server's data first, or makes another reply.
        skip: so many matching requests go well before.
        times: on so many of them.
    """

    path: str
    what: FaultName | Callable[[Request], Reply | None]
    skip: int = 0
    times: int = 1
    seen: int = 0


@dataclass
class Switchboard:
    """The faults that are switched on, and which were committed."""

    faults: list[Fault] = field(default_factory=list)
    committed: list[str] = field(default_factory=list)

    def on(
        self, path: str, what: FaultName | Callable[[Request], Reply | None], *, skip: int = 0, times: int = 1
    ) -> None:
        """Switch a fault on."""
        self.faults.append(Fault(path, what, skip, times))

    def before(self, request: Request) -> Reply | None:
        """What is answered instead of the truth, if anything."""
        for fault in self._due(request):
            if callable(fault.what):
                self.committed.append("call")
                reply = fault.what(request)
                if reply is not None:
                    return reply
            elif fault.what in ("busy", "failure", "html", "hang_up"):
                self.committed.append(fault.what)
                return {
                    "busy": Reply(429, {"code": "TOO_MANY_REQUESTS", "message": "x", "status": "error", "details": {}}),
                    "failure": Reply(500, b"<html>oops"),
                    "html": Reply(200, b"<html>maintenance</html>"),
                    "hang_up": Reply(hang_up=True),
                }[fault.what]
            else:
                self._spoils = fault.what
        return None

    _spoils: str | None = None

    def after(self, reply: Reply) -> Reply:
        """The truth, spoilt on its way where that is switched on."""
        spoils, self._spoils = self._spoils, None
        if spoils is None:
            return reply
        self.committed.append(spoils)
        if spoils == "slow":
            return replace(reply, delay=SLOW)
        if spoils == "cut":
            return replace(reply, cut=max(1, len(reply.content) // 2))
        return replace(reply, body=reply.content[: len(reply.content) // 2])

    def _due(self, request: Request) -> list[Fault]:
        due = []
        for fault in self.faults:
            if fault.path in request.path:
                fault.seen += 1
                if fault.skip < fault.seen <= fault.skip + fault.times:
                    due.append(fault)
        return due
