"""One small folder of files a test."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.source_folder import SourceFolder


@pytest.fixture
def shop(tmp_path: Path) -> SourceFolder:
    """An empty source folder."""
    return SourceFolder(tmp_path)
