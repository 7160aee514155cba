"""Ready mappings: what the exports of well-known tools become, as YAML that anybody can copy and change."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError, field_validator, model_validator

from kehu.entities import ENTITIES
from kehu.errors import ConfigurationError
from kehu.sources.config_errors import ConfigProblem
from kehu.sources.config_models import StrictModel
from kehu.strict_yaml import read_yaml

FOLDER = Path(__file__).parent / "mappings"


class Refusal(StrictModel):
    """An export that looks alike and is not enough; ``headers`` are those that give it away."""

    headers: tuple[str, ...]
    problem: str
    fix: str


class ReadyMapping(StrictModel):
    """One export of one tool.

    Attributes:
        about: what it is, and what must be known.
        columns: a plain name, as the queries use it → the headers that it may have, the newest first; none where only the
            user can say it (``headers:`` in ``sources.yml``).
        required: plain names that must be there.
        ids: plain names of ids: a row where a spreadsheet has cut one is a reject.
        known: headers of the tool that are not read on purpose.
        refuse: exports that look alike and are not enough.
        entities: entity → a DuckDB query over ``export``, whose columns are the plain names, ``_row_number`` and ``_file``.
    """

    about: str
    columns: dict[str, tuple[str, ...]] = Field(min_length=1)
    required: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    known: tuple[str, ...] = ()
    refuse: tuple[Refusal, ...] = ()
    entities: dict[str, str] = Field(min_length=1)

    @field_validator("columns", mode="before")
    @classmethod
    def _one_or_several(cls, given: Any) -> Any:
        if not isinstance(given, dict):
            return given
        return {name: [one] if isinstance(one, str) else one or [] for name, one in given.items()}

    @model_validator(mode="after")
    def _consistent(self) -> ReadyMapping:
        for name in (*self.required, *self.ids):
            if name not in self.columns:
                raise ConfigProblem.unknown("the mapping has no such column", "column", name, self.columns)
        for name in self.entities:
            if name not in ENTITIES:
                raise ConfigProblem.unknown("there is no such canonical entity", "entity", name, ENTITIES)
        return self

    def check(self, entity: str, headers: Mapping[str, str]) -> None:
        """Make sure that it makes an entity, and has the columns whose headers a user names.

        Raises:
            ConfigProblem: it does not.
        """
        if entity not in self.entities:
            raise ConfigProblem.unknown("the mapping does not make this entity", "makes", entity, self.entities)
        for name in headers:
            if name not in self.columns:
                raise ConfigProblem.unknown("the mapping has no such column", "column", name, self.columns)


def ready_mappings() -> list[str]:
    """The names of all that come with Kehu."""
    return sorted(path.stem for path in FOLDER.glob("*.yml"))


@cache
def ready_mapping(name: str) -> ReadyMapping:
    """A ready mapping.

    Args:
        name: its name, or the path of a file.

    Raises:
        ConfigProblem: there is none of that name.
        ConfigurationError: a file of one's own is wrong; says where.
    """
    path = Path(name) if name.endswith((".yml", ".yaml")) else FOLDER / f"{name}.yml"
    if path.parent == FOLDER and path.stem not in ready_mappings():
        raise ConfigProblem.unknown("there is no such ready mapping", "mapping", name, ready_mappings())
    content = read_yaml(path, "the mapping", "correct mapping, or write the file")
    try:
        return ReadyMapping.model_validate(content)
    except ValidationError as error:
        found = error.errors()[0]
        cause = found.get("ctx", {}).get("error")
        problem = cause.problem if isinstance(cause, ConfigProblem) else found["msg"]
        place = ".".join(map(str, found["loc"]))
        raise ConfigurationError(f"the mapping is wrong: {problem}", file=path.name, key=place) from None
