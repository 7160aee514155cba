"""A step in a fork of the run's dbt process: it ends with the run, and what went wrong has the name it always had."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from kehu.errors import TransformError
from kehu.settings import Settings
from kehu.transform.results import read_attempt
from kehu.transform.runner import Step, StepResult, run_step
from kehu.transform.warm import WarmProcess, warm_dbt, warm_process
from kehu.warehouse.factory import open_warehouse

pytestmark = pytest.mark.slow
STEP = Step("state", ("tag:state",), {})
TABLE = "{{ config(materialized='table') }} "
SLOW = TABLE + "select count(*) + 0 * max(x) as x from {{ ref('a') }}, range(40000000000)"
QUICK = TABLE + "select x + 1 as x from {{ ref('a') }}"
RUN = """
from pathlib import Path
from kehu.settings import load_settings
from kehu.transform.runner import Step, run_step
from kehu.transform.warm import warm_dbt
from kehu.warehouse.factory import open_warehouse
settings = load_settings(home=Path({home!r}), dbt_project=Path({project!r}))
warehouse = open_warehouse(settings)
with warm_dbt(), warehouse.writing("a run") as lock:
    run_step(settings, warehouse, settings.home / "step", Step("state", ("tag:state",), {{}}), lock)
"""


def build(settings: Settings) -> StepResult:
    warehouse = open_warehouse(settings)
    with warehouse.writing("test") as lock:
        return run_step(settings, warehouse, settings.home / "step", STEP, lock)


def model(settings: Settings, name: str, text: str) -> None:
    (settings.dbt_project / "models" / f"{name}.sql").write_text(text)


def names(result: StepResult) -> dict[str, int]:
    return {node.name: node.attempt for node in result.nodes}


def until(reached: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + 90
    while not reached():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


def descendants(pid: int) -> set[int]:
    """Every living process that another has started, and what those have."""
    found: set[int] = set()
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            found |= {int(child), *descendants(int(child))}
    return found


def command_of(pid: int) -> str:
    """How a process was called; nothing once it has ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode()
    except FileNotFoundError:
        return ""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a process with its parent")
@pytest.mark.parametrize("victim", ["run", "its dbt"])
def test_whoever_is_killed_takes_the_build_along_and_a_retry_continues(tiny: Settings, victim: str) -> None:
    model(tiny, "b", SLOW)
    code = RUN.format(home=str(tiny.home), project=str(tiny.dbt_project))
    run = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    first = tiny.home / "step" / "attempt_1"
    try:
        until(lambda: "a" in {node.name for node in read_attempt(first)}, "dbt did not finish its first model")
        builders = {pid for pid in descendants(run.pid) if "warm_child" in command_of(pid)}
        assert len(builders) == 2, "the process with dbt in it, and its fork"
        os.kill(run.pid if victim == "run" else min(builders), signal.SIGKILL)
        until(
            lambda: not [pid for pid in builders if command_of(pid)], "a build went on behind the back of the next run"
        )
        _, said = run.communicate(timeout=60)
    finally:
        run.kill()
    if victim != "run":
        assert b"TransformError" in said and b"have no result" in said
    model(tiny, "b", QUICK)
    with warm_dbt():
        assert names(build(tiny)) == {"a": 1, "b": 2, "c": 2}


def test_an_error_has_its_name_its_lines_are_logged_and_the_next_step_is_built(
    tiny: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="kehu")
    rows = "(values ('li.lei@' || 'example.com')) as people (address)"
    model(tiny, "b", TABLE + f"select cast(address as integer) as x from {rows}")
    with warm_dbt():
        with pytest.raises(TransformError, match="could not build b"):
            build(tiny)
        lines = [record.getMessage() for record in caplog.records]
        assert "dbt: 3 of 3 nodes to build" in lines
        assert [line for line in lines if "model a success" in line]
        assert [line for line in lines if "model b error" in line]
        assert "li.lei" not in caplog.text
        model(tiny, "b", "{{ config(")
        with pytest.raises(TransformError, match="before it knew what to build"):
            build(tiny)
        model(tiny, "b", QUICK)
        assert names(build(tiny)) == {"a": 1, "b": 3, "c": 3}


@pytest.mark.parametrize("moment", ["before it is asked", "before it has read what it is asked"])
def test_a_process_that_died_early_is_an_error_with_a_name_and_replaced(
    tiny: Settings, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    send = WarmProcess.send

    def die(self: WarmProcess, *arguments: object) -> None:
        self.process.send_signal(signal.SIGSTOP)
        if moment == "before it is asked":
            self.process.kill()
            self.process.wait()
        send(self, *arguments)  # type: ignore[arg-type]
        self.process.kill()

    with warm_dbt():
        with monkeypatch.context() as patched:
            patched.setattr(WarmProcess, "send", die)
            with pytest.raises(TransformError, match="before it knew what to build"):
                build(tiny)
        assert names(build(tiny)) == {"a": 2, "b": 2, "c": 2}


def test_a_run_that_fails_early_does_not_wait_for_an_import(tiny: Settings) -> None:
    with pytest.raises(ZeroDivisionError), warm_dbt():
        warm = warm_process()
        assert warm is not None
        warm.process.send_signal(signal.SIGSTOP)  # an import that takes for ever
        began = time.monotonic()
        raise ZeroDivisionError
    assert time.monotonic() - began < 5
    assert warm is not None and warm.process.returncode == -signal.SIGKILL
