"""What docker-compose.yml starts, as plain processes on loopback: the same commands, environments and health checks.

Names of hosts become 127.0.0.1 with a free port, paths of the image become folders; nothing else is changed.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from kehu.settings import PROJECT_ROOT
from tests.support.postgres_server import kill_tree, programs, unprivileged

BIN = Path(sys.executable).parent


def free_ports(count: int) -> list[int]:
    """Ports of 127.0.0.1 that nobody listens on."""
    probes = [socket.socket() for _ in range(count)]
    for probe in probes:
        probe.bind(("127.0.0.1", 0))
    ports = [probe.getsockname()[1] for probe in probes]
    for probe in probes:
        probe.close()
    return ports


class DatabaseService:
    """A service of the image postgres: made from its POSTGRES_* variables, as the image's entry point does it.

    Args:
        environment: of the service in the compose file.
        folder: an empty folder that others may enter.
        port: where to listen.
    """

    def __init__(self, environment: dict[str, str], folder: Path, port: int) -> None:
        self.user, self.database = environment["POSTGRES_USER"], environment["POSTGRES_DB"]
        self.password = environment["POSTGRES_PASSWORD"]
        self._initdb_arguments = environment["POSTGRES_INITDB_ARGS"].split()
        self.folder, self.port = folder, port
        self.programs = programs(folder)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Make the cluster at the first start, start it, and make its database."""
        data = self.folder / "data"
        is_new = not data.exists()
        if is_new:
            self._make_cluster(data)
        with (self.folder / "log").open("ab") as log:
            listen = ["-h", "127.0.0.1", "-p", str(self.port), "-k", str(self.folder)]
            self._process = subprocess.Popen(
                [str(self.programs / "postgres"), "-D", str(data), *listen, "-c", "fsync=off"],
                stdout=log,
                stderr=subprocess.STDOUT,
                **unprivileged(),
            )
        deadline = time.monotonic() + 60
        while self._ready() != 0:
            assert self._process.poll() is None and time.monotonic() < deadline, (self.folder / "log").read_text()
            time.sleep(0.1)
        if is_new:
            self.run("createdb", "--maintenance-db=postgres", "--template=template0", self.database)

    def _make_cluster(self, data: Path) -> None:
        data.mkdir(mode=0o700)
        secret = self.folder / "password"
        secret.write_text(self.password)
        for path in (self.folder, data, secret):
            if os.getuid() == 0:
                os.chown(path, unprivileged()["user"], unprivileged()["group"])
        made = [self.programs / "initdb", "-D", data, "-U", self.user, f"--pwfile={secret}", "--no-sync"]
        subprocess.run(
            [*map(str, made), *self._initdb_arguments], check=True, stdout=subprocess.DEVNULL, **unprivileged()
        )

    def _ready(self) -> int:
        asked = [str(self.programs / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        return subprocess.run(asked, check=False).returncode

    def run(self, program: str, *arguments: str) -> str:
        """Run a client program as the service's own user, with its password."""
        where = {"PGHOST": "127.0.0.1", "PGPORT": str(self.port), "PGUSER": self.user, "PGPASSWORD": self.password}
        done = subprocess.run(
            [str(self.programs / program), *arguments],
            env={"PATH": os.environ["PATH"], **where},
            check=True,
            capture_output=True,
            text=True,
        )
        return done.stdout

    @property
    def dsn(self) -> str:
        """How the owner connects."""
        return f"postgresql://{self.user}:{self.password}@127.0.0.1:{self.port}/{self.database}"

    def sql(self, statement: str) -> str:
        """The answer of one statement as psql prints it without decoration."""
        return self.run("psql", "-XAtq", "-d", self.database, "-c", statement).strip()

    def stop(self) -> None:
        """End it as a container ends: asked, and waited for."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(timeout=60)
            self._process = None

    def crash(self) -> None:
        """``kill -9`` of all its processes."""
        assert self._process is not None
        kill_tree(self._process.pid)
        self._process.wait(timeout=30)
        self._process = None

    def lose(self) -> None:
        """Stop it and remove everything it has stored, as a volume that is gone."""
        self.stop()
        shutil.rmtree(self.folder / "data")


def image_environment() -> dict[str, str]:
    """What the Dockerfile sets for every process of the image."""
    last_stage = (PROJECT_ROOT / "Dockerfile").read_text(encoding="utf-8").rpartition("\nFROM ")[2]
    block = last_stage.partition("\nENV ")[2].partition("\nUSER ")[0]
    return dict(word.split("=", 1) for word in block.replace("\\\n", " ").split())


@dataclass(frozen=True)
class Topology:
    """A compose file's services translated to this machine."""

    services: dict[str, Any]
    hosts: dict[str, str]

    def environment(self, service: str, **more: str) -> dict[str, str]:
        """The environment of a process of this service."""
        own = {name: self._here(str(value)) for name, value in self.services[service]["environment"].items()}
        inherited = {name: os.environ[name] for name in ("HOME", "LANG", "TMPDIR") if name in os.environ}
        image = {name: self._here(value) for name, value in image_environment().items()}
        return {**inherited, **image, "PATH": f"{BIN}:/usr/bin:/bin", **own, **more}

    def command(self, service: str) -> list[str]:
        """What the service runs."""
        return [self._here(word.replace("$$", "$")) for word in self.services[service]["command"]]

    def health(self, service: str) -> list[str]:
        """What the service's health check runs."""
        kind, *words = self.services[service]["healthcheck"]["test"]
        words = [self._here(word.replace("$$", "$")) for word in words]
        return ["sh", "-c", *words] if kind == "CMD-SHELL" else words

    def _here(self, text: str) -> str:
        for there, here in self.hosts.items():
            text = text.replace(there, here)
        return text


def _refuse_an_end(guardian: subprocess.Popen[str]) -> None:
    """Raise if one of the processes has ended by itself: the guardian has then ended all others and says which."""
    if guardian.poll() is not None:
        raise AssertionError(guardian.stdout.read() if guardian.stdout else "a process has ended")


@contextmanager
def processes(commands: dict[str, list[str]], environments: dict[str, dict[str, str]], logs: Path) -> Iterator[Any]:
    """Run commands until the block ends; nothing of them is left then. Gives a check that none has ended by itself."""
    wrapped = {
        name: ["env", "-i", *(f"{key}={value}" for key, value in environments[name].items()), *command]
        for name, command in commands.items()
    }
    arguments = [f"{name}={json.dumps(command)}" for name, command in wrapped.items()]
    guardian = subprocess.Popen(
        [sys.executable, "-m", "kehu.orchestration.local.guardian", str(logs), *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        yield partial(_refuse_an_end, guardian)
    finally:
        assert guardian.stdin is not None
        guardian.stdin.close()
        try:
            guardian.wait(60)
        finally:
            guardian.kill()
