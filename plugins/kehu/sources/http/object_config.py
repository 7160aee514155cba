"""What ``sources.yml`` says about sources whose entities are objects of a system: which objects, mapped how, read how often."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import ClassVar, Generic, TypeVar

from pydantic import Field, ValidationError, ValidationInfo, field_validator, model_validator

from kehu.sources.config_errors import ConfigProblem
from kehu.sources.config_models import MappedEntity
from kehu.sources.cursor_config import CursorEntity
from kehu.sources.http.http_config import HttpSourceConfig
from kehu.sources.http.object_mapping import system_mapping
from kehu.sources.spool_marks import IS_DELETED


class ObjectEntity(MappedEntity):
    """How one canonical entity comes out of objects of a system; without ``columns`` as the ready mapping says."""

    objects: tuple[str, ...] = ()

    @field_validator("objects", mode="before")
    @classmethod
    def _one_or_several(cls, given: object) -> object:
        return [given] if isinstance(given, str) else given

    @model_validator(mode="after")
    def _consistent(self) -> ObjectEntity:
        if self.query is not None or self.ignore or self.mode == "window":
            raise ConfigProblem(
                "an interface has neither query nor ignore nor windows: only what columns names is asked for",
                fix="remove query, ignore and mode: window",
                key="query" if self.query is not None else "ignore" if self.ignore else "mode",
            )
        if self.columns is not None and len(self.objects) != 1:
            raise ConfigProblem("columns are those of one object", fix="name it: objects: …", key="objects")
        if self.where is not None and self.columns is None:
            raise ConfigProblem(
                "where belongs to columns of one's own", fix="give columns, or copy the ready mapping", key="where"
            )
        if self.mode == "snapshot" and len(self.objects) > 1:
            raise ConfigProblem("a snapshot is of one object", fix="name one, or use mode append", key="mode")
        return self


ObjectEntityT = TypeVar("ObjectEntityT", bound=ObjectEntity)


class ObjectSourceConfig(HttpSourceConfig[ObjectEntityT], Generic[ObjectEntityT]):
    """The part that all of them have."""

    READY: ClassVar[Path]
    """The ready mapping of the kind."""
    KEY: ClassVar[str]
    """The field that is an object's key."""
    CHANGED: ClassVar[str]
    """The field that tells when it changed."""

    mapping: Path | None = None
    """A mapping of one's own instead of the ready one; its path counts from the folder of the file."""
    lookback: str = "15min"
    """So far back behind the newest change the next read begins."""
    daily_requests: int | None = Field(default=None, ge=1)
    """So many requests in 24 hours, and no more."""

    @field_validator("mapping")
    @classmethod
    def _absolute(cls, path: Path | None, info: ValidationInfo) -> Path | None:
        if path is None:
            return None
        return ((info.context or {}).get("folder", Path()) / path.expanduser()).absolute()

    @field_validator("lookback")
    @classmethod
    def _duration(cls, given: str) -> str:
        try:
            CursorEntity(cursor="x", lookback=given)
        except ValidationError:
            raise ConfigProblem(
                "lookback is a duration", fix="write it as 90s, 15min, 2h or 1d", key="lookback"
            ) from None
        return given

    def check(self) -> Iterator[tuple[str, Callable[[], None]]]:
        """One check an entity: its objects are known, their mapping fits the canonical columns."""
        for name in self.entities:
            yield name, partial(self._check_entity, name)

    def _check_entity(self, name: str) -> None:
        for _, options in self.chosen(name):
            options.check(name)

    def chosen(self, entity: str) -> list[tuple[str, CursorEntity]]:
        """The objects of an entity, each with its mapping; what the system has deleted is told with it.

        Raises:
            ConfigProblem: there are none.
        """
        given = self.entities[entity]
        if given.columns is not None:
            return [(given.objects[0], self._options(given, given.columns, given.where))]
        ready = system_mapping(self.mapping or self.READY).objects(entity, given.objects)
        if given.mode == "snapshot" and len(ready) != 1:
            raise ConfigProblem(
                "a snapshot is of one object", fix="name one under objects, or use mode append", key="mode"
            )
        return [(name, self._options(given, one.columns, one.where)) for name, one in ready.items()]

    def _options(self, given: ObjectEntity, columns: object, where: str | None) -> CursorEntity:
        assert isinstance(columns, dict)
        shared = {"mode": given.mode, "on_duplicate_key": given.on_duplicate_key}
        if given.mode == "snapshot":
            return CursorEntity.model_validate({**shared, "columns": columns, "where": where})
        return CursorEntity.model_validate(
            {
                **shared,
                "columns": {"is_deleted": {"column": IS_DELETED}, **columns},
                "where": f"{IS_DELETED} = 'true' or (\n{where}\n)" if where is not None else None,
                "cursor": self.CHANGED,
                "lookback": self.lookback,
            }
        )
