"""Erasure in releases on DuckDB: the file is copied into a fresh one without the person, which then takes its place.

A fresh file has no free pages in which old rows could be found. The new one takes the name by a rename: who reads the old one
reads on until opening it again. The manifest comes last, so that a release that says it has been through an erasure has been.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
from pydantic import ValidationError

from kehu.erasure.ledger import ErasureLedger
from kehu.erasure.rewriting import (
    Replacement,
    is_personal,
    may_name_a_person,
    rewritten_columns,
    rewritten_manifest,
    touched_rows,
)
from kehu.erasure.rows import KEYS, prepare
from kehu.files.durable import fsync_path, replace_durably
from kehu.files.fault_points import step
from kehu.release.manifest import MANIFEST_FILE, QUALIFIED_FILE, RELEASE_FILE, SCHEMA, Manifest
from kehu.release.on_duckdb.checksums import summarise_tables
from kehu.release.on_duckdb.cleanup import temporary_folder
from kehu.release.on_duckdb.export import STORAGE_VERSION
from kehu.release.on_duckdb.reading import open_release, sql_name, sql_text
from kehu.settings import Settings

_COLUMNS = """
    select table_name, column_name, data_type from duckdb_columns()
    where database_name = 'kehu_release' and schema_name = ? order by table_name, column_index
"""
_FOUND = """
    select
        value,
        string_agg(coalesce(nullif(by_record.pseudonym, ''), by_email.token || '@erased.invalid', item), ',' order by place)
    from (
        select value, unnest(string_split(value, ',')) as item, generate_subscripts(string_split(value, ','), 1) as place
        from (select distinct {column} as value from {table} where {column} <> '')
    ) as items
    left join {keys} as by_record on by_record.hmac = kehu_hmac('record|' || trim(item))
    left join {keys} as by_email on by_email.hmac = kehu_hmac('email|' || lower(trim(item)))
    group by value having count(by_record.hmac) + count(by_email.hmac) > 0
"""
_FOUND_TEXTS = """
    select distinct {column}, null from {table}
    where list_contains(getvariable('kehu_erased_texts'), kehu_hmac('text|' || {column}))
"""
_COMMENTS = """
    select 'table ' || '{target}.' || '"' || table_name || '"', comment from duckdb_tables()
    where database_name = 'kehu_release' and schema_name = 'analytics' and comment is not null
    union all
    select 'column ' || '{target}.' || '"' || table_name || '"."' || column_name || '"', comment from duckdb_columns()
    where database_name = 'kehu_release' and schema_name = 'analytics' and comment is not null
"""
_TARGET = "erased_file"


def folders_behind(settings: Settings, erasures: tuple[str, ...]) -> list[tuple[Path, Manifest]]:
    """The folders of releases that have not been through all of these erasures, with what their manifests say."""
    found = []
    for file in sorted(settings.releases_dir.glob(f"r*/{MANIFEST_FILE}")):
        try:
            manifest = Manifest.model_validate_json(file.read_bytes())
        except ValidationError:
            continue
        if not set(erasures) <= set(manifest.erasures):
            found.append((file.parent, manifest))
    return found


def count_in_folders(settings: Settings, ledger: ErasureLedger) -> dict[str, dict[str, int]]:
    """The rows of each table of each release that would change."""
    counts = {}
    for folder, _ in folders_behind(settings, ledger.ids):
        with open_release(settings, folder) as release:
            prepare(release, ledger)
            counts[folder.name] = {
                table: _count(release, table, found) for table, _, found in _tables(release) if found
            }
    return counts


def erase_folders(settings: Settings, ledger: ErasureLedger) -> dict[str, dict[str, int]]:
    """Rewrite the file of every release that is behind; returns the rows that changed, by release and table."""
    changed = {}
    for folder, manifest in folders_behind(settings, ledger.ids):
        changed[folder.name] = _rewrite(settings, folder, manifest, ledger)
        step("erase:release_rewritten")
    return changed


def _rewrite(settings: Settings, folder: Path, manifest: Manifest, ledger: ErasureLedger) -> dict[str, int]:
    fresh = temporary_folder(settings, f"erasing-{folder.name}")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    try:
        counts = _copy(settings, folder, fresh, ledger)
        with open_release(settings, fresh) as release:
            tables = summarise_tables(release)
        size = (fresh / RELEASE_FILE).stat().st_size
        new = rewritten_manifest(settings, manifest, ledger, tables, size)
        (fresh / MANIFEST_FILE).write_text(new.model_dump_json(indent=2) + "\n", encoding="utf-8")
        for name in (RELEASE_FILE, MANIFEST_FILE):
            (fresh / name).chmod(0o444)
        os.link(fresh / RELEASE_FILE, fresh / QUALIFIED_FILE)
        for name in (RELEASE_FILE, QUALIFIED_FILE, MANIFEST_FILE):
            replace_durably(fresh / name, folder / name)
            step(f"erase:replaced_{name}")
        fsync_path(folder)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return counts


def _copy(settings: Settings, folder: Path, fresh: Path, ledger: ErasureLedger) -> dict[str, int]:
    counts = {}
    with open_release(settings, folder) as release:
        prepare(release, ledger)
        target = sql_text(str(fresh / RELEASE_FILE))
        release.execute(f"attach {target} as {_TARGET} (storage_version '{STORAGE_VERSION}')")
        release.execute(f"create schema {_TARGET}.{SCHEMA}")
        for table, names, found in _tables(release):
            if found:
                counts[table] = _count(release, table, found)
            replaced = [f"{sql} as {sql_name(name)}" for name, sql in rewritten_columns(table, names, found).items()]
            shape = f"* replace ({', '.join(replaced)})" if replaced else "*"
            name = sql_name(table)
            release.execute(
                f"create table {_TARGET}.{SCHEMA}.{name} as select {shape} from kehu_release.{SCHEMA}.{name}"
            )
        for place, comment in release.execute(_COMMENTS.format(target=f"{_TARGET}.{SCHEMA}")).fetchall():
            release.execute(f"comment on {place} is {sql_text(comment)}")
        release.execute(f"checkpoint {_TARGET}")
        release.execute(f"detach {_TARGET}")
    return counts


def _tables(release: duckdb.DuckDBPyConnection) -> Iterator[tuple[str, list[str], list[Replacement]]]:
    """Every table with its columns and what is to be replaced in it."""
    columns: dict[str, list[tuple[str, str]]] = {}
    for table, column, kind in release.execute(_COLUMNS, [SCHEMA]).fetchall():
        columns.setdefault(table, []).append((column, kind))
    for table, shape in columns.items():
        texts = [name for name, kind in shape if kind == "VARCHAR" and may_name_a_person(name)]
        found = [one for name in texts for one in _replacements(release, table, name)]
        yield table, [name for name, _ in shape], found


def _replacements(release: duckdb.DuckDBPyConnection, table: str, column: str) -> Iterator[Replacement]:
    names = {"table": f"kehu_release.{SCHEMA}.{sql_name(table)}", "column": sql_name(column), "keys": KEYS}
    for old, new in release.execute(_FOUND.format(**names)).fetchall():
        yield Replacement(column, old, new)
    if is_personal(table, column):
        for old, new in release.execute(_FOUND_TEXTS.format(**names)).fetchall():
            yield Replacement(column, old, new)


def _count(release: duckdb.DuckDBPyConnection, table: str, found: list[Replacement]) -> int:
    sql = f"select count(*) from kehu_release.{SCHEMA}.{sql_name(table)} where {touched_rows(found)}"
    return int(release.execute(sql).fetchall()[0][0])
