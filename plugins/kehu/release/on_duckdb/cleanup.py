"""What crashes leave behind: temporary folders and links, and a write-ahead log beside a release."""

from __future__ import annotations

import logging
import shutil
from pathlib import Path

from kehu.release.on_duckdb.pointer import TEMPORARY_LINK
from kehu.settings import Settings

log = logging.getLogger(__name__)

TEMPORARY_PREFIX = ".tmp-"


def temporary_folder(settings: Settings, purpose: str) -> Path:
    """Where something is prepared or taken apart under a name that no reader looks at."""
    return settings.releases_dir / f"{TEMPORARY_PREFIX}{purpose}"


def remove_leftovers(settings: Settings) -> None:
    """Remove what a killed run left. Call it only under the warehouse lock: then nothing of it is in use.

    A release is read-only, so a ``.wal`` beside its file was never Kehu's; left there, it could make the file
    unopenable.
    """
    if not settings.releases_dir.is_dir():
        return
    (settings.published_link.with_name(TEMPORARY_LINK)).unlink(missing_ok=True)
    for leftover in settings.releases_dir.glob(f"{TEMPORARY_PREFIX}*"):
        log.info("removing what a stopped run left: %s", leftover.name)
        shutil.rmtree(leftover)
    for part in (*settings.releases_dir.glob(".*.tmp"), *settings.releases_dir.glob("r*/.*.tmp")):
        part.unlink()
    for log_file in settings.releases_dir.glob("r*/*.duckdb.wal"):
        log.warning("removing a write-ahead log that does not belong beside %s", log_file.parent.name)
        log_file.unlink()
