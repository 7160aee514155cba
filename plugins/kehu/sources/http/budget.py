"""How many requests a source may send in any 24 hours, over all processes and runs."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from kehu.clock import utc_now
from kehu.errors import SourceRefused
from kehu.files.durable import write_durably
from kehu.files.locks import exclusive
from kehu.settings import Settings

REQUESTS_FOLDER = "requests"
_BLOCK = 20
"""So many are taken from the budget at once; what a killed process had left of them counts as sent."""
_LOCK_SECONDS = 30.0


@dataclass
class Budget:
    """The requests of one source.

    Attributes:
        settings: where they are counted.
        source: the source's name.
        limit: so many in 24 hours; None for any number, which is not counted.
        now: the clock; tests hand in another.
    """

    settings: Settings
    source: str
    limit: int | None
    now: Callable[[], datetime] = utc_now

    def __post_init__(self) -> None:
        self._left = 0

    def spend(self) -> None:
        """Take one request from the budget.

        Raises:
            SourceRefused: it is used up; says when there will be more.
        """
        if self.limit is None:
            return
        if self._left == 0:
            self._left = self._taken(_BLOCK)
        self._left -= 1

    def give_back(self) -> None:
        """Return what was taken and not used."""
        if self._left:
            self._taken(-self._left)
            self._left = 0

    def _taken(self, wanted: int) -> int:
        now = self.now()
        with exclusive(self._lock, f"the requests of {self.source}", _LOCK_SECONDS):
            hours = self._read(now)
            free = int(self.limit or 0) - sum(hours.values())
            if wanted > 0 and free <= 0:
                oldest = datetime.fromisoformat(min(hours)) if hours else now
                raise SourceRefused(
                    "the budget of requests for 24 hours is used up",
                    fix="ingest again later: nothing is half done; or raise daily_requests",
                    source=self.source,
                    daily_requests=self.limit,
                    again_after=f"{oldest + timedelta(hours=25):%Y-%m-%d %H:%M} UTC",
                )
            taken = min(wanted, free) if wanted > 0 else wanted
            hour = now.replace(minute=0, second=0, microsecond=0).isoformat()
            hours[hour] = max(0, hours.get(hour, 0) + taken)
            write_durably(self._path, json.dumps(hours))
        return taken

    def _read(self, now: datetime) -> dict[str, int]:
        """Requests by hour, of the last 24."""
        try:
            hours = {str(hour): int(count) for hour, count in json.loads(self._path.read_text()).items()}
            return {h: n for h, n in hours.items() if datetime.fromisoformat(h) > now - timedelta(hours=25)}
        except (OSError, ValueError, TypeError, AttributeError):
            return {}

    @property
    def _path(self) -> Path:
        return self.settings.home / REQUESTS_FOLDER / f"{self.source}.json"

    @property
    def _lock(self) -> Path:
        return self.settings.locks_dir / f"requests-{self.source}.lock"
