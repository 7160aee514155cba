"""Takes erased persons out of batches that have landed: each is written anew under the id of its new content.

The ledger entry of the new batch names the one that it replaces and is what commits the step, so that a reader sees one of
the two and never both. The caller holds the locks of all sources.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from kehu.erasure.ledger import ErasureLedger
from kehu.erasure.rows import changed_rows, erased, prepare
from kehu.files.durable import write_durably
from kehu.files.fault_points import step
from kehu.landing.digest import content_id_after, digest_rows
from kehu.landing.extract import Rows
from kehu.landing.ledger import LEDGER_FOLDER, Batch, batch_path, forget_replaced, read_ledger, record
from kehu.landing.workspace import Workspace, workspace
from kehu.landing.writer import write_rows
from kehu.quoting import sql_name, sql_text
from kehu.settings import Settings


@dataclass(frozen=True)
class BatchChange:
    """A batch that holds rows of erased persons, and how many."""

    batch: Batch
    rows: int


def find_changes(work: Workspace, settings: Settings, ledger: ErasureLedger) -> list[BatchChange]:
    """The batches that an erasure would change, in landing order; withdrawn ones are kept, and so they are among them."""
    return changed_batches(work, settings, ledger, read_ledger(settings.landing_dir) if ledger.key is not None else [])


def changed_batches(
    work: Workspace, settings: Settings, ledger: ErasureLedger, batches: Sequence[Batch]
) -> list[BatchChange]:
    """Those of some batches that an erasure would change."""
    prepare(work.connection, ledger)
    found = []
    for batch in batches:
        count = changed_rows(work, batch.source, batch.entity, _rows_of(settings, batch), ledger)
        if count:
            found.append(BatchChange(batch, count))
    return found


def rewrite_landing(settings: Settings, ledger: ErasureLedger) -> list[BatchChange]:
    """Take whoever is in the ledger out of every batch; what is done already is left alone."""
    forget_replaced(settings.landing_dir)
    with workspace(settings, "_erasing") as work:
        batches = read_ledger(settings.landing_dir) if ledger.key is not None else []
        changes = changed_batches(work, settings, ledger, batches)
        taken = {batch.batch_id for batch in batches}
        for change in changes:
            taken.add(_rewrite(work, settings, change.batch, ledger, taken).batch_id)
            step("erase:batch_rewritten")
    forget_replaced(settings.landing_dir)
    _set_through(settings, ledger.number)
    step("erase:landing_rewritten")
    return changes


def is_behind(settings: Settings, number: int) -> bool:
    """Whether the landing zone has not been through all erasures up to this number."""
    file = settings.landing_dir / LEDGER_FOLDER / "erased_through"
    through = int(file.read_text(encoding="utf-8")) if file.exists() else 0
    return through < number


def replaced_ids(settings: Settings) -> dict[str, str]:
    """The id of today's form of a batch by the ids of its earlier forms."""
    return {old: batch.batch_id for batch in read_ledger(settings.landing_dir) for old in batch.replaces}


def _set_through(settings: Settings, number: int) -> None:
    write_durably(settings.landing_dir / LEDGER_FOLDER / "erased_through", str(number))


def _rewrite(work: Workspace, settings: Settings, batch: Batch, ledger: ErasureLedger, taken: Collection[str]) -> Batch:
    rows = erased(batch.source, batch.entity, _rows_of(settings, batch), ledger)
    digest = digest_rows(work, batch.source, batch, rows)
    new_id = digest.content_id
    if batch.batch_id != batch.content_id or new_id in taken or new_id in batch.replaces:
        new_id = content_id_after(new_id, batch.batch_id)
    new = replace(
        batch,
        batch_id=new_id,
        content_id=digest.content_id,
        path=batch_path(batch.entity, batch.source, new_id),
        replaces=(*batch.replaces, batch.batch_id),
    )
    write_rows(work, settings.landing_dir, new, rows)
    record(settings.landing_dir, new)
    return new


def _rows_of(settings: Settings, batch: Batch) -> Rows:
    parquet = f"read_parquet({sql_text(str(settings.landing_dir / batch.path))}, hive_partitioning = false)"
    names = ", ".join(sql_name(name) for name in (*batch.delivered_columns, "_file", "_row_number", "_extra"))
    rejects = f"select _file, _row_number, _raw, _error from {parquet} where _error is not null"
    return Rows(
        accepted=f"select {names} from {parquet} where _error is null",
        delivered=batch.delivered_columns,
        rejects=rejects if batch.reject_count else None,
    )
