from __future__ import annotations

from pathlib import Path

import pytest

from kehu.settings import Settings
from tests.unit.release.candidates import settings_for


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    """Settings of an empty KEHU_HOME."""
    return settings_for(tmp_path / "home")
