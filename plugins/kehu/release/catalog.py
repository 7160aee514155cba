"""The releases that are kept: read from folders and the pointer, without the warehouse, or from Postgres."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from kehu.errors import ReleaseError, UsageError, nearest
from kehu.release.ids import parse_release_id
from kehu.release.manifest import Manifest, read_manifest
from kehu.release.pointer import current_release_id, release_folder
from kehu.settings import Settings

__all__ = ["ReleaseEntry", "before", "current_release_id", "find", "is_kept", "list_releases", "newest_first"]


@dataclass(frozen=True)
class ReleaseEntry:
    """One kept release. ``problem`` says what is wrong with a damaged folder; its other facts are then unknown."""

    id: str
    is_current: bool
    as_of_date: date | None = None
    built_at: datetime | None = None
    published_at: datetime | None = None
    rows: int | None = None
    problem: str | None = None

    def describe(self) -> str:
        """One line for a terminal; a star marks the release that BI reads."""
        star = "*" if self.is_current else " "
        if self.problem is not None:
            return f"{star} {self.id}  DAMAGED: {self.problem}"
        return (
            f"{star} {self.id}  as of {self.as_of_date}  built {self.built_at:%Y-%m-%d %H:%M} UTC"
            f"  published {self.published_at:%Y-%m-%d %H:%M} UTC  {self.rows:,} rows"
        )


def list_releases(settings: Settings) -> list[ReleaseEntry]:
    """Every kept release, by as-of date and start of its run, newest first; damaged folders are listed as such."""
    current = current_release_id(settings)
    names = set(_names(settings))
    if current is not None:
        names.add(current)
    return [_entry(settings, name, name == current) for name in sorted(names, reverse=True)]


def newest_first(settings: Settings) -> list[Manifest]:
    """The manifests of the whole releases in the order of their publication, the last one first."""
    found = []
    for name in _names(settings):
        try:
            found.append(find(settings, name))
        except (ReleaseError, UsageError):
            continue
    return sorted(found, key=lambda manifest: (manifest.published_at, manifest.release_id), reverse=True)


def find(settings: Settings, release_id: str) -> Manifest:
    """The manifest of a kept release.

    Raises:
        UsageError: the text is not a release id.
        ReleaseError: no release has it (names the nearest), or its folder is damaged.
    """
    manifest = _manifest(settings, parse_release_id(release_id).text)
    if manifest is None:
        raise ReleaseError(
            "no release has this id",
            fix="`kehu releases` lists those that are kept",
            release=release_id,
            nearest=nearest(release_id, _names(settings)),
        )
    return manifest


def is_kept(settings: Settings, release_id: str) -> bool:
    """Whether something of this release is there, whole or damaged."""
    return parse_release_id(release_id).text in _names(settings)


def before(settings: Settings, release_id: str) -> str | None:
    """The whole release with the greatest id below this one: the day before, or the run before of the same day."""
    return max((one.release_id for one in newest_first(settings) if one.release_id < release_id), default=None)


def _names(settings: Settings) -> list[str]:
    if settings.warehouse == "postgres":
        return postgres_store().kept_ids(settings)
    if not settings.releases_dir.is_dir():
        return []
    return [
        entry.name for entry in settings.releases_dir.iterdir() if entry.is_dir() and not entry.name.startswith(".")
    ]


def _manifest(settings: Settings, release_id: str) -> Manifest | None:
    if settings.warehouse == "postgres":
        return postgres_store().find_manifest(settings, release_id)
    folder = release_folder(settings, release_id)
    return read_manifest(folder) if folder.is_dir() else None


def postgres_store() -> Any:
    """The module of releases on Postgres; only who works there imports its driver."""
    from kehu.release.on_postgres import postgres_store

    return postgres_store


def _entry(settings: Settings, name: str, is_current: bool) -> ReleaseEntry:
    try:
        manifest = find(settings, name)
    except (ReleaseError, UsageError) as error:
        return ReleaseEntry(name, is_current, problem=error.problem)
    rows = sum(table.rows for table in manifest.tables.values())
    return ReleaseEntry(
        name, is_current, manifest.as_of_date, manifest.built_at, manifest.published_at, rows, problem=None
    )
