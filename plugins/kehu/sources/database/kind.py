"""The kind ``sql``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kehu.settings import Settings
from kehu.sources.database.database_config import SqlSourceConfig
from kehu.sources.kind import Connections, Kind

if TYPE_CHECKING:
    from kehu.landing.extract import Source


def _open(entry: SqlSourceConfig, settings: Settings, connections: Connections) -> Source:
    from kehu.sources.database.database_source import SqlSource

    return SqlSource(entry, settings, connections)


KIND = Kind(name="sql", config=SqlSourceConfig, open=_open, adds_increments=True)
