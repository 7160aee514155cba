"""Which landed batches stand behind a release that is kept."""

from __future__ import annotations

from kehu.landing.ledger import read_ledger
from kehu.pipeline.context import RunContext
from kehu.release.catalog import newest_first


def published_batches(context: RunContext) -> frozenset[str]:
    """The ids of the run's batches that a kept release was built from; one whose persons were erased since is the same batch."""
    released = {batch.batch_id for release in newest_first(context.store) for batch in release.batches}
    mine = {batch["batch_id"] for batch in context.run.batches}
    found = mine & released
    if mine <= released or not released:
        return frozenset(found)
    ledger = read_ledger(context.settings.landing_dir)
    return frozenset(found | {one.batch_id for one in ledger if released.intersection(one.replaces)})
