from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from kehu.release.factory import open_store
from kehu.settings import Settings
from tests.unit.release.candidates import DAYS, add_candidate, published, settings_for


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    """Settings of an empty KEHU_HOME."""
    return settings_for(tmp_path / "home")


@pytest.fixture(scope="session")
def _three_published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    settings = settings_for(tmp_path_factory.mktemp("template") / "home")
    for minute, name in enumerate(DAYS):
        add_candidate(settings, name, customers=3, factor=minute + 1)
        if minute < 3:
            published(settings, name, minutes=minute)
    return settings.home


@pytest.fixture
def three(_three_published: Path, tmp_path: Path) -> Settings:
    """A home with six gated candidates, of which the first three are published."""
    settings = settings_for(shutil.copytree(_three_published, tmp_path / "three", symlinks=True))
    # a copy makes two files of two names of one
    open_store(settings).tidy()
    return settings
