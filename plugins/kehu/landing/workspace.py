"""Where an extraction works: an in-memory DuckDB with bounded memory, and a scratch folder that no reader sees."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any

import duckdb

from kehu.errors import WarehouseBusy
from kehu.files.full_disk import naming_a_full_disk
from kehu.files.locks import exclusive
from kehu.quoting import sql_text
from kehu.settings import Settings

SCRATCH_FOLDER = "_tmp"


def duckdb_config(settings: Settings, spill: Path) -> dict[str, Any]:
    """DuckDB settings of every connection: bounded memory, a folder for what does not fit into it, nothing fetched."""
    return {
        "memory_limit": settings.memory_limit,
        "threads": settings.threads,
        "temp_directory": str(spill),
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }


class Workspace:
    """A DuckDB connection and a scratch folder of one extraction."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
        self.connection = connection
        self.folder = folder
        self.resources = ExitStack()
        """What is closed with the workspace: connections to a source, say."""
        self._made = 0

    def confine(self, files: Iterable[Path]) -> None:
        """From now on read these files and the scratch folder, and nothing else: SQL that others wrote is to run here.

        For good, since no setting can be changed any more. DuckDB wants what is allowed before all else is forbidden.
        """
        for name, paths in (("allowed_directories", [self.folder]), ("allowed_paths", sorted({*files}))):
            self.connection.execute(f"set {name} = [{', '.join(sql_text(str(path)) for path in paths)}]")
        self.connection.execute("set enable_external_access = false")
        self.connection.execute("set lock_configuration = true")

    def new_name(self, stem: str) -> str:
        """A name for a temporary table that nothing else has."""
        self._made += 1
        return f"{stem}_{self._made}"

    def new_file(self, suffix: str) -> Path:
        """A path in the scratch folder that nothing else has."""
        return self.folder / (self.new_name("scratch") + suffix)

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        """Fetch the few rows of a query."""
        return self.connection.execute(sql).fetchall()


@contextmanager
def workspace(settings: Settings, name: str) -> Iterator[Workspace]:
    """A workspace below the landing folder, so that renaming out of it is one atomic step; removed at the end.

    What a killed process left under the same name is removed first: the caller makes sure that no other process uses it.
    """
    folder = settings.landing_dir / SCRATCH_FOLDER / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    connection = duckdb.connect(":memory:", config=duckdb_config(settings, folder / "spill"))
    try:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute("set enable_progress_bar = false")
        work = Workspace(connection, folder)
        with naming_a_full_disk(f"the extraction of {name}"), work.resources:
            yield work
    finally:
        connection.close()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def shared_workspace(settings: Settings, name: str) -> Iterator[Workspace]:
    """A workspace under a name that several processes may use at once: each takes the first place that nobody holds."""
    with ExitStack() as held:
        for number in count(1):
            lock = settings.locks_dir / f"workspace-{name}-{number}.lock"
            with suppress(WarehouseBusy):
                held.enter_context(exclusive(lock, f"look at {name}", 0))
                break
        with workspace(settings, f"{name}.{number}") as work:
            yield work
