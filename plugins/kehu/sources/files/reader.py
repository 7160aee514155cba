"""One file, opened once, whatever its format."""

from __future__ import annotations

from kehu.errors import ConfigurationError
from kehu.landing.workspace import Workspace
from kehu.sources.files.charsets import check_archive
from kehu.sources.files.contents import check_contents
from kehu.sources.files.csv_reader import read_csv
from kehu.sources.files.csv_shape import CsvShape, TextOptions, shape_of
from kehu.sources.files.excel_reader import read_excel
from kehu.sources.files.excel_sheet import Sheet, open_sheet
from kehu.sources.files.files_config import EntityConfig
from kehu.sources.files.json_reader import read_json_lines
from kehu.sources.files.located import SourceFile
from kehu.sources.files.parquet_reader import read_parquet
from kehu.sources.tables import Table

_TEXT = ("csv", "tsv")


class FileReader:
    """A file of a source; remembers what it has read within one workspace."""

    def __init__(self, file: SourceFile, options: EntityConfig) -> None:
        self.file = file
        self.options = options
        self._shape: CsvShape | None = None
        self._sheet: Sheet | None = None
        self._table: Table | None = None

    def columns(self, work: Workspace) -> dict[str, str]:
        """The file's columns and their types, as cheaply as the format allows.

        Raises:
            SourceUnreadable: the file is not what its ending says.
        """
        if self.file.format in _TEXT:
            return dict.fromkeys(self.shape().columns, "VARCHAR")
        return self.table(work).columns

    def suspicion(self) -> str:
        """What to add to the fix of a column that is not there: the header may not be where it was looked for."""
        if self.file.format in _TEXT:
            return self.shape().suspicion
        if self.file.format == "xlsx":
            others = ", ".join(self._opened_sheet().others)
            read = f"; the sheet {self._opened_sheet().name} was read"
            return (
                f"{read}, there is also: {others} (sheet:)" if others else read
            ) + "; skip: leaves out rows before the header"
        return ""

    def shape(self) -> CsvShape:
        """Encoding, delimiter and header of a CSV or TSV file."""
        if self._shape is None:
            check_contents(self.file)
            options = self.options
            self._shape = shape_of(
                self.file,
                TextOptions(options.encoding, options.delimiter, options.lines_before_header, options.comment),
            )
        return self._shape

    def describe(self) -> str:
        """The file's name, with what was found out of how to read it."""
        if self.file.format == "xlsx":
            sheet = self._opened_sheet()
            others = f"; not read: {', '.join(sheet.others)}" if sheet.others else ""
            return f"{self.file.name} (sheet {sheet.name!r}{others})"
        if self.file.format not in _TEXT:
            return self.file.name
        shape = self.shape()
        left_out = f", {shape.leading_lines} lines before the header left out" if shape.leading_lines else ""
        return f"{self.file.name} ({shape.encoding}, delimiter {shape.delimiter!r}{left_out})"

    def table(self, work: Workspace) -> Table:
        """The file as a relation, its rejects known.

        Raises:
            SourceUnreadable: the file is not what its ending says.
        """
        if self._table is None:
            check_contents(self.file)
            self._check_options()
            check_archive(self.file)
            self._table = self._read(work)
        return self._table

    def _read(self, work: Workspace) -> Table:
        match self.file.format:
            case "parquet":
                return read_parquet(work, self.file)
            case "jsonl":
                return read_json_lines(work, self.file, self.options.encoding)
            case "xlsx":
                return read_excel(work, self._opened_sheet(), self.options.lines_before_header)
            case _:
                return read_csv(work, self.file, self.shape())

    def _opened_sheet(self) -> Sheet:
        if self._sheet is None:
            self._sheet = open_sheet(self.file, self.options.sheet)
        return self._sheet

    def _check_options(self) -> None:
        """What says where a header is means nothing in a format that has none."""
        if self.file.format in (*_TEXT, "xlsx"):
            return
        for key in ("skip", "header_row", "comment"):
            if getattr(self.options, key):
                raise ConfigurationError(
                    f"{key} says where the header is, and a file of this format has none",
                    fix=f"remove {key}",
                    file=self.file.name,
                    key=key,
                )
