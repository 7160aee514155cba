"""Extract a source and land what is new."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from pydantic import SecretStr

from kehu.clock import utc_now
from kehu.erasure.landing_filter import ErasedPersons
from kehu.erasure.replay import replay_in_landing
from kehu.errors import ConfigurationError, nearest
from kehu.files.private import close_home
from kehu.landing.landed_entity import LandedEntity
from kehu.landing.landing import land_source
from kehu.pipeline.variables import state_variables
from kehu.settings import Settings
from kehu.sources.config import SourcesConfig, load_sources
from kehu.sources.config_models import SourceBase
from kehu.sources.registry import open_source

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class IngestSummary:
    """What one extraction brought, entity by entity."""

    source: str
    entities: tuple[LandedEntity, ...]

    def as_dict(self) -> dict[str, Any]:
        """The summary for XCom and for people: counts only."""
        return asdict(self)


def source_names(settings: Settings) -> list[str]:
    """The names of all configured sources, in the order of the file."""
    return [source.name for source in load_sources(settings.sources).sources]


def connection_of(settings: Settings, source_name: str) -> str | None:
    """The id of the Airflow connection that a source names, if it names one."""
    return _entry(load_sources(settings.sources), source_name).connection_id


def ingest_source(
    settings: Settings, source_name: str, connections: Mapping[str, SecretStr] | None = None
) -> IngestSummary:
    """Extract every entity of one source; nothing new in the source, nothing new in the landing zone.

    Args:
        settings: where things are.
        source_name: the source's name in ``sources.yml``.
        connections: Airflow connections as URI or JSON, by their id; without them the environment is asked.
    """
    config = load_sources(settings.sources)
    state_variables(settings, config.for_models)
    entry = _entry(config, source_name)
    source = open_source(entry, settings, connections)
    close_home(settings)
    replay_in_landing(settings)
    landed = land_source(settings, source, utc_now(), without=ErasedPersons(settings))
    for entity in landed:
        log.info("%s.%s: %s", source_name, entity.entity, entity.describe())
    return IngestSummary(source_name, tuple(landed))


def _entry(config: SourcesConfig, name: str) -> SourceBase:
    known = {source.name: source for source in config.sources}
    if name not in known:
        raise ConfigurationError(
            "no source has this name", fix="see sources.yml", source=name, nearest=nearest(name, known)
        )
    return known[name]
