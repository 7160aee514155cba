"""One file, opened once, whatever its format."""

from __future__ import annotations

from kehu.landing.workspace import Workspace
from kehu.sources.files.charsets import check_archive
from kehu.sources.files.csv_reader import read_csv
from kehu.sources.files.csv_shape import CsvShape, shape_of
from kehu.sources.files.excel_reader import read_excel
from kehu.sources.files.files_config import EntityConfig
from kehu.sources.files.json_reader import read_json_lines
from kehu.sources.files.located import SourceFile
from kehu.sources.files.parquet_reader import read_parquet
from kehu.sources.tables import Table


class FileReader:
    """A file of a source; remembers what it has read within one workspace."""

    def __init__(self, file: SourceFile, options: EntityConfig) -> None:
        self.file = file
        self.options = options
        self._shape: CsvShape | None = None
        self._table: Table | None = None

    def columns(self, work: Workspace) -> dict[str, str]:
        """The file's columns and their types, as cheaply as the format allows.

        Raises:
            SourceUnreadable: the file is not what its ending says.
        """
        if self.file.format in ("csv", "tsv"):
            return dict.fromkeys(self.shape().columns, "VARCHAR")
        return self.table(work).columns

    def shape(self) -> CsvShape:
        """Encoding, delimiter and header of a CSV or TSV file."""
        if self._shape is None:
            self._shape = shape_of(self.file, self.options.encoding, self.options.delimiter)
        return self._shape

    def describe(self) -> str:
        """The file's name, with encoding and delimiter where it is text."""
        if self.file.format not in ("csv", "tsv"):
            return self.file.name
        shape = self.shape()
        return f"{self.file.name} ({shape.encoding}, delimiter {shape.delimiter!r})"

    def table(self, work: Workspace) -> Table:
        """The file as a relation, its rejects known.

        Raises:
            SourceUnreadable: the file is not what its ending says.
        """
        if self._table is None:
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
                return read_excel(work, self.file, self.options.sheet)
            case _:
                return read_csv(work, self.file, self.shape())
