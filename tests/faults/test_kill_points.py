"""kill -9 between any two steps of a day, then a plain re-run: the same release as an undisturbed run."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.integration.tiny_shop import write_shop
from tests.support.killed_runs import KILL_POINTS, kehu

AS_OF = "2024-03-04"
ONE_OF_THEM = "build:state_built"

pytestmark = [pytest.mark.faults, pytest.mark.timeout(1800)]


def run_twice_at_once(home: Path, sources: Path) -> None:
    """Two runs of the same day begin together and take turns."""
    environment = {**os.environ, "KEHU_HOME": str(home), "KEHU_SOURCES": str(sources)}
    command = [sys.executable, "-m", "kehu.cli", "run", "--as-of", AS_OF]
    pair = [
        subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) for _ in range(2)
    ]
    errors = [process.communicate()[1] for process in pair]
    assert [process.returncode for process in pair] == [0, 0], errors


def published(home: Path) -> dict[str, Any]:
    """What a release says: rows and checksum of each table that does not hold times of the run."""
    manifest = json.loads((home / "published" / "manifest.json").read_text())
    return {
        "as_of": manifest["as_of_date"],
        "batches": sorted(entry["batch_id"] for entry in manifest["batches"]),
        "tables": {name: facts for name, facts in manifest["tables"].items() if not facts["is_run_specific"]},
    }


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_shop(tmp_path_factory.mktemp("faults") / "shop")


@pytest.fixture(scope="module")
def undisturbed(new_home: Callable[[str], Path], sources: Path) -> Path:
    """The home of a run that nobody killed."""
    home = new_home("undisturbed")
    done = kehu(home, sources, "run", "--as-of", AS_OF)
    assert done.returncode == 0, done.stderr[-3000:]
    return home


@pytest.mark.parametrize("point", KILL_POINTS)
def test_a_killed_run_leaves_nothing_that_a_plain_rerun_does_not_mend(
    point: str, new_home: Callable[[str], Path], sources: Path, undisturbed: Path, is_long: bool
) -> None:
    if not is_long and point != ONE_OF_THEM:
        pytest.skip("one kill point in `make test`; all of them in `make test-all`")
    home = new_home("killed")
    killed = kehu(home, sources, "run", "--as-of", AS_OF, die_at=point)
    assert killed.returncode == -signal.SIGKILL, f"{point} was never reached: {killed.stderr[-2000:]}"
    if is_long:
        again = kehu(home, sources, "run", "--as-of", AS_OF)
        assert again.returncode == 0, again.stderr[-3000:]
    else:
        # whoever mends it may not be alone: one case shows both
        run_twice_at_once(home, sources)
    assert published(home) == published(undisturbed)
    assert not list(home.rglob("*.tmp")), "the re-run left somebody's temporary files behind"


def test_two_runs_at_once_take_turns_and_publish_the_same(
    new_home: Callable[[str], Path], sources: Path, undisturbed: Path, is_long: bool
) -> None:
    if not is_long:
        pytest.skip("on an empty home in `make test-all`; `make test` starts two runs after the killed one")
    home = new_home("shared")
    run_twice_at_once(home, sources)
    assert published(home) == published(undisturbed)


def test_a_second_run_that_may_not_wait_is_refused_by_name(tmp_path: Path, sources: Path) -> None:
    from kehu.files.locks import exclusive

    with exclusive(tmp_path / "home" / "locks" / "run.lock", "kehu run --as-of 2024-01-01", 1):
        environment = {**os.environ, "KEHU_HOME": str(tmp_path / "home"), "KEHU_SOURCES": str(sources)}
        environment["KEHU_LOCK_TIMEOUT_SECONDS"] = "0.2"
        refused = subprocess.run(
            [sys.executable, "-m", "kehu.cli", "run", "--as-of", AS_OF],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
    assert refused.returncode == 1
    assert "WarehouseBusy" in refused.stderr
    assert "kehu run --as-of 2024-01-01" in refused.stderr


def test_the_published_release_is_readable_and_whole(undisturbed: Path) -> None:
    with duckdb.connect(str(undisturbed / "published" / "kehu.duckdb"), read_only=True) as connection:
        row = connection.execute(
            "select as_of_date::varchar, published_at is not null from analytics.release"
        ).fetchone()
    assert row == (AS_OF, True)


@pytest.mark.parametrize("point", ["rollback:before_swap", "rollback:swapped", "rollback:recorded"])
def test_a_killed_rollback_is_mended_by_the_next_one(
    point: str, undisturbed: Path, sources: Path, tmp_path: Path, is_long: bool
) -> None:
    if not is_long:
        pytest.skip(
            "in `make test-all`; tests/faults/test_publish_faults.py does it on a made-up release in `make test`"
        )
    home = tmp_path / "home"
    shutil.copytree(undisturbed, home, symlinks=True)
    first = (home / "published").resolve().name
    assert kehu(home, sources, "run", "--as-of", AS_OF).returncode == 0
    assert (home / "published").resolve().name != first
    killed = kehu(home, sources, "rollback", first, die_at=point)
    assert killed.returncode == -signal.SIGKILL, killed.stderr[-2000:]
    assert (home / "published" / "kehu.duckdb").exists()
    assert kehu(home, sources, "rollback", first).returncode == 0
    assert (home / "published").resolve().name == first
