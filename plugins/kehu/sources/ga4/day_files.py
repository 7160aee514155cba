"""The files of an export, by day: a daily table, or that of the day itself where there is no other."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from kehu.errors import SourceFileMissing
from kehu.sources.files.located import SourceFile

FORMATS = {".jsonl": "jsonl", ".json": "jsonl", ".parquet": "parquet", ".avro": "avro"}
_TABLE = re.compile(r"(?:^|[/_.-])events_(intraday_)?(20\d{6})(?=$|[/_.\-*])")


@dataclass(frozen=True)
class Day:
    """A day of an export.

    Attributes:
        day: as in the name of its table, ``20260301``.
        files: its files, sorted by name.
    """

    day: str
    files: tuple[SourceFile, ...]

    @property
    def label(self) -> str:
        """What it is called, whichever table it is from."""
        return f"events_{self.day}"


def find_days(folder: Path, source: str) -> list[Day]:
    """The days of a folder and those below it, oldest first.

    Raises:
        SourceFileMissing: there is none.
    """
    found: dict[tuple[str, bool], list[SourceFile]] = defaultdict(list)
    for path in sorted(folder.rglob("*")) if folder.is_dir() else ():
        name = path.relative_to(folder).as_posix()
        table = _TABLE.search(name)
        stem = path.name.lower().removesuffix(".gz")
        kind = next((kind for ending, kind in FORMATS.items() if stem.endswith(ending)), None)
        if table and kind and path.is_file() and not path.name.startswith("."):
            found[table[2], bool(table[1])].append(SourceFile(path, name, kind))
    days = sorted({day for day, _ in found})
    if not days:
        raise SourceFileMissing(
            "there is no file of a daily table",
            fix="export each table below a name such as events_20260301, as .parquet, .jsonl, .json.gz or .avro",
            source=source,
            folder=folder.name,
        )
    # the table of the day itself stays where a day has too many events for the daily one
    return [Day(day, tuple(found.get((day, False)) or found[day, True])) for day in days]
