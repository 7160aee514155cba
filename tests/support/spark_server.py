"""A server that speaks Spark Connect: Sail from its wheel, in seconds and without Java, or PySpark's own.

Every connection names one session, because tables that the process of dbt makes are to be seen by the test too. The server
works in a folder of its own: that is where it puts what has no other place.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

ROOT = Path(__file__).resolve().parents[2]
SESSION_SETTINGS = {
    # a timestamp of Kehu is naive and in UTC
    "spark.sql.timestampType": "TIMESTAMP_NTZ",
    "spark.sql.session.timeZone": "UTC",
    # products of decimals keep their last digits, which decide half cents
    "spark.sql.decimalOperations.allowPrecisionLoss": "false",
}
"""What a session is asked for: docs/spark.md says why. The start of a build checks that it has been heard."""

_SAIL = """
import sys, time
from pysail.spark import SparkConnectServer
server = SparkConnectServer("127.0.0.1", 0)
server.start(background=True)
print(server.listening_address[1], flush=True)
sys.stdin.read()
"""


@contextmanager
def sail_server(folder: Path) -> Iterator[str]:
    """Sail for the block; yields the URL of one session of it."""
    folder.mkdir(parents=True, exist_ok=True)
    environment = {**os.environ, "RUST_LOG": "error"}
    process = subprocess.Popen(
        [sys.executable, "-c", _SAIL],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=(folder / "sail.log").open("w"),
        text=True,
        cwd=folder,
        env=environment,
    )
    assert process.stdout is not None
    try:
        port = process.stdout.readline().strip()
        assert port, (folder / "sail.log").read_text(encoding="utf-8")
        yield session_url(int(port))
    finally:
        process.kill()
        process.wait()


def session_url(port: int) -> str:
    """The URL of one session of a server on this machine."""
    return f"sc://127.0.0.1:{port}/;session_id={uuid.uuid4()}"


def client() -> Any:
    """PySpark's class of sessions of a server.

    Its import takes a process whose main module is no file (a worker of pytest's, ``python -c``) for a run of doctests and exits:
    to the import, the main module is this file.
    """
    with mock.patch.object(sys.modules["__main__"], "__file__", __file__, create=True):
        from pyspark.sql.connect.session import SparkSession
    return SparkSession


def connect(url: str) -> Any:
    """The client's side of a session, with the settings that Kehu asks for."""
    session = client().builder.remote(url).create()
    for name, value in SESSION_SETTINGS.items():
        session.conf.set(name, value)
    return session


@contextmanager
def pyspark_server(folder: Path) -> Iterator[str]:
    """PySpark's own server for the block; Java is needed, and the environment that ``make test-all`` makes for it."""
    homes = sorted((ROOT / ".venv-spark" / "lib").glob("python3*/site-packages/pyspark"))
    assert homes, "PySpark is not there: make test-all puts it into .venv-spark"
    folder.mkdir(parents=True, exist_ok=True)
    port = _free_port()
    settings = {
        "spark.connect.grpc.binding.port": str(port),
        "spark.sql.warehouse.dir": str(folder / "warehouse"),
        "spark.sql.catalogImplementation": "in-memory",
        # a shop of a test is small: two hundred parts of it would be empty
        "spark.sql.shuffle.partitions": "2",
        "spark.ui.enabled": "false",
    }
    command = [str(homes[0] / "bin" / "spark-submit"), "--master", "local[2]", "--driver-memory", "3g"]
    for name, value in settings.items():
        command += ["--conf", f"{name}={value}"]
    command += ["--class", "org.apache.spark.sql.connect.service.SparkConnectServer", "spark-internal"]
    environment = {**os.environ, "SPARK_HOME": str(homes[0]), "PYSPARK_PYTHON": sys.executable}
    log = folder / "pyspark.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            command, stdout=output, stderr=output, cwd=folder, env=environment, start_new_session=True
        )
    try:
        _wait_for(port, process, log)
        yield session_url(port)
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 180
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.5)
    raise AssertionError(f"Spark did not start:\n{log.read_text(encoding='utf-8')[-5000:]}")
