"""The releases that are kept, wherever they are: what there is to know of them without reading their tables."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime

from kehu.errors import ReleaseError, UsageError, nearest
from kehu.release.factory import open_store
from kehu.release.ids import ReleaseId, parse_release_id
from kehu.release.manifest import Manifest
from kehu.release.reader import ReleaseReader
from kehu.release.store import ReleaseStore
from kehu.settings import Settings


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
    store = open_store(settings)
    current = store.current()
    names = set(store.kept())
    if current is not None:
        names.add(current)
    return [_entry(store, name, name == current) for name in sorted(names, reverse=True)]


def current_release_id(settings: Settings) -> ReleaseId | None:
    """The id that BI reads now, or None before the first publication. The release itself may be gone or damaged.

    Raises:
        ReleaseError: something that is not Kehu's stands in its place.
    """
    return open_store(settings).current()


def find(settings: Settings, release_id: str) -> Manifest:
    """The manifest of a kept release.

    Raises:
        UsageError: the text is not a release id.
        ReleaseError: no release has it (names the nearest), or it is damaged.
    """
    return find_in(open_store(settings), parse_release_id(release_id))


@contextmanager
def reading(settings: Settings, release_id: str) -> Iterator[ReleaseReader]:
    """Open a release that is kept, read-only, for the block.

    Raises:
        UsageError: the text is not a release id.
        ReleaseError: it cannot be opened.
    """
    with open_store(settings).open(parse_release_id(release_id)) as release:
        yield release


@contextmanager
def reading_current(settings: Settings) -> Iterator[ReleaseReader | None]:
    """Open the release that BI reads for the block; None where nothing was ever published.

    Raises:
        ReleaseError: there is one and it cannot be opened.
    """
    store = open_store(settings)
    current = store.current()
    if current is None:
        yield None
        return
    with store.open(current) as release:
        yield release


def find_in(store: ReleaseStore, release_id: ReleaseId) -> Manifest:
    """The manifest of a release of a store; raises as :func:`find` does."""
    manifest = store.find(release_id)
    if manifest is None:
        raise ReleaseError(
            "no release has this id",
            fix="`kehu releases` lists those that are kept",
            release=release_id,
            nearest=nearest(release_id, store.kept()),
        )
    return manifest


def newest_first(store: ReleaseStore) -> list[Manifest]:
    """The manifests of the whole releases in the order of their publication, the last one first."""
    found = []
    for name in store.kept():
        try:
            found.append(find_in(store, parse_release_id(name)))
        except (ReleaseError, UsageError):
            continue
    return sorted(found, key=lambda manifest: (manifest.published_at, manifest.release_id), reverse=True)


def before(store: ReleaseStore, release_id: ReleaseId) -> ReleaseId | None:
    """The whole release with the greatest id below this one: the day before, or the run before of the same day."""
    found = max((one.release_id for one in newest_first(store) if one.release_id < release_id), default=None)
    return None if found is None else parse_release_id(found)


def _entry(store: ReleaseStore, name: str, is_current: bool) -> ReleaseEntry:
    try:
        manifest = find_in(store, parse_release_id(name))
    except (ReleaseError, UsageError) as error:
        return ReleaseEntry(name, is_current, problem=error.problem)
    rows = sum(table.rows for table in manifest.tables.values())
    return ReleaseEntry(
        name, is_current, manifest.as_of_date, manifest.built_at, manifest.published_at, rows, problem=None
    )
