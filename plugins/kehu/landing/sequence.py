"""The order of landing: one number for each batch and each decision about batches, over all sources.

The last number that was given away stands in a file of its own, so that nobody has to read the whole ledger to give away the
next one. It only saves that reading: whoever lands has read its own entries, and no number below theirs is given away.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

LEDGER_FOLDER = "_ledger"
SEQUENCE_FILE = "last_sequence"


def next_sequence(landing_dir: Path, known: int = 0) -> int:
    """Take the next number; the caller holds the ledger's lock. A number whose taker is killed is left out for good.

    Args:
        landing_dir: the landing zone.
        known: the highest number that the caller has seen.
    """
    file = landing_dir / LEDGER_FOLDER / SEQUENCE_FILE
    try:
        last = int(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        last = _highest(landing_dir)
    number = max(last, known) + 1
    file.parent.mkdir(parents=True, exist_ok=True)
    # one name for all, so that what a killed taker left is written over by the next
    temporary = file.with_name(f".{file.name}.tmp")
    temporary.write_text(str(number), encoding="utf-8")
    os.replace(temporary, file)
    return number


def _highest(landing_dir: Path) -> int:
    """The highest number in the ledger; an entry that cannot be read is told by who reads it for what it says."""
    return max((_number(entry) for entry in (landing_dir / LEDGER_FOLDER).glob("**/*.json")), default=0)


def _number(entry: Path) -> int:
    try:
        return int(json.loads(entry.read_text(encoding="utf-8"))["sequence"])
    except (OSError, ValueError, KeyError, TypeError):
        return 0
