"""Fixtures of the tests that run dbt; see ``tests/support/dbt_shop.py``."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.support.dbt_process import DbtProcess
from tests.support.dbt_shop import DbtShop

NewShop = Callable[[], DbtShop]


@pytest.fixture(scope="session")
def dbt_process() -> Iterator[DbtProcess]:
    """dbt and its parse of the project, shared by all shops of the session."""
    process = DbtProcess()
    yield process
    process.close()


@pytest.fixture
def new_shop(tmp_path_factory: pytest.TempPathFactory, dbt_process: DbtProcess) -> NewShop:
    """A function that makes an empty shop."""
    return lambda: DbtShop(tmp_path_factory.mktemp("shop"), dbt_process)


@pytest.fixture(scope="module")
def module_shop(tmp_path_factory: pytest.TempPathFactory, dbt_process: DbtProcess) -> NewShop:
    """The same for fixtures that a module shares."""
    return lambda: DbtShop(tmp_path_factory.mktemp("shop"), dbt_process)
