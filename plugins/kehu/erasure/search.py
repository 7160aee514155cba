"""The proof: every file below KEHU_HOME and every table of the warehouse is searched for the values of an erased person."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from kehu.erasure.patterns import Needles, pattern_of
from kehu.landing.workspace import identifier, literal
from kehu.settings import Settings
from kehu.warehouse.factory import open_warehouse

AIRFLOW = "airflow"
"""The folder of a local Airflow: its own database keeps what its runs were asked for. See the runbook."""
_TEXT = "{text}"
_CHUNK, _OVERLAP = 16 << 20, 4096
_TABLES = """
    select table_schema, table_name, column_name from information_schema.columns
    where table_schema not in ('information_schema', 'pg_catalog', 'pg_toast') {database}
    order by table_schema, table_name, ordinal_position
"""
_STATISTICS = """
    select count(*) from pg_stats
    where lower(coalesce(most_common_vals::text, '') || ' ; ' || coalesce(histogram_bounds::text, '')) ~ ?
"""

Ask = Callable[[str], list[tuple]]


@dataclass
class Search:
    """What was searched, and where something was found: names of places, never values."""

    files: int = 0
    tables: int = 0
    found_in: list[str] = field(default_factory=list)


def search_everywhere(settings: Settings, values: Sequence[tuple[str, str]]) -> Search:
    """Search all files and all tables. Without values there is nothing to search for, and nothing is."""
    search = Search()
    if not values:
        return search
    pattern = pattern_of(values)
    needles = Needles(values, settings)
    for file in files_below(settings):
        search.files += 1
        name = str(file.relative_to(settings.home))
        if _is_in_bytes(file, needles):
            search.found_in.append(name)
        elif file.suffix == ".parquet":
            _search_parquet(file, name, pattern, search)
        elif file.suffix == ".duckdb" and file.name != "bi.duckdb":
            _search_duckdb(settings, file, name, pattern, search)
    if settings.warehouse == "postgres":
        _search_postgres(settings, pattern, search)
    return search


def files_below(settings: Settings) -> Iterator[Path]:
    """Every file below KEHU_HOME but those of a local Airflow; links are not followed."""
    for path in sorted(settings.home.rglob("*")):
        if path.is_file() and not path.is_symlink() and path.relative_to(settings.home).parts[0] != AIRFLOW:
            yield path


def _is_in_bytes(file: Path, needles: Needles) -> bool:
    """Whether the raw bytes hold a value, in capitals or not."""
    with file.open("rb") as opened:
        tail = b""
        while chunk := opened.read(_CHUNK):
            if needles.are_in(tail + chunk):
                return True
            tail = chunk[-_OVERLAP:]
    return False


def _search_parquet(file: Path, name: str, pattern: str, search: Search) -> None:
    with duckdb.connect() as connection:
        tables = _Tables(_asking(connection), _matching("regexp_matches(lower({text}), {pattern})", pattern), search)
        relation = f"read_parquet({literal(str(file))}, hive_partitioning = false)"
        columns = [row[0] for row in connection.execute(f"describe select * from {relation}").fetchall()]
        tables.look_into(relation, columns, name)


def _search_duckdb(settings: Settings, file: Path, name: str, pattern: str, search: Search) -> None:
    config: dict[str, str | bool | int | float | list[str]] = {"memory_limit": settings.memory_limit}
    with duckdb.connect(config=config) as connection:
        connection.execute(f"attach {literal(str(file))} as searched (read_only)")
        tables = _Tables(_asking(connection), _matching("regexp_matches(lower({text}), {pattern})", pattern), search)
        for schema, table, columns in _relations(tables.ask, "and table_catalog = 'searched'"):
            relation = f"searched.{identifier(schema)}.{identifier(table)}"
            tables.look_into(relation, columns, f"{name}: {schema}.{table}")


def _search_postgres(settings: Settings, pattern: str, search: Search) -> None:
    with open_warehouse(settings, "administer").session(read_only=True) as session:
        tables = _Tables(session.rows, _matching("lower({text}) ~ {pattern}", pattern), search)
        for schema, table, columns in _relations(tables.ask, ""):
            tables.look_into(f"{identifier(schema)}.{identifier(table)}", columns, f"{schema}.{table}")
        if session.rows(_STATISTICS, [pattern])[0][0]:
            search.found_in.append("pg_statistic")


def _relations(ask: Ask, database: str) -> Iterator[tuple[str, str, list[str]]]:
    columns: dict[tuple[str, str], list[str]] = {}
    for schema, table, column in ask(_TABLES.format(database=database)):
        columns.setdefault((schema, table), []).append(column)
    for (schema, table), names in columns.items():
        yield schema, table, names


@dataclass(frozen=True)
class _Tables:
    """The tables of one engine; ``condition`` says in its SQL that a text matches."""

    ask: Ask
    condition: str
    search: Search

    def look_into(self, relation: str, columns: Iterable[str], name: str) -> None:
        self.search.tables += 1
        # A separator that is no letter, so that an id at the end of a column stands alone.
        text = " || ' ; ' || ".join(f"coalesce(cast({identifier(column)} as varchar), '')" for column in columns)
        if self.ask(f"select 1 from {relation} where {self.condition.replace(_TEXT, text)} limit 1"):
            self.search.found_in.append(name)


def _matching(condition: str, pattern: str) -> str:
    return condition.replace("{pattern}", literal(pattern))


def _asking(connection: duckdb.DuckDBPyConnection) -> Ask:
    return lambda sql: connection.execute(sql).fetchall()
