"""A Zoho CRM: one extract a module, mapped by a white list."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from kehu.clock import utc_now
from kehu.landing.extract import Extract
from kehu.landing.ledger import read_ledger
from kehu.landing.withdrawals import in_force
from kehu.settings import Settings
from kehu.sources.http.client import Patience
from kehu.sources.http.credentials import find_credentials
from kehu.sources.http.landed_keys import Landed
from kehu.sources.http.object_extract import ObjectExtract
from kehu.sources.http.object_listing import ListedObject
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
        landing = self._settings.landing_dir
        history = in_force(landing, read_ledger(landing, self.name))
        found: list[Extract] = []
        for entity in self.entities:
            own = tuple(batch for batch in history if batch.entity == entity)
            for module, options in self.config.chosen(entity):
                landed = Landed.of(landing, entity, own, module)
                spool = ModuleSpool(self.client, entity, module, options, landed)
                found.append(ObjectExtract(self.name, entity, options, self.config.timezone, spool, landing, own))
        return found

    def describe(self, only: Sequence[str] = ()) -> Iterator[ListedObject]:
        """The modules, those that are named with their fields."""
        try:
            labels = dict(modules(self.client))
            for name in only or labels:
                found = fields(self.client, name)[0] if only else []
                listed = tuple((column, one.label, one.type) for one in found for column in one.columns)
                yield ListedObject(name, labels[name], listed)
        finally:
            self.client.close()
