"""The export of a tool under a ready mapping: columns found by what their headers mean, one query for each entity."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from kehu.errors import ConfigurationError, MappedColumnMissing
from kehu.landing.workspace import Workspace
from kehu.quoting import sql_name, sql_text
from kehu.sources.broken_cells import without_broken
from kehu.sources.column_names import folded, meant, names_to_show
from kehu.sources.description import Description
from kehu.sources.files.file_extract import NOT_OF_THE_READING
from kehu.sources.files.queried_files import QueriedFiles
from kehu.sources.files.reader import FileReader
from kehu.sources.files.ready_mapping import ReadyMapping
from kehu.sources.tables import Table, union_all

TABLE = "export"
_CUT_ID = r"\s*-?\d(\.\d+)?[eE]\+?\d+\s*"
_SHOWN = 12


@dataclass(frozen=True)
class ReadyFiles(QueriedFiles):
    """Files of one tool; ``ready`` says what their headers mean, and what becomes of them."""

    ready: ReadyMapping

    def _mapping_identity(self) -> object:
        options = self.options.model_dump(mode="json", exclude_unset=True, exclude={"mapping", *NOT_OF_THE_READING})
        columns = {name: list(headers) for name, headers in self.ready.columns.items()}
        return [options, columns, list(self.ready.ids), self.ready.entities[self.entity]]

    def describe(self, work: Workspace) -> Description:
        """The files, each with the headers that are neither read nor known: the tool may have changed its export."""
        return Description("file", tuple(self._described(work, reader) for reader in self.readers))

    def _described(self, work: Workspace, reader: FileReader) -> str:
        known = {folded(header) for header in self.ready.known}
        read = set(self._found(reader, reader.columns(work)).values())
        unknown = [name for name in reader.columns(work) if name not in read and folded(_first(name)) not in known]
        if not unknown:
            return reader.describe()
        more = f" and {len(unknown) - _SHOWN} more" if len(unknown) > _SHOWN else ""
        return f"{reader.describe()}; unknown headers, not read: {', '.join(unknown[:_SHOWN])}{more}"

    @property
    def _sql(self) -> str:
        return self.ready.entities[self.entity].strip().rstrip(";")

    def _columns(self, work: Workspace) -> list[tuple[str, list[dict[str, str]]]]:
        for reader in self.readers:
            self._found(reader, reader.columns(work))
        return [(TABLE, [dict.fromkeys(self.ready.columns, "VARCHAR")])]

    def _table(self, work: Workspace, reader: FileReader) -> Table:
        table = reader.table(work)
        found = self._found(reader, table.columns)
        return _aliased(without_broken(table, set(found.values())), self.ready, found)

    def _found(self, reader: FileReader, columns: Iterable[str]) -> dict[str, str]:
        """Plain name → the file's column.

        Raises:
            ConfigurationError: it is an export that is not enough.
            MappedColumnMissing: a column that is needed is not there; names the nearest.
        """
        columns = list(columns)
        self._refuse(reader, columns)
        given = {name: (header,) for name, header in self.options.headers.items()}
        wanted = {**self.ready.columns, **given}
        found = {}
        for name, headers in wanted.items():
            column = next((one[0] for header in headers if (one := meant(header, columns))), None)
            if column is not None:
                found[name] = column
            elif name in self.ready.required or name in given:
                raise self._missing(reader, name, headers, columns)
        return found

    def _refuse(self, reader: FileReader, columns: Sequence[str]) -> None:
        for refusal in self.ready.refuse:
            if all(meant(header, columns) for header in refusal.headers):
                raise ConfigurationError(
                    refusal.problem,
                    fix=refusal.fix,
                    **self._location(reader.file.name).facts(),
                    headers=list(refusal.headers),
                )

    def _missing(
        self, reader: FileReader, name: str, headers: Sequence[str], columns: Sequence[str]
    ) -> MappedColumnMissing:
        wanted = headers[0] if headers else name
        return MappedColumnMissing(
            "the export does not have a column that the mapping needs",
            fix=f"export it, or say under which header it is: headers: {{{name}: …}}{reader.suspicion()}",
            **self._location(reader.file.name).facts(),
            column=name,
            headers=list(headers),
            nearest=names_to_show(wanted, columns),
        )


def _aliased(table: Table, ready: ReadyMapping, found: dict[str, str]) -> Table:
    """The table under plain names, its values cleaned; what is not there is null. Rows with a cut id are rejects."""
    values = [
        f"{_clean(table.text(found[name])) if name in found else 'null'} as {sql_name(name)}" for name in ready.columns
    ]
    relation = f"select {', '.join(values)}, _row_number, _file from ({table.relation})"
    columns = dict.fromkeys(ready.columns, "VARCHAR")
    ids = [name for name in ready.ids if name in found]
    if not ids:
        return replace(table, relation=relation, columns=columns, texts={})
    is_cut = " or ".join(f"coalesce(regexp_full_match({sql_name(name)}, '{_CUT_ID}'), false)" for name in ids)
    pairs = ", ".join(f"{sql_text(name)}, {sql_name(name)}" for name in ready.columns)
    told = f"'an id of which a spreadsheet has cut digits: export anew, and open the file in nothing before: {', '.join(ids)}'"
    raw = f"json_object({pairs})::varchar as _raw"
    rejects = f"select _file, _row_number, {raw}, {told} as _error from ({relation}) where {is_cut}"
    return replace(
        table,
        relation=f"select * from ({relation}) where not ({is_cut})",
        columns=columns,
        texts={},
        rejects=union_all([table.rejects, rejects]) if table.rejects else rejects,
    )


def _clean(text: str) -> str:
    """A value without what spreadsheets put around it: ``="1001"``, a tab behind, an apostrophe before digits."""
    plain = rf"regexp_replace(regexp_replace({text}, '^\s*=\"(.*)\"\s*$', '\1', 's'), '^''([+\d])', '\1')"
    return rf"nullif(regexp_replace({plain}, '^\s+|\s+$', '', 'g'), '')"


def _first(name: str) -> str:
    """A header without the number that a second one of the same name gets."""
    stem, _, number = name.rpartition("_")
    return stem if number.isdigit() and stem else name
