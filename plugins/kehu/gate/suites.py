"""Expectation suites as small YAML files: what they may say, and a named error for everything else.

A suite is ``expectations/<layer>/<table>.yml``, in a folder of the layer where there are many::

    table: fct_orders
    entities: [orders]              # the source entities that feed the table
    must_not_be_empty: true         # also where no source delivers them; false by default
    expectations:
      - expect: expect_column_values_to_be_between
        with: {column: discounts, min_value: 0}
        severity: critical          # or warning: recorded, does not block
        reason: discounts are published as positive amounts
        name: discounts_are_positive   # optional; needed where two checks of a table would have the same name
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, get_args

from kehu.entities import ENTITIES
from kehu.errors import ConfigurationError, nearest
from kehu.gate.default_suite import DEFAULT, written_out
from kehu.gate.expectation import Expectation, Suite
from kehu.gate.gx.lean_import import lean_import
from kehu.gate.gx.quiet import quiet
from kehu.gate.placeholders import Placeholders
from kehu.gate.results import Severity
from kehu.strict_yaml import read_yaml

_WITH_SQL = ("unexpected_rows_expectation", "expect_query_value_to_be_between")
"""Expectation types that carry SQL: only a name can say what such a check is about."""

_SUITE_KEYS = {"table", "entities", "must_not_be_empty", "expectations"}
_EXPECTATION_KEYS = {"expect", "with", "severity", "reason", "name"}
_NAME = re.compile(r"[a-z][a-z0-9_]*")


class SuiteInvalid(ConfigurationError):
    """A suite file says something that it cannot mean."""


def suite_files(folder: Path) -> dict[str, Path]:
    """The suite files of a layer by table, whatever folder of the layer they are in.

    Where there is a ``_default.yml``, it is the suite of every entity without one of its own.

    Raises:
        SuiteInvalid: a table has two suites, of which one would be lost.
    """
    files: dict[str, Path] = {}
    for file in sorted(folder.rglob("*.yml")):
        other = files.setdefault(file.stem, file)
        if other != file:
            raise SuiteInvalid(
                "a table has two suites",
                table=file.stem,
                files=[str(each.relative_to(folder)) for each in (other, file)],
                fix="keep one of them",
            )
    default = files.pop(DEFAULT, None)
    return {**dict.fromkeys(ENTITIES, default), **files} if default else files


def load_suite(file: Path, placeholders: Placeholders, table: str | None = None) -> Suite:
    """Read one suite and check every word of it, the arguments of the expectations included.

    Args:
        table: whose suite it is, where that is not the name of the file: the default one is everybody's.

    Raises:
        SuiteInvalid: names the file, the entry and the nearest valid names.
    """
    try:
        content = read_yaml(file, "the suite")
    except ConfigurationError as error:
        raise SuiteInvalid(error.problem, fix=error.fix, **error.facts) from None
    table = table or file.stem
    if file.stem == DEFAULT:
        try:
            content = written_out(content, table)
        except ValueError as error:
            raise SuiteInvalid(str(error), file=file.name) from None
    entry = _mapping(content, _SUITE_KEYS, {"table", "expectations"}, "the suite", file)
    if entry["table"] != table:
        raise SuiteInvalid("`table` must be the name of the file", file=file.name, table=entry["table"])
    items = entry["expectations"]
    if not isinstance(items, list) or not items:
        raise SuiteInvalid("the suite expects nothing, so nothing would be evaluated", file=file.name)
    expectations = tuple(_expectation(item, at, file, placeholders) for at, item in enumerate(items, start=1))
    _names_are_unique(expectations, file)
    return Suite(entry["table"], expectations, _entities(entry, file), _flag(entry, file))


def _expectation(item: object, position: int, file: Path, placeholders: Placeholders) -> Expectation:
    where = f"expectation {position}"
    entry = _mapping(item, _EXPECTATION_KEYS, {"expect", "severity", "reason"}, where, file)
    severity: Literal["critical", "warning"] = entry["severity"]
    if severity not in get_args(Severity):
        raise SuiteInvalid(f"{where}: severity must be critical or warning", file=file.name, severity=severity)
    if not isinstance(entry["reason"], str) or not entry["reason"].strip():
        raise SuiteInvalid(f"{where}: the reason must say in words why this is expected", file=file.name)
    arguments = entry.get("with") or {}
    if not isinstance(arguments, dict):
        raise SuiteInvalid(f"{where}: `with` must be a mapping of arguments", file=file.name)
    try:
        filled = placeholders.fill(arguments)
    except ValueError as error:
        raise SuiteInvalid(f"{where}: {error}", file=file.name) from None
    name = entry.get("name", _default_name(entry["expect"], filled))
    if name is None or not _NAME.fullmatch(str(name)):
        raise SuiteInvalid(f"{where}: needs a `name` in snake_case that says what it checks", file=file.name, name=name)
    expectation = Expectation(str(entry["expect"]), filled, severity, " ".join(entry["reason"].split()), name)
    _known_to_great_expectations(expectation, where, file)
    return expectation


def _default_name(expectation_type: object, arguments: Mapping[str, Any]) -> str | None:
    text = str(expectation_type)
    if text in _WITH_SQL:
        return None
    columns = [arguments[key] for key in ("column", "column_A", "column_B") if isinstance(arguments.get(key), str)]
    return "_".join([text.removeprefix("expect_"), *(c.strip("_").lower() for c in columns)])


def _known_to_great_expectations(expectation: Expectation, where: str, file: Path) -> None:
    # Importing Great Expectations takes seconds: only a process that reads suites pays for it.
    with quiet(), lean_import():
        from kehu.gate.gx.gx_expectations import ExpectationInvalid, build

    try:
        build(expectation)
    except ExpectationInvalid as error:
        raise SuiteInvalid(
            f"{where}: {error}", fix=error.fix, file=file.name, expect=expectation.type, nearest=error.nearest
        ) from None


def _mapping(value: object, allowed: set[str], required: set[str], where: str, file: Path) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise SuiteInvalid(f"{where} must be a mapping", file=file.name)
    for key in value:
        if key not in allowed:
            raise SuiteInvalid(
                f"{where}: unknown key", file=file.name, key=key, nearest=nearest(str(key), allowed) or sorted(allowed)
            )
    missing = sorted(required - set(value))
    if missing:
        raise SuiteInvalid(f"{where}: {', '.join(missing)} is missing", file=file.name)
    return value


def _entities(entry: Mapping[str, Any], file: Path) -> tuple[str, ...]:
    names = entry.get("entities") or []
    if not isinstance(names, list):
        raise SuiteInvalid("`entities` must be a list", file=file.name)
    for name in names:
        if name not in ENTITIES:
            raise SuiteInvalid("unknown entity", file=file.name, entity=name, nearest=nearest(str(name), ENTITIES))
    return tuple(names)


def _flag(entry: Mapping[str, Any], file: Path) -> bool:
    flag = entry.get("must_not_be_empty", False)
    if not isinstance(flag, bool):
        raise SuiteInvalid("`must_not_be_empty` must be true or false", file=file.name)
    return flag


def _names_are_unique(expectations: tuple[Expectation, ...], file: Path) -> None:
    names = [expectation.name for expectation in expectations]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise SuiteInvalid(
            "two expectations have the same name", fix="give one of them a `name`", file=file.name, names=twice
        )
