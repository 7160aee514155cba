"""Who else on this machine may read what Kehu keeps: nobody but the account that runs it, whatever its umask; releases as set."""

from __future__ import annotations

import logging
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from kehu.settings import Settings

log = logging.getLogger(__name__)

_RELEASES = {"owner": 0o700, "group": 0o750, "everybody": 0o755}
_HOME = {"owner": 0o700, "group": 0o710, "everybody": 0o711}
"""Who may read releases has to pass through the home, and need not see what else is there."""
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def close_home(settings: Settings) -> list[str]:
    """Make the folders of ``KEHU_HOME`` with the rights they must have, and put right those that have others.

    Returns:
        What could not be put right, a sentence each: it belongs to another account.
    """
    troubles = [_set(folder, 0o700) for folder in _private(settings)]
    if settings.releases_for is not None:
        troubles.append(_set(settings.home, _HOME[settings.releases_for]))
        troubles.append(_set(settings.releases_dir, _RELEASES[settings.releases_for]))
    found = [trouble for trouble in troubles if trouble]
    for trouble in found:
        log.warning("%s", trouble)
    return found


def close_scratch(settings: Settings) -> None:
    """Make the folder in which analysts try things, closed to others from its first moment on."""
    settings.scratch_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    _set(settings.scratch_dir, 0o700)


def _private(settings: Settings) -> Iterator[Path]:
    own = [settings.landing_dir, settings.erasures_dir, settings.warehouse_path.parent, settings.runs_dir]
    own += [settings.reports_dir, settings.data_docs_dir, settings.locks_dir]
    yield from own
    # whatever else lies there, a cache of dbt or a folder of a user's own
    known = {*own, settings.home / "airflow", settings.releases_dir, settings.published_link}
    yield from (one for one in settings.home.iterdir() if one not in known and one.is_dir() and not one.is_symlink())


def _set(folder: Path, mode: int) -> str | None:
    """Make a folder, and give it what the mode says of others than its owner."""
    folder.mkdir(parents=True, exist_ok=True)
    status = folder.stat()
    if stat.S_IMODE(status.st_mode) & _OTHERS == mode & _OTHERS:
        return None
    if status.st_uid != os.geteuid():
        return f"others may read the folder {folder.name}, which belongs to another account: let it run chmod {mode:o}"
    folder.chmod(mode)
    return None
