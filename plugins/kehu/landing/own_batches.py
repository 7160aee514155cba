"""The batches of one source while it lands: read once, then kept up to date with what is committed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from kehu.landing.ledger import Batch, read_ledger
from kehu.landing.withdrawals import read_decisions, standing


@dataclass
class OwnBatches:
    """All batches of a source, oldest first, and which of them count; the caller holds the source's lock.

    Attributes:
        history: all of them.
        withdrawn: ids of those that do not count.
        restored: ids of those that were put back by hand.
        known: the highest number in the order of landing that was read.
    """

    history: list[Batch]
    withdrawn: set[str]
    restored: frozenset[str]
    known: int

    @classmethod
    def read(cls, landing_dir: Path, source: str) -> OwnBatches:
        """Read the entries of the source."""
        history = read_ledger(landing_dir, source)
        decisions = read_decisions(landing_dir, history)
        found = standing(history, decisions)
        known = max([0, *(batch.sequence for batch in history), *(one.sequence for one in decisions)])
        return cls(history, set(found.withdrawn), found.restored, known)

    def of(self, entity: str) -> list[Batch]:
        """All batches of an entity, oldest first."""
        return [batch for batch in self.history if batch.entity == entity]

    def in_force(self, entity: str | None = None) -> list[Batch]:
        """Those that count, oldest first."""
        counted = (batch for batch in self.history if batch.batch_id not in self.withdrawn)
        return [batch for batch in counted if entity in (None, batch.entity)]

    def add(self, batch: Batch) -> None:
        """A batch has been committed."""
        self.history.append(batch)
        self.withdraw(batch.withdraws)

    def withdraw(self, batch_ids: Iterable[str]) -> None:
        """Batches have been withdrawn."""
        self.withdrawn.update(batch_ids)
