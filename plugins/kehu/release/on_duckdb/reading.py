"""Opening the file of a release: read-only, without a trace beside it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from kehu.errors import ReleaseError
from kehu.release.manifest import RELEASE_FILE, SCHEMA, read_manifest
from kehu.settings import Settings


def sql_text(text: str) -> str:
    """The text as an SQL literal, for statements that take no parameters."""
    return "'" + text.replace("'", "''") + "'"


def sql_name(name: str) -> str:
    """The name as a quoted SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


@contextmanager
def open_release(settings: Settings, folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A read-only view of the file in a release folder, in which ``analytics.release`` means what it says.

    The file is attached under another name than its own: see ``manifest.RELEASE_FILE``.

    Raises:
        ReleaseError: the file cannot be opened, or holds no release.
    """
    spill = settings.warehouse_path.parent / "spill"
    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": settings.memory_limit,
        "threads": settings.threads,
        "temp_directory": str(spill),
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }
    connection = duckdb.connect(config=config)
    try:
        connection.execute(f"attach {sql_text(str(folder / RELEASE_FILE))} as kehu_release (read_only)")
        connection.execute("use kehu_release.analytics")
        connection.execute("set TimeZone = 'UTC'")
    except duckdb.Error as error:
        connection.close()
        raise ReleaseError(
            "the file of the release cannot be opened",
            fix="restore its folder from a backup, or roll back to another release",
            release=folder.name,
            cause=str(error).splitlines()[0],
        ) from error
    try:
        yield connection
    finally:
        connection.close()


def verify(settings: Settings, folder: Path) -> None:
    """See that the file of a release opens and has the tables and rows of its manifest (a look at metadata only).

    Raises:
        ReleaseError: it does not; BI must not be pointed at it.
    """
    expected = {name: table.rows for name, table in read_manifest(folder).tables.items()}
    with open_release(settings, folder) as connection:
        names = [row[0] for row in connection.execute(_TABLES, [SCHEMA]).fetchall()]
        found = {name: connection.execute(f'select count(*) from "{name}"').fetchall()[0][0] for name in names}
    if found != expected:
        wrong = sorted(name for name in expected.keys() | found.keys() if expected.get(name) != found.get(name))
        raise ReleaseError(
            "the file of the release does not hold what its manifest says",
            fix="restore its folder from a backup, or roll back to another release",
            release=folder.name,
            tables=wrong,
        )


_TABLES = "select table_name from information_schema.tables where table_schema = ? order by table_name"
