"""Runs without a release are kept for somebody to look at, as many as the setting says; nothing of the others stays."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from kehu.pipeline.old_runs import remove_old_runs
from kehu.release.ids import release_id
from kehu.settings import PROJECT_ROOT, Settings, load_settings
from tests.unit.release.candidates import NOW, add_candidate, published, settings_for

RUNS = [release_id(NOW.date(), NOW.replace(minute=minute)) for minute in range(6)]


def leave(settings: Settings, name: str) -> None:
    """What a run leaves, killed while the gate was under way."""
    for folder in (settings.runs_dir / name, settings.data_docs_dir / name / ".landing.building"):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "run.json").write_text("{}")


def left(settings: Settings) -> tuple[list[str], list[str]]:
    return tuple(sorted(os.listdir(folder)) for folder in (settings.runs_dir, settings.data_docs_dir))  # type: ignore[return-value]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    found = load_settings(home=tmp_path / "home", keep_runs=2)
    for name in RUNS:
        leave(found, name)
    (found.data_docs_dir / "r20200101_20200102t000000").mkdir()
    return found


def test_the_last_runs_and_the_one_that_asks_stay(settings: Settings) -> None:
    assert remove_old_runs(settings, current=RUNS[0]) == tuple(RUNS[1:4])
    assert left(settings) == ([RUNS[0], *RUNS[4:]], [RUNS[0], *RUNS[4:]])
    assert not list(settings.home.rglob(".*.building"))
    assert remove_old_runs(settings, current=RUNS[0]) == ()


def test_runs_of_kept_releases_stay_whatever_their_age(tmp_path: Path) -> None:
    home = settings_for(tmp_path / "home", keep_runs=1)
    add_candidate(home, RUNS[0], customers=3)
    published(home, RUNS[0])
    for name in RUNS[1:]:
        leave(home, name)
    assert remove_old_runs(home, current=RUNS[5]) == tuple(RUNS[1:4])
    assert left(home)[0] == [RUNS[0], RUNS[4], RUNS[5]]


def test_what_a_killed_plan_has_left_goes_too_and_an_analysts_place_stays(settings: Settings) -> None:
    for folder in (settings.plans_dir / "p1", settings.scratch_dir / "dbt"):
        folder.mkdir(parents=True)
    remove_old_runs(settings, current=RUNS[5])
    assert os.listdir(settings.scratch_dir) == ["dbt"]


def test_a_removal_that_is_killed_is_finished_by_the_next(settings: Settings) -> None:
    code = (
        "from kehu.pipeline.old_runs import remove_old_runs\nfrom kehu.settings import load_settings\n"
        f"remove_old_runs(load_settings(home={str(settings.home)!r}, keep_runs=2), {RUNS[5]!r})"
    )
    environment = {
        **os.environ,
        "KEHU_TEST_DIE_AT": "prune:run_out_of_sight",
        "PYTHONPATH": str(PROJECT_ROOT / "plugins"),
    }
    assert subprocess.run([sys.executable, "-c", code], env=environment, check=False).returncode == -9
    remove_old_runs(settings, RUNS[5])
    assert left(settings) == (RUNS[3:], RUNS[3:])
