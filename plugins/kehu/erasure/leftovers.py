"""Takes the values of an erased person out of what a run leaves behind: reports, pages, logs, dbt's artifacts."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from kehu.erasure.patterns import Needles
from kehu.erasure.search import files_below
from kehu.files.durable import replace_durably
from kehu.landing.workspace import SCRATCH_FOLDER
from kehu.settings import Settings

_HELD_ELSEWHERE = (".parquet", ".duckdb", ".wal", ".sealed")
"""Landing batches, warehouses and releases are rewritten by those who know their shape."""


def clean_leftovers(settings: Settings, values: Sequence[tuple[str, str]]) -> int:
    """Rewrite text files that hold a value and remove other files that do; returns how many there were."""
    shutil.rmtree(settings.landing_dir / SCRATCH_FOLDER, ignore_errors=True)
    if not values:
        return 0
    needles = Needles(values, settings)
    changed = 0
    for file in files_below(settings):
        if (
            file.suffix in _HELD_ELSEWHERE
            or settings.erasures_dir in file.parents
            or settings.locks_dir in file.parents
        ):
            continue
        content = file.read_bytes()
        if needles.are_in(content):
            if settings.actions_dir in file.parents:
                # a list for other tools: it is written again from the release, without the person
                file.unlink()
            else:
                _clean(file, content, needles)
            changed += 1
    return changed


def _clean(file: Path, content: bytes, needles: Needles) -> None:
    if b"\0" in content:
        # Not a text: a cache, which whoever made it makes again.
        file.unlink()
        return
    temporary = file.with_name(f".{file.name}.{os.getpid()}.tmp")
    temporary.write_bytes(needles.taken_out_of(content))
    shutil.copymode(file, temporary)
    replace_durably(temporary, file)
