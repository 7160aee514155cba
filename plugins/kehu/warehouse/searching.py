"""Looks for a pattern in every column of every table that an engine can list; who asks says in which SQL."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from kehu.quoting import sql_name
from kehu.warehouse.protocol import TableSearch

_TEXT = "{text}"
_TABLES = """
    select table_schema, table_name, column_name from information_schema.columns
    where table_schema not in ('information_schema', 'pg_catalog', 'pg_toast') {condition}
    order by table_schema, table_name, ordinal_position
"""

Ask = Callable[[str], list[tuple]]


@dataclass(frozen=True)
class Tables:
    """The tables of one engine.

    Attributes:
        ask: runs a query.
        condition: says in the engine's SQL that ``{text}`` matches.
        search: what is counted and found.
    """

    ask: Ask
    condition: str
    search: TableSearch

    def look_into(self, relation: str, columns: Iterable[str], name: str) -> None:
        """Search one relation, which goes by ``name`` where something is found."""
        self.search.tables += 1
        # A separator that is no letter, so that an id at the end of a column stands alone.
        text = " || ' ; ' || ".join(f"coalesce(cast({sql_name(column)} as varchar), '')" for column in columns)
        if self.ask(f"select 1 from {relation} where {self.condition.replace(_TEXT, text)} limit 1"):
            self.search.found_in.append(name)


def relations(ask: Ask, condition: str = "") -> Iterator[tuple[str, str, list[str]]]:
    """Schema, name and columns of every table and view but the engine's own.

    Args:
        ask: runs a query.
        condition: narrows ``information_schema.columns``, beginning with ``and``.
    """
    columns: dict[tuple[str, str], list[str]] = {}
    for schema, table, column in ask(_TABLES.format(condition=condition)):
        columns.setdefault((schema, table), []).append(column)
    for (schema, table), names in columns.items():
        yield schema, table, names
