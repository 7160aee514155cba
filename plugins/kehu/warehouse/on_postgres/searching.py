"""Looks for a pattern in a whole database: its tables, and the statistics in which the server keeps frequent values."""

from __future__ import annotations

from kehu.quoting import sql_name, sql_text
from kehu.warehouse.on_postgres.folding import FOLDED
from kehu.warehouse.on_postgres.session import PostgresSession
from kehu.warehouse.protocol import TableSearch
from kehu.warehouse.searching import Tables, relations

_STATISTICS = """
    select count(*) from pg_stats
    where lower(coalesce(most_common_vals::text, '') || ' ; ' || coalesce(histogram_bounds::text, '')) ~ ?
"""


def search_database(session: PostgresSession, pattern: str) -> TableSearch:
    """Look for a regular expression, as ``FOLDED`` spells texts, in all tables that the session may read."""
    search = TableSearch()
    tables = Tables(session.rows, f"{FOLDED} ~ {sql_text(pattern)}", search)
    for schema, table, columns in relations(session.rows):
        tables.look_into(f"{sql_name(schema)}.{sql_name(table)}", columns, f"{schema}.{table}")
    if session.rows(_STATISTICS, [pattern])[0][0]:
        search.found_in.append("pg_statistic")
    return search
