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
from kehu.landing.landed_entity import LandedEntity
from kehu.landing.ledger import Batch, batch_path, record
from kehu.landing.own_batches import OwnBatches
from kehu.landing.readings import left_behind, replaced_since, superseded_by
from kehu.landing.redaction import without_values
from kehu.landing.row_filter import RowFilter
from kehu.landing.sequence import next_sequence
from kehu.landing.withdrawals import Decision, record_decision
from kehu.landing.workspace import Workspace, workspace
from kehu.landing.writer import write_rows
from kehu.printable import printable
from kehu.settings import Settings

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Pending:
    """An extract that has been read and brings something new, maybe."""

    extract: Extract
    rows: Rows
    digest: Digest


@dataclass(frozen=True)
class _Intake:
    """One extraction of one source: where, when, what is there already, and what has come of it."""

    settings: Settings
    source: str
    moment: datetime
    own: OwnBatches
    landed: dict[str, LandedEntity]


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
        own = OwnBatches.read(settings.landing_dir, source.name)
        cleanup.remove_uncommitted(settings.landing_dir, source.name, own.history)
        intake = _Intake(settings, source.name, moment, own, {name: LandedEntity(name) for name in source.entities})
        without.prepare()
        with workspace(settings, source.name) as work:
            extracts = _confined(work, source, settings.landing_dir, own.history)
            changed = _changed(work, extracts, intake)
            # all are read before the first is written
            for pending in [_read(work, source.name, extract, without) for extract in changed]:
                _land(work, intake, pending)
            _withdraw_replaced(intake, extracts)
    if any(entity.withdrawn for entity in intake.landed.values()):
        _tell_left_behind(left_behind(extracts, own.in_force()))
    return list(intake.landed.values())


def _confined(work: Workspace, source: Source, landing_dir: Path, history: Sequence[Batch]) -> Sequence[Extract]:
    """The source's extracts, in a workspace that reads their files and what the source has landed, and nothing else."""
    extracts = source.extracts()
    read = [path for extract in extracts for path in extract.paths]
    work.confine([*read, *(landing_dir / batch.path for batch in history)])
    return extracts


def _changed(work: Workspace, extracts: Sequence[Extract], intake: _Intake) -> list[Extract]:
    """The extracts that may bring something new, all of them checked; nothing is read yet."""
    changed = []
    for extract in extracts:
        if is_unchanged(extract, intake.own.of(extract.entity)):
            intake.landed[extract.entity] = intake.landed[extract.entity].with_nothing_new()
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


def _land(work: Workspace, intake: _Intake, pending: _Pending) -> None:
    """Write and commit what an extract brings, if anything; in the same step goes what it takes the place of."""
    entity, own, landing_dir = pending.extract.entity, intake.own, intake.settings.landing_dir
    batch = _new_batch(intake, pending)
    if batch is None:
        intake.landed[entity] = intake.landed[entity].with_nothing_new()
        return
    former = superseded_by(pending.extract, batch.content_id, own.in_force(entity))
    batch = replace(batch, withdraws=tuple(one.batch_id for one in former))
    write_rows(work, landing_dir, batch, pending.rows)
    batch = _commit(intake, batch)
    own.add(batch)
    intake.landed[entity] = intake.landed[entity].with_batch(batch).without(former)
    if former:
        is_replaced = pending.extract.replaces_itself and all(one.mapping == batch.mapping for one in former)
        _tell_withdrawn(batch.file, former, "it held before" if is_replaced else "of the former mapping")


def _withdraw_replaced(intake: _Intake, extracts: Sequence[Extract]) -> None:
    """Withdraw what files held before they were told to replace themselves."""
    settings, gone = intake.settings, replaced_since(extracts, intake.own.in_force(), intake.own.restored)
    if not gone:
        return
    ids = tuple(batch.batch_id for batch in gone)
    with exclusive(settings.locks_dir / "ledger.lock", f"ingest of {intake.source}", settings.lock_timeout_seconds):
        number = next_sequence(settings.landing_dir, intake.own.known)
        record_decision(
            settings.landing_dir, Decision(number, "withdraw", intake.moment, "on_change: replace", batches=ids)
        )
    intake.own.withdraw(ids)
    for batch in gone:
        intake.landed[batch.entity] = intake.landed[batch.entity].without([batch])
        _tell_withdrawn(batch.file, [batch], "it held before")


def _tell_withdrawn(file: str, former: Sequence[Batch], which: str) -> None:
    rows = sum(one.row_count for one in former)
    log.warning("%s is read anew: %d rows %s are withdrawn", printable(file), rows, which)


def _tell_left_behind(batches: Sequence[Batch]) -> None:
    """Name what another mapping has read and no file brings anew."""
    for batch in batches:
        log.warning(
            "%s.%s: %d rows of %s stay as another mapping has read them, since the file is not there any more;"
            " `kehu landing withdraw --delivery %s` takes them back",
            *(batch.source, batch.entity, batch.row_count, printable(batch.file), batch.batch_id[:8]),
        )


def _new_batch(intake: _Intake, pending: _Pending) -> Batch | None:
    """The batch to write, without its place in landing order; None where nothing is new."""
    extract, digest, own = pending.extract, pending.digest, intake.own
    history, in_force = own.of(extract.entity), own.in_force(extract.entity)
    batch_id = new_batch_id(extract, pending.rows, digest, history, in_force)
    if batch_id is None:
        return None
    return Batch(
        batch_id=batch_id,
        source=intake.source,
        entity=extract.entity,
        mode=extract.mode,
        sequence=0,
        row_count=digest.row_count,
        reject_count=digest.reject_count,
        delivered_columns=pending.rows.delivered,
        timezone=extract.timezone,
        window_from=digest.window_from,
        window_to=digest.window_to,
        extracted_at=intake.moment,
        file=extract.file,
        fingerprint=extract.fingerprint,
        path=batch_path(extract.entity, intake.source, batch_id),
        window_column=extract.window_column,
        content_id=digest.content_id,
        cursor_to=pending.rows.cursor_to,
        contents=extract.contents,
        mapping=extract.mapping,
    )


def _commit(intake: _Intake, batch: Batch) -> Batch:
    """Give the batch the next place in landing order and write its ledger entry."""
    settings = intake.settings
    with exclusive(settings.locks_dir / "ledger.lock", f"ingest of {batch.source}", settings.lock_timeout_seconds):
        batch = replace(batch, sequence=next_sequence(settings.landing_dir, intake.own.known))
        record(settings.landing_dir, batch)
    step("land:recorded")
    log.info("landed %s.%s: %d rows from %s", batch.source, batch.entity, batch.row_count, printable(batch.file))
    return batch


def _unreadable(source: str, extract: Extract, error: duckdb.Error) -> LandingError:
    return LandingError(
        "the rows cannot be read",
        fix="correct the file, or the mapping where a cast fails on some value (try_cast does not)",
        source=source,
        entity=extract.entity,
        file=extract.file,
        duckdb=without_values(error),
    )
