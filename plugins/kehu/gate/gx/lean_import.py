"""Importing Great Expectations without the optional engines that it would bring along."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

_NEVER_USED = ("pyspark",)
"""Great Expectations imports it wherever it is installed: seconds, and complaints where there is no Java."""


@contextmanager
def lean_import() -> Iterator[None]:
    """For the block, packages that the gate never uses look as if they were not installed."""
    hidden = [name for name in _NEVER_USED if name not in sys.modules]
    for name in hidden:
        # the import system's own way to say that there is no such package
        sys.modules[name] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        for name in hidden:
            sys.modules.pop(name, None)
