"""One day of an export: when it is rewritten, its former rows are withdrawn, never added to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from kehu.errors import MappedColumnMissing
from kehu.landing.workspace import Workspace
from kehu.quoting import sql_name, sql_text
from kehu.sources.description import Description
from kehu.sources.files.queried_files import QueriedFiles
from kehu.sources.files.reader import FileReader
from kehu.sources.ga4.avro_reader import read_avro
from kehu.sources.ga4.ga4_query import LISTS, OBJECTS, QUERY, REQUIRED, TEXTS, listed
from kehu.sources.tables import Table, union_all

EXPORT = "export"


@dataclass(frozen=True)
class Ga4Day(QueriedFiles):
    """The files of one day; ``label`` is what it is called, ``events`` which of them land."""

    label: str
    events: tuple[str, ...]
    _avro: dict[str, Table] = field(default_factory=dict, compare=False)

    @property
    def file(self) -> str:
        """The day, whatever its files are called: a rewritten one takes its place."""
        return self.label

    def describe(self, work: Workspace) -> Description:  # noqa: ARG002 - the columns of an export are known
        """The files."""
        return Description("file", tuple(file.name for file in self.files))

    def _mapping_identity(self) -> object:
        return [QUERY, list(self.events)]

    @property
    def _sql(self) -> str:
        return QUERY.strip()

    def _columns(self, work: Workspace) -> list[tuple[str, list[dict[str, str]]]]:
        for reader in self.readers:
            self._check(reader, self._delivered(work, reader).columns)
        kinds = {**dict.fromkeys(TEXTS, "VARCHAR"), **dict.fromkeys(LISTS, "JSON[]"), **dict.fromkeys(OBJECTS, "JSON")}
        return [(EXPORT, [kinds])]

    def _table(self, work: Workspace, reader: FileReader) -> Table:
        table = self._delivered(work, reader)
        selected = [f"{_value(table, name)} as {sql_name(name)}" for name in (*TEXTS, *LISTS, *OBJECTS)]
        relation = f"select {', '.join(selected)}, _row_number, _file from ({table.relation})"
        if self.events:
            relation = f"from ({relation}) where event_name in ({', '.join(map(sql_text, self.events))})"
        kinds = {**dict.fromkeys(TEXTS, "VARCHAR"), **dict.fromkeys(LISTS, "JSON[]"), **dict.fromkeys(OBJECTS, "JSON")}
        return replace(table, relation=relation, columns=kinds, texts={})

    def _delivered(self, work: Workspace, reader: FileReader) -> Table:
        """The file as it is."""
        if reader.file.format != "avro":
            return reader.table(work)
        if reader.file.name not in self._avro:
            self._avro[reader.file.name] = read_avro(work, reader.file)
        return self._avro[reader.file.name]

    def _check(self, reader: FileReader, columns: Iterable[str]) -> None:
        columns = list(columns)
        missing = [name for name in REQUIRED if name not in columns]
        if columns and missing:
            raise MappedColumnMissing(
                "the file does not have a column that every export of Google Analytics 4 has",
                fix="export the tables events_… of BigQuery whole",
                source=self.source,
                file=reader.file.name,
                column=missing[0],
            )

    def _rejects(self, work: Workspace) -> str | None:
        rejects = [table.rejects for reader in self.readers if (table := self._delivered(work, reader)).rejects]
        return union_all(rejects) if rejects else None


def _value(table: Table, name: str) -> str:
    if name not in table.columns:
        return f"null::{'VARCHAR' if name in TEXTS else 'JSON[]' if name in LISTS else 'JSON'}"
    text = table.text(name)
    if name in LISTS:
        return listed(text)
    return f"{text}::json" if name in OBJECTS else text
