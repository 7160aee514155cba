"""Turns what pydantic found in ``sources.yml`` into one named error with the place and the nearest valid names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from types import UnionType
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from kehu.errors import ConfigurationError, KehuError, nearest
from kehu.sources.config_words import in_words


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
def as_configuration_errors(file: str, model: type[BaseModel] | None = None, **place: object) -> Iterator[None]:
    """Raise every problem of the block as a ConfigurationError that knows the file and the place.

    Args:
        file: the file that is read.
        model: what the block validates: its fields are the valid names beside a misspelt one.
        place: where in the file.
    """
    try:
        yield
    except ConfigProblem as problem:
        raise _error(problem, file, place) from None
    except ValidationError as error:
        raise _error(_first_problem(error, model), file, place) from None
    except KehuError:
        raise


def _error(problem: ConfigProblem, file: str, place: dict[str, object]) -> ConfigurationError:
    return ConfigurationError(problem.problem, fix=problem.fix, **{"file": file, **place, **problem.facts})


def _first_problem(error: ValidationError, model: type[BaseModel] | None) -> ConfigProblem:
    """The first finding, with entity and column read from its location."""
    found = error.errors()[0]
    place = _place(found)
    cause = found.get("ctx", {}).get("error")
    if isinstance(cause, ConfigProblem):
        return ConfigProblem(cause.problem, fix=cause.fix, **{**place, **cause.facts})
    key = str(found["loc"][-1]) if found["loc"] else ""
    if found["type"] == "extra_forbidden":
        unknown = ConfigProblem.unknown("there is no such key", "key", key, _valid_keys(found["loc"], model))
        return ConfigProblem(unknown.problem, fix=unknown.fix, **{**place, **unknown.facts})
    if found["type"] == "missing":
        return ConfigProblem("a key is missing", fix=f"add {key}", key=key, **place)
    problem, fix = in_words(key, found)
    return ConfigProblem(problem, fix=fix, key=key, **place)


def _place(found: ErrorDetails) -> dict[str, Any]:
    """``entities → orders → columns → amount`` as entity and column."""
    path = [str(part) for part in found["loc"]]
    place: dict[str, Any] = {}
    for word, name in (("entities", "entity"), ("columns", "column")):
        if word in path and path.index(word) + 1 < len(path):
            place[name] = path[path.index(word) + 1]
    return place


def _valid_keys(location: tuple[int | str, ...], model: type[BaseModel] | None) -> list[str]:
    """The keys that may stand where an unknown one does: those of the model that its location leads to."""
    reached: Any = model
    for part in location[:-1]:
        reached = _inside(reached, str(part))
    return sorted(_models(reached)[0].model_fields) if _models(reached) else []


def _inside(annotation: Any, part: str) -> Any:
    """The type below a key: of a field of that name, or of the values of a mapping or list."""
    for model in _models(annotation):
        return model.model_fields[part].annotation if part in model.model_fields else None
    return next((get_args(one)[-1] for one in _members(annotation) if get_origin(one) in (dict, list)), None)


def _models(annotation: Any) -> list[type[BaseModel]]:
    return [one for one in _members(annotation) if isinstance(one, type) and issubclass(one, BaseModel)]


def _members(annotation: Any) -> tuple[Any, ...]:
    """The members of ``A | None``; another type is its only member."""
    return get_args(annotation) if get_origin(annotation) in (Union, UnionType) else (annotation,)
