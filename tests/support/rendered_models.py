"""Models as SQL without dbt: a test of one model's rows needs DuckDB alone and takes no seconds.

What dbt does beyond text is here in a few lines: ``var``, ``ref``, ``return`` and ``adapter.dispatch``. A model that asks
the warehouse while it is rendered is no case for it.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

import jinja2
import yaml

from kehu.settings import PROJECT_ROOT

PROJECT = PROJECT_ROOT / "dbt_project"
_MACRO = re.compile(r"{%-?\s*macro\s+(\w+)\s*\(.*?{%-?\s*endmacro\s*-?%}", re.DOTALL)
_APART = ("materializations",)


class _Returned(Exception):
    """What ``return()`` in a macro leaves it with."""

    def __init__(self, value: Any) -> None:
        self.value = value


def rendered(
    model: str, as_of: str, tables: Mapping[str, str] | None = None, dialect: str = "duckdb", **changed: Any
) -> str:
    """The SQL of a model.

    Args:
        model: its name.
        as_of: business day D.
        tables: what `ref` and `source` name, where that is not the name itself.
        dialect: whose macros go before the default ones.
        changed: vars that differ from the project's.
    """
    (file,) = (PROJECT / "models").rglob(f"{model}.sql")
    return rendered_text(file.read_text(encoding="utf-8"), as_of, tables, dialect, **changed)


def rendered_text(
    text: str, as_of: str, tables: Mapping[str, str] | None = None, dialect: str = "duckdb", **changed: Any
) -> str:
    """The SQL of a text as it could stand in a model; arguments as of :func:`rendered`."""
    project = yaml.safe_load((PROJECT / "dbt_project.yml").read_text(encoding="utf-8"))
    variables = {**project["vars"], "as_of_date": as_of, **changed}
    return _environment(variables, tables or {}, dialect).from_string(text).render()


def _environment(variables: Mapping[str, Any], tables: Mapping[str, str], dialect: str) -> jinja2.Environment:
    environment = jinja2.Environment(extensions=["jinja2.ext.do"], undefined=jinja2.StrictUndefined)
    macros: dict[str, Callable[..., Any]] = {}
    for file in sorted((PROJECT / "macros").rglob("*.sql")):
        if not set(_APART) & set(file.parts):
            for found in _MACRO.finditer(file.read_text(encoding="utf-8")):
                macros[found[1]] = _callable(environment, found[1], found[0])

    def dispatch(name: str) -> Callable[..., Any]:
        return macros.get(f"{dialect}__{name}") or macros[f"default__{name}"]

    def leave(value: Any) -> None:
        raise _Returned(value)

    environment.globals.update(macros)
    environment.globals.update({"return": leave})
    environment.globals.update(
        adapter=SimpleNamespace(dispatch=dispatch, quote=lambda name: f'"{name}"'),
        modules=SimpleNamespace(re=re, datetime=datetime),
        var=lambda name, default=None: variables.get(name, default),
        ref=lambda name: tables.get(name, name),
        source=lambda schema, name: tables.get(name, name),
        config=lambda **_: "",
        execute=True,
    )
    return environment


def _callable(environment: jinja2.Environment, name: str, text: str) -> Callable[..., Any]:
    """A macro as a function: each is a template of its own, so that a `return` leaves that one alone."""
    compiled: list[Any] = []

    def call(*arguments: Any, **named: Any) -> Any:
        if not compiled:
            compiled.append(getattr(environment.from_string(text).module, name))
        try:
            return str(compiled[0](*arguments, **named))
        except _Returned as returned:
            return returned.value

    return call
