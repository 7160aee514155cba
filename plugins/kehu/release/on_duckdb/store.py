"""Releases as folders below ``KEHU_HOME``: one read-only DuckDB file each, and a link to the one that BI reads."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from datetime import datetime
from pathlib import Path

from pydantic import ValidationError

from kehu.errors import ReleaseError
from kehu.quoting import sql_name, sql_text
from kehu.release.ids import ReleaseId
from kehu.release.manifest import MANIFEST_FILE, RELEASE_FILE, SCHEMA, Manifest, read_manifest, release_file
from kehu.release.on_duckdb.cleanup import remove_leftovers, temporary_folder
from kehu.release.on_duckdb.folder import store_candidate
from kehu.release.on_duckdb.older_releases import bring_to_today
from kehu.release.on_duckdb.pointer import point_at, pointed_at, release_folder
from kehu.release.on_duckdb.reading import ATTACHED, named_damage, open_folder
from kehu.release.on_duckdb.rewriting import count_in_all, rewrite_all
from kehu.release.on_duckdb.verifying import verify_folder
from kehu.release.reader import ReleaseReader
from kehu.release.rewriting import Rewriting, Rewritten
from kehu.session import Session
from kehu.settings import PROJECT_ROOT, Settings
from kehu.warehouse.protocol import TableSearch, Warehouse


class DuckDBStore:
    """The releases of one ``KEHU_HOME``."""

    name = "duckdb"

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def kept(self) -> list[str]:
        """The names of all folders but those that a step has under way."""
        if not self.settings.releases_dir.is_dir():
            return []
        entries = self.settings.releases_dir.iterdir()
        return [entry.name for entry in entries if entry.is_dir() and not entry.name.startswith(".")]

    def current(self) -> ReleaseId | None:
        """The release whose folder ``published`` points at."""
        return pointed_at(self.settings)

    def find(self, release_id: ReleaseId) -> Manifest | None:
        """What the manifest in its folder says."""
        folder = release_folder(self.settings, release_id)
        return read_manifest(folder) if folder.is_dir() else None

    def manifests(self) -> list[Manifest]:
        """The manifests that can be read, whatever is beside them."""
        return [manifest for _, manifest in self._folders()]

    def tidy(self) -> None:
        """Remove temporary folders and links and write-ahead logs beside releases; give older releases today's names."""
        self.settings.releases_dir.mkdir(parents=True, exist_ok=True)
        remove_leftovers(self.settings)
        bring_to_today(self.settings)

    def store(self, warehouse: Warehouse, release_id: ReleaseId, previous: str | None, now: datetime) -> Manifest:
        """Write the folder of a candidate under another name, then rename it."""
        return store_candidate(self.settings, warehouse, release_id, previous, now)

    def verify(self, release_id: ReleaseId) -> None:
        """Compare what the file holds with the manifest."""
        folder = release_folder(self.settings, release_id)
        if not folder.is_dir():
            raise ReleaseError(
                "the folder of the release is gone", fix="`kehu releases` lists those that are kept", release=release_id
            )
        verify_folder(self.settings, folder)

    def make_current(
        self, release_id: ReleaseId, operation: str, records: Session | None, record: Callable[[], None]
    ) -> None:
        """Move the link, then record it."""
        point_at(self.settings, release_id, operation)
        with records.transaction() if records else nullcontext():
            record()

    def open(self, release_id: ReleaseId) -> AbstractContextManager[ReleaseReader]:
        """Open the file of the release read-only."""
        return open_folder(self.settings, release_folder(self.settings, release_id))

    @contextmanager
    def attach(self, release_id: ReleaseId, session: Session, tables: Collection[str]) -> Iterator[str]:
        """Attach the file of the release read-only."""
        folder = release_folder(self.settings, release_id)
        with named_damage(release_id, whatever=True):
            session.execute(f"attach {sql_text(str(release_file(folder)))} as {ATTACHED} (read_only)")
        try:
            with named_damage(release_id):
                for table in tables:
                    session.execute(f"select 1 from {ATTACHED}.{SCHEMA}.{sql_name(table)} limit 0")
            yield f"{ATTACHED}.{SCHEMA}"
        finally:
            session.execute(f"detach {ATTACHED}")

    def remove(self, release_id: ReleaseId, records: Session, record: Callable[[], None]) -> bool:
        """Take a folder out of sight in one step, then delete it: no reader and no listing sees half a release."""
        with records.transaction() if records else nullcontext():
            record()
        away = temporary_folder(self.settings, f"pruned-{release_id}")
        os.rename(release_folder(self.settings, release_id), away)
        shutil.rmtree(away)
        return True

    def rewrite(self, warehouse: Warehouse, by: Rewriting) -> Rewritten:
        """Copy the files of the releases that are behind."""
        del warehouse
        behind = [(folder, manifest) for folder, manifest in self._folders() if by.is_behind(manifest)]
        return rewrite_all(self.settings, behind, by)

    def count(self, warehouse: Warehouse, by: Rewriting) -> dict[str, dict[str, int]]:
        """Count in the files of the releases that are behind."""
        del warehouse
        behind = [folder for folder, manifest in self._folders() if by.is_behind(manifest)]
        return count_in_all(self.settings, behind, by)

    def search(self, pattern: str) -> TableSearch:
        """Nothing: its files are below ``KEHU_HOME``."""
        del pattern
        return TableSearch()

    def where_bi_reads(self) -> list[str]:
        """The file, and a line that opens it."""
        file = self.settings.published_link / RELEASE_FILE
        python = PROJECT_ROOT / ".venv" / "bin" / "python"
        statement = "from analytics.segment_summary"
        open_it = (
            f"""{python} -c "import duckdb; duckdb.connect('{file}', read_only=True).sql('{statement}').show()\""""
        )
        return [
            f"BI file:    {file}  (schema analytics, read-only, stays valid across releases)",
            f"Open it:    {open_it}",
        ]

    def _folders(self) -> list[tuple[Path, Manifest]]:
        """Folders with what their manifests say; a rewriting that was killed leaves a file of another size for a while."""
        found = []
        for file in sorted(self.settings.releases_dir.glob(f"r*/{MANIFEST_FILE}")):
            with suppress(ValidationError):
                found.append((file.parent, Manifest.model_validate_json(file.read_bytes())))
        return found
