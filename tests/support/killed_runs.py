"""Runs of `kehu` as processes of their own that are killed at a step."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

KILL_POINTS = (
    "land:written",
    "land:renamed",
    "land:recorded",
    "build:loaded",
    "gate:landing",
    "build:state_begun",
    "build:state_built",
    "build:state_recorded",
    "build:features_begun",
    "build:features_built",
    "build:features_recorded",
    "score:computed",
    "score:written",
    "score:recorded",
    "build:candidate_begun",
    "build:candidate_built",
    "build:candidate_recorded",
    "gate:marts",
    "gate:recorded",
    "publish:exported",
    "publish:synced",
    "publish:renamed",
    "publish:before_swap",
    "publish:swapped",
    "publish:recorded",
)
"""Every step of a day at which a run can be killed, in their order."""


def kehu(
    home: Path, sources: Path, *arguments: str, die_at: str = "", **settings: str
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end, or to the step at which it kills itself; ``settings`` by the names of the environment."""
    environment = {**os.environ, "KEHU_HOME": str(home), "KEHU_SOURCES": str(sources), "KEHU_TEST_DIE_AT": die_at}
    return subprocess.run(
        [sys.executable, "-m", "kehu.cli", *arguments],
        env=environment | settings,
        capture_output=True,
        text=True,
        check=False,
    )
