"""The ledger of the landing zone: one small JSON file a batch, its commit marker.

A batch exists if and only if its entry exists. The entry is written after the Parquet file, so that a crash between the
two leaves a file that nobody reads.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal

from kehu.errors import LandingError
from kehu.files.durable import fsync_path, write_durably
from kehu.landing.sequence import LEDGER_FOLDER

Mode = Literal["append", "snapshot", "window"]


@dataclass(frozen=True)
class Batch:
    """One immutable Parquet file of the landing zone.

    Attributes:
        batch_id: hexadecimal digest of the content, salted where an older content comes back.
        source: the source's name in ``sources.yml``.
        entity: the canonical entity.
        mode: what it replaces: nothing (append), the whole entity (snapshot), its days (window).
        sequence: position in landing order over all sources, from 1.
        row_count: rows in the file, rejects included.
        reject_count: rows that could not be parsed.
        delivered_columns: canonical columns that the source delivered, in canonical order.
        timezone: IANA zone of timestamps without an offset.
        window_from: first day that a window batch replaces.
        window_to: last day that a window batch replaces.
        extracted_at: when the extraction began, UTC without offset.
        file: the source's file, pattern or files.
        fingerprint: digest of the source's bytes and of the mapping; equal means nothing to do.
        path: the Parquet file, relative to the landing folder.
        window_column: the canonical column whose days the window is made of.
        content_id: digest of the content before salting.
        cursor_to: up to where a source with a cursor had been read when this batch landed.
        replaces: ids of earlier forms of the same batch, from which erased persons have been taken out.
        contents: digests of the bytes of the files that it was read from; none where it came from no file.
        mapping: how they were read, as JSON.
        withdraws: ids of the batches whose place it took: other readings of the same bytes, or an earlier content of a file
            that replaces itself.
    """

    batch_id: str
    source: str
    entity: str
    mode: Mode
    sequence: int
    row_count: int
    reject_count: int
    delivered_columns: tuple[str, ...]
    timezone: str
    window_from: date | None
    window_to: date | None
    extracted_at: datetime
    file: str
    fingerprint: str
    path: str
    window_column: str | None = None
    content_id: str = ""
    cursor_to: str | None = None
    replaces: tuple[str, ...] = ()
    contents: tuple[str, ...] = ()
    mapping: str = ""
    withdraws: tuple[str, ...] = ()


def batch_path(entity: str, source: str, batch_id: str) -> str:
    """Where the Parquet file of a batch lies, relative to the landing folder."""
    return f"{entity}/source={source}/batch={batch_id}/part.parquet"


def read_ledger(landing_dir: Path, source: str | None = None) -> list[Batch]:
    """All committed batches in landing order, withdrawn ones among them; one that another replaces does not count.

    Args:
        landing_dir: the landing zone.
        source: only those of this source; the entries of the others are not read.

    Raises:
        LandingError: an entry cannot be read, or the Parquet file of a committed batch is gone.
    """
    found = [_read(entry) for entry in _entries(landing_dir, source)]
    replaced = {(batch.entity, batch.source, old) for batch in found for old in batch.replaces}
    batches = [batch for batch in found if (batch.entity, batch.source, batch.batch_id) not in replaced]
    for batch in batches:
        if not (landing_dir / batch.path).is_file():
            raise LandingError(
                "the Parquet file of a committed batch is missing",
                fix="restore it from a backup, or delete its ledger entry and ingest the source again",
                path=batch.path,
            )
    return sorted(batches, key=lambda batch: (batch.sequence, batch.batch_id))


def record(landing_dir: Path, batch: Batch) -> None:
    """Commit a batch, durably."""
    folder = landing_dir / LEDGER_FOLDER / batch.entity / batch.source
    make_folders(folder, landing_dir)
    write_durably(folder / f"{batch.batch_id}.json", json.dumps(asdict(batch), default=str, indent=2, sort_keys=True))


def forget_replaced(landing_dir: Path) -> None:
    """Remove the entries that another one replaces, and their Parquet files; the entries go first."""
    found = {(batch.entity, batch.source, batch.batch_id): batch for batch in map(_read, _entries(landing_dir))}
    for batch in list(found.values()):
        for old in batch.replaces:
            gone = found.get((batch.entity, batch.source, old))
            if gone is not None:
                entry = landing_dir / LEDGER_FOLDER / gone.entity / gone.source / f"{old}.json"
                entry.unlink(missing_ok=True)
                fsync_path(entry.parent)
            shutil.rmtree((landing_dir / batch_path(batch.entity, batch.source, old)).parent, ignore_errors=True)


def make_folders(folder: Path, root: Path) -> None:
    """Make ``folder`` below ``root`` so that a crash cannot lose the way to it."""
    folder.mkdir(parents=True, exist_ok=True)
    current = folder
    while current != root.parent:
        fsync_path(current)
        current = current.parent


def _entries(landing_dir: Path, source: str | None = None) -> Iterator[Path]:
    yield from sorted((landing_dir / LEDGER_FOLDER).glob(f"*/{source or '*'}/*.json"))


def _read(entry: Path) -> Batch:
    try:
        fields: dict[str, Any] = json.loads(entry.read_text(encoding="utf-8"))
        fields["delivered_columns"] = tuple(fields["delivered_columns"])
        for name in ("replaces", "contents", "withdraws"):
            fields[name] = tuple(fields.get(name, ()))
        fields["extracted_at"] = datetime.fromisoformat(fields["extracted_at"])
        for name in ("window_from", "window_to"):
            fields[name] = date.fromisoformat(fields[name]) if fields[name] else None
        return Batch(**fields)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise LandingError(
            "a ledger entry cannot be read",
            fix="restore it from a backup, or delete it and ingest the source again",
            entry=f"{entry.parent.parent.name}/{entry.parent.name}/{entry.name}",
        ) from error
