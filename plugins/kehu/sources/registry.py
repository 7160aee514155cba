"""From an entry of ``sources.yml`` to a source that can be landed."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import SecretStr

from kehu.landing.extract import Source
from kehu.settings import Settings
from kehu.sources.config import FilesSourceConfig, SourceConfig
from kehu.sources.database.sql_config import SqlSourceConfig
from kehu.sources.demo.completejourney import CompleteJourney
from kehu.sources.files.files_source import FilesSource


def open_source(entry: SourceConfig, settings: Settings, connections: Mapping[str, SecretStr] | None = None) -> Source:
    """The source of a configured entry; nothing is read yet.

    Args:
        entry: the entry.
        settings: where things are.
        connections: Airflow connections as URI or JSON, by their id, where the caller has Airflow to ask.

    Raises:
        ConfigurationError: what the source needs is not installed.
    """
    if isinstance(entry, FilesSourceConfig):
        return FilesSource(entry)
    if isinstance(entry, SqlSourceConfig):
        from kehu.sources.database.sql_source import SqlSource

        return SqlSource(entry, settings, connections or {})
    return CompleteJourney(entry)
