"""What sqlfluff's Jinja templater lacks of dbt's context, so that linting needs neither dbt nor a database.

sqlfluff itself emulates ``ref``, ``source``, ``config`` and ``return``, and loads the project's macros. Named as
``library_path`` in ``.sqlfluff``: every public name of this module is visible to models and macros.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import yaml
from jinja2 import pass_context
from jinja2.runtime import Context

_PROJECT = Path(__file__).resolve().parents[2] / "dbt_project" / "dbt_project.yml"
_VARS: dict[str, Any] = {
    **yaml.safe_load(_PROJECT.read_text(encoding="utf-8"))["vars"],
    "as_of_date": "2018-01-01",
    "release_id": "r20180101_20260102t031500",
}

execute = False
target = SimpleNamespace(schema="work", type="duckdb", name="lint")
modules = SimpleNamespace(re=re, datetime=datetime)


def var(name: str, default: Any = None) -> Any:
    """The value of a var in dbt_project.yml."""
    return _VARS.get(name, default)


def is_incremental() -> bool:
    """Models are linted as a full build renders them: an increment asks the database for its batches."""
    return False


class _Exceptions:
    def raise_compiler_error(self, message: str) -> None:
        raise ValueError(message)


class _Adapter:
    @pass_context
    def dispatch(self, context: Context, name: str, *_: str) -> Callable[..., Any]:
        """The macro for DuckDB, or the default one."""
        found: Callable[..., Any] = context.get(f"duckdb__{name}") or context[f"default__{name}"]
        return found

    def quote(self, identifier: str) -> str:
        """The identifier as DuckDB quotes it."""
        return f'"{identifier}"'


exceptions = _Exceptions()
adapter = _Adapter()
