"""What every kind of source may say about itself and about an entity. Light enough for a DAG file to import."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date
from functools import partial
from typing import Any, Generic, Literal, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from kehu.entities import ENTITIES
from kehu.sources.config_errors import ConfigProblem

SOURCE_NAME = re.compile(r"^[a-z][a-z0-9_]*$")


PlaceholderKind = Literal["id", "person", "value", "total"]
"""As the kinds of the seed placeholders."""
OrderStatus = Literal["completed", "refunded", "placed", "cancelled", "test"]
"""refunded is completed, and the money went back."""


class StrictModel(BaseModel):
    """No unknown keys, no change after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ColumnSpec(StrictModel):
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


class MappedEntity(StrictModel):
    """What the entities of all kinds of sources have in common."""

    mode: Literal["append", "snapshot", "window"] = "append"
    window_column: str | None = None
    query: str | None = None
    columns: dict[str, ColumnSpec] | None = None
    where: str | None = None
    ignore: tuple[str, ...] = ()
    """Columns of the source that never land, not even in ``_extra``."""
    on_duplicate_key: Literal["fail", "last"] = "fail"
    """What becomes of rows of one delivery that share a key and differ."""

    @model_validator(mode="after")
    def _window_has_column(self) -> MappedEntity:
        if (self.mode == "window") != (self.window_column is not None):
            raise ConfigProblem(
                "mode window needs window_column, and only mode window has one",
                fix="name the canonical date or timestamp column that the window is made of",
                key="window_column",
            )
        return self

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
        for name in self.ignore:
            if name in {spec.column for spec in (self.columns or {}).values()}:
                raise ConfigProblem("a column is mapped and ignored", fix="remove it from one of them", column=name)
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
    one_of = entity.one_of
    if one_of and not any(name in delivered for name in one_of):
        raise ConfigProblem(f"{where} needs one of {', '.join(one_of)}", fix="map one of them", column=list(one_of))


EntityT = TypeVar("EntityT", bound=MappedEntity)


class SourceBase(StrictModel):
    """What every source has."""

    name: str
    kind: str
    required: bool = True
    timezone: str = "UTC"
    freshness_hours: float | None = Field(default=None, gt=0)
    statuses: dict[str, OrderStatus] = Field(default_factory=dict)
    """What the source's own order statuses mean, above the seed map_order_status."""
    last_day: date | None = None
    """The last business day of data that ended for good: nothing is scheduled for a later one."""
    placeholders: dict[PlaceholderKind, tuple[str, ...]] = Field(default_factory=dict)
    """Texts that the source writes where it has no value, besides the seed placeholders."""

    @field_validator("name")
    @classmethod
    def _plain_name(cls, name: str) -> str:
        if not SOURCE_NAME.fullmatch(name):
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

    @field_validator("placeholders")
    @classmethod
    def _in_lower_case(cls, given: dict[PlaceholderKind, tuple[str, ...]]) -> dict[PlaceholderKind, tuple[str, ...]]:
        return {kind: tuple(text.strip().lower() for text in texts) for kind, texts in given.items()}

    @field_validator("statuses")
    @classmethod
    def _as_compared(cls, statuses: dict[str, OrderStatus]) -> dict[str, OrderStatus]:
        """Statuses as staging compares them, see the macro comparable_status."""
        compared: dict[str, OrderStatus] = {}
        for delivered, status in statuses.items():
            plain = delivered.strip().lower().replace("，", ",").replace("\u3000", " ").removeprefix("wc-")
            if plain in compared:
                raise ConfigProblem("a status is mapped twice", fix="remove one of them", key="statuses", status=plain)
            compared[plain] = status
        return compared

    @property
    def entity_names(self) -> tuple[str, ...]:
        """The canonical entities that it delivers, in canonical order."""
        return ()

    @property
    def connection_id(self) -> str | None:
        """The Airflow connection that it names, if it names one."""
        return None

    def check(self) -> Iterator[tuple[str, Callable[[], None]]]:
        """What is to be checked once the entry is read: the entity, and the check, which raises ConfigProblem."""
        yield from ()


class MappedSource(SourceBase, Generic[EntityT]):
    """A source whose entities are mapped one by one; ``orders:`` without a value is ``orders: {}``."""

    entities: dict[str, EntityT] = Field(min_length=1)

    @model_validator(mode="before")
    @classmethod
    def _entities_below(cls, given: Any) -> Any:
        strays = [key for key in given if key in ENTITIES] if isinstance(given, dict) else []
        if strays:
            raise ConfigProblem(
                f"{strays[0]} stands beside entities instead of below it",
                fix="indent it further than entities",
                key=strays[0],
            )
        return given

    @field_validator("entities", mode="before")
    @classmethod
    def _known_entities(cls, given: Any) -> Any:
        if not isinstance(given, dict):
            return given
        for name in given:
            if name not in ENTITIES:
                raise ConfigProblem.unknown("there is no such canonical entity", "entity", name, ENTITIES)
        return {name: {} if value is None else value for name, value in given.items()}

    @property
    def entity_names(self) -> tuple[str, ...]:
        """The canonical entities that it delivers, in canonical order."""
        return tuple(name for name in ENTITIES if name in self.entities)

    def check(self) -> Iterator[tuple[str, Callable[[], None]]]:
        """One check an entity: its mapping against the canonical columns."""
        for name, entity in self.entities.items():
            yield name, partial(entity.check, name)
