"""Fixtures of the tests that run dbt; see ``tests/support/dbt_shop.py``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.dbt_shop import DbtShop

NewShop = Callable[[], DbtShop]


@pytest.fixture(scope="session")
def parse_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """dbt's parse of the project, shared by all shops of the session."""
    return tmp_path_factory.mktemp("dbt_parse")


@pytest.fixture
def new_shop(tmp_path_factory: pytest.TempPathFactory, parse_cache: Path) -> NewShop:
    """A function that makes an empty shop."""
    return lambda: DbtShop(tmp_path_factory.mktemp("shop"), parse_cache)


@pytest.fixture(scope="module")
def module_shop(tmp_path_factory: pytest.TempPathFactory, parse_cache: Path) -> NewShop:
    """The same for fixtures that a module shares."""
    return lambda: DbtShop(tmp_path_factory.mktemp("shop"), parse_cache)
