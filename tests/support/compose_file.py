"""docker-compose.yml as a compose engine reads it: merged, with its variables put in. The engine itself is not needed."""

from __future__ import annotations

import functools
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = ROOT / "docker-compose.yml"


def read_compose(variables: dict[str, str], scratch: Path) -> dict[str, Any]:
    """The services of all profiles, the networks and the volumes.

    Args:
        variables: what ``.env`` holds.
        scratch: an empty folder.
    """
    # podman-compose asks podman for its version before it reads anything; reading needs no podman.
    engine = scratch / "podman"
    engine.write_text("#!/bin/sh\necho 'podman version 5.4.0'\n")
    engine.chmod(0o755)
    # In a folder of its own: an .env beside the file would be read too.
    file = scratch / COMPOSE.name
    file.write_bytes(COMPOSE.read_bytes())
    done = subprocess.run(
        [
            *(sys.executable, "-m", "podman_compose", "--podman-path", str(engine)),
            *("--profile", "celery", "--profile", "operations", "-f", str(file), "config"),
        ],
        env={"PATH": f"{scratch}:/usr/bin:/bin", **variables},
        cwd=scratch,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    read: dict[str, Any] = yaml.safe_load(done.stdout)
    return read


def refusal(variables: dict[str, str]) -> str | None:
    """Why the file cannot be used with these variables, in the engine's words; None if it can."""
    from podman_compose import rec_subs

    try:
        rec_subs(_with_variables(), variables)
    except ValueError as error:
        return str(error)
    return None


@functools.cache
def _with_variables() -> list[str]:
    """Every text of the file that holds a variable, once: the engine takes its time over each."""
    return sorted({text for text in _texts(yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))) if "${" in text})


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for each in [*value, *value.values()] if isinstance(value, dict) else value:
            yield from _texts(each)


def read_env(file: Path) -> dict[str, str]:
    """The variables of an ``.env`` file."""
    lines = [line for line in file.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    return dict(line.split("=", 1) for line in lines)
