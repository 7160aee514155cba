"""What pydantic finds in ``sources.yml``, in words of what was written there and of what to write."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pydantic_core import ErrorDetails

_SHOWN = 40

_WANTED: dict[str, tuple[str, str]] = {
    "bool_type": ("true or false", "write true or false, without quotes"),
    "bool_parsing": ("true or false", "write true or false, without quotes"),
    "int_type": ("a whole number", "write a number without quotes"),
    "int_parsing": ("a whole number", "write a number without quotes"),
    "int_from_float": ("a whole number", "write a number without decimals"),
    "float_type": ("a number", "write a number without quotes"),
    "float_parsing": ("a number", "write a number without quotes"),
    "string_type": ("one text", "write a text; in quotes if it looks like a number"),
    "path_type": ("the name of a folder", "write one name"),
}


def in_words(key: str, found: ErrorDetails) -> tuple[str, str]:
    """Problem and fix of one finding."""
    kind, given = found["type"], found.get("input")
    if kind in _STRUCTURES:
        return _STRUCTURES[kind](key, given)
    if kind in _WANTED:
        wanted, fix = _WANTED[kind]
        return f"{key} is {wanted}, not {_shown(given)}", fix
    if kind == "literal_error":
        expected = str(found["ctx"]["expected"]).replace("'", "").replace(" or ", ", ")
        return f"{key} is one of {expected}, not {_shown(given)}", f"write one of {expected}"
    if kind in _RANGES:
        return f"{key} is out of its range: {_shown(given)}", found["msg"].replace("Input should be", "write a number")
    if kind in ("too_short", "string_too_short"):
        return f"{key} is empty", f"say at least one thing under {key}, or remove it"
    return found["msg"].replace("Input", key, 1), f"see what is written under {key}"


def _no_mapping(key: str, given: Any) -> tuple[str, str]:
    if given is None:
        return (
            f"nothing stands below {key}",
            f"write what belongs to {key} below it, indented further than {key} itself",
        )
    if isinstance(given, list):
        return (
            f"below {key} stands a list, and a mapping belongs there",
            f"write {_first(given)}: … instead of - {_first(given)}",
        )
    return (
        f"{key} is {_shown(given)}, and a mapping belongs there",
        f"write it on a line of its own below {key}, indented, with a colon: {_word(given)}: {{}}",
    )


def _no_list(key: str, given: Any) -> tuple[str, str]:
    return f"{key} is {_shown(given)}, and a list belongs there", f"begin each entry below {key} with a dash: - …"


_STRUCTURES: dict[str, Callable[[str, Any], tuple[str, str]]] = {
    "dict_type": _no_mapping,
    "model_type": _no_mapping,
    "model_attributes_type": _no_mapping,
    "list_type": _no_list,
}
_RANGES = ("greater_than", "greater_than_equal", "less_than", "less_than_equal")


def _shown(given: Any) -> str:
    """What was written, where it is short; never a structure, which may hold anything."""
    if given is None:
        return "empty"
    if isinstance(given, dict):
        return "a mapping"
    if isinstance(given, list):
        return "a list"
    text = repr(given) if isinstance(given, str) else str(given)
    return text if len(text) <= _SHOWN and "://" not in text else "another text"


def _first(given: list[Any]) -> str:
    return _word(given[0]) if given else "name"


def _word(given: Any) -> str:
    return given if isinstance(given, str) and given.isidentifier() else "name"
