"""A tenant of Fxiaoke: one extract an object, mapped by a white list."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import partial

from kehu.clock import utc_now
from kehu.landing.extract import Extract
from kehu.settings import Settings
from kehu.sources.fxiaoke.fxiaoke_client import FxiaokeClient
from kehu.sources.fxiaoke.fxiaoke_config import FxiaokeSourceConfig
from kehu.sources.fxiaoke.fxiaoke_objects import fields, objects
from kehu.sources.fxiaoke.fxiaoke_tokens import CREDENTIALS
from kehu.sources.fxiaoke.object_spool import ObjectSpool
from kehu.sources.http.client import Patience
from kehu.sources.http.credentials import find_credentials
from kehu.sources.http.object_listing import ListedObject
from kehu.sources.http.object_source import described, object_extracts
from kehu.sources.kind import Connections


class FxiaokeSource:
    """The source of kind ``fxiaoke``.

    Args:
        config: its entry in ``sources.yml``.
        settings: where the landing zone is: what has landed says from where on to read.
        connections: connections that the caller hands in, by their id.
        patience: timeouts and pauses.
        sleep: waits; tests hand in another.
        now: the clock; tests hand in another.
        clock: seconds that only grow; tests hand in another.
    """

    def __init__(
        self,
        config: FxiaokeSourceConfig,
        settings: Settings,
        connections: Connections,
        *,
        patience: Patience | None = None,
        sleep: Callable[[float], None] = time.sleep,
        now: Callable[[], datetime] = utc_now,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.config = config
        self.name = config.name
        self.entities = config.entity_names
        self._settings = settings
        credentials = find_credentials(config, connections, CREDENTIALS)
        self.client = FxiaokeClient(config, credentials, settings, patience or Patience(), sleep, now, clock)

    def extracts(self) -> Sequence[Extract]:
        """One extract an object of each entity; nobody is asked anything yet."""
        return object_extracts(self.config, self._settings, partial(ObjectSpool, self.client))

    def describe(self, only: Sequence[str] = ()) -> Iterator[ListedObject]:
        """The objects, those that are named with their fields."""
        try:
            yield from described(dict(objects(self.client)), lambda name: fields(self.client, name), only)
        finally:
            self.client.close()
