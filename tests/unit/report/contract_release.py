"""A release in memory whose tables have the columns that the marts' contracts say, with the rows that a test gives them."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import yaml

from kehu.report.release_reader import ReleaseReader
from kehu.settings import PROJECT_ROOT

MARTS = PROJECT_ROOT / "dbt_project" / "models" / "marts"
Row = dict[str, Any]


@cache
def contracts() -> dict[str, dict[str, str]]:
    """Columns with their types by published table."""
    models = [model for path in sorted(MARTS.rglob("*.yml")) for model in _models(path)]
    return {model["name"]: {one["name"]: one["data_type"] for one in model["columns"]} for model in models}


def _models(path: Path) -> list[Row]:
    return list(yaml.safe_load(path.read_text(encoding="utf-8")).get("models", []))


class ContractRelease:
    """Answers queries as an opened release does."""

    def __init__(self, **tables: list[Row]) -> None:
        self._connection = duckdb.connect()
        self._tables = {"segment_summary", *tables}
        self._connection.execute("create schema analytics")
        for table in self._tables:
            columns = ", ".join(f'"{name}" {kind}' for name, kind in contracts()[table].items())
            self._connection.execute(f"create table analytics.{table} ({columns})")
        for table, rows in tables.items():
            for row in rows:
                names, marks = ", ".join(f'"{name}"' for name in row), ", ".join("?" for _ in row)
                self._connection.execute(f"insert into analytics.{table} ({names}) values ({marks})", [*row.values()])

    def columns(self) -> dict[str, dict[str, str]]:
        """The columns of the tables that the test gave rows."""
        return {table: contracts()[table] for table in self._tables}

    def records(self, sql: str) -> list[Row]:
        """Every row of a query, as dictionaries."""
        cursor = self._connection.execute(sql)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def reader_of(**tables: list[Row]) -> ReleaseReader:
    """A reader of a release with these tables and rows, and an empty ``segment_summary``."""
    return ReleaseReader(ContractRelease(**tables))
