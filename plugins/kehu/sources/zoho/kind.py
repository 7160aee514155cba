"""The kind ``zoho_crm``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kehu.settings import Settings
from kehu.sources.kind import Connections, Credential, Kind
from kehu.sources.zoho.zoho_config import ZohoSourceConfig

if TYPE_CHECKING:
    from kehu.landing.extract import Source


def _open(entry: ZohoSourceConfig, settings: Settings, connections: Connections) -> Source:
    from kehu.sources.zoho.zoho_source import ZohoSource

    return ZohoSource(entry, settings, connections)


KIND = Kind(
    name="zoho_crm",
    config=ZohoSourceConfig,
    open=_open,
    adds_increments=True,
    title="Zoho CRM",
    credentials=(
        Credential("client_id", "Client ID", is_secret=False),
        Credential("client_secret", "Client secret"),
        Credential("refresh_token", "Refresh token"),
    ),
)
