"""Applies the erasure ledger to all that is kept: before anything is landed, built, published or rolled back to.

Whatever has been through every erasure says so (the landing zone, the warehouse, the manifest of each release), so that where
nothing is to be done nothing is read. What a backup brings back does not say so, and goes through them again.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from kehu.entities import ENTITIES
from kehu.erasure.batches import BatchChange, is_behind, rewrite_landing
from kehu.erasure.ledger import ErasureLedger, erasure_ids, open_ledger
from kehu.erasure.releases import erase_releases, releases_behind
from kehu.errors import WarehouseDamaged
from kehu.files.fault_points import step
from kehu.files.locks import exclusive
from kehu.landing.ledger import read_ledger
from kehu.ops.erasures import applied_erasures, holds_rows, note_erasures
from kehu.release.rewriting import Rewritten
from kehu.settings import Settings
from kehu.sources.config import load_sources
from kehu.warehouse.factory import open_warehouse
from kehu.warehouse.protocol import Warehouse

log = logging.getLogger(__name__)


def replay_erasures(settings: Settings) -> None:
    """Make sure that nothing that is kept still holds somebody who was erased. Call it without the warehouse lock.

    Raises:
        ErasureKeyError: something is to be done, and the key is not the right one.
        ConfigurationError: something is to be done in a database with roles, and no administrator of it is named.
    """
    erasures = erasure_ids(settings)
    if not erasures:
        return
    warehouse = open_warehouse(settings)
    with warehouse.writing("replay of erasures"):
        if _is_done(settings, warehouse, erasures):
            return
        log.info("something here has not been through all %d erasures: they are applied again", len(erasures))
        with all_sources(settings):
            apply_ledger(settings, open_warehouse(settings, "administer"), open_ledger(settings))


def replay_in_landing(settings: Settings) -> None:
    """The same for the landing zone alone, for who only lands."""
    erasures = erasure_ids(settings)
    if erasures and is_behind(settings, len(erasures)):
        with all_sources(settings):
            rewrite_landing(settings, open_ledger(settings))


def apply_ledger(
    settings: Settings, warehouse: Warehouse, ledger: ErasureLedger
) -> tuple[list[BatchChange], Rewritten]:
    """Apply the ledger to landing, warehouse and releases, whatever of it is done already.

    The caller holds the warehouse lock and :func:`all_sources`.

    Returns:
        The batches that changed, and what came of the releases.
    """
    batches = rewrite_landing(settings, ledger)
    if not _has_been_through(warehouse, ledger.ids):
        _reset(settings, warehouse, ledger.ids)
    step("erase:warehouse_reset")
    releases = erase_releases(settings, warehouse, ledger)
    step("erase:releases_rewritten")
    return batches, releases


@contextmanager
def all_sources(settings: Settings) -> Iterator[None]:
    """Hold the locks of all sources, so that nobody lands meanwhile."""
    names = {batch.source for batch in read_ledger(settings.landing_dir)}
    names |= {source.name for source in load_sources(settings.sources).sources}
    with ExitStack() as stack:
        for name in sorted(names):
            lock = settings.locks_dir / f"landing-{name}.lock"
            stack.enter_context(exclusive(lock, "erasure of a customer", settings.lock_timeout_seconds))
        yield


def _is_done(settings: Settings, warehouse: Warehouse, erasures: tuple[str, ...]) -> bool:
    if is_behind(settings, len(erasures)) or releases_behind(settings, erasures):
        return False
    return _has_been_through(warehouse, erasures)


def _has_been_through(warehouse: Warehouse, erasures: tuple[str, ...]) -> bool:
    try:
        return _has_said_so(warehouse, erasures)
    except WarehouseDamaged as error:
        # Nobody can read it, and what is built in its place begins with the landing zone, which has been through them.
        log.warning("the erasures are applied to everything but the warehouse: %s", error)
        return True


def _has_said_so(warehouse: Warehouse, erasures: tuple[str, ...]) -> bool:
    if not warehouse.is_made():
        # Whatever will be built comes from the landing zone, but it has to say so.
        _note(warehouse, erasures)
        return True
    with warehouse.session() as session:
        if set(applied_erasures(session)) >= set(erasures):
            return True
        if holds_rows(session):
            return False
        # The same where a database is new: nothing was ever brought into it.
        note_erasures(session, erasures)
        return True


def _reset(settings: Settings, warehouse: Warehouse, erasures: tuple[str, ...]) -> None:
    """Drop what the next build makes anew from the landing zone."""
    files: dict[str, list[Path]] = {name: [] for name in ENTITIES}
    for batch in read_ledger(settings.landing_dir):
        files[batch.entity].append(settings.landing_dir / batch.path)
    warehouse.reset(files)
    _note(warehouse, erasures)


def _note(warehouse: Warehouse, erasures: tuple[str, ...]) -> None:
    with warehouse.session() as session:
        note_erasures(session, erasures)
