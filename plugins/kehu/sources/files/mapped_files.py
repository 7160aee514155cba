"""Files whose columns are mapped one by one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from kehu.entities import ENTITIES
from kehu.landing.extract import Rows
from kehu.landing.workspace import Workspace
from kehu.sources.description import Description, described_mapping
from kehu.sources.files.file_extract import FileExtract
from kehu.sources.files.reader import FileReader
from kehu.sources.mapping import TableMapping, check_mapping, mapped_rows, mapping_of_nothing
from kehu.sources.tables import union_all


@dataclass(frozen=True)
class MappedFiles(FileExtract):
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
