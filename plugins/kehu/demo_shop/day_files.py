"""The folder of a day: its files are written as they come, by a second thread, and counted."""

from __future__ import annotations

from collections import Counter, deque
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pyarrow as pa

from kehu.demo_shop.columns import Rows, constant, count_of
from kehu.demo_shop.exports import DAYS, EXPORTS, Export
from kehu.demo_shop.plan import Plan
from kehu.demo_shop.rendering import rendered_csv, rendered_json, rendered_workbook

_WAITING = 100
"""So many pieces of files may wait for the thread that writes them: a few days of a large shop."""


class DayFiles:
    """What the systems export, day by day.

    The days of the first delivery share the folder of the last of them.
    """

    def __init__(self, plan: Plan, folder: Path) -> None:
        self._plan = plan
        self._folder = folder
        self._begun: set[Path] = set()
        self._workbooks: dict[Path, list[pa.Table]] = {}
        # One thread keeps the order of the pieces; Arrow renders without holding the interpreter.
        self._writer = ThreadPoolExecutor(1)
        self._waiting: deque[Future[None]] = deque()
        self._counts: Counter[tuple[int, str, str, str]] = Counter()

    def path(self, export: Export, day: int) -> Path:
        """The file of an export that a day's rows go to."""
        return self._folder / self.name(export, day)

    def name(self, export: Export, day: int) -> str:
        """The same, as Kehu names the file: relative to the shop's folder."""
        delivered = max(day, self._plan.first_load_days - 1)
        return f"{DAYS}/{self._plan.day(delivered)}/{export.file}"

    def write(self, name: str, day: int, rows: Rows, raw: tuple[str, ...] = (), *, drift: int = 0) -> None:
        """Add rows to a file, and lines that are none.

        Args:
            name: ``source.entity`` of the file.
            day: the number of the day.
            rows: canonical column → texts; columns that are missing are empty.
            raw: lines that cannot be parsed, written behind the rows.
            drift: which form of the header the file has, see ``_drifted``.
        """
        count = count_of(rows)
        export = EXPORTS[name]
        if not count and not raw:
            return
        unknown = set(rows) - set(export.columns)
        assert not unknown, f"{export.file} has no column for {unknown}"
        titles = {title: rows.get(column) for column, title in export.columns.items()}
        filled = {title: constant(None, count) if values is None else values for title, values in titles.items()}
        table = pa.table(_drifted(filled, drift, count))
        path = self.path(export, day)
        if export.ending == "xlsx":
            self._workbooks.setdefault(path, []).append(table)
        else:
            is_first = path not in self._begun
            self._begun.add(path)
            self._waiting.append(self._writer.submit(_append, export, path, table, raw, is_first))
        while len(self._waiting) > _WAITING:
            self._waiting.popleft().result()
        self._counts[day, export.source, export.entity, self.name(export, day)] += count + len(raw)

    def __enter__(self) -> DayFiles:
        return self

    def __exit__(self, failure: type[BaseException] | None, *_: object) -> None:
        """Wait for what is being written, then write the workbooks, which cannot be added to; after a failure give up."""
        try:
            while self._waiting and failure is None:
                self._waiting.popleft().result()
        finally:
            self._writer.shutdown(cancel_futures=True)
        if failure is None:
            for path, tables in self._workbooks.items():
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(rendered_workbook(pa.concat_tables(tables)))

    def counted(self) -> dict[str, list[Any]]:
        """How many rows went where, day by day."""
        keys = sorted(self._counts)
        columns = dict(zip(("day", "source", "entity", "file"), zip(*keys, strict=True), strict=True)) if keys else {}
        return {name: list(values) for name, values in columns.items()} | {"rows": [self._counts[key] for key in keys]}


def _append(export: Export, path: Path, table: pa.Table, raw: tuple[str, ...], is_first: bool) -> None:
    if export.ending == "csv":
        content = rendered_csv(export, table, is_first)
    else:
        content = rendered_json(export, table) if table.num_rows else b""
    content += "".join(f"{line}\n" for line in raw).encode(export.encoding)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb" if is_first else "ab") as stream:
        stream.write(content)


def _drifted(titles: dict[str, pa.Array], drift: int, count: int) -> dict[str, pa.Array]:
    """The columns as a later version of a system writes them: 1 others and in another order, 2 one renamed."""
    if drift == 1:
        return {"Row Version": constant("2", count), **dict(reversed(titles.items()))}
    if drift == 2:
        return {("Sum Paid Back" if title == "Amount" else title): values for title, values in titles.items()}
    return titles
