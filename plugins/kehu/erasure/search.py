"""Verification: every file below KEHU_HOME and every table of the warehouse is searched for the values of an erased person."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from kehu.erasure.file_texts import is_packed, texts_of
from kehu.erasure.folding import fold_in, folded
from kehu.erasure.patterns import Needles, pattern_of
from kehu.quoting import sql_name, sql_text
from kehu.release.factory import open_store
from kehu.settings import Settings
from kehu.warehouse.factory import open_warehouse
from kehu.warehouse.protocol import TableSearch
from kehu.warehouse.searching import Ask, Tables, relations

AIRFLOW = "airflow"
"""The folder of a local Airflow: its own database keeps what its runs were asked for. See the runbook."""
_CHUNK, _OVERLAP = 16 << 20, 4096


@dataclass
class Search(TableSearch):
    """What was searched, and where something was found: names of places, never values."""

    files: int = 0
    unreadable: list[str] = field(default_factory=list)


def search_everywhere(settings: Settings, values: Sequence[tuple[str, str]]) -> Search:
    """Search all files and all tables. Without values there is nothing to search for, and nothing is."""
    search = Search()
    if not values:
        return search
    pattern = pattern_of(values)
    needles = Needles(values, settings)
    compiled = re.compile(pattern_of(needles.sought))
    for file in files_below(settings):
        search.files += 1
        name = str(file.relative_to(settings.home))
        if _is_in(file, needles, compiled):
            search.found_in.append(name)
        else:
            _search_tables(settings, file, name, pattern, search)
    for elsewhere in (open_warehouse(settings, "administer"), open_store(settings)):
        found = elsewhere.search(pattern)
        search.tables += found.tables
        search.found_in += found.found_in
    return search


def files_below(settings: Settings) -> Iterator[Path]:
    """Every file below KEHU_HOME but those of a local Airflow, under one of its names; links are not followed."""
    seen = set()
    for path in sorted(settings.home.rglob("*")):
        if path.is_file() and not path.is_symlink() and path.relative_to(settings.home).parts[0] != AIRFLOW:
            which = path.stat().st_dev, path.stat().st_ino
            if which not in seen:
                seen.add(which)
                yield path


def _is_in(file: Path, needles: Needles, pattern: re.Pattern[str]) -> bool:
    """Whether a file holds a value, in whatever way it is written; tables of Parquet and DuckDB are asked as such."""
    has_tables = file.suffix in {".parquet", ".duckdb"}
    with file.open("rb") as opened:
        tail = b""
        while chunk := opened.read(_CHUNK):
            if not tail and is_packed(chunk):
                chunk += opened.read()
            content = tail + chunk
            if needles.are_in(content):
                return True
            if not has_tables and any(pattern.search(folded(text)) for text in texts_of(content)):
                return True
            tail = chunk[-_OVERLAP:]
    return False


def _search_tables(settings: Settings, file: Path, name: str, pattern: str, search: Search) -> None:
    try:
        if file.suffix == ".parquet":
            _search_parquet(file, name, pattern, search)
        elif file.suffix == ".duckdb":
            _search_duckdb(settings, file, name, pattern, search)
    except (duckdb.OutOfMemoryException, duckdb.InterruptException):
        raise
    except duckdb.Error:
        search.unreadable.append(name)


def _search_parquet(file: Path, name: str, pattern: str, search: Search) -> None:
    with duckdb.connect() as connection:
        fold_in(connection)
        tables = Tables(
            _asking(connection), _matching("regexp_matches(kehu_folded({text}), {pattern})", pattern), search
        )
        relation = f"read_parquet({sql_text(str(file))}, hive_partitioning = false)"
        columns = [row[0] for row in connection.execute(f"describe select * from {relation}").fetchall()]
        tables.look_into(relation, columns, name)


def _search_duckdb(settings: Settings, file: Path, name: str, pattern: str, search: Search) -> None:
    config: dict[str, str | bool | int | float | list[str]] = {"memory_limit": settings.memory_limit}
    with duckdb.connect(config=config) as connection:
        fold_in(connection)
        connection.execute(f"attach {sql_text(str(file))} as searched (read_only)")
        tables = Tables(
            _asking(connection), _matching("regexp_matches(kehu_folded({text}), {pattern})", pattern), search
        )
        for schema, table, columns in relations(tables.ask, "and table_catalog = 'searched'"):
            relation = f"searched.{sql_name(schema)}.{sql_name(table)}"
            tables.look_into(relation, columns, f"{name}: {schema}.{table}")


def _matching(condition: str, pattern: str) -> str:
    return condition.replace("{pattern}", sql_text(pattern))


def _asking(connection: duckdb.DuckDBPyConnection) -> Ask:
    return lambda sql: connection.execute(sql).fetchall()
