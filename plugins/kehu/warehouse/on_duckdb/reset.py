"""Empties the working DuckDB file of everything that the landing zone gives back: the run records go into a fresh file."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb

from kehu.files.durable import replace_durably
from kehu.files.fault_points import step
from kehu.ops.tables import OPS_TABLES, SCHEMAS, STATE_TABLES
from kehu.quoting import sql_text


def reset_file(path: Path, config: Mapping[str, Any]) -> None:
    """Make a file that holds the run records alone and put it into the place of the old one, in one step.

    A fresh file, because deleting rows leaves them in free pages. Call it under the warehouse lock, with nobody in the file and
    no write-ahead log beside it.

    Args:
        path: the working file.
        config: DuckDB settings of the connection.
    """
    fresh = path.with_name(f".{path.name}.erasing.tmp")
    for leftover in (fresh, fresh.with_name(f"{fresh.name}.wal")):
        leftover.unlink(missing_ok=True)
    _copy_records(path, fresh, config)
    replace_durably(fresh, path)
    path.with_name(f"{path.name}.wal").unlink(missing_ok=True)
    shutil.rmtree(str(config["temp_directory"]), ignore_errors=True)
    step("erase:file_replaced")


def _copy_records(path: Path, fresh: Path, config: Mapping[str, Any]) -> None:
    connection = duckdb.connect(config=dict(config))
    try:
        connection.execute(f"attach {sql_text(str(path))} as old (read_only)")
        connection.execute(f"attach {sql_text(str(fresh))} as fresh")
        for schema in SCHEMAS:
            connection.execute(f"create schema fresh.{schema}")
        for table, columns in OPS_TABLES.items():
            connection.execute(f"create table fresh.ops.{table} ({columns})")
            if table not in STATE_TABLES:
                connection.execute(f"insert into fresh.ops.{table} by name select * from old.ops.{table}")
        connection.execute("checkpoint fresh")
    finally:
        connection.close()
