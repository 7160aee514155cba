"""What days have still to do: refunds, answers, changes that earlier days have set going, by the day on which they are due."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from kehu.demo_shop.columns import Rows, joined_rows
from kehu.demo_shop.plan import Array


class Agenda:
    """Rows of plain numbers, waiting for their day."""

    def __init__(self) -> None:
        self._waiting: dict[str, dict[int, list[Rows]]] = defaultdict(lambda: defaultdict(list))

    def add(self, kind: str, due: Array, rows: Rows) -> None:
        """Let rows wait; ``due`` is the number of each row's day."""
        if not len(due):
            return
        order = np.argsort(due, kind="stable")
        days, begins = np.unique(due[order], return_index=True)
        ends = [*begins[1:], len(due)]
        for day, begin, end in zip(days.tolist(), begins, ends, strict=True):
            part = order[begin:end]
            self._waiting[kind][day].append({name: values[part] for name, values in rows.items()})

    def take(self, kind: str, day: int) -> Rows:
        """The rows that are due on a day, in the order in which they were added; empty if there are none."""
        parts = self._waiting[kind].pop(day, [])
        return joined_rows(parts) if parts else {}

    def save(self, folder: Path) -> None:
        """Write what waits into a folder, one file a kind."""
        for kind, days in sorted(self._waiting.items()):
            parts = [
                {"due": np.full(len(next(iter(rows.values()))), day), **rows}
                for day in sorted(days)
                for rows in days[day]
            ]
            if parts:
                pq.write_table(pa.table(joined_rows(parts)), folder / f"waiting_{kind}.parquet")

    @classmethod
    def load(cls, folder: Path) -> Agenda:
        """What was saved."""
        agenda = cls()
        for file in sorted(folder.glob("waiting_*.parquet")):
            table = pq.read_table(file)
            columns = {name: table[name].to_numpy() for name in table.column_names}
            agenda.add(file.stem.removeprefix("waiting_"), columns.pop("due"), columns)
        return agenda
