"""A fault-injection point: tests kill a process exactly between two steps that must be safe apart."""

from __future__ import annotations

import os
import signal

from kehu.settings import fault_injection_point


def step(name: str) -> None:
    """Mark that the step ``name`` is done.

    Does nothing, unless the environment variable ``KEHU_TEST_DIE_AT`` equals ``name``: then the process kills itself as
    ``kill -9`` would, without any clean-up.
    """
    if fault_injection_point() == name:
        os.kill(os.getpid(), signal.SIGKILL)
