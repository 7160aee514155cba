"""A release on DuckDB is written anew: its file is copied into a fresh one without somebody, which then takes its place.

A fresh file has no free pages in which old rows could be found. The new one takes the name by a rename: who reads the old one
reads on until opening it again. The manifest comes last, so that a release that says it has been through an erasure has been.
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterator
from pathlib import Path

from kehu.errors import ReleaseError
from kehu.files.durable import fsync_path, replace_durably
from kehu.files.fault_points import step
from kehu.quoting import sql_name, sql_text
from kehu.release.manifest import MANIFEST_FILE, RELEASE_FILE, SCHEMA, Manifest
from kehu.release.on_duckdb.checksums import summarise_tables
from kehu.release.on_duckdb.cleanup import temporary_folder
from kehu.release.on_duckdb.export import STORAGE_VERSION
from kehu.release.on_duckdb.older_releases import link_deprecated
from kehu.release.on_duckdb.reading import DuckDBRelease, named_damage, open_folder
from kehu.release.rewriting import Replacement, Rewriting, Rewritten, touched_rows
from kehu.settings import Settings

log = logging.getLogger(__name__)

_COMMENTS = """
    select 'table ' || '{target}.' || '"' || table_name || '"', comment from duckdb_tables()
    where database_name = 'kehu_release' and schema_name = 'analytics' and comment is not null
    union all
    select 'column ' || '{target}.' || '"' || table_name || '"."' || column_name || '"', comment from duckdb_columns()
    where database_name = 'kehu_release' and schema_name = 'analytics' and comment is not null
"""
_TARGET = "rewritten_file"


def count_in_folder(settings: Settings, folder: Path, by: Rewriting) -> dict[str, int]:
    """The rows of each table of a release that would change.

    Raises:
        ReleaseError: the release is damaged.
    """
    with open_folder(settings, folder) as release, named_damage(folder.name, whatever=True):
        by.begin(release)
        return {table: _count(release, table, found) for table, _, found in _tables(release, by) if found}


def count_in_all(settings: Settings, behind: list[Path], by: Rewriting) -> dict[str, dict[str, int]]:
    """The rows that would change, by release and table; a damaged release is named and left out."""
    counts = {}
    for folder in behind:
        try:
            counts[folder.name] = count_in_folder(settings, folder, by)
        except ReleaseError as error:
            log.warning("the release %s cannot be looked through: %s", folder.name, error)
    return counts


def rewrite_folder(settings: Settings, folder: Path, manifest: Manifest, by: Rewriting) -> dict[str, int]:
    """Write the file of a release anew; returns the rows that changed, by table.

    Raises:
        ReleaseError: the release is damaged; nothing of it has changed.
    """
    fresh = temporary_folder(settings, f"erasing-{folder.name}")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    try:
        with named_damage(folder.name, whatever=True):
            counts = _copy(settings, folder, fresh, by)
            with open_folder(settings, fresh) as release:
                tables = summarise_tables(release.connection)
        new = by.manifest(manifest, tables, (fresh / RELEASE_FILE).stat().st_size)
        (fresh / MANIFEST_FILE).write_text(new.model_dump_json(indent=2) + "\n", encoding="utf-8")
        for name in (RELEASE_FILE, MANIFEST_FILE):
            (fresh / name).chmod(0o444)
        replace_durably(fresh / RELEASE_FILE, folder / RELEASE_FILE)
        step(f"erase:replaced_{RELEASE_FILE}")
        # A release of the version before has files of these names, with all that was in it.
        link_deprecated(folder)
        step("erase:replaced_links")
        replace_durably(fresh / MANIFEST_FILE, folder / MANIFEST_FILE)
        step(f"erase:replaced_{MANIFEST_FILE}")
        fsync_path(folder)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return counts


def rewrite_all(settings: Settings, behind: list[tuple[Path, Manifest]], by: Rewriting) -> Rewritten:
    """Write every one of these releases anew; a damaged one is named and left."""
    done = Rewritten()
    for folder, manifest in behind:
        try:
            done.rows[folder.name] = rewrite_folder(settings, folder, manifest, by)
        except ReleaseError as error:
            log.warning("nobody can be taken out of the release %s: %s", folder.name, error)
            done.unreadable.append(folder.name)
        step("erase:release_rewritten")
    return done


def _copy(settings: Settings, folder: Path, fresh: Path, by: Rewriting) -> dict[str, int]:
    counts = {}
    with open_folder(settings, folder) as release:
        by.begin(release)
        connection = release.connection
        target = sql_text(str(fresh / RELEASE_FILE))
        connection.execute(f"attach {target} as {_TARGET} (storage_version '{STORAGE_VERSION}')")
        connection.execute(f"create schema {_TARGET}.{SCHEMA}")
        for table, names, found in _tables(release, by):
            if found:
                counts[table] = _count(release, table, found)
            replaced = [f"{sql} as {sql_name(name)}" for name, sql in by.columns(table, names, found).items()]
            shape = f"* replace ({', '.join(replaced)})" if replaced else "*"
            name = f"{_TARGET}.{SCHEMA}.{sql_name(table)}"
            connection.execute(f"create table {name} as select {shape} from {_relation(table)}")
        for place, comment in connection.execute(_COMMENTS.format(target=f"{_TARGET}.{SCHEMA}")).fetchall():
            connection.execute(f"comment on {place} is {sql_text(comment)}")
        connection.execute(f"checkpoint {_TARGET}")
        connection.execute(f"detach {_TARGET}")
    return counts


def _tables(release: DuckDBRelease, by: Rewriting) -> Iterator[tuple[str, list[str], list[Replacement]]]:
    """Every table with its columns and what is to be replaced in it."""
    for table, shape in release.columns().items():
        texts = [name for name, kind in shape.items() if kind == "VARCHAR"]
        found = [one for name in texts for one in by.replacements(release, _relation(table), table, name)]
        yield table, list(shape), found


def _count(release: DuckDBRelease, table: str, found: list[Replacement]) -> int:
    return int(release.rows(f"select count(*) from {_relation(table)} where {touched_rows(found)}")[0][0])


def _relation(table: str) -> str:
    return f"kehu_release.{SCHEMA}.{sql_name(table)}"
