"""Turns what pydantic found in ``sources.yml`` into one named error with the place and the nearest valid names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from kehu.errors import ConfigurationError, KehuError, nearest


class ConfigProblem(ValueError):
    """Something is wrong in ``sources.yml``; raised where it is found, completed with the place further up."""

    def __init__(self, problem: str, *, fix: str = "", **facts: object) -> None:
        super().__init__(problem)
        self.problem = problem
        self.fix = fix
        self.facts = facts

    @classmethod
    def unknown(cls, problem: str, what: str, name: object, valid: Iterable[str]) -> ConfigProblem:
        """A name that does not exist, with the nearest ones that do (all of them where none comes close)."""
        near = nearest(str(name), valid) or sorted(valid)
        return cls(problem, fix=f"use one of: {', '.join(near)}", **{what: name}, nearest=near)


@contextmanager
def as_configuration_errors(file: str, **place: object) -> Iterator[None]:
    """Raise every problem of the block as a ConfigurationError that knows the file and the place."""
    try:
        yield
    except ConfigProblem as problem:
        raise _error(problem, file, place) from None
    except ValidationError as error:
        raise _error(_first_problem(error), file, place) from None
    except KehuError:
        raise


def _error(problem: ConfigProblem, file: str, place: dict[str, object]) -> ConfigurationError:
    return ConfigurationError(problem.problem, fix=problem.fix, **{"file": file, **place, **problem.facts})


def _first_problem(error: ValidationError) -> ConfigProblem:
    """The first finding, with entity and column read from its location."""
    found = error.errors()[0]
    place = _place(found)
    cause = found.get("ctx", {}).get("error")
    if isinstance(cause, ConfigProblem):
        return ConfigProblem(cause.problem, fix=cause.fix, **{**place, **cause.facts})
    key = str(found["loc"][-1]) if found["loc"] else ""
    if found["type"] == "extra_forbidden":
        unknown = ConfigProblem.unknown("there is no such key", "key", key, _valid_keys(found["loc"], error.title))
        return ConfigProblem(unknown.problem, fix=unknown.fix, **{**place, **unknown.facts})
    if found["type"] == "missing":
        return ConfigProblem("a key is missing", fix=f"add {key}", key=key, **place)
    return ConfigProblem(found["msg"], key=key, **place)


def _place(found: ErrorDetails) -> dict[str, Any]:
    """``entities → orders → columns → amount`` as entity and column."""
    path = [str(part) for part in found["loc"]]
    place: dict[str, Any] = {}
    for word, name in (("entities", "entity"), ("columns", "column")):
        if word in path and path.index(word) + 1 < len(path):
            place[name] = path[path.index(word) + 1]
    return place


def _valid_keys(location: tuple[int | str, ...], title: str) -> list[str]:
    from kehu.sources import config, config_models
    from kehu.sources.database import sql_config

    is_sql = title == sql_config.SqlSourceConfig.__name__
    model: type[BaseModel] = sql_config.SqlSourceConfig if is_sql else config.FilesSourceConfig
    if "columns" in location:
        return sorted(set(config_models.ColumnSpec.model_fields) - {"column"})
    if "entities" in location:
        model = sql_config.SqlEntityConfig if is_sql else config_models.EntityConfig
    return sorted(model.model_fields)
