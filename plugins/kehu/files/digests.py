"""Digests of files that hold code."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from kehu.settings import PROJECT_ROOT

_CODE_SUFFIXES = {".py", ".sql", ".yml", ".csv", ".j2"}


def files_digest(files: Iterable[Path], root: Path = PROJECT_ROOT) -> str:
    """A digest of names and contents, independent of the order in which the files come."""
    digest = hashlib.sha256()
    for file in sorted(files):
        digest.update(str(file.relative_to(root)).encode() + b"\0")
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()[:16]


def code_files(folder: Path) -> list[Path]:
    """The files of a folder whose change can change a result."""
    hidden = {"target", "logs", "__pycache__"}
    return [
        file
        for file in folder.rglob("*")
        if file.is_file() and file.suffix in _CODE_SUFFIXES and not hidden.intersection(file.parts)
    ]
