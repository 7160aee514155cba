"""Whether an extraction brings anything new, and under which id it lands."""

from __future__ import annotations

from collections.abc import Sequence

from kehu.landing.digest import Digest, content_id_after
from kehu.landing.extract import Extract, Rows
from kehu.landing.ledger import Batch


def is_unchanged(extract: Extract, history: Sequence[Batch]) -> bool:
    """Whether the bytes and the mapping are those of the newest batch, so that nothing needs to be read.

    Args:
        extract: what the source has now.
        history: the batches of its source and entity, oldest first.
    """
    if extract.always_read:
        return False
    same = [batch for batch in history if not extract.per_file or batch.file == extract.file]
    return bool(same) and same[-1].fingerprint == extract.fingerprint


def new_batch_id(
    extract: Extract, rows: Rows, digest: Digest, history: Sequence[Batch], in_force: Sequence[Batch]
) -> str | None:
    """The id under which the rows land; None where they are in force already, or were taken back by hand.

    In force means: the newest batch of the same file, of the same days or of the same entity has this content. An older
    content that comes back is a new batch, because it must win over what came in between. So is a copy under a new name:
    without an entry of its own it would look, as soon as another file has landed, like an older content that comes back.

    Args:
        extract: what the source has now.
        rows: its rows.
        digest: their digest.
        history: all batches of its source and entity, oldest first.
        in_force: those of them that are not withdrawn.
    """
    if rows.is_increment and digest.row_count == 0 and in_force:
        return None
    newest = [*_newest(extract, digest, in_force), *([] if extract.always_read else _newest(extract, digest, history))]
    if any(batch.content_id == digest.content_id for batch in newest):
        return None
    if digest.content_id not in {batch.content_id for batch in history}:
        return digest.content_id
    return content_id_after(digest.content_id, history[-1].batch_id)


def _newest(extract: Extract, digest: Digest, history: Sequence[Batch]) -> list[Batch]:
    if extract.per_file:
        return [batch for batch in history if batch.file == extract.file][-1:]
    if extract.mode == "window":
        return [batch for batch in history if _overlap(batch, digest)][-1:]
    return list(history[-1:])


def _overlap(batch: Batch, digest: Digest) -> bool:
    if batch.mode != "window":
        return True
    if None in (batch.window_from, batch.window_to, digest.window_from, digest.window_to):
        return batch.content_id == digest.content_id
    return batch.window_from <= digest.window_to and digest.window_from <= batch.window_to  # type: ignore[operator]
