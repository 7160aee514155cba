"""Folders of KEHU_HOME are the account's own, whatever the umask; a lock names who really holds it."""

from __future__ import annotations

import json
import os
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from kehu.errors import WarehouseBusy
from kehu.files.locks import exclusive
from kehu.files.private import close_home
from kehu.settings import load_settings


@pytest.fixture
def open_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def modes(home: Path) -> dict[str, str]:
    return {path.name: f"{stat.S_IMODE(path.stat().st_mode):o}" for path in sorted(home.iterdir())}


@pytest.mark.usefixtures("open_umask")
def test_whatever_is_not_for_readers_is_private(tmp_path: Path) -> None:
    settings = load_settings(home=tmp_path / "home")
    for name in ("landing", "releases", "my_folder"):
        (settings.home / name).mkdir(parents=True)
    assert close_home(settings) == []
    found = modes(settings.home)
    assert found.pop("releases") == "777", "without a setting they stay as they are"
    assert set(found.values()) == {"700"}
    assert set(found) >= {"landing", "warehouse", "runs", "locks", "erasures", "reports", "data_docs", "my_folder"}


@pytest.mark.usefixtures("open_umask")
@pytest.mark.parametrize(
    ("readers", "home_mode", "releases_mode"),
    [("owner", 0o700, 0o700), ("group", 0o710, 0o750), ("everybody", 0o711, 0o755)],
)
def test_releases_are_for_whom_the_setting_says(
    tmp_path: Path, readers: str, home_mode: int, releases_mode: int
) -> None:
    settings = load_settings(home=tmp_path / "home", releases_for=readers)
    close_home(settings)
    assert stat.S_IMODE(settings.home.stat().st_mode) == home_mode
    assert stat.S_IMODE(settings.releases_dir.stat().st_mode) == releases_mode
    assert stat.S_IMODE(settings.landing_dir.stat().st_mode) == 0o700


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_a_folder_of_another_account_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load_settings(home=tmp_path / "home")
    close_home(settings)
    settings.landing_dir.chmod(0o755)
    monkeypatch.setattr(os, "geteuid", lambda: 12345)
    (trouble,) = close_home(settings)
    assert "landing" in trouble
    assert "chmod 700" in trouble


def test_a_lock_names_another_program_and_not_who_held_it_before(tmp_path: Path) -> None:
    lock = tmp_path / "run.lock"
    with exclusive(lock, "kehu run of yesterday", 0):
        pass
    holder = subprocess.Popen(["flock", "-x", str(lock), "sleep", "30"])
    try:
        while not Path("/proc/locks").read_text().count(f" {holder.pid} "):
            assert holder.poll() is None
        with pytest.raises(WarehouseBusy) as caught, exclusive(lock, "kehu run of today", 0):
            pass
    finally:
        holder.kill()
        holder.wait()
        subprocess.run(["fuser", "-k", str(lock)], check=False, capture_output=True)
    assert "yesterday" not in str(caught.value)
    assert f"process {holder.pid}" in str(caught.value)


def test_a_lock_names_a_run_of_kehu_in_its_own_words(tmp_path: Path) -> None:
    lock = tmp_path / "run.lock"
    with exclusive(lock, "kehu build r1", 0):
        assert json.loads(lock.read_text())["holder"] == "kehu build r1"
        assert stat.S_IMODE(lock.stat().st_mode) == 0o600
        with (
            pytest.raises(WarehouseBusy, match=rf"kehu build r1 \(process {os.getpid()}\)"),
            exclusive(lock, "other", 0),
        ):
            pass
