"""Follows a DAG run at a terminal: every change of a task's state, what it is busy with, and how long it has taken."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click

from kehu.orchestration.local.local_airflow import LocalAirflow
from kehu.orchestration.local.task_logs import LogTail, cause_of_failure

_POLL_SECONDS = 0.5
_SPEAK_SECONDS = 2.0
_STILL_SECONDS = 10.0

FINAL = ("success", "failed")
_WORDS = {
    "running": "running",
    "success": "done",
    "failed": "FAILED",
    "up_for_retry": "failed, is tried again",
    "upstream_failed": "not run",
    "skipped": "skipped",
}


@dataclass(frozen=True)
class Outcome:
    """How a run ended; for a failed one, the task that failed, why, and where its log is."""

    state: str
    task_id: str = ""
    cause: str = ""
    log: Path | None = None


class ProgressPrinter:
    """Prints lines with the time since the start."""

    def __init__(self) -> None:
        self.began = time.monotonic()
        self.spoke = self.began

    def say(self, text: str) -> None:
        """Print one line."""
        self.spoke = time.monotonic()
        minutes, seconds = divmod(int(self.spoke - self.began), 60)
        click.echo(f"{minutes:3d}:{seconds:02d}  {text}")

    def idle(self) -> float:
        """Seconds since the last line."""
        return time.monotonic() - self.spoke


@dataclass
class Follower:
    """Follows one run until it has ended."""

    airflow: LocalAirflow
    printer: ProgressPrinter
    dag_id: str
    run_id: str
    _states: dict[str, tuple[str, int]] = field(default_factory=dict)
    _tails: dict[Path, LogTail] = field(default_factory=dict)
    _said: str | None = None

    def follow(self) -> Outcome:
        """Block until the run has ended."""
        while True:
            self.airflow.check()
            state = self.airflow.api.run(self.dag_id, self.run_id)["state"]
            tasks = self.airflow.api.tasks(self.dag_id, self.run_id)
            for task in tasks:
                self._tell_change(task)
            self._tell_work([task for task in tasks if task["state"] == "running"])
            if state in FINAL:
                return self._outcome(state, tasks)
            time.sleep(_POLL_SECONDS)

    def _tell_change(self, task: dict[str, Any]) -> None:
        now = (task["state"], task["try_number"])
        if self._states.get(task["task_id"]) == now:
            return
        self._states[task["task_id"]] = now
        words = _WORDS.get(task["state"])
        if words is None:
            return
        seconds = f" in {task['duration']:.0f} s" if task["state"] == "success" and task["duration"] else ""
        cause = cause_of_failure(self._log(task)) if task["state"] in ("failed", "up_for_retry") else None
        because = f": {cause.splitlines()[0]}" if cause else ""
        self.printer.say(f"{self.dag_id}.{task['task_id']}: {words}{seconds}{because}")

    def _tell_work(self, running: list[dict[str, Any]]) -> None:
        for task in running:
            log = self._log(task)
            self._said = self._tails.setdefault(log, LogTail(log)).latest() or self._said
        if self._said and self.printer.idle() >= _SPEAK_SECONDS:
            self.printer.say(f"    {self._said}")
            self._said = None
        elif self.printer.idle() >= _STILL_SECONDS:
            names = ", ".join(task["task_id"] for task in running) or "waiting for a task to start"
            self.printer.say(f"    still at it: {names}")

    def _outcome(self, state: str, tasks: list[dict[str, Any]]) -> Outcome:
        failed = next((task for task in tasks if task["state"] == "failed"), None)
        if state == "success" or failed is None:
            return Outcome(state)
        log = self._log(failed)
        return Outcome(state, failed["task_id"], cause_of_failure(log) or "see the log", log)

    def _log(self, task: dict[str, Any]) -> Path:
        return self.airflow.task_log(self.dag_id, self.run_id, task["task_id"], task["try_number"])
