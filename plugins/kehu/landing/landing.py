"""Lands what is new in a source: all of it is checked and read before the first batch is written."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from kehu.errors import LandingError
from kehu.files.fault_points import step
from kehu.files.locks import exclusive
from kehu.landing import cleanup
from kehu.landing.digest import Digest, digest_rows
from kehu.landing.extract import Extract, Rows, Source
from kehu.landing.history import is_unchanged, new_batch_id
from kehu.landing.ledger import Batch, batch_path, next_sequence, read_ledger, record
from kehu.landing.redaction import without_values
from kehu.landing.row_filter import RowFilter
from kehu.landing.workspace import Workspace, workspace
from kehu.landing.writer import write_rows
from kehu.printable import printable
from kehu.settings import Settings

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class LandedEntity:
    """What one extraction brought for one entity; ``skipped`` counts the files that held nothing new."""

    entity: str
    batches: int = 0
    rows: int = 0
    rejects: int = 0
    skipped: int = 0

    def describe(self) -> str:
        """One line for people."""
        if not self.batches:
            return "nothing new"
        text = f"{self.batches:,} new {'batch' if self.batches == 1 else 'batches'}, {self.rows:,} rows"
        return text + (f", {self.rejects:,} of them could not be parsed" if self.rejects else "")


@dataclass(frozen=True)
class _Pending:
    """An extract that has been read and brings something new, maybe."""

    extract: Extract
    rows: Rows
    digest: Digest


def land_source(
    settings: Settings, source: Source, extracted_at: datetime, *, without: RowFilter
) -> list[LandedEntity]:
    """Land every entity of a source. The same input again lands nothing; safe to repeat after a crash at any point.

    Args:
        settings: where the landing zone is, and how much memory there is.
        source: an opened source.
        extracted_at: the moment of the extraction; the caller's clock is the only one.
        without: takes out of the rows what must not land.

    Returns:
        One entry an entity, in the source's order.

    Raises:
        ConfigurationError: mapping or files do not fit; nothing has landed.
        SourceUnreadable: a file cannot be read; nothing has landed.
        LandingError: the landing zone is damaged, or a source changed while it was read.
        WarehouseBusy: another process lands the same source.
    """
    moment = extracted_at.astimezone(UTC).replace(tzinfo=None) if extracted_at.tzinfo else extracted_at
    lock = settings.locks_dir / f"landing-{source.name}.lock"
    with exclusive(lock, f"ingest of {source.name}", settings.lock_timeout_seconds):
        history = [batch for batch in read_ledger(settings.landing_dir) if batch.source == source.name]
        cleanup.remove_uncommitted(settings.landing_dir, source.name, history)
        landed = {entity: LandedEntity(entity) for entity in source.entities}
        without.prepare()
        with workspace(settings, source.name) as work:
            extracts = _confined(work, source, settings.landing_dir, history)
            changed = _changed(work, extracts, history, landed)
            # all are read before the first is written
            for pending in [_read(work, source.name, extract, without) for extract in changed]:
                batch = _new_batch(source.name, pending, history, moment)
                if batch is not None:
                    write_rows(work, settings.landing_dir, batch, pending.rows)
                    batch = _commit(settings, batch)
                _count(landed, pending.extract.entity, batch)
                history += [batch] if batch else []
    return list(landed.values())


def _confined(work: Workspace, source: Source, landing_dir: Path, history: Sequence[Batch]) -> Sequence[Extract]:
    """The source's extracts, in a workspace that reads their files and what the source has landed, and nothing else."""
    extracts = source.extracts()
    read = [path for extract in extracts for path in extract.paths]
    work.confine([*read, *(landing_dir / batch.path for batch in history)])
    return extracts


def _changed(
    work: Workspace, extracts: Sequence[Extract], history: Sequence[Batch], landed: dict[str, LandedEntity]
) -> list[Extract]:
    """The extracts that may bring something new, all of them checked; nothing is read yet."""
    changed = []
    for extract in extracts:
        if is_unchanged(extract, _of(history, extract.entity)):
            _count(landed, extract.entity, None)
        else:
            changed.append(extract)
    for extract in changed:
        extract.inspect(work)
    return changed


def _read(work: Workspace, source: str, extract: Extract, without: RowFilter) -> _Pending:
    """Read an extract; where an expression fails on some row, again with such rows among the rejects."""
    rows = extract.rows(work)
    try:
        return _digested(work, source, extract, rows, without)
    except duckdb.Error as error:
        if rows.guarded is None:
            raise _unreadable(source, extract, error) from None
    try:
        return _digested(work, source, extract, rows.guarded(), without)
    except duckdb.Error as error:
        raise _unreadable(source, extract, error) from None


def _digested(work: Workspace, source: str, extract: Extract, rows: Rows, without: RowFilter) -> _Pending:
    rows = without.applied(work, source, extract.entity, rows)
    return _Pending(extract, rows, digest_rows(work, source, extract, rows))


def _new_batch(source: str, pending: _Pending, history: Sequence[Batch], moment: datetime) -> Batch | None:
    """The batch to write, without its place in landing order; None where nothing is new."""
    extract, digest = pending.extract, pending.digest
    batch_id = new_batch_id(extract, pending.rows, digest, _of(history, extract.entity))
    if batch_id is None:
        return None
    return Batch(
        batch_id=batch_id,
        source=source,
        entity=extract.entity,
        mode=extract.mode,
        sequence=0,
        row_count=digest.row_count,
        reject_count=digest.reject_count,
        delivered_columns=pending.rows.delivered,
        timezone=extract.timezone,
        window_from=digest.window_from,
        window_to=digest.window_to,
        extracted_at=moment,
        file=extract.file,
        fingerprint=extract.fingerprint,
        path=batch_path(extract.entity, source, batch_id),
        window_column=extract.window_column,
        content_id=digest.content_id,
        cursor_to=pending.rows.cursor_to,
    )


def _commit(settings: Settings, batch: Batch) -> Batch:
    """Give the batch the next place in landing order and write its ledger entry."""
    lock = settings.locks_dir / "ledger.lock"
    with exclusive(lock, f"ingest of {batch.source}", settings.lock_timeout_seconds):
        batch = replace(batch, sequence=next_sequence(settings.landing_dir))
        record(settings.landing_dir, batch)
    step("land:recorded")
    log.info("landed %s.%s: %d rows from %s", batch.source, batch.entity, batch.row_count, printable(batch.file))
    return batch


def _of(history: Sequence[Batch], entity: str) -> list[Batch]:
    return [batch for batch in history if batch.entity == entity]


def _count(landed: dict[str, LandedEntity], entity: str, batch: Batch | None) -> None:
    so_far = landed[entity]
    if batch is None:
        landed[entity] = replace(so_far, skipped=so_far.skipped + 1)
    else:
        landed[entity] = replace(
            so_far,
            batches=so_far.batches + 1,
            rows=so_far.rows + batch.row_count,
            rejects=so_far.rejects + batch.reject_count,
        )


def _unreadable(source: str, extract: Extract, error: duckdb.Error) -> LandingError:
    return LandingError(
        "the rows cannot be read",
        fix="correct the file, or the mapping where a cast fails on some value (try_cast does not)",
        source=source,
        entity=extract.entity,
        file=extract.file,
        duckdb=without_values(error),
    )
