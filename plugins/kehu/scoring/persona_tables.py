"""The tables into which personas are written: schema ``candidate_<release>_personas``, read by the marts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kehu.session import Session

PERSONA_TABLES: dict[str, str] = {
    "persona_centres": """
        persona varchar, measure varchar, place integer, trait_rank integer, label_rank integer,
        centre double precision, level double precision""",
    "persona_names": """
        persona varchar, label_en varchar, label_zh varchar, traits_en varchar, traits_zh varchar, reason_en varchar,
        reason_zh varchar, place integer, last_number integer""",
    "persona_choice": """
        persona_count integer, silhouette double precision, smallest_share double precision, is_chosen boolean""",
}
"""Columns of every table, as DDL that DuckDB and Postgres both read. ``centre`` is in standard deviations of this release,
``level`` on the scale of the measures, which the next release can compare. ``trait_rank`` counts the measures in which a
persona differs most, ``label_rank`` those that it is called by; ``last_number`` is the highest number ever given."""


def replace_personas(session: Session, schema: str, tables: Mapping[str, Sequence[Mapping[str, object]]]) -> None:
    """Make ``tables`` the whole content of a personas schema, in one transaction; a table not named is empty."""
    with session.transaction():
        session.execute(f"drop schema if exists {schema} cascade")
        session.execute(f"create schema {schema}")
        for name, columns in PERSONA_TABLES.items():
            session.execute(f"create table {schema}.{name} ({columns})")
            session.append(f"{schema}.{name}", _whole(tables.get(name, [])))


def _whole(rows: Sequence[Mapping[str, object]]) -> list[dict[str, object]]:
    """Rows that all have the same columns, null where a row has none: the first one decides which are written."""
    names = {name: None for row in rows for name in row}
    return [{**names, **row} for row in rows]
