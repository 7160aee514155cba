"""No process of a local Airflow outlives the command that started it, however that command ends."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

GRANDCHILD = "import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', {inner!r}]); time.sleep(600)"
STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"


def start(tmp_path: Path, **commands: list[str]) -> subprocess.Popen[str]:
    arguments = [f"{name}={json.dumps(command)}" for name, command in commands.items()]
    return subprocess.Popen(
        [sys.executable, "-m", "kehu.orchestration.local.guardian", str(tmp_path), *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def family(guardian: subprocess.Popen[str], size: int) -> list[psutil.Process]:
    """The guardian's descendants, once all of them are there."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        found = psutil.Process(guardian.pid).children(recursive=True)
        if len(found) == size:
            return found
        time.sleep(0.1)
    raise AssertionError(f"{size} processes did not start")


def all_gone(processes: list[psutil.Process]) -> bool:
    _, alive = psutil.wait_procs(processes, timeout=15)
    return not [process for process in alive if process.status() != psutil.STATUS_ZOMBIE]


@pytest.mark.parametrize("how", ["stdin closes", "sigterm"])
def test_everything_ends_with_the_parent_also_what_ignores_sigterm(tmp_path: Path, how: str) -> None:
    command = [sys.executable, "-c", GRANDCHILD.format(inner=STUBBORN)]
    guardian = start(tmp_path, one=command, two=[sys.executable, "-c", STUBBORN])
    processes = family(guardian, 3)
    assert guardian.stdin is not None
    if how == "sigterm":
        guardian.send_signal(signal.SIGTERM)
    else:
        guardian.stdin.close()
    assert guardian.wait(30) == 0
    assert all_gone(processes)


def test_a_killed_parent_leaves_no_orphan(tmp_path: Path) -> None:
    inner = [sys.executable, "-m", "kehu.orchestration.local.guardian", str(tmp_path)]
    inner.append("one=" + json.dumps([sys.executable, "-c", STUBBORN]))
    code = f"import subprocess, time; subprocess.Popen({inner!r}, stdin=subprocess.PIPE); time.sleep(600)"
    parent = subprocess.Popen([sys.executable, "-c", code])
    deadline = time.monotonic() + 30
    while len(found := psutil.Process(parent.pid).children(recursive=True)) < 2:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    parent.kill()
    parent.wait()
    assert all_gone(found)


def test_one_process_that_ends_ends_all_and_is_named(tmp_path: Path) -> None:
    code = "import time; time.sleep(2); raise SystemExit(7)"
    guardian = start(tmp_path, scheduler=[sys.executable, "-c", code], other=[sys.executable, "-c", STUBBORN])
    processes = family(guardian, 2)
    assert guardian.wait(30) == 1
    assert guardian.stdout is not None
    assert guardian.stdout.read() == "scheduler ended with exit code 7\n"
    assert all_gone(processes)


def test_what_a_process_prints_is_in_its_log(tmp_path: Path) -> None:
    guardian = start(tmp_path, scheduler=[sys.executable, "-c", "print('hello')"])
    assert guardian.wait(30) == 1
    assert (tmp_path / "scheduler.log").read_text() == "hello\n"
