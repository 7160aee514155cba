from __future__ import annotations

from pathlib import Path

import pytest

from kehu.settings import Settings
from tests.unit.gate.small_release import make_home


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    """Settings of a KEHU_HOME whose candidate passes the gate."""
    return make_home(tmp_path)
