"""Copies of dbt project and suites that a test may edit, and the bytes of a home that no plan may change."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.support.repository import ROOT

_NOT_COPIED = shutil.ignore_patterns("target", "logs")


def copy_project(folder: Path) -> dict[str, str]:
    """Copy dbt project and suites below a folder; the settings that name the copies."""
    for name in ("dbt_project", "expectations"):
        shutil.copytree(ROOT / name, folder / name, ignore=_NOT_COPIED)
    return {"KEHU_DBT_PROJECT": str(folder / "dbt_project"), "KEHU_EXPECTATIONS": str(folder / "expectations")}


@contextmanager
def edited(changes: Mapping[Path, tuple[str, str]]) -> Iterator[None]:
    """Replace a text in files for the block; each must be there."""
    before = {file: file.read_text(encoding="utf-8") for file in changes}
    try:
        for file, (old, new) in changes.items():
            assert old in before[file], f"{file.name} does not say {old!r}"
            file.write_text(before[file].replace(old, new), encoding="utf-8")
        yield
    finally:
        for file, text in before.items():
            file.write_text(text, encoding="utf-8")


def bytes_of(home: Path) -> dict[str, str]:
    """A digest of every file and the target of every link in a home but the lock files, which say who held them last."""
    return {
        str(path.relative_to(home)): str(path.readlink())
        if path.is_symlink()
        else hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(home.rglob("*"))
        if (path.is_symlink() or path.is_file()) and path.relative_to(home).parts[0] != "locks"
    }
