"""From an entry of ``sources.yml`` to a source that can be landed."""

from __future__ import annotations

from kehu.landing.extract import Source
from kehu.settings import Settings
from kehu.sources.completejourney import CompleteJourney
from kehu.sources.config import FilesSourceConfig, SourceConfig
from kehu.sources.files_source import FilesSource


def open_source(entry: SourceConfig, settings: Settings) -> Source:  # noqa: ARG001 - other kinds read credentials
    """The source of a configured entry; nothing is read yet.

    Raises:
        ConfigurationError: what the source needs is not installed.
    """
    if isinstance(entry, FilesSourceConfig):
        return FilesSource(entry)
    return CompleteJourney(entry)
