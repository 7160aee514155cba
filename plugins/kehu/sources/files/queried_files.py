"""Files that one query turns into an entity."""

from __future__ import annotations

from dataclasses import dataclass, replace

import duckdb

from kehu.errors import SourceUnreadable
from kehu.landing.extract import Rows
from kehu.landing.redaction import without_values
from kehu.landing.workspace import Workspace
from kehu.quoting import sql_name, sql_text
from kehu.sources.broken_cells import without_broken
from kehu.sources.description import Description, described_mapping
from kehu.sources.expressions import check_query, columns_used, described
from kehu.sources.files.file_extract import FileExtract
from kehu.sources.files.files_config import EntityConfig
from kehu.sources.files.reader import FileReader
from kehu.sources.mapping import TableMapping, check_mapping, mapped_rows
from kehu.sources.tables import RESERVED, Table, as_text, empty_relation, union_all


@dataclass(frozen=True)
class QueriedFiles(FileExtract):
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
        selected = [f"{as_text(sql_name(name), kind)} as {sql_name(name)}" for name, kind in columns.items()]
        scratch = sql_text(str(work.new_file(".parquet")))
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
        names = ", ".join(sql_name(name) for name in columns)
        table = Table(
            f"select {names}, file_row_number + 1 as _row_number, {sql_text(self._result_name)} as _file"
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
            work.connection.execute(f"create or replace temp view {sql_name(name)} as {relation}")

    def _rejects(self, work: Workspace) -> str | None:
        """Those of every file, once, however many tables it is."""
        once = {reader.file.name: reader for reader in self.readers}
        rejects = [table.rejects for reader in once.values() if (table := self._table(work, reader)).rejects]
        return union_all(rejects) if rejects else None


def _visible(table: Table) -> str:
    columns = [*map(sql_name, table.columns), *RESERVED]
    return f"select {', '.join(columns)} from ({table.relation})"
