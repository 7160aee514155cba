"""Writes one batch: a Parquet file under a temporary name, flushed, renamed; then its ledger entry."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from kehu.entities import ENTITIES
from kehu.errors import LandingError
from kehu.files.durable import fsync_path, replace_durably
from kehu.files.fault_points import step
from kehu.landing.extract import Rows
from kehu.landing.ledger import Batch, make_folders
from kehu.landing.workspace import Workspace
from kehu.quoting import sql_name, sql_text


def write_rows(work: Workspace, landing_dir: Path, batch: Batch, rows: Rows) -> None:
    """Stream the rows into the batch's Parquet file; a reader sees it whole or not at all.

    Raises:
        LandingError: the source gave another number of rows than when it was read before.
    """
    temporary = work.new_file(".parquet")
    sql = f"copy ({_select(batch, rows)}) to {sql_text(str(temporary))} (format parquet, compression zstd, compression_level 1)"
    written = work.connection.execute(sql).fetchall()[0][0]
    if written != batch.row_count or not rows.is_unchanged():
        raise LandingError(
            "the source changed while it was read",
            fix="ingest again when nobody writes to it",
            source=batch.source,
            entity=batch.entity,
            file=batch.file,
            rows_expected=batch.row_count,
            rows_written=written,
        )
    fsync_path(temporary)
    step("land:written")
    final = landing_dir / batch.path
    make_folders(final.parent, landing_dir)
    replace_durably(temporary, final)
    step("land:renamed")


def _select(batch: Batch, rows: Rows) -> str:
    names = ENTITIES[batch.entity].column_names
    columns = [sql_name(name) if name in rows.delivered else f"null::varchar as {sql_name(name)}" for name in names]
    query = f"select {', '.join(columns + _plumbing(batch, '_extra', 'null::varchar', 'null::varchar'))} from ({rows.accepted})"
    if rows.rejects:
        nulls = [f"null::varchar as {sql_name(name)}" for name in names]
        plumbing = _plumbing(batch, "null::varchar", "_raw", "_error")
        query += f" union all select {', '.join(nulls + plumbing)} from ({rows.rejects})"
    return query


def _plumbing(batch: Batch, extra: str, raw: str, error: str) -> list[str]:
    return [
        f"{sql_text(batch.source)} as _source",
        "_file::varchar as _file",
        f"{sql_text(batch.batch_id)} as _batch_id",
        "_row_number::bigint as _row_number",
        f"timestamp {sql_text(_utc(batch.extracted_at))} as _extracted_at",
        f"{extra} as _extra",
        f"{raw} as _raw",
        f"{error} as _error",
    ]


def _utc(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S.%f")
