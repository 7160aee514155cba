"""What a suite says: an expectation, and all that are expected of one table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from kehu.gate.results import Severity


@dataclass(frozen=True)
class Expectation:
    """One thing that must be true of a table; ``arguments`` have their placeholders filled in."""

    type: str
    arguments: Mapping[str, Any]
    severity: Severity
    reason: str
    name: str


@dataclass(frozen=True)
class Suite:
    """All that is expected of one table."""

    table: str
    expectations: tuple[Expectation, ...]
    entities: tuple[str, ...] = field(default=())
    must_not_be_empty: bool = False
