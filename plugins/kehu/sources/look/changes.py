"""What a file that has changed since it landed does to what it held before: does it hold the old keys?"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from kehu.entities import ENTITIES
from kehu.landing.digest import row_text
from kehu.landing.extract import Extract
from kehu.landing.ledger import Batch
from kehu.landing.workspace import Workspace
from kehu.quoting import sql_name, sql_text
from kehu.sources.look.facts import FileChange


def file_change(
    work: Workspace, extract: Extract, new: Path, landing_dir: Path, in_force: Sequence[Batch]
) -> FileChange | None:
    """Compare the keys of a file with those that it has landed before.

    Args:
        work: where the comparison runs.
        extract: the file as it is now.
        new: its rows, as Parquet.
        landing_dir: where the batches lie.
        in_force: the batches of its source that count, oldest first.

    Returns:
        None where the file has not landed yet, or is what it was.
    """
    mine = [batch for batch in in_force if batch.entity == extract.entity and batch.file == extract.file]
    if not extract.per_file or not mine:
        return None
    anew = [batch for batch in mine if batch.contents == extract.contents]
    if anew:
        rows = sum(batch.row_count for batch in anew if batch.mapping != extract.mapping)
        return FileChange(extract.file, rows_read_anew=rows) if rows else None
    files = ", ".join(sql_text(str(landing_dir / batch.path)) for batch in mine)
    key = ENTITIES[extract.entity].key
    delivered = {str(row[0]) for row in work.rows(f"describe select * from read_parquet({sql_text(str(new))})")}
    if not set(key) <= delivered:
        return None
    text = row_text(sql_name(name) for name in key)
    before, held = work.rows(f"""
        with before as (
            select distinct {text} as key
            from read_parquet([{files}], hive_partitioning = false, union_by_name = true)
            where _error is null
        )
        select count(*), count(*) filter (where key in (select {text} from read_parquet({sql_text(str(new))}))) from before
    """)[0]
    return FileChange(extract.file, int(str(before)), int(str(held)), extract.replaces_itself)
