"""A Zoho CRM: one extract a module, mapped by a white list."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import partial

from kehu.clock import utc_now
from kehu.landing.extract import Extract
from kehu.settings import Settings
from kehu.sources.http.client import Patience
from kehu.sources.http.credentials import find_credentials
from kehu.sources.http.object_listing import ListedObject
from kehu.sources.http.object_source import described, object_extracts
from kehu.sources.kind import Connections
from kehu.sources.zoho.module_spool import ModuleSpool
from kehu.sources.zoho.zoho_client import CREDENTIALS, ZohoClient
from kehu.sources.zoho.zoho_config import ZohoSourceConfig
from kehu.sources.zoho.zoho_modules import fields, modules


class ZohoSource:
    """The source of kind ``zoho_crm``.

    Args:
        config: its entry in ``sources.yml``.
        settings: where the landing zone is: what has landed says from where on to read.
        connections: connections that the caller hands in, by their id.
        patience: timeouts and pauses.
        sleep: waits; tests hand in another.
        now: the clock; tests hand in another.
    """

    def __init__(
        self,
        config: ZohoSourceConfig,
        settings: Settings,
        connections: Connections,
        *,
        patience: Patience | None = None,
        sleep: Callable[[float], None] = time.sleep,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self.config = config
        self.name = config.name
        self.entities = config.entity_names
        self._settings = settings
        credentials = find_credentials(config, connections, CREDENTIALS)
        self.client = ZohoClient(config, credentials, settings, patience or Patience(), sleep, now)

    def extracts(self) -> Sequence[Extract]:
        """One extract a module of each entity; nobody is asked anything yet."""
        return object_extracts(self.config, self._settings, partial(ModuleSpool, self.client))

    def describe(self, only: Sequence[str] = ()) -> Iterator[ListedObject]:
        """The modules, those that are named with their fields."""
        try:
            yield from described(dict(modules(self.client)), lambda name: fields(self.client, name)[0], only)
        finally:
            self.client.close()
