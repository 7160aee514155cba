"""What one extraction brought for one entity, in counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from kehu.landing.ledger import Batch


@dataclass(frozen=True)
class LandedEntity:
    """Counts of an entity.

    ``skipped`` counts the files that held nothing new, ``withdrawn`` the rows of earlier batches whose place was taken.
    """

    entity: str
    batches: int = 0
    rows: int = 0
    rejects: int = 0
    skipped: int = 0
    withdrawn: int = 0

    def with_batch(self, batch: Batch) -> LandedEntity:
        """One batch more."""
        return replace(
            self,
            batches=self.batches + 1,
            rows=self.rows + batch.row_count,
            rejects=self.rejects + batch.reject_count,
        )

    def with_nothing_new(self) -> LandedEntity:
        """One file more that held nothing new."""
        return replace(self, skipped=self.skipped + 1)

    def without(self, former: Sequence[Batch]) -> LandedEntity:
        """So many batches that do not count any more."""
        return replace(self, withdrawn=self.withdrawn + sum(batch.row_count for batch in former))

    def describe(self) -> str:
        """One line for people."""
        text = "nothing new"
        if self.batches:
            text = f"{self.batches:,} new {'batch' if self.batches == 1 else 'batches'}, {self.rows:,} rows"
        text += f", {self.rejects:,} of them could not be parsed" if self.rejects else ""
        return text + (f", {self.withdrawn:,} rows of former readings are withdrawn" if self.withdrawn else "")
