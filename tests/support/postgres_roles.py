"""A shop whose published tables hold personal columns, on a database with the roles of `kehu warehouse init`."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import psycopg2
from psycopg2.extensions import make_dsn

from kehu.ops.tables import candidate_schema
from kehu.settings import Settings
from kehu.warehouse.factory import open_warehouse
from kehu.warehouse.on_postgres.roles import WORKERS
from tests.support.postgres_server import Databases
from tests.unit.release.candidates import add_candidate, check_again

LOGIN = f"kehu_test_login_{os.getpid()}"
BI = f"kehu_test_bi_{os.getpid()}"
PII = f"{BI}_pii"
OWN_ROLES = (LOGIN, BI, PII)
CUSTOMERS = 3

PEOPLE = {
    "customer_id": "'shop:' || i",
    "full_name": "'Somebody ' || i",
    "email": "case when i > 1 then 'somebody' || i || '@example.com' end",
    "contact_line": "cast('+49 30 000' || i as varchar(40))",
    "birth_date": "date '1990-01-01' + cast(i as integer)",
    "income": "cast(i * 1000.5 as decimal(12, 2))",
    "city": "'Berlin'",
}
"""Columns of the mart `people` by their SQL: two are personal by their tag, three by their name."""
TAGGED = ("contact_line", "income")
WHOLE = [
    (
        f"shop:{i}",
        f"Somebody {i}",
        f"somebody{i}@example.com" if i > 1 else None,
        f"+49 30 000{i}",
        date(1990, 1, 1) + timedelta(days=i),
        Decimal("1000.50") * i,
        "Berlin",
    )
    for i in range(1, CUSTOMERS + 1)
]
MASKED = [(row[0], "***", row[2] and "***", "***", None, None, "Berlin") for row in WHOLE]
"""The rows of `people` in the order of their ids, as they are and as most readers see them."""


def add_people(settings: Settings, name: str, factor: int = 1) -> str:
    """A gated candidate with a table of people, and dbt's manifest of it, which describes and tags."""
    add_candidate(settings, name, customers=CUSTOMERS, factor=factor)
    schema = candidate_schema(name)
    columns = ", ".join(f"{sql} as {column}" for column, sql in PEOPLE.items())
    with open_warehouse(settings).session() as session:
        rows = f"from generate_series(1, {CUSTOMERS}) as numbers(i)"
        session.execute(f"create table {schema}.people as select {columns}, {factor} as factor {rows}")
        check_again(session, name)
    target = settings.runs_dir / name / "candidate" / "attempt_1" / "target"
    target.mkdir(parents=True)
    (target / "manifest.json").write_text(json.dumps(_manifest(schema)))
    return name


def _manifest(schema: str) -> dict[str, Any]:
    columns = {
        name: {
            "name": name,
            "data_type": "varchar",
            "description": f"What {name} says.",
            "config": {"meta": {"personal": True} if name in TAGGED else {}},
        }
        for name in PEOPLE
    }
    people = {"resource_type": "model", "schema": schema, "name": "people", "description": "Who.", "columns": columns}
    return {"nodes": {"model.kehu.people": people}}


@contextmanager
def connected(dsn: str, **more: str) -> Iterator[Any]:
    """A function that runs one statement on a connection of its own and returns its rows."""
    with closing(psycopg2.connect(make_dsn(dsn, **more))) as connection:
        connection.autocommit = True

        def run(sql: str, parameters: Sequence[object] | None = None) -> list[tuple[Any, ...]]:
            with connection.cursor() as cursor:
                cursor.execute(sql, parameters)
                return cursor.fetchall() if cursor.description else []

        yield run


def database_of(settings: Settings) -> dict[str, str]:
    """Where a database is, without who logs in."""
    assert settings.warehouse_dsn is not None
    parsed: dict[str, str] = psycopg2.extensions.parse_dsn(settings.warehouse_dsn.get_secret_value())
    return {name: value for name, value in parsed.items() if name not in ("user", "password")}


@contextmanager
def clean_roles(databases: Databases, *more: str) -> Iterator[None]:
    """Drop the roles that the tests make, before and after; those that the server had stay."""
    with connected(databases.admin) as run:
        had = {name for (name,) in run("select rolname from pg_roles")}
    try:
        yield
    finally:
        with connected(databases.admin) as run:
            mine = [name for (name,) in run("select rolname from pg_roles") if name not in had]
            mine = [name for name in mine if name in (*WORKERS, *OWN_ROLES, *more)]
            names = run("select datname from pg_database where datname like 'kehu\\_test\\_%'")
            for (name,) in names if mine else ():
                with connected(databases.admin, dbname=name) as inside:
                    for role in mine:
                        inside(f"reassign owned by {role} to current_user")
                        inside(f"drop owned by {role}")
            for name in mine:
                run(f"drop role {name}")
