"""Which landed batches a new reading takes the place of: the same bytes under another mapping, a file that replaces itself."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from kehu.landing.extract import Extract
from kehu.landing.ledger import Batch


def superseded_by(extract: Extract, content_id: str, in_force: Sequence[Batch]) -> list[Batch]:
    """The batches that count until now and must not beside this reading.

    Args:
        extract: what is about to land.
        content_id: the digest of its rows.
        in_force: the batches of its source and entity that count, oldest first.
    """
    return [
        batch
        for batch in in_force
        if _is_other_reading(extract, content_id, batch) or (extract.replaces_itself and batch.file == extract.file)
    ]


def replaced_since(extracts: Sequence[Extract], in_force: Sequence[Batch], restored: Collection[str]) -> list[Batch]:
    """What earlier contents of files still count, though their files replace themselves by now: ``on_change`` was set later.

    A batch that somebody has put back by hand stays.
    """
    files = {(extract.entity, extract.file) for extract in extracts if extract.replaces_itself}
    newest = {(batch.entity, batch.file): batch.batch_id for batch in in_force}
    return [
        batch
        for batch in in_force
        if (batch.entity, batch.file) in files
        and newest[batch.entity, batch.file] != batch.batch_id
        and batch.batch_id not in restored
    ]


def left_behind(extracts: Sequence[Extract], in_force: Sequence[Batch]) -> list[Batch]:
    """Batches of files that were read by another mapping than today's, and are not delivered any more to be read anew."""
    mappings: dict[str, set[str]] = {}
    files: dict[str, set[str]] = {}
    contents: dict[str, set[str]] = {}
    for extract in extracts:
        mappings.setdefault(extract.entity, set()).add(extract.mapping)
        files.setdefault(extract.entity, set()).add(extract.file)
        contents.setdefault(extract.entity, set()).update(extract.contents)
    return [
        batch
        for batch in in_force
        if batch.contents
        and batch.mode == "append"
        and batch.entity in mappings
        and batch.mapping not in mappings[batch.entity]
        and batch.file not in files[batch.entity]
        and not set(batch.contents) <= contents[batch.entity]
    ]


def _is_other_reading(extract: Extract, content_id: str, batch: Batch) -> bool:
    """Whether a batch holds bytes that this extract reads too, and reads differently."""
    if not batch.contents or not set(batch.contents) <= set(extract.contents):
        return False
    if batch.mapping != extract.mapping:
        return True
    # The same mapping may read the same file differently in another version of Kehu.
    return batch.file == extract.file and batch.contents == extract.contents and batch.content_id != content_id
