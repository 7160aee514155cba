"""No more than so many calls of one endpoint within so many seconds, counted by the clock of this process."""

from __future__ import annotations

import time
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class RateLimit:
    """A moving window for each endpoint.

    Attributes:
        calls: so many.
        seconds: within so many.
        sleep: waits; tests hand in another.
        clock: seconds that only grow; tests hand in another.
    """

    calls: int
    seconds: float
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic
    _sent: defaultdict[str, deque[float]] = field(default_factory=lambda: defaultdict(deque))

    def wait(self, endpoint: str) -> None:
        """Wait until one more call is allowed, and count it."""
        sent = self._sent[endpoint]
        while sent and sent[0] <= self.clock() - self.seconds:
            sent.popleft()
        if len(sent) >= self.calls:
            self.sleep(max(0.0, sent.popleft() + self.seconds - self.clock()))
        sent.append(self.clock())
