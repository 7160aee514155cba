"""kill -9 at each step of publish and rollback: BI reads a whole release, and the same command again ends as undisturbed."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import duckdb
import pytest

from kehu.release.catalog import current_release_id, list_releases
from kehu.settings import PROJECT_ROOT, Settings
from tests.unit.release.candidates import (
    add_candidate,
    events_of,
    identity,
    ops_session,
    published,
    rolled_back,
    settings_for,
)

pytestmark = pytest.mark.faults

D1, D2, D3 = identity("2018-01-01"), identity("2018-01-02"), identity("2018-01-03")
PUBLISH_STEPS = ["exported", "synced", "renamed", "before_swap", "swapped", "recorded"]
ROLLBACK_STEPS = ["before_swap", "swapped", "recorded"]

COMMAND = """
import sys
from pathlib import Path
from tests.unit.release.candidates import published, rolled_back, settings_for

home = settings_for(Path(sys.argv[1]), keep_releases=2)
if sys.argv[2] == "publish":
    published(home, sys.argv[3], minutes=int(sys.argv[4]))
else:
    rolled_back(home)
"""


def start(home: Settings, *arguments: str, die_at: str = "") -> subprocess.Popen[bytes]:
    environment = {**os.environ, "KEHU_TEST_DIE_AT": die_at, "PYTHONPATH": str(PROJECT_ROOT)}
    command = [sys.executable, "-c", COMMAND, str(home.home), *arguments]
    return subprocess.Popen(
        command, env=environment, cwd=PROJECT_ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )


def state(home: Settings) -> dict[str, Any]:
    """Everything that the next command, BI or an auditor can see."""
    with ops_session(home) as session:
        cut_points = session.rows("select * from ops.published_rfm_cut_points order by all")
    return {
        "current": current_release_id(home),
        "home": sorted(os.listdir(home.home)),
        "releases": sorted(os.listdir(home.releases_dir)),
        "manifests": {
            entry.id: (home.releases_dir / entry.id / "manifest.json").read_text() for entry in list_releases(home)
        },
        "events": events_of(home),
        "cut_points": cut_points,
    }


def what_bi_reads(home: Settings) -> str:
    """The release that a reader sees, having joined it with its facts."""
    with duckdb.connect(str(home.published_link / "kehu.duckdb"), read_only=True) as reader:
        reader.execute("set schema = 'analytics'")
        sql = """
            select release_id, as_of_date = (select min(as_of_date) from dim_customers),
                (select sum(net_revenue) from fct_orders) = (select net_revenue from segment_summary)
            from release
        """
        ((release, is_same_day, is_balanced),) = reader.execute(sql).fetchall()
    assert is_same_day
    assert is_balanced
    return str(release)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Two published releases and a gated candidate for the third; publishing it will also prune the first."""
    home = settings_for(tmp_path_factory.mktemp("faults") / "home", keep_releases=2)
    for minute, name in enumerate((D1, D2, D3)):
        add_candidate(home, name, factor=minute + 1)
        if name != D3:
            published(home, name, minutes=minute)
    return home


@pytest.fixture
def copy(prepared: Settings, tmp_path: Path) -> Settings:
    shutil.copytree(prepared.home, tmp_path / "home", symlinks=True)
    return settings_for(tmp_path / "home", keep_releases=2)


@pytest.fixture(scope="module")
def undisturbed(prepared: Settings, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    found = {}
    for operation in ("publish", "rollback"):
        home = tmp_path_factory.mktemp(operation) / "home"
        shutil.copytree(prepared.home, home, symlinks=True)
        settings = settings_for(home, keep_releases=2)
        if operation == "publish":
            published(settings, D3, minutes=2)
        else:
            rolled_back(settings)
        found[operation] = state(settings)
    return found


def test_the_undisturbed_runs_are_what_they_must_be(undisturbed: dict[str, dict[str, Any]]) -> None:
    assert (undisturbed["publish"]["current"], undisturbed["publish"]["releases"]) == (D3, [D2, D3])
    assert [event[:2] for event in undisturbed["publish"]["events"]][-2:] == [(D3, "published"), (D1, "pruned")]
    assert (undisturbed["rollback"]["current"], undisturbed["rollback"]["releases"]) == (D1, [D1, D2])


@pytest.mark.parametrize("at", PUBLISH_STEPS)
def test_a_killed_publication_is_finished_by_running_it_again(
    copy: Settings, undisturbed: dict[str, dict[str, Any]], at: str
) -> None:
    killed = start(copy, "publish", D3, "2", die_at=f"publish:{at}")
    output, _ = killed.communicate(timeout=60)
    assert killed.returncode == -signal.SIGKILL, output.decode()
    assert what_bi_reads(copy) == (D3 if at in {"swapped", "recorded"} else D2)
    published(copy, D3, minutes=2)
    assert state(copy) == undisturbed["publish"]
    assert what_bi_reads(copy) == D3


@pytest.mark.parametrize("at", ROLLBACK_STEPS)
def test_a_killed_rollback_goes_one_release_back_and_no_further(
    copy: Settings, undisturbed: dict[str, dict[str, Any]], at: str
) -> None:
    killed = start(copy, "rollback", die_at=f"rollback:{at}")
    output, _ = killed.communicate(timeout=60)
    assert killed.returncode == -signal.SIGKILL, output.decode()
    assert what_bi_reads(copy) == (D2 if at == "before_swap" else D1)
    rolled_back(copy)
    assert state(copy) == undisturbed["rollback"]
    assert what_bi_reads(copy) == D1


@pytest.mark.parametrize("at", ["before_swap", "swapped"])
def test_a_publication_after_a_killed_rollback_ends_it(copy: Settings, at: str) -> None:
    killed = start(copy, "rollback", die_at=f"rollback:{at}")
    killed.communicate(timeout=60)
    published(copy, D3, minutes=90)
    expected = D2 if at == "before_swap" else D1
    assert events_of(copy)[2:] == [
        *([(D1, "rolled_back", D2)] if at == "swapped" else []),
        (D3, "published", expected),
        *([(D1, "pruned", None)] if at == "before_swap" else []),
    ]
    assert rolled_back(copy, minutes=95).release_id == expected


def test_a_rollback_after_a_killed_publication_leaves_the_published_one(copy: Settings) -> None:
    killed = start(copy, "publish", D3, "2", die_at="publish:swapped")
    killed.communicate(timeout=60)
    assert rolled_back(copy).release_id == D2
    assert events_of(copy)[-2:] == [(D3, "published", D2), (D2, "rolled_back", D3)]
    assert published(copy, D3, minutes=90).stored_only, "a retry of the killed publication must not undo the rollback"


def test_two_publications_at_once_take_turns(copy: Settings) -> None:
    day4 = identity("2018-01-04")
    add_candidate(copy, day4, factor=4)
    both = [start(copy, "publish", D3, "2"), start(copy, "publish", day4, "3")]
    outputs = [process.communicate(timeout=60)[0].decode() for process in both]
    assert [process.returncode for process in both] == [0, 0], outputs
    assert what_bi_reads(copy) == day4


def test_a_publication_killed_at_any_moment_leaves_bi_whole(
    prepared: Settings, tmp_path: Path, undisturbed: dict[str, dict[str, Any]], is_long: bool
) -> None:
    moments = random.Random(20180101)
    for attempt in range(25 if is_long else 1):
        home = tmp_path / f"home{attempt}"
        shutil.copytree(prepared.home, home, symlinks=True)
        copy = settings_for(home, keep_releases=2)
        process = start(copy, "publish", D3, "2")
        lock = copy.locks_dir / "warehouse.lock"
        before = lock.stat().st_mtime_ns
        while process.poll() is None and lock.stat().st_mtime_ns == before:
            time.sleep(0.005)
        time.sleep(moments.uniform(0, 0.4))
        process.kill()
        process.communicate(timeout=60)
        assert what_bi_reads(copy) in {D2, D3}
        published(copy, D3, minutes=2)
        assert state(copy) == undisturbed["publish"], f"attempt {attempt}"


@pytest.mark.parametrize("content", [b"", b"\0" * 4096, b"not a log at all"], ids=["empty", "zeros", "garbage"])
def test_readers_open_a_release_beside_which_a_worthless_log_lies(copy: Settings, content: bytes) -> None:
    (copy.published_link / "kehu.duckdb.wal").write_bytes(content)
    assert what_bi_reads(copy) == D2


def test_the_log_of_another_file_beside_the_release_is_removed_by_the_next_command(copy: Settings) -> None:
    """DuckDB refuses the file then, for Kehu too, until any publication or rollback has cleaned up."""
    foreign = copy.home / "foreign.duckdb"
    write = f"""
import duckdb, os
connection = duckdb.connect({str(foreign)!r})
connection.execute("create table t as select 1 as i")
connection.execute("insert into t values (2)")
os._exit(0)
"""
    subprocess.run([sys.executable, "-c", write], check=True, timeout=60)
    shutil.copy(f"{foreign}.wal", copy.published_link / "kehu.duckdb.wal")
    published(copy, D3, minutes=2)
    assert what_bi_reads(copy) == D3
    assert rolled_back(copy).release_id == D2
    assert what_bi_reads(copy) == D2
