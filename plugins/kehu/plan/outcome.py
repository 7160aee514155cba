"""What a plan found, as plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from kehu.plan.edits import Edit
from kehu.plan.metrics import MetricChange
from kehu.plan.migrations import Migration
from kehu.plan.tables import TableDiff


@dataclass(frozen=True)
class Verdict:
    """A check that would not pass and did at publication, or that nobody made then.

    ``layer`` is ``dbt`` for tests of the transformation, ``marts`` for contracts and suites, ``drift`` for the comparison.
    """

    layer: str
    table: str
    check: str
    severity: str
    observed: str
    expected: str
    reason: str

    @property
    def blocks(self) -> bool:
        """Whether the candidate would be rejected."""
        return self.severity == "critical"


@dataclass(frozen=True)
class Comparison:
    """The published tables as they would be, against the release.

    Attributes:
        tables_added: published tables that the release lacks.
        tables_removed: published tables that would be gone.
        tables: the published tables that differ.
        unchanged: how many published tables were built anew and are the same.
        seeds: the seeds that differ.
        metrics: the figures that differ.
        migrations: the segmentations in which somebody moves.
    """

    tables_added: tuple[str, ...] = ()
    tables_removed: tuple[str, ...] = ()
    tables: tuple[TableDiff, ...] = ()
    unchanged: int = 0
    seeds: tuple[TableDiff, ...] = ()
    metrics: tuple[MetricChange, ...] = ()
    migrations: tuple[Migration, ...] = ()


@dataclass(frozen=True)
class Plan:
    """What the edits would change in the published release.

    Attributes:
        edits: what was edited.
        built: how many models and seeds were built for it.
        scored_again: the Python models that said something else: ``scores``, ``personas``.
        checks: how many checks were made.
        verdicts: those that would not pass.
    """

    release_id: str
    as_of: date
    currency: str
    edits: tuple[Edit, ...] = ()
    built: int = 0
    scored_again: tuple[str, ...] = ()
    compared: Comparison = field(default_factory=Comparison)
    checks: int = 0
    verdicts: tuple[Verdict, ...] = ()

    @property
    def changes_something(self) -> bool:
        """Whether the release would be another one, or would be judged otherwise."""
        found = self.compared
        return bool(found.tables_added or found.tables_removed or found.tables or self.verdicts)

    def as_data(self) -> dict[str, Any]:
        """For JSON: numbers with decimals and days are texts."""
        found: dict[str, Any] = _plain({**asdict(self), "changes_something": self.changes_something})
        return found


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(name): _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, date | Decimal):
        return str(value)
    return value
