"""The kind ``ga4_export``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kehu.settings import Settings
from kehu.sources.ga4.ga4_config import Ga4SourceConfig
from kehu.sources.kind import Connections, Kind

if TYPE_CHECKING:
    from kehu.landing.extract import Source


def _open(entry: Ga4SourceConfig, settings: Settings, _connections: Connections) -> Source:
    from kehu.sources.ga4.ga4_source import Ga4Source

    return Ga4Source(entry, settings)


KIND = Kind(name="ga4_export", config=Ga4SourceConfig, open=_open)
