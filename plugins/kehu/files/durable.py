"""Files that survive a crash: written whole or not at all."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path


def fsync_path(path: Path) -> None:
    """Flush a file, or the entries of a folder, to disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def replace_durably(temporary: Path, final: Path) -> None:
    """Rename ``temporary`` to ``final`` in one atomic step and flush both the content and the folder entry."""
    if temporary.is_file() and not temporary.is_symlink():
        fsync_path(temporary)
    os.replace(temporary, final)
    fsync_path(final.parent)


def write_durably(path: Path, text: str) -> None:
    """Write a small text file so that a reader sees the old or the new content, never a part; a failure leaves no part behind."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        temporary.write_text(text, encoding="utf-8")
        replace_durably(temporary, path)
    except BaseException:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise
