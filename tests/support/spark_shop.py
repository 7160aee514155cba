"""A shop that DuckDB has built, for Spark to build once more: what it is built from, handed over, and dbt upon it.

Landing and the ops metadata come as Parquet, and so do the scores and the personas: Python computes those between the features
and the marts, which is no matter of SQL. Everything that dbt builds is built on Spark.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import duckdb
import yaml

from kehu.settings import PROJECT_ROOT
from tests.support.spark_server import SESSION_SETTINGS

PROJECT = PROJECT_ROOT / "dbt_project"


def export(connection: duckdb.DuckDBPyConnection, folder: Path, schemas: Sequence[str]) -> None:
    """Write every relation of the schemas as ``<folder>/<schema>/<relation>.parquet``."""
    for schema in schemas:
        (folder / schema).mkdir(parents=True, exist_ok=True)
        for name in relations(connection, schema):
            connection.execute(f"""copy (select * from {schema}."{name}") to '{folder}/{schema}/{name}.parquet'""")


def relations(connection: duckdb.DuckDBPyConnection, schema: str) -> list[str]:
    """The relations of a schema of DuckDB."""
    sql = "select table_name from information_schema.tables where table_schema = ? order by table_name"
    return [name for (name,) in connection.execute(sql, [schema]).fetchall()]


def show(session: Any, folder: Path) -> None:
    """Make a table of every file that ``export`` has written, where it lies."""
    for schema in sorted(path for path in folder.iterdir() if path.is_dir()):
        session.sql(f"create schema if not exists {schema.name}")
        for file in sorted(schema.glob("*.parquet")):
            session.sql(f"create table {schema.name}.{file.stem} using parquet location '{file}'")


def build(
    url: str,
    folder: Path,
    variables: Mapping[str, object],
    *arguments: str,
    settings: Mapping[str, str] = MappingProxyType(SESSION_SETTINGS),
) -> str:
    """``dbt build`` over a session; returns what it printed.

    Args:
        settings: what the session is asked for.

    Raises:
        AssertionError: dbt failed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    output = {
        "type": "spark",
        "method": "session",
        "host": "NA",
        "schema": "work",
        "threads": 2,
        "server_side_parameters": dict(settings),
    }
    (folder / "profiles.yml").write_text(yaml.safe_dump({"kehu": {"target": "spark", "outputs": {"spark": output}}}))
    command = [str(Path(sys.executable).with_name("dbt")), "build", *arguments, "--vars", json.dumps(dict(variables))]
    command += ["--project-dir", str(PROJECT), "--profiles-dir", str(folder), "--target-path", str(folder / "target")]
    command += ["--log-path", str(folder / "logs"), "--no-use-colors"]
    environment = {**os.environ, "SPARK_REMOTE": url, "DBT_SEND_ANONYMOUS_USAGE_STATS": "false"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=folder, check=False)
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr[-5_000:]
    return done.stdout
