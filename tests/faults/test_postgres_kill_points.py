"""kill -9 of a run and of Postgres itself, at each step of a day: the same release as an undisturbed run on DuckDB."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from kehu.release.catalog import current_release_id, find
from kehu.settings import Settings, load_settings
from tests.integration.tiny_shop import write_shop
from tests.support.killed_runs import KILL_POINTS, kehu
from tests.support.postgres_server import Databases, OwnServer, is_shipped, running_server

AS_OF = "2024-03-04"
ON_DISK_ONLY = frozenset({"publish:synced", "publish:renamed", "publish:swapped"})
"""Steps of a release that is a folder."""
MARKS = ("dbt: 20/", "dbt: 100/", "dbt: 150/")
"""Lines of a run's log that come in the middle of a step."""

pytestmark = [pytest.mark.faults, pytest.mark.timeout(1800)]


@pytest.fixture(autouse=True, scope="module")
def _only_long(is_long: bool) -> None:
    if not is_long:
        pytest.skip("minutes of runs: with --long; tests/integration/test_postgres_releases.py kills a publication")


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_shop(tmp_path_factory.mktemp("faults") / "shop")


@pytest.fixture(scope="module")
def undisturbed(new_home: Callable[[str], Path], sources: Path) -> dict[str, Any]:
    """What a run on DuckDB that nobody killed has published."""
    home = new_home("undisturbed")
    done = kehu(home, sources, "run", "--as-of", AS_OF)
    assert done.returncode == 0, done.stderr[-3000:]
    return published(load_settings(home=home, sources=sources))


@pytest.fixture(scope="module")
def server(is_long: bool) -> Iterator[tuple[OwnServer, Databases]]:
    """A server that these tests may kill."""
    if not is_shipped():
        pytest.skip("a server that may be killed comes from PyPI, and there is none for this platform")
    with running_server() as server:
        yield server


def published(settings: Settings) -> dict[str, Any]:
    """Rows and checksum of each table that does not hold times of the run."""
    current = current_release_id(settings)
    assert current is not None
    manifest = find(settings, current)
    return {name: facts for name, facts in manifest.tables.items() if not facts.is_run_specific}


def on_postgres(dsn: str) -> dict[str, str]:
    return {"KEHU_WAREHOUSE": "postgres", "KEHU_WAREHOUSE_DSN": dsn}


@pytest.mark.parametrize("point", [point for point in KILL_POINTS if point not in ON_DISK_ONLY])
def test_a_run_and_its_server_that_are_killed_are_mended_by_a_plain_rerun(
    point: str,
    new_home: Callable[[str], Path],
    sources: Path,
    undisturbed: dict[str, Any],
    server: tuple[OwnServer, Databases],
) -> None:
    own, databases = server
    home, dsn = new_home("killed"), databases.new()
    killed = kehu(home, sources, "run", "--as-of", AS_OF, die_at=point, **on_postgres(dsn))
    assert killed.returncode == -signal.SIGKILL, f"{point} was never reached: {killed.stderr[-2000:]}"
    own.crash()
    own.run()
    again = kehu(home, sources, "run", "--as-of", AS_OF, **on_postgres(dsn))
    assert again.returncode == 0, again.stderr[-3000:]
    found = published(load_settings(home=home, sources=sources, warehouse="postgres", warehouse_dsn=dsn))
    assert found == undisturbed


@pytest.mark.parametrize("mark", MARKS)
def test_a_server_that_dies_under_a_run_is_named_and_the_same_command_ends_it(
    mark: str,
    new_home: Callable[[str], Path],
    sources: Path,
    undisturbed: dict[str, Any],
    server: tuple[OwnServer, Databases],
) -> None:
    own, databases = server
    home, dsn = new_home("orphaned"), databases.new()
    environment = {**os.environ, "KEHU_HOME": str(home), "KEHU_SOURCES": str(sources)} | on_postgres(dsn)
    command = [sys.executable, "-m", "kehu.cli", "run", "--as-of", AS_OF]
    run = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert run.stdout is not None
    lines = []
    for line in run.stdout:
        lines.append(line)
        if mark in line and not any(mark in earlier for earlier in lines[:-1]):
            own.crash()
    assert run.wait() == 1, "".join(lines[-20:])
    assert "Traceback" not in "".join(lines), "".join(lines[-40:])
    own.run()
    again = kehu(home, sources, "run", "--as-of", AS_OF, **on_postgres(dsn))
    assert again.returncode == 0, again.stderr[-3000:]
    found = published(load_settings(home=home, sources=sources, warehouse="postgres", warehouse_dsn=dsn))
    assert found == undisturbed
