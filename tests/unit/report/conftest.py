"""Releases to draw: a full one, an empty one, and ones made to order."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.unit.report.invented_release import build, editing, fill


@pytest.fixture(scope="session")
def full_release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release with 640 customers and fifteen months, the last of them unfinished."""
    return build(tmp_path_factory.mktemp("releases") / "r20240317_20240318t031500", fill)


@pytest.fixture(scope="session")
def empty_release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release whose tables all exist and have no rows."""
    return build(tmp_path_factory.mktemp("releases") / "r20240317_empty", lambda connection: None)


@pytest.fixture(scope="session")
def make_release(tmp_path_factory: pytest.TempPathFactory, full_release: Path) -> Callable[..., Path]:
    """Makes a release by statements on empty tables, or with ``full`` on a copy of the full one."""

    def make(*statements: str, full: bool = False) -> Path:
        folder = tmp_path_factory.mktemp("made") / "r20240317_made"
        if full:
            shutil.copytree(full_release, folder)
        else:
            build(folder, lambda connection: None)
        with editing(folder) as connection:
            for statement in statements:
                connection.execute(statement)
        return folder

    return make
