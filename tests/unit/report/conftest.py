"""Releases to draw: a full one, an empty one, and ones made to order."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from tests.unit.report.invented_release import build, fill


@pytest.fixture(scope="session")
def full_release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release with 640 customers and fifteen months, the last of them unfinished."""
    return build(tmp_path_factory.mktemp("releases") / "r20240317_20240318t031500", fill)


@pytest.fixture()
def empty_release(tmp_path: Path) -> Path:
    """A release whose tables all exist and have no rows."""
    return build(tmp_path / "r20240317_empty", lambda connection: None)


@pytest.fixture()
def make_release(tmp_path: Path) -> Callable[..., Path]:
    """Makes a release from statements that run after the tables are there; ``full`` fills them first."""

    def make(*statements: str, full: bool = False) -> Path:
        def fill_tables(connection: duckdb.DuckDBPyConnection) -> None:
            if full:
                fill(connection)
            for statement in statements:
                connection.execute(statement)

        return build(tmp_path / f"r20240317_{len(list(tmp_path.iterdir()))}", fill_tables)

    return make
