"""``sources.yml``: what it may say, checked before anything is read. Light enough for a DAG file to import."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import Field

from kehu.sources.config_errors import ConfigProblem, as_configuration_errors
from kehu.sources.config_models import SourceBase, StrictModel
from kehu.sources.registry import kind_of
from kehu.strict_yaml import read_yaml

SOURCE_RULES = "source_rules"
"""The var that holds them."""
Scalar = str | int | float | bool | None


class SourcesConfig(StrictModel):
    """The whole file; ``vars`` are the thresholds that a company sets for the SQL models."""

    sources: list[SourceBase]
    vars: dict[str, Scalar] = Field(default_factory=dict)

    @property
    def for_models(self) -> dict[str, object]:
        """The vars, and under ``source_rules`` what single sources say of their data: which staging applies."""
        rules: dict[str, dict[str, Any]] = {
            "statuses": {source.name: source.statuses for source in self.sources if source.statuses},
            "placeholders": {
                source.name: {kind: list(texts) for kind, texts in source.placeholders.items()}
                for source in self.sources
                if source.placeholders
            },
        }
        for source in self.sources:
            for entity, options in getattr(source, "entities", {}).items():
                if options.on_duplicate_key == "last":
                    rules.setdefault("on_duplicate_key", {}).setdefault(entity, []).append(source.name)
        said = {name: by_source for name, by_source in rules.items() if by_source}
        return {**self.vars, **({SOURCE_RULES: said} if said else {})}

    @property
    def increments(self) -> frozenset[str]:
        """Names of the sources whose batches add to each other, though all of them are of the same table or query."""
        return frozenset(source.name for source in self.sources if kind_of(source.kind).adds_increments)


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
            raise ConfigProblem(
                "sources must be a list of at least one source",
                fix="begin each below sources with - name: and indent the rest of it like the name",
                key="sources",
            )
        sources = [_source(entry, index, path) for index, entry in enumerate(entries)]
        _unique([source.name for source in sources])
        variables = content.get("vars") or {}
        _scalars(variables)
        return SourcesConfig.model_construct(sources=sources, vars=dict(variables))


def _source(entry: Any, index: int, path: Path) -> SourceBase:
    name = entry.get("name", f"#{index + 1}") if isinstance(entry, dict) else f"#{index + 1}"
    with as_configuration_errors(path.name, source=name):
        if not isinstance(entry, dict):
            raise ConfigProblem("a source is a mapping with name and kind", fix="write - name: … and kind: … below it")
        kind = kind_of(entry.get("kind"))
    with as_configuration_errors(path.name, kind.config, source=name):
        source = kind.config.model_validate(entry, context={"folder": path.parent})
    for entity, check in source.check():
        with as_configuration_errors(path.name, source=name, entity=entity):
            check()
    return source


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
