"""The kind ``files``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kehu.settings import Settings
from kehu.sources.files.files_config import FilesSourceConfig
from kehu.sources.kind import Connections, Kind

if TYPE_CHECKING:
    from kehu.landing.extract import Source


def _open(entry: FilesSourceConfig, _settings: Settings, _connections: Connections) -> Source:
    from kehu.sources.files.files_source import FilesSource

    return FilesSource(entry)


KIND = Kind(name="files", config=FilesSourceConfig, open=_open)
