"""Personal columns of a release: whole in a schema of their own, masked in the view that stands where the table stood.

Both readers ask the same columns of the same names. Who may use the schema of the whole values sees them, everybody else a
mask: `***` in place of a text, nothing in place of anything else. A mask holds nothing of the value, so nobody can guess
their way back to it; it does show whether there is a text at all.

The view filters nothing, so there is no row that a function pushed below it could see too early: no security barrier, which
would keep the reader's conditions from the scan.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from psycopg2 import sql

from kehu.warehouse.on_postgres.release_schemas import PUBLISHED, schema_of_personal, schema_of_release
from kehu.warehouse.on_postgres.session import PostgresSession

MASK = "***"
_TABLES = """
    select relname, obj_description(pg_class.oid, 'pg_class')
    from pg_class inner join pg_namespace on pg_namespace.oid = pg_class.relnamespace
    where pg_namespace.nspname = ? and pg_class.relkind = 'r' order by relname
"""
_SHAPE = """
    select attname, format_type(atttypid, atttypmod), atttypid::regtype::text, col_description(attrelid, attnum)
    from pg_attribute where attrelid = to_regclass(?) and attnum > 0 and not attisdropped order by attnum
"""
Shape = list[tuple[str, str, str, str | None]]
"""Name, type, type without its length, and description of each column."""
_TEXTS = ("character varying", "text")


def mask_release(
    session: PostgresSession, release_id: str, tagged: Mapping[str, Collection[str]], names: Collection[str]
) -> list[str]:
    """Put masked views in place of the tables of a release that have personal columns; call it in a transaction.

    Tables that are views already are left as they are.

    Args:
        tagged: the personal columns by table.
        names: columns that are personal in whatever table they are.

    Returns:
        The tables that are views now and were not before.
    """
    schema = schema_of_release(release_id)
    if not session.rows("select 1 from pg_namespace where nspname = ?", [schema]):
        schema = PUBLISHED
    private = schema_of_personal(release_id)
    masked = []
    for table, description in session.rows(_TABLES, [schema]):
        shape: Shape = session.rows(_SHAPE, [f'"{schema}"."{table}"'])
        personal = {column for column, *_ in shape if column in names or column in tagged.get(table, ())}
        if personal:
            columns = [
                _masked(private, column, kind, base) if column in personal else sql.Identifier(column)
                for column, kind, base, _ in shape
            ]
            _mask(session, sql.Identifier(schema, table), sql.Identifier(private, table), columns)
            _describe(session, schema, table, description, shape)
            masked.append(table)
    return masked


def _mask(
    session: PostgresSession, place: sql.Identifier, whole: sql.Identifier, columns: list[sql.Composable]
) -> None:
    private = sql.Identifier(whole.strings[0])
    _run(session, sql.SQL("create schema if not exists {}").format(private))
    _run(session, sql.SQL("alter table {} set schema {}").format(place, private))
    listed = sql.SQL(", ").join(columns)
    _run(session, sql.SQL("create view {} as select {} from {}").format(place, listed, whole))


def _describe(session: PostgresSession, schema: str, table: str, description: str | None, shape: Shape) -> None:
    """Give the view the descriptions that the table has."""
    view = sql.Identifier(schema, table)
    _run(session, sql.SQL("comment on view {} is {}").format(view, sql.Literal(description)))
    for name, *_, text in shape:
        column = sql.Identifier(schema, table, name)
        _run(session, sql.SQL("comment on column {} is {}").format(column, sql.Literal(text)))


def _masked(private: str, name: str, kind: str, base: str) -> sql.Composable:
    """One column of the view: asked once a query, not once a row, who is asking."""
    may_see = "(select pg_catalog.has_schema_privilege({private}, 'usage'))"
    mask = "when {column} is not null then {mask}" if base in _TEXTS else ""
    return sql.SQL(f"cast(case when {may_see} then {{column}} {mask} end as {kind}) as {{column}}").format(
        private=sql.Literal(private), column=sql.Identifier(name), mask=sql.Literal(MASK)
    )


def _run(session: PostgresSession, statement: sql.Composed) -> None:
    session.execute(statement.as_string(session.connection))
