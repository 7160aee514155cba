"""Whether the file of a release holds what its manifest says: every block of every table is read."""

from __future__ import annotations

from pathlib import Path

from kehu.errors import ReleaseError
from kehu.release.manifest import read_manifest
from kehu.release.on_duckdb.checksums import summarise_tables
from kehu.release.on_duckdb.reading import named_damage, open_folder
from kehu.settings import Settings


def verify_folder(settings: Settings, folder: Path) -> None:
    """See that every row can be read and that rows and checksums are those of the manifest.

    Raises:
        ReleaseError: they are not; BI must not be pointed at it.
    """
    expected = read_manifest(folder).tables
    with open_folder(settings, folder) as release, named_damage(folder.name, whatever=True):
        found = summarise_tables(release.connection)
    wrong = sorted(name for name in expected.keys() | found.keys() if expected.get(name) != found.get(name))
    if wrong:
        raise ReleaseError(
            "the file of the release does not hold what its manifest says",
            fix="restore its folder from a backup, or roll back to another release",
            release=folder.name,
            tables=wrong,
        )
