"""Options and fixtures that all tests share."""

from __future__ import annotations

import gc
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.postgres_server import Databases, is_shipped, running_server

# Importing Airflow makes its home folder: not the user's.
_AIRFLOW_HOME = tempfile.TemporaryDirectory(prefix="kehu-airflow-")
os.environ["AIRFLOW_HOME"] = _AIRFLOW_HOME.name

ROOT = Path(__file__).resolve().parents[1]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="run the long groups whole (every kill point, every seed)")


def pytest_configure(config: pytest.Config) -> None:
    gc.disable()
    if not config.getoption("--long"):
        # The workers share the cores: a second thread of dbt costs a tenth more. tests/dbt/ has two all the same.
        os.environ.setdefault("KEHU_THREADS", "1")


def pytest_collection_finish() -> None:
    """What the test modules have imported stays to the end: no collection of garbage walks through it again."""
    gc.freeze()
    gc.enable()


def pytest_unconfigure() -> None:
    gc.unfreeze()
    _AIRFLOW_HOME.cleanup()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes long comes first: a worker that begins it last keeps the others waiting (`make test` keeps this order)."""
    order = {"integration": 0, "faults": 1, "dbt": 3}

    def place(item: pytest.Item) -> int:
        is_slow = item.get_closest_marker("slow") is not None
        return order.get(item.path.relative_to(ROOT / "tests").parts[0], 2 if is_slow else 4)

    items.sort(key=place)


@pytest.fixture(scope="session")
def is_long(request: pytest.FixtureRequest) -> bool:
    """Whether the long groups run whole."""
    return bool(request.config.getoption("--long"))


@pytest.fixture(scope="session")
def new_home(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """A function that makes an empty home which knows the parse of the dbt project that the last one before has made.

    dbt itself decides whether that parse still fits. Parsing takes longer than building a small shop.
    """
    homes: list[Path] = []

    def make(name: str) -> Path:
        parsed = [home / "warehouse" / "partial_parse.msgpack" for home in homes]
        homes.append(tmp_path_factory.mktemp(name) / "home")
        for file in filter(Path.exists, reversed(parsed)):
            (homes[-1] / "warehouse").mkdir(parents=True)
            shutil.copyfile(file, homes[-1] / "warehouse" / file.name)
            break
        return homes[-1]

    return make


@pytest.fixture(scope="session")
def databases() -> Iterator[Databases]:
    """A Postgres server: that of ``KEHU_TEST_POSTGRES_DSN``, or one of the tests' own, the same for all tests of a worker."""
    running = os.environ.get("KEHU_TEST_POSTGRES_DSN")
    if running:
        yield Databases(running)
        return
    if not is_shipped():
        pytest.skip("no Postgres server for this platform on PyPI: name a running one in KEHU_TEST_POSTGRES_DSN")
    with running_server() as (_, own):
        yield own
