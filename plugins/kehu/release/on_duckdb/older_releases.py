"""Names of the version before: releases that it has written get today's name, and today's keep its names as second names.

They are hard links: DuckDB names a database after the file that a symbolic link leads to, and who writes
``analytics.analytics.dim_customers`` for ``analytics.duckdb`` has to be right for as long as that name is there. A name that
somebody reads stays readable at every moment: the file itself is never moved, it gets another name first.
"""

from __future__ import annotations

import os
from pathlib import Path

from kehu.files.durable import fsync_path
from kehu.release.manifest import DEPRECATED_FILES, RELEASE_FILE
from kehu.settings import Settings


def bring_to_today(settings: Settings) -> None:
    """Give every release of the version before the name of today; safe to repeat, also after a kill."""
    for before in settings.releases_dir.glob(f"r*/{DEPRECATED_FILES[0]}"):
        file = before.with_name(RELEASE_FILE)
        if not file.exists():
            os.link(before, file)
        link_deprecated(before.parent)


def link_deprecated(folder: Path) -> None:
    """Make the deprecated names of a release names of its file, whatever they were."""
    file, changed = folder / RELEASE_FILE, False
    for name in DEPRECATED_FILES:
        link, temporary = folder / name, folder / f".{name}.tmp"
        if link.exists() and link.samefile(file):
            continue
        temporary.unlink(missing_ok=True)
        os.link(file, temporary)
        os.replace(temporary, link)
        changed = True
    if changed:
        fsync_path(folder)
