"""Reads the files of a demo shop without Kehu: what is in them, and which lines are no rows."""

from __future__ import annotations

import csv
import json
from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pandas as pd
from python_calamine import CalamineWorkbook

from kehu.demo_shop.exports import EXPORTS, Export


@dataclass(frozen=True)
class ShopFiles:
    """A written shop."""

    folder: Path

    def truth(self, name: str) -> pd.DataFrame:
        """A table of the truth."""
        return _truth(self.folder / "truth" / f"{name}.parquet")

    def rows(self, export: str) -> pd.DataFrame:
        """All rows of an export, by canonical names, with the day's folder in ``_day``; texts as they stand."""
        return _all_rows(self.folder, export)[0]

    def broken(self, export: str) -> int:
        """How many lines of an export are no rows."""
        return _all_rows(self.folder, export)[1]

    def lines(self) -> Counter[str]:
        """Lines of every file but its header, broken ones too."""
        return Counter(
            {
                str(path.relative_to(self.folder)): len(table) + broken
                for path in sorted((self.folder / "days").rglob("*.*"))
                for table, broken in [_read(path)]
            }
        )

    def current(self, export: str, *key: str) -> pd.DataFrame:
        """The rows in force: of each key the latest change, and of equal ones the last."""
        rows = self.rows(export)
        order = ["updated_at", "_day"] if "updated_at" in rows else ["_day"]
        return rows.sort_values(order, kind="stable").drop_duplicates(list(key), keep="last")


@cache
def _truth(path: Path) -> pd.DataFrame:
    return pd.read_parquet(path)


@cache
def _all_rows(folder: Path, name: str) -> tuple[pd.DataFrame, int]:
    export = EXPORTS[name]
    found, broken = [], 0
    for path in sorted(folder.glob(f"days/*/{export.file}")):
        table, bad = _read(path, export)
        table = table.rename(columns={title: column for column, title in export.columns.items()})
        found.append(table.assign(_day=path.parent.parent.name))
        broken += bad
    return pd.concat(found, ignore_index=True), broken


def _read(path: Path, export: Export | None = None) -> tuple[pd.DataFrame, int]:
    export = export or next(one for one in EXPORTS.values() if str(path).endswith(one.file))
    if export.ending == "xlsx":
        header, *rows = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()
        return pd.DataFrame(rows, columns=header), 0
    with path.open(encoding=export.encoding, newline="") as stream:
        if export.ending == "csv":
            header, *rows = list(csv.reader(stream))
            whole = [row for row in rows if len(row) == len(header)]
            return pd.DataFrame(whole, columns=header), len(rows) - len(whole)
        objects = [_object(line) for line in stream]
    return pd.DataFrame([one for one in objects if one is not None]), objects.count(None)


def _object(line: str) -> dict[str, str] | None:
    try:
        return dict(json.loads(line))
    except ValueError:
        return None
