"""The canonical types of landed texts, by the very macro that staging uses: what a look calls unreadable goes to quarantine."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

from jinja2 import Environment

from kehu.quoting import sql_name, sql_text

TYPED = ("integer", "decimal", "rate", "boolean", "date", "timestamp")
"""Canonical types that not every text is a value of."""

Cast = Callable[[str, str], str]
"""Column and canonical type → SQL of DuckDB."""


def casting(dbt_project: Path, timezone: str) -> Cast:
    """SQL that reads a column as a canonical type, null where it is no such value.

    Args:
        dbt_project: where the macro is.
        timezone: of times without an offset.
    """
    return lambda column, kind: _macro(dbt_project)(sql_name(column), kind, sql_text(timezone)).strip()


@cache
def _macro(dbt_project: Path) -> Callable[..., str]:
    text = (dbt_project / "macros" / "dialect" / "try_cast_text.sql").read_text(encoding="utf-8")
    # SQL, not HTML.
    rendered = Environment(autoescape=False, extensions=["jinja2.ext.do"]).from_string(text)  # noqa: S701
    macro: Callable[..., str] = getattr(rendered.module, "duckdb__try_cast_text")  # noqa: B009
    return macro
