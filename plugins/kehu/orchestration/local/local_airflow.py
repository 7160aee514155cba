"""A whole Airflow on this machine for as long as a ``with`` block: started in parallel, polled until it is ready, ended whole."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from kehu.errors import WarehouseBusy
from kehu.files.locks import exclusive
from kehu.orchestration.defaults import WAREHOUSE_POOL
from kehu.orchestration.local.airflow_api import AirflowApi, AirflowFailed
from kehu.orchestration.local.local_config import USER, LocalConfig, local_config
from kehu.settings import Settings

READY_SECONDS = 240
PARSED_SECONDS = 120
_END_SECONDS = 30

Say = Callable[[str], None]


@dataclass(frozen=True)
class LocalAirflow:
    """A running Airflow."""

    config: LocalConfig
    api: AirflowApi
    guardian: subprocess.Popen[str]

    def check(self) -> None:
        """Raise AirflowFailed if one of its processes has ended."""
        if self.guardian.poll() is not None:
            said = self.guardian.stdout.read().strip() if self.guardian.stdout else ""
            raise AirflowFailed(
                said or "Airflow's processes have ended", fix="read the logs", logs=str(self.config.logs)
            )

    def task_log(self, dag_id: str, run_id: str, task_id: str, attempt: int) -> Path:
        """Where an attempt of a task writes its log."""
        return self.config.logs / f"dag_id={dag_id}/run_id={run_id}/task_id={task_id}/attempt={attempt}.log"


@contextmanager
def local_airflow(settings: Settings, say: Say, with_triggerer: bool = False) -> Iterator[LocalAirflow]:
    """Run Airflow for the block; nothing of it is left afterwards, however the block ends.

    Args:
        settings: whose ``home`` holds Airflow's folder. One Airflow per home.
        say: gets a line whenever there is something to tell.
        with_triggerer: whether DAGs may wait without a worker. Kehu's own never do, but Airflow's home page calls an
            installation without a triggerer unwell.

    Raises:
        AirflowFailed: another one runs on the same home, or it did not become ready; names its logs.
    """
    with _only_one(settings):
        config = local_config(settings)
        _migrate(config, say)
        with _guarded(config, with_triggerer) as guardian, AirflowApi(config.url, USER, config.password) as api:
            running = LocalAirflow(config, api, guardian)
            say("starting Airflow: DAG processor, scheduler, API server")
            _wait_until_ready(running, say)
            api.login()
            say(f"Airflow is ready at {config.url}")
            yield running


@contextmanager
def _only_one(settings: Settings) -> Iterator[None]:
    """Two on one home would share a database, and each would run the other's tasks."""
    with ExitStack() as stack:
        try:
            lock = settings.locks_dir / "airflow.lock"
            stack.enter_context(exclusive(lock, "make demo or make up", timeout_seconds=0))
        except WarehouseBusy as error:
            raise AirflowFailed(
                "another local Airflow uses this KEHU_HOME",
                fix="stop it, or give this one another KEHU_HOME",
                held_by=error.facts.get("held_by"),
            ) from None
        yield


def _migrate(config: LocalConfig, say: Say) -> None:
    """Make or upgrade Airflow's own database, once per version of Airflow."""
    marker = config.home / "migrated.txt"
    wanted = version("apache-airflow-core")
    if marker.exists() and marker.read_text() == wanted:
        return
    say("making Airflow's own database (once)")
    log = config.logs / "migrate.log"
    with log.open("wb") as output:
        done = subprocess.run(
            _airflow("db", "migrate"), env=config.environment, stdout=output, stderr=subprocess.STDOUT, check=False
        )
    if done.returncode != 0:
        raise AirflowFailed("Airflow's database could not be made", fix="read the log", log=str(log))
    marker.write_text(wanted)


@contextmanager
def _guarded(config: LocalConfig, with_triggerer: bool) -> Iterator[subprocess.Popen[str]]:
    commands = {
        "dag-processor": _airflow("dag-processor"),
        "scheduler": _airflow("scheduler", "--skip-serve-logs"),  # that server would listen on all interfaces
        "api-server": _airflow("api-server"),
    }
    if with_triggerer:
        commands["triggerer"] = _airflow("triggerer", "--skip-serve-logs")
    arguments = [f"{name}={json.dumps(command)}" for name, command in commands.items()]
    guardian = subprocess.Popen(
        [sys.executable, "-m", "kehu.orchestration.local.guardian", str(config.logs), *arguments],
        env=config.environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        yield guardian
    finally:
        _end(guardian)


def _end(guardian: subprocess.Popen[str]) -> None:
    """Close its standard input, which is its sign to end everything, and wait until it has."""
    if guardian.stdin:
        guardian.stdin.close()
    try:
        guardian.wait(_END_SECONDS)
    except subprocess.TimeoutExpired:
        guardian.kill()
        guardian.wait()


def _airflow(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "airflow", *arguments]


def _wait_until_ready(running: LocalAirflow, say: Say) -> None:
    began = time.monotonic()
    told = began
    while not running.api.is_healthy():
        running.check()
        now = time.monotonic()
        if now - began > READY_SECONDS:
            raise AirflowFailed(
                f"Airflow was not ready after {READY_SECONDS} s", fix="read the logs", logs=str(running.config.logs)
            )
        if now - told > 5:
            told = now
            say(f"waiting for Airflow ({now - began:.0f} s)")
        time.sleep(0.5)


def prepare(running: LocalAirflow, wanted: set[str]) -> list[str]:
    """Wait until the DAGs are parsed and make the pool that their tasks queue in; returns the DAGs in a fixed order.

    Raises:
        AirflowFailed: a DAG file cannot be read, with its last line; or the DAGs do not appear.
    """
    running.api.set_pool(WAREHOUSE_POOL, 1, "Kehu: one writer at a time")
    deadline = time.monotonic() + PARSED_SECONDS
    while not wanted <= (found := running.api.dag_ids()):
        running.check()
        if errors := running.api.import_errors():
            cause = errors[0].strip().splitlines()[-1]
            raise AirflowFailed(f"a DAG file cannot be read: {cause}", fix="mend what it names")
        if time.monotonic() > deadline:
            raise AirflowFailed("DAGs are missing", fix="read the logs", missing=sorted(wanted - found))
        time.sleep(0.5)
    return sorted(wanted)
