"""YAML as people mean it: no key twice, ``NO`` is a text, numbers and booleans as YAML 1.2 has them."""

from __future__ import annotations

import re
from collections.abc import Hashable
from pathlib import Path
from typing import Any

import yaml

from kehu.errors import ConfigurationError


class DuplicateKey(yaml.YAMLError):
    """A mapping has the same key twice; plain YAML would silently keep the last one."""

    def __init__(self, key: object, path: tuple[str, ...], line: int) -> None:
        super().__init__(f"{key!r} appears twice")
        self.key = key
        self.path = path
        self.line = line


class MergeKey(yaml.MarkedYAMLError):
    """``<<: *other`` hides which keys there are."""


class _StrictLoader(yaml.SafeLoader):
    """``SafeLoader`` without YAML 1.1's surprises."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012 - yaml's own protocol

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[Hashable] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, Hashable):
                continue
            if key == "<<":
                raise MergeKey(None, None, "a merge key (<<)", key_node.start_mark)
            if key in seen:
                raise DuplicateKey(key, (), key_node.start_mark.line + 1)
            seen.add(key)
        return super().construct_mapping(node, deep=deep)


for _tag, _pattern, _first in (
    ("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", "tTfF"),
    ("int", r"^[-+]?(?:0|[1-9][0-9]*)$", "-+0123456789"),
    ("float", r"^[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?$", "-+.0123456789"),
    ("null", r"^(?:~|null|Null|NULL|)$", ["~", "n", "N", ""]),
):
    _StrictLoader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(_pattern), list(_first))


def read_yaml(path: Path, what: str = "the file", fix_missing: str = "") -> Any:
    """The content of a YAML file.

    Args:
        path: the file.
        what: what the file is to its reader, as in "the file of sources".
        fix_missing: what to do where there is no such file.

    Raises:
        ConfigurationError: the file is missing, is not YAML, or has a key twice; says where.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise ConfigurationError(f"{what} does not exist", fix=fix_missing, file=path.name) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{what} cannot be read as UTF-8 text", file=path.name) from error
    try:
        return yaml.load(text, Loader=_StrictLoader)  # noqa: S506 - a SafeLoader
    except DuplicateKey as error:
        raise ConfigurationError(
            "a key appears twice; YAML would silently keep the last one",
            fix="merge the two entries, or rename one",
            file=path.name,
            line=error.line,
            key=error.key,
        ) from None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        problem, fix = _in_words(error)
        raise ConfigurationError(f"{what} {problem}", fix=fix, file=path.name, line=line) from None
    except RecursionError:
        raise ConfigurationError(
            f"{what} is nested deeper than anything that can be meant", fix="correct the file", file=path.name
        ) from None
    except yaml.YAMLError as error:  # a character that no YAML file may hold; the message names it and its place
        raise ConfigurationError(
            f"{what} is not valid YAML: {type(error).__name__}", fix="correct the file", file=path.name
        ) from None


def _in_words(error: yaml.MarkedYAMLError) -> tuple[str, str]:
    """A parser's finding as what was written and what to write."""
    if isinstance(error, MergeKey):
        return "has a merge key (<<), which is not read here", "write the keys out at each place"
    text = f"{error.context or ''} {error.problem or ''}"
    if "alias" in text:
        return (
            "has a value that begins with *, which YAML takes for a reference",
            'write the value in quotes, as in file: "*.csv"',
        )
    if "cannot start any token" in text:
        return (
            f"has a value that begins with a character that YAML keeps for itself: {error.problem}",
            "write the value in quotes; indent with blanks, not with tabs",
        )
    if "mapping values are not allowed" in text:
        return (
            "has a colon where none may stand",
            "write a value that holds a colon and a blank in quotes, and keys of one level with the same indentation",
        )
    return f"is not valid YAML: {error.problem}", "correct the line"
