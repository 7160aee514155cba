"""Removes what killed processes left behind; the caller holds the source's lock."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from kehu.landing.ledger import LEDGER_FOLDER, Batch


def remove_uncommitted(landing_dir: Path, source: str, batches: Sequence[Batch]) -> None:
    """Remove Parquet files of the source that no ledger entry names, and half-written ledger entries."""
    committed = {landing_dir / batch.path for batch in batches}
    for folder in landing_dir.glob(f"*/source={source}/batch=*"):
        if folder / "part.parquet" not in committed:
            shutil.rmtree(folder)
    for leftover in (landing_dir / LEDGER_FOLDER).glob(f"*/{source}/.*.tmp"):
        leftover.unlink()
