"""The candidate's tables become the file of a release: copied, completed, described, checkpointed and closed."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from kehu.errors import ReleaseError
from kehu.ops.tables import candidate_schema
from kehu.quoting import sql_name, sql_text
from kehu.release.candidate import CandidateFacts, last_checks, own_row
from kehu.release.descriptions import comments
from kehu.release.ids import ReleaseId, as_utc
from kehu.release.manifest import RELEASE_FILE
from kehu.session import Session
from kehu.settings import Settings

# The oldest format that has everything used here: BI tools bring DuckDB drivers that are years older than Kehu's.
STORAGE_VERSION = "v1.2.0"

_TARGET = "release_file"
_TABLES = """
    select table_name from information_schema.tables
    where table_catalog = current_database() and table_schema = ? order by table_name
"""
_COMPLETE_RELEASE = f"update {_TARGET}.analytics.release set published_at = ?, previous_release_id = ?"


def export_candidate(
    settings: Settings, session: Session, release_id: ReleaseId, folder: Path, *, previous: str | None, now: datetime
) -> CandidateFacts:
    """Write the file of a candidate into ``folder``; nothing of it is open afterwards.

    ``data_quality`` is filled again, because the last checks were made after the candidate was built.

    Args:
        folder: an empty folder that no reader looks at.
        previous: the release to go back to from this one.
        now: the time of publication.

    Raises:
        ReleaseError: the candidate is not there, or its ``release`` table is not of this release.
    """
    schema = candidate_schema(release_id)
    tables = [row[0] for row in session.rows(_TABLES, [schema])]
    facts = own_row(session, release_id, tables)
    file = folder / RELEASE_FILE
    session.execute(f"attach {sql_text(str(file))} as {_TARGET} (storage_version '{STORAGE_VERSION}')")
    try:
        session.execute(f"create schema {_TARGET}.analytics")
        for table in map(sql_name, tables):
            session.execute(f"create table {_TARGET}.analytics.{table} as select * from {sql_name(schema)}.{table}")
        with session.transaction():
            session.execute(_COMPLETE_RELEASE, [as_utc(now), previous])
            _refill_data_quality(session, release_id)
            for statement in comments(settings, release_id, f"{_TARGET}.analytics", set(tables)):
                session.execute(statement)
        session.execute(f"checkpoint {_TARGET}")
    finally:
        session.execute(f"detach {_TARGET}")
    if (log := file.with_name(f"{RELEASE_FILE}.wal")).exists():
        raise ReleaseError("DuckDB left a write-ahead log beside the release", fix="publish again", file=log.name)
    return facts


def _refill_data_quality(session: Session, release_id: ReleaseId) -> None:
    checks = last_checks(session, release_id)
    if checks is not None:
        target = f"{_TARGET}.analytics.data_quality"
        session.execute(f"delete from {target}")
        session.execute(f"insert into {target} ({', '.join(checks.columns)}) {checks.query}", checks.parameters)
