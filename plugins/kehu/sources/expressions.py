"""``expr``, ``where`` and ``query`` are the operator's SQL: each must be one piece, must bind, and must be repeatable."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Container, Iterable, Iterator
from functools import cache
from typing import Any

import duckdb

from kehu.errors import BadExpression
from kehu.landing.workspace import Workspace
from kehu.quoting import sql_text
from kehu.sources.tables import RESERVED

_CLOCK_WORDS = {"current_date", "current_time", "current_timestamp", "localtime", "localtimestamp"}
_REPEATABLE = {"error", "vector_type", "stats"}
_SET_RETURNING = {"unnest", "unlist", "generate_subscripts", "regexp_split_to_table"}
_TABLES_OF_VALUES = {"unnest", "range", "generate_series", "repeat", "repeat_row", "json_each", "json_tree", "unlist"}
"""Functions in place of a table that make rows of what they are given. All others read files, settings or the catalog."""
_OF_THE_PROCESS = {"getvariable", "current_setting", "getenv"}
_CATALOGS = ("duckdb_", "pg_", "sqlite_", "pragma_")
_EMPTY_PARTS = ("where_clause", "having", "qualify", "sample")


def check_expression(work: Workspace, sql: str, columns: Container[str], **place: object) -> None:
    """Make sure that ``sql`` is exactly one expression.

    Raises:
        BadExpression: it is not, or it gives another value at every run; carries DuckDB's message and ``place``.
    """
    node = _parse(work, f"select (\n{sql}\n)", **place)
    is_plain = (
        node.get("type") == "SELECT_NODE"
        and len(node.get("select_list", [])) == 1
        and node.get("from_table", {}).get("type") == "EMPTY"
        and not node.get("modifiers")
        and not node.get("group_expressions")
        and not any(node.get(part) for part in _EMPTY_PARTS)
    )
    if not is_plain:
        raise BadExpression("it must be one expression and nothing else", fix="correct the SQL", **place)
    _check_closed(node, place)
    _check_repeatable(node, columns, place)
    _check_one_value_a_row(node, place)


def bound_type(work: Workspace, sql: str, relation: str, **place: object) -> str:
    """The type of an expression beside all columns of a relation, as it will be computed.

    Raises:
        BadExpression: DuckDB cannot bind it there, or it is not exactly one column.
    """
    width = len(_described(work, relation, place))
    types = [kind for _, kind in _described(work, f"select *, (\n{sql}\n) from ({relation})", place)][width:]
    if len(types) != 1:
        raise BadExpression(
            "it must be one value a row: * and columns(…) stand for several columns",
            fix="name the column that is meant",
            **place,
            columns_given=len(types),
        )
    return types[0]


def check_filter(work: Workspace, sql: str, relation: str, **place: object) -> None:
    """Make sure that a filter binds to a relation, where it stands and as a truth value.

    Raises:
        BadExpression: it does not.
    """
    _described(work, f"select * from ({relation}) where (\n{sql}\n)", place)
    bound_type(work, f"(\n{sql}\n)::boolean", relation, **place)


def check_query(work: Workspace, sql: str, **place: object) -> None:
    """Make sure that ``sql`` is exactly one query.

    Raises:
        BadExpression: it is not, or it gives other values at every run; carries DuckDB's message and ``place``.
    """
    node = _parse(work, sql, **place)
    _check_closed(node, place)
    _check_repeatable(node, (), place)


def described(work: Workspace, query: str, **place: object) -> dict[str, str]:
    """The columns and types of a query.

    Raises:
        BadExpression: DuckDB cannot bind it, with its message, which names the nearest columns; or two columns have one
            name.
    """
    columns = _described(work, query, place)
    names = Counter(name.lower() for name, _ in columns)
    twice = sorted(name for name, count in names.items() if count > 1 and name not in RESERVED)
    if twice:
        raise BadExpression(
            "the query gives several columns of the same name, of which only one would land",
            fix="name the columns that are meant instead of *, or rename one with as",
            **place,
            columns=twice,
        )
    return dict(columns)


def columns_used(work: Workspace, sql: str, columns: Iterable[str]) -> set[str]:
    """The columns that a checked piece of SQL may read: those that it names, all where it says ``*``."""
    words = set(_words(_parse(work, sql)))
    return {name for name in columns if "*" in words or name.lower() in words}


def _words(node: Any) -> Iterator[str]:
    if isinstance(node, list):
        for part in node:
            yield from _words(part)
    elif isinstance(node, dict):
        if node.get("class") == "STAR":
            yield "*"
        named = [*(node.get("column_names") or ()), *(node.get("using_columns") or ())]
        yield from (word.lower() for word in named if isinstance(word, str))
        for part in node.values():
            yield from _words(part)


def _described(work: Workspace, query: str, place: dict[str, object]) -> list[tuple[str, str]]:
    try:
        return [(str(row[0]), str(row[1])) for row in work.rows(f"describe {query}")]
    except duckdb.Error as error:
        raise _bad(str(error), place) from None


def _parse(work: Workspace, sql: str, **place: object) -> dict[str, Any]:
    answer = json.loads(str(work.rows(f"select json_serialize_sql({sql_text(sql)})")[0][0]))
    if answer["error"]:
        raise _bad(answer["error_message"], place)
    if len(answer["statements"]) != 1:
        raise BadExpression("it must be one piece of SQL", fix="correct the SQL", **place)
    node: dict[str, Any] = answer["statements"][0]["node"]
    return node


def _bad(message: str, place: dict[str, object]) -> BadExpression:
    lines = [line.strip() for line in message.split("\n\n", maxsplit=1)[0].splitlines() if line.strip()]
    return BadExpression("DuckDB does not accept the SQL", fix="correct the SQL", **place, duckdb=" ".join(lines)[:400])


def _check_closed(node: Any, place: dict[str, object]) -> None:
    """Refuse what is read past ``files:``: nobody would notice that it has changed, and it may be anything."""
    for name in _outside(node):
        raise BadExpression(
            "it reads something that is not among the source's files, so that a change of it would go unnoticed",
            fix="name the file under files: and write query: over both",
            **place,
            reads=name,
        )


def _outside(node: Any) -> Iterator[str]:
    """What a parsed query reads beside its tables: files, settings, the catalog, tables that a text names."""
    if isinstance(node, list):
        for part in node:
            yield from _outside(part)
    elif isinstance(node, dict):
        if node.get("type") == "TABLE_FUNCTION":
            function = str((node.get("function") or {}).get("function_name", "")).lower()
            if function not in _TABLES_OF_VALUES:
                yield function
        elif node.get("type") == "BASE_TABLE":
            name, schema = str(node.get("table_name", "")).lower(), str(node.get("schema_name", "")).lower()
            if schema in ("information_schema", "pg_catalog") or name.startswith(_CATALOGS) or set(name) & set("/\\.:"):
                yield "a table of DuckDB's catalog" if not set(name) & set("/\\.:") else "a file"
        elif node.get("class") == "FUNCTION" and str(node.get("function_name", "")).lower() in _OF_THE_PROCESS:
            yield str(node["function_name"]).lower()
        for part in node.values():
            yield from _outside(part)


def _check_repeatable(node: Any, columns: Container[str], place: dict[str, object]) -> None:
    for function in _names(node, columns):
        if function in _CLOCK_WORDS or function in _volatile():
            raise BadExpression(
                "it gives another value at every run, so that the same input would never be the same batch",
                fix="take the value from the data, or from _extracted_at in a model",
                **place,
                function=function,
            )


def _check_one_value_a_row(node: Any, place: dict[str, object]) -> None:
    for function in _outer_functions(node):
        if function in _aggregates():
            raise BadExpression(
                "an aggregate makes one value of all rows; here is one row at a time",
                fix="write query: instead, with group by, or max(…) over (…) for a value beside every row",
                **place,
                function=function,
            )
        if function in _SET_RETURNING:
            raise BadExpression(
                "it makes several rows of one, or none, so that rows would be lost",
                fix="write query: instead",
                **place,
                function=function,
            )


def _outer_functions(node: Any) -> Iterator[str]:
    """The functions that an expression calls on the row itself: not those over a window or in a query of its own."""
    if isinstance(node, list):
        for part in node:
            yield from _outer_functions(part)
    elif isinstance(node, dict) and node.get("class") != "SUBQUERY":
        if node.get("class") == "FUNCTION":
            yield str(node.get("function_name", "")).lower()
        for part in node.values():
            yield from _outer_functions(part)


def _names(node: Any, columns: Container[str]) -> Iterator[str]:
    """The functions that a parsed query calls, and words such as ``current_date`` that are one without brackets."""
    if isinstance(node, list):
        for part in node:
            yield from _names(part, columns)
    elif isinstance(node, dict):
        if node.get("class") == "FUNCTION":
            yield str(node.get("function_name", "")).lower()
        words = node.get("column_names") if node.get("class") == "COLUMN_REF" else None
        if words and len(words) == 1 and words[0] not in columns and words[0].lower() in _CLOCK_WORDS:
            yield words[0].lower()
        for part in node.values():
            yield from _names(part, columns)


@cache
def _volatile() -> frozenset[str]:
    return _functions("where stability in ('VOLATILE', 'CONSISTENT_WITHIN_QUERY') group by all") - _REPEATABLE


@cache
def _aggregates() -> frozenset[str]:
    return _functions(
        "group by all having bool_or(function_type = 'aggregate') and not bool_or(function_type = 'scalar')"
    )


def _functions(which: str) -> frozenset[str]:
    """The names of DuckDB's functions that the end of a query picks."""
    with duckdb.connect(":memory:") as connection:
        found = connection.execute(f"select function_name from duckdb_functions() {which}").fetchall()
    return frozenset(row[0] for row in found)
