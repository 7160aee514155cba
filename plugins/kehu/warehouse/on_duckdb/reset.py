"""Empties the working DuckDB file of everything that the landing zone gives back: the books are copied into a fresh file."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import duckdb

from kehu.files.durable import replace_durably
from kehu.ops.tables import OPS_TABLES, SCHEMAS, STATE_TABLES
from kehu.warehouse.on_duckdb.duckdb_backend import DuckDBWarehouse


def reset_duckdb(warehouse: DuckDBWarehouse) -> None:
    """Make a file that holds the books alone and put it into the place of the old one, in one step.

    A fresh file, because deleting rows leaves them in free pages. Call it under the warehouse lock.
    """
    if not warehouse.path.exists():
        return
    with warehouse.session() as session:
        # Makes the books that an older version did not have, and empties the write-ahead log.
        session.settle()
    fresh = warehouse.path.with_name(f".{warehouse.path.name}.erasing.tmp")
    for leftover in (fresh, fresh.with_name(f"{fresh.name}.wal")):
        leftover.unlink(missing_ok=True)
    _copy_books(warehouse, fresh)
    replace_durably(fresh, warehouse.path)
    warehouse.path.with_name(f"{warehouse.path.name}.wal").unlink(missing_ok=True)
    shutil.rmtree(str(warehouse.config()["temp_directory"]), ignore_errors=True)


def _copy_books(warehouse: DuckDBWarehouse, fresh: Path) -> None:
    connection = duckdb.connect(config=warehouse.config())
    try:
        connection.execute(f"attach {_literal(warehouse.path)} as old (read_only)")
        connection.execute(f"attach {_literal(fresh)} as fresh")
        for schema in SCHEMAS:
            connection.execute(f"create schema fresh.{schema}")
        for table, columns in OPS_TABLES.items():
            connection.execute(f"create table fresh.ops.{table} ({columns})")
            if table not in STATE_TABLES:
                connection.execute(f"insert into fresh.ops.{table} by name select * from old.ops.{table}")
        connection.execute("checkpoint fresh")
    finally:
        connection.close()


def _literal(path: Path) -> str:
    return "'" + os.fspath(path).replace("'", "''") + "'"
