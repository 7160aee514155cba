"""Ready mappings of a system's objects (modules, tables of an interface), as YAML that anybody can copy and change."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from pydantic import Field, ValidationError

from kehu.entities import ENTITIES
from kehu.errors import ConfigurationError
from kehu.sources.config_errors import ConfigProblem
from kehu.sources.config_models import ColumnSpec, StrictModel
from kehu.strict_yaml import read_yaml


class ObjectMapping(StrictModel):
    """What one object of the system becomes: a white list, nothing else of it is asked for.

    Attributes:
        columns: as in ``sources.yml``.
        where: as in ``sources.yml``.
        only_if_named: whether the entity is made of it only where an entry names it: it would double another object.
    """

    columns: dict[str, ColumnSpec] = Field(min_length=1)
    where: str | None = None
    only_if_named: bool = False


class SystemMapping(StrictModel):
    """All objects of one system: entity → object → mapping."""

    about: str
    entities: dict[str, dict[str, ObjectMapping]] = Field(min_length=1)

    def objects(self, entity: str, named: Sequence[str]) -> dict[str, ObjectMapping]:
        """The objects that make an entity: those that are named, else the usual ones.

        Raises:
            ConfigProblem: none makes it, or a named one does not.
        """
        known = self.entities.get(entity)
        if known is None:
            raise ConfigProblem(
                "the ready mapping does not make this entity",
                fix="name the object and map it under columns",
                entity=entity,
                makes=sorted(self.entities),
            )
        for name in named:
            if name not in known:
                raise ConfigProblem.unknown("the ready mapping has no such object here", "object", name, known)
        if named:
            return {name: known[name] for name in named}
        return {name: one for name, one in known.items() if not one.only_if_named}


@cache
def system_mapping(path: Path) -> SystemMapping:
    """Read a mapping.

    Raises:
        ConfigurationError: it is wrong; says where.
    """
    content = read_yaml(path, "the mapping", "correct mapping, or write the file")
    try:
        found = SystemMapping.model_validate(content)
        for entity in found.entities:
            if entity not in ENTITIES:
                raise ConfigProblem.unknown("there is no such canonical entity", "entity", entity, ENTITIES)
    except ValidationError as error:
        first = error.errors()[0]
        cause = first.get("ctx", {}).get("error")
        problem = cause.problem if isinstance(cause, ConfigProblem) else first["msg"]
        raise ConfigurationError(
            f"the mapping is wrong: {problem}", file=path.name, key=".".join(map(str, first["loc"]))
        ) from None
    return found
