"""The one pointer that BI follows: ``published``, a symlink to the folder of the current release."""

from __future__ import annotations

import os
from pathlib import Path

from kehu.errors import ReleaseError, UsageError
from kehu.files.durable import fsync_path
from kehu.files.fault_points import step
from kehu.release.ids import ReleaseId, parse_release_id
from kehu.settings import Settings

TEMPORARY_LINK = ".published.tmp"


def release_folder(settings: Settings, release_id: ReleaseId) -> Path:
    """Where a release lives or will live."""
    return settings.releases_dir / release_id


def pointed_at(settings: Settings) -> ReleaseId | None:
    """The id that BI reads now, or None before the first publication. The folder itself may be gone or damaged.

    Raises:
        ReleaseError: something that is not Kehu's pointer stands in its place.
    """
    try:
        target = os.readlink(settings.published_link)
    except FileNotFoundError:
        return None
    except OSError:
        raise _foreign(settings.published_link) from None
    try:
        return parse_release_id(Path(target).name)
    except UsageError:
        raise _foreign(settings.published_link) from None


def point_at(settings: Settings, release_id: ReleaseId, operation: str) -> None:
    """Make a stored release the one that BI reads, in one atomic step that a crash cannot tear.

    Args:
        release_id: a release whose folder is whole.
        operation: ``publish`` or ``rollback``; names the crash points.
    """
    link = settings.published_link
    temporary = link.with_name(TEMPORARY_LINK)
    temporary.unlink(missing_ok=True)
    # Relative, so that KEHU_HOME can be moved or mounted elsewhere.
    temporary.symlink_to(os.path.relpath(release_folder(settings, release_id), link.parent))
    step(f"{operation}:before_swap")
    os.replace(temporary, link)
    fsync_path(link.parent)
    step(f"{operation}:swapped")


def _foreign(link: Path) -> ReleaseError:
    return ReleaseError(
        f"{link.name} is not the pointer that Kehu writes",
        fix=f"move {link.name} out of KEHU_HOME, then publish or roll back",
    )
