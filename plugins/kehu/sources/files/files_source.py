"""A folder of files: one extract a file where the mode is append, one an entity else."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import duckdb

from kehu.entities import ENTITIES
from kehu.errors import SourceUnreadable
from kehu.landing.extract import Extract, Rows
from kehu.landing.ledger import Mode
from kehu.landing.redaction import without_values
from kehu.landing.workspace import Workspace, identifier, literal
from kehu.sources.broken_cells import without_broken
from kehu.sources.description import Description, described_mapping
from kehu.sources.expressions import check_query, columns_used, described
from kehu.sources.files.files_config import EntityConfig, FilesSourceConfig
from kehu.sources.files.located import SourceFile, find_default, find_files
from kehu.sources.files.reader import FileReader
from kehu.sources.mapping import Location, TableMapping, check_mapping, mapped_rows, mapping_of_nothing
from kehu.sources.tables import RESERVED, Table, as_text, empty_relation, union_all

_FORMAT = 3
"""Raised when the same file and mapping would land differently than before."""


class FilesSource:
    """The source of kind ``files``."""

    def __init__(self, config: FilesSourceConfig) -> None:
        self.config = config
        self.name = config.name
        self.entities = config.entity_names

    def extracts(self) -> Sequence[Extract]:
        """Find the files of every entity.

        Raises:
            SourceFileMissing: a file is not there; names the nearest.
        """
        found: list[Extract] = []
        for entity in self.entities:
            options = self.config.entities[entity]
            if options.query is not None:
                found.append(self._query(entity, options))
                continue
            files = self._files(entity, options.file)
            groups = [[file] for file in files] if options.mode == "append" else [files]
            found += [
                MappedFiles(self.name, entity, options, self.config.timezone, tuple(group), options.mode == "append")
                for group in groups
            ]
        return found

    def _query(self, entity: str, options: EntityConfig) -> QueriedFiles:
        tables = {name: self._files(entity, pattern) for name, pattern in sorted((options.files or {}).items())}
        files = tuple(file for name in tables for file in tables[name])
        owners = tuple(name for name in tables for _ in tables[name])
        return QueriedFiles(self.name, entity, options, self.config.timezone, files, False, owners)

    def _files(self, entity: str, pattern: str | None) -> list[SourceFile]:
        folder = self.config.path
        if pattern is None:
            return find_default(folder, self.name, entity)
        return find_files(folder, pattern, self.name, entity)


@dataclass(frozen=True)
class _FileExtract:
    """What both kinds of extracts from files have in common."""

    source: str
    entity: str
    options: EntityConfig
    timezone: str
    files: tuple[SourceFile, ...]
    per_file: bool

    @property
    def always_read(self) -> bool:
        """Bytes tell whether anything is new."""
        return False

    @property
    def paths(self) -> tuple[Path, ...]:
        """Where the files are."""
        return tuple(file.path for file in self.files)

    @property
    def mode(self) -> Mode:
        """What the batch replaces."""
        return self.options.mode

    @property
    def window_column(self) -> str | None:
        """The column whose days a window batch replaces."""
        return self.options.window_column

    @property
    def file(self) -> str:
        """The file, or all of them."""
        names = sorted({file.name for file in self.files})
        return names[0] if len(names) == 1 else (self.options.file or ", ".join(names))

    @cached_property
    def fingerprint(self) -> str:
        """Bytes and names of the files, mapping, time zone, canonical columns."""
        stamps = self._stamps
        content = [(file.name, file.content_hash()) for file in self.files]
        mapping = self.options.model_dump(mode="json", exclude_unset=True)
        identity = [_FORMAT, content, mapping, self.timezone, ENTITIES[self.entity].column_names]
        if stamps != self._now():
            raise SourceUnreadable(
                "the file changed while it was read", fix="ingest again when nobody writes to it", file=self.file
            )
        return hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()

    @cached_property
    def readers(self) -> tuple[FileReader, ...]:
        """One reader a file."""
        return tuple(FileReader(file, self.options) for file in self.files)

    @cached_property
    def _stamps(self) -> list[tuple[int, int, int]]:
        return self._now()

    def _now(self) -> list[tuple[int, int, int]]:
        return [file.stamp() for file in self.files]

    def _is_unchanged(self) -> bool:
        return self._stamps == self._now()

    def _location(self, file: str, suspicion: Callable[[], str] = str) -> Location:
        return Location(self.source, self.entity, file, suspicion=suspicion)


@dataclass(frozen=True)
class MappedFiles(_FileExtract):
    """Files whose columns are mapped, each on its own; their rows are one batch."""

    def inspect(self, work: Workspace) -> None:
        """Check header and mapping of every file."""
        for reader in self.readers:
            self._mapping(work, reader)

    def describe(self, work: Workspace) -> Description:
        """The files, and what is mapped nowhere."""
        names = [reader.describe() for reader in self.readers]
        return described_mapping("file", names, [self._mapping(work, reader) for reader in self.readers])

    def _mapping(self, work: Workspace, reader: FileReader) -> TableMapping:
        """The checked mapping of one file; a file of JSON lines without any has no columns to hold it against."""
        columns = reader.columns(work)
        if not columns:
            return mapping_of_nothing(self.options, self.entity)
        return check_mapping(work, self.options, columns, self._location(reader.file.name, reader.suspicion))

    def rows(self, work: Workspace) -> Rows:
        """The rows of all files."""
        pairs = [(self._mapping(work, reader), reader.table(work)) for reader in self.readers]
        has_sql = self.options.where is not None or any(mapping.expressions for mapping, _ in pairs)
        rows = self._union([mapped_rows(mapping, table) for mapping, table in pairs])
        if not has_sql:
            return rows
        return replace(rows, guarded=lambda: self._union([mapped_rows(m, table, guarded=True) for m, table in pairs]))

    def _union(self, parts: Sequence[Rows]) -> Rows:
        delivered = {name for part in parts for name in part.delivered}
        rejects = [part.rejects for part in parts if part.rejects]
        return Rows(
            accepted=union_all(part.accepted for part in parts),
            delivered=tuple(name for name in ENTITIES[self.entity].column_names if name in delivered),
            rejects=union_all(rejects) if rejects else None,
            is_unchanged=self._is_unchanged,
        )


@dataclass(frozen=True)
class QueriedFiles(_FileExtract):
    """Files that one query turns into an entity; ``owners`` names the table of each file."""

    owners: tuple[str, ...]

    def inspect(self, work: Workspace) -> None:
        """Check that the query is one, binds to the files' columns, and delivers what the entity needs."""
        facts = {**self._location(self.file).facts(), "key": "query"}
        check_query(work, self._sql, **facts)
        self._show(work, {name: union_all(map(empty_relation, columns)) for name, columns in self._columns(work)})
        self._mapping(work, described(work, self._sql, **facts))

    def describe(self, work: Workspace) -> Description:
        """The files, and what the query gives and nothing takes."""
        mapping = self._mapping(work, described(work, self._sql, **self._location(self.file).facts()))
        return described_mapping("file", [reader.describe() for reader in self.readers], [mapping])

    def rows(self, work: Workspace) -> Rows:
        """Run the query once, into a scratch file."""
        self._show(work, {name: union_all(map(_visible, tables)) for name, tables in self._tables(work)})
        columns = self._result(described(work, self._sql, **self._location(self.file).facts()))
        selected = [f"{as_text(identifier(name), kind)} as {identifier(name)}" for name, kind in columns.items()]
        scratch = literal(str(work.new_file(".parquet")))
        try:
            work.connection.execute(
                f"copy (select {', '.join(selected)} from (\n{self._sql}\n)) to {scratch} (format parquet)"
            )
        except duckdb.Error as error:
            raise SourceUnreadable(
                "the query fails on the rows of the files",
                fix="correct it; try_cast does not fail on a value that is no number or date",
                **self._location(self.file).facts(),
                duckdb=without_values(error),
            ) from None
        names = ", ".join(identifier(name) for name in columns)
        table = Table(
            f"select {names}, file_row_number + 1 as _row_number, {literal(self._result_name)} as _file"
            f" from read_parquet({scratch}, file_row_number = true)",
            dict.fromkeys(columns, "VARCHAR"),
            rejects=self._rejects(work),
        )
        return replace(mapped_rows(self._mapping(work, columns), table), is_unchanged=self._is_unchanged)

    @property
    def _sql(self) -> str:
        return str(self.options.query).strip().rstrip(";")

    @property
    def _result_name(self) -> str:
        """What ``_file`` says of a row: its number is not that of a line, and must not be taken for a reject's."""
        return f"query over {self.file}"

    def _mapping(self, work: Workspace, columns: dict[str, str]) -> TableMapping:
        """The query's result already has canonical names."""
        return check_mapping(work, EntityConfig(), self._result(columns), self._location(self.file))

    def _result(self, columns: dict[str, str]) -> dict[str, str]:
        return {name: kind for name, kind in columns.items() if name not in RESERVED}

    def _columns(self, work: Workspace) -> list[tuple[str, list[dict[str, str]]]]:
        return [(name, [reader.columns(work) for reader in readers]) for name, readers in self._by_owner()]

    def _tables(self, work: Workspace) -> list[tuple[str, list[Table]]]:
        return [(name, [self._table(work, reader) for reader in readers]) for name, readers in self._by_owner()]

    def _table(self, work: Workspace, reader: FileReader) -> Table:
        table = reader.table(work)
        return without_broken(table, columns_used(work, self._sql, table.columns))

    def _by_owner(self) -> list[tuple[str, list[FileReader]]]:
        pairs = list(zip(self.owners, self.readers, strict=True))
        return [(name, [reader for owner, reader in pairs if owner == name]) for name in sorted(set(self.owners))]

    def _show(self, work: Workspace, relations: dict[str, str]) -> None:
        for name, relation in relations.items():
            work.connection.execute(f"create or replace temp view {identifier(name)} as {relation}")

    def _rejects(self, work: Workspace) -> str | None:
        """Those of every file, once, however many tables it is."""
        once = {reader.file.name: reader for reader in self.readers}
        rejects = [table.rejects for reader in once.values() if (table := self._table(work, reader)).rejects]
        return union_all(rejects) if rejects else None


def _visible(table: Table) -> str:
    columns = [*map(identifier, table.columns), *RESERVED]
    return f"select {', '.join(columns)} from ({table.relation})"
