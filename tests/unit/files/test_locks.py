"""One writer at a time, and no stale lock after a kill."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kehu.errors import WarehouseBusy
from kehu.files.locks import exclusive

pytestmark = pytest.mark.slow

HOLD = """
import sys, time
from pathlib import Path
from kehu.files.locks import exclusive

with exclusive(Path(sys.argv[1]), "run A", 1):
    print("held", flush=True)
    time.sleep(60)
"""


def hold(path: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_a_second_run_is_refused_by_the_name_of_the_first(tmp_path: Path) -> None:
    holder = hold(tmp_path / "lock")
    try:
        with (
            pytest.raises(WarehouseBusy, match=rf"run A \(process {holder.pid}\)"),
            exclusive(tmp_path / "lock", "run B", 0.3),
        ):
            pass
    finally:
        holder.kill()
        holder.wait()


def test_a_killed_holder_leaves_no_lock(tmp_path: Path) -> None:
    holder = hold(tmp_path / "lock")
    os.kill(holder.pid, signal.SIGKILL)
    holder.wait()
    with exclusive(tmp_path / "lock", "run B", 5):
        assert "run B" in (tmp_path / "lock").read_text()


def test_a_second_run_waits_for_the_first(tmp_path: Path) -> None:
    holder = hold(tmp_path / "lock")
    started = time.monotonic()
    subprocess.Popen(["sh", "-c", f"sleep 0.7; kill -9 {holder.pid}"])
    with exclusive(tmp_path / "lock", "run B", 30):
        assert time.monotonic() - started >= 0.6
    holder.wait()


def test_a_child_that_inherits_the_lock_keeps_it_after_its_parent_died(tmp_path: Path) -> None:
    with exclusive(tmp_path / "lock", "parent", 1) as descriptor:
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], pass_fds=(descriptor,))
    try:
        with pytest.raises(WarehouseBusy), exclusive(tmp_path / "lock", "next", 0.2):
            pass
    finally:
        child.kill()
        child.wait()
    with exclusive(tmp_path / "lock", "next", 5):
        pass
