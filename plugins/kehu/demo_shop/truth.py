"""What is true of the shop, as tables beside its files: a test reads here what Kehu has to find there."""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from kehu.demo_shop.columns import Rows, count_of

_ROWS_A_GROUP = 200_000


class Truth:
    """Tables that grow day by day; they appear under their names when the shop is closed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._folder.mkdir(parents=True, exist_ok=True)
        self._parts: dict[str, list[pa.Table]] = defaultdict(list)
        self._waiting: Counter[str] = Counter()
        self._writers: dict[str, pq.ParquetWriter] = {}

    def add(self, name: str, rows: Rows) -> None:
        """Rows of a table that keeps what it has from earlier days."""
        if count_of(rows):
            self.add_table(name, pa.table(rows))

    def add_table(self, name: str, table: pa.Table) -> None:
        """The same, as a table."""
        self._parts[name].append(table)
        self._waiting[name] += table.num_rows
        if self._waiting[name] >= _ROWS_A_GROUP:
            self._flush(name)

    def replace(self, name: str, rows: Rows) -> None:
        """A table that is told anew every time."""
        temporary = self._temporary(name)
        pq.write_table(pa.table(rows), temporary)
        os.replace(temporary, self._final(name))

    def close(self) -> None:
        """Write what is left and let the tables appear."""
        for name in sorted(self._parts):
            self._flush(name)
        for name, writer in self._writers.items():
            writer.close()
            os.replace(self._temporary(name), self._final(name))
        self._writers.clear()

    def _flush(self, name: str) -> None:
        parts = self._parts[name]
        if not parts:
            return
        table = pa.concat_tables(parts).combine_chunks()
        if name not in self._writers:
            self._writers[name] = pq.ParquetWriter(self._temporary(name), table.schema)
            self._copy_earlier(name, table.schema)
        self._writers[name].write_table(table.cast(self._writers[name].schema))
        parts.clear()
        self._waiting[name] = 0

    def _copy_earlier(self, name: str, schema: pa.Schema) -> None:
        if not self._final(name).exists():
            return
        with pq.ParquetFile(self._final(name)) as earlier:
            for number in range(earlier.num_row_groups):
                self._writers[name].write_table(earlier.read_row_group(number).cast(schema))

    def _temporary(self, name: str) -> Path:
        return self._folder / f"{name}.parquet.new"

    def _final(self, name: str) -> Path:
        return self._folder / f"{name}.parquet"
