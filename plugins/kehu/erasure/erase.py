"""``kehu erase CUSTOMER``: find the person, write the ledger, apply it everywhere, and verify that nothing is left.

Every step can be done twice. From the moment at which the ledger's entry is written a killed erasure is finished by the
next call with the same id, and until then nothing has changed.
"""

from __future__ import annotations

import logging
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from kehu.clock import utc_now
from kehu.erasure.batches import BatchChange, find_changes
from kehu.erasure.identity import open_identity
from kehu.erasure.key import ErasureKey, open_key
from kehu.erasure.landed import Landed
from kehu.erasure.ledger import (
    Erasure,
    ErasureLedger,
    continued,
    finish,
    forget_orphans,
    forget_values,
    keep_values,
    kept_values,
    new_erasure,
    open_ledger,
    write_entry,
)
from kehu.erasure.leftovers import clean_leftovers
from kehu.erasure.mentions import landed_mentions
from kehu.erasure.patterns import Value, pattern_of
from kehu.erasure.person import Person, draft, find_person, sorted_keys
from kehu.erasure.releases import count_in_releases, release_mentions
from kehu.erasure.replay import all_sources, apply_ledger
from kehu.erasure.report import ErasureReport, not_searched_for
from kehu.erasure.search import Search, search_everywhere
from kehu.errors import ErasureError
from kehu.files.fault_points import step
from kehu.landing.ledger import read_ledger
from kehu.landing.workspace import workspace
from kehu.settings import Settings
from kehu.warehouse.factory import open_warehouse
from kehu.warehouse.protocol import Warehouse

log = logging.getLogger(__name__)


def erase_customer(settings: Settings, customer: str, dry_run: bool = False) -> ErasureReport:
    """Erase a person from all that Kehu keeps.

    Args:
        settings: names the home, the warehouse and the key.
        customer: the published id of any of the person's records, or the source's own.
        dry_run: change nothing, count what would change.

    Raises:
        UsageError: nobody has this id.
        ErasureKeyError: the key is missing, too short or another one.
        ErasureError: a value was still found in the end; names the places. A second call searches again.
        WarehouseBusy: somebody builds or lands and does not end in time.
    """
    key = open_key(settings, make=not dry_run)
    warehouse = open_warehouse(settings, "administer")
    with warehouse.writing("kehu erase"), all_sources(settings):
        ledger = open_ledger(settings)
        forget_orphans(settings, ledger)
        begun = _known(settings, ledger, customer.strip())
        if begun is not None and dry_run:
            return ErasureReport(None)
        if begun is not None:
            return _again(settings, warehouse, ledger, *begun)
        person = _find(settings, warehouse, customer)
        erasure = draft(new_erasure(ledger, utc_now()), person, key)
        seeds = _named_in(settings, person)
        if dry_run:
            return _count(settings, warehouse, ledger.with_draft(erasure, key), person, seeds)
        _begin(settings, erasure, person.values(), key)
        known = ErasureReport(erasure.erasure_id, records=len(person.records), shared=person.shared, seeds=seeds)
        return _carry_out(settings, warehouse, open_ledger(settings), erasure, known)


def _begin(settings: Settings, erasure: Erasure, values: Sequence[Value], key: ErasureKey) -> None:
    """Write an erasure down: from now on it is finished by whoever comes next."""
    keep_values(settings, erasure.erasure_id, values, key)
    step("erase:values_kept")
    write_entry(settings, erasure)
    step("erase:recorded")


def _again(
    settings: Settings, warehouse: Warehouse, ledger: ErasureLedger, erasure: Erasure, record: str
) -> ErasureReport:
    """Go on with an erasure, or repeat it: what mentions the person is looked for anew, since more may have landed."""
    key = ledger.key
    assert key is not None
    kept = kept_values(settings, erasure.erasure_id, key)
    values = kept if kept is not None else Person(records={record}).values()
    known = {(one.hmac, one.place) for earlier in ledger.with_earlier(erasure) for one in earlier.keys}
    with workspace(settings, "_erasing") as work:
        mentions = landed_mentions(Landed(work, settings), values) | release_mentions(settings, warehouse, values)
    keys = sorted_keys(mention.key(key) for mention in mentions)
    found = [one for one in keys if (one.hmac, one.place) not in known]
    if found:
        erasure = continued(ledger, erasure, found, utc_now())
        _begin(settings, erasure, values, key)
        ledger = open_ledger(settings)
        forget_orphans(settings, ledger)
    elif kept is None:
        keep_values(settings, erasure.erasure_id, values, key)
    return _carry_out(settings, warehouse, ledger, erasure, ErasureReport(erasure.erasure_id), is_anew=kept is None)


def _known(settings: Settings, ledger: ErasureLedger, customer: str) -> tuple[Erasure, str] | None:
    """The latest erasure of whoever had this id, with its source or without, and the id with its source."""
    sources = sorted({batch.source for batch in read_ledger(settings.landing_dir)})
    for record in (customer, *(f"{source}:{customer}" for source in sources)):
        erasure = ledger.of_record(record)
        if erasure is not None:
            return erasure, record
    return None


def _find(settings: Settings, warehouse: Warehouse, customer: str) -> Person:
    with workspace(settings, "_erasing") as work, open_identity(settings) as identity:
        person = find_person(Landed(work, settings), identity, customer)
    person.mentions |= release_mentions(settings, warehouse, person.values())
    return person


def _count(
    settings: Settings, warehouse: Warehouse, ledger: ErasureLedger, person: Person, seeds: tuple[str, ...]
) -> ErasureReport:
    with workspace(settings, "_erasing") as work:
        changes = find_changes(work, settings, ledger)
    releases = count_in_releases(settings, warehouse, ledger)
    return ErasureReport(
        None, *_by_entity(changes), releases, records=len(person.records), shared=person.shared, seeds=seeds
    )


def _carry_out(
    settings: Settings,
    warehouse: Warehouse,
    ledger: ErasureLedger,
    erasure: Erasure,
    known: ErasureReport,
    *,
    is_anew: bool = False,
) -> ErasureReport:
    """Apply the ledger, clean up, search, and note the end; safe to repeat from anywhere."""
    assert ledger.key is not None
    values = kept_values(settings, erasure.erasure_id, ledger.key) or []
    changes, releases = apply_ledger(settings, warehouse, ledger)
    files = clean_leftovers(settings, values)
    step("erase:leftovers_cleaned")
    search = search_everywhere(settings, values)
    _require_gone(erasure, releases.unreadable, search)
    step("erase:searched")
    entities, batches = _by_entity(changes)
    done = {"rows": sum(entities.values()), "batches": len(batches), "releases": len(releases.rows), "files": files}
    sought = [one for one in values if one[0] != "short"]
    for one in [one for one in ledger.with_earlier(erasure) if one.finished_at is None]:
        searched = {"files_searched": search.files, "tables_searched": search.tables, "values": len(sought)}
        finish(settings, one, utc_now(), {**done, **searched})
    forget_values(settings, erasure.erasure_id)
    log.info("erasure %s is finished: %s", erasure.erasure_id, done)
    return replace(
        known,
        entities=entities,
        batches=batches,
        releases=releases.rows,
        files=files,
        searched_for=len(sought),
        search=search,
        not_searched_for=not_searched_for(values, is_anew),
    )


def _require_gone(erasure: Erasure, unreadable: list[str], search: Search) -> None:
    """Fail while there is anything left, or anything that cannot be looked through."""
    if unreadable or search.unreadable:
        raise ErasureError(
            "files are damaged: nobody can take the person out of them, or see whether the person is there",
            fix="restore them from a backup, or remove the folder of a release that is not needed, then run the same"
            " command again",
            erasure=erasure.erasure_id,
            releases=unreadable,
            files=search.unreadable[:20],
        )
    if search.found_in:
        raise ErasureError(
            "values of the erased person are still there",
            fix="see docs/runbooks/erase_a_customer.md, then run the same command again: it searches again",
            erasure=erasure.erasure_id,
            places=search.found_in[:20],
        )


def _by_entity(changes: list[BatchChange]) -> tuple[dict[str, int], dict[str, int]]:
    entities: Counter[str] = Counter()
    for change in changes:
        entities[change.batch.entity] += change.rows
    return dict(sorted(entities.items())), {change.batch.batch_id: change.rows for change in changes}


def _named_in(settings: Settings, person: Person) -> tuple[str, ...]:
    """Files that people keep by hand and that name one of the person's records."""
    pattern = re.compile(pattern_of([("word", one) for one in person.records]))
    kept: list[Path] = [*sorted((settings.dbt_project / "seeds").glob("*.csv")), settings.sources]
    return tuple(file.name for file in kept if pattern.search(file.read_text(encoding="utf-8").lower()))
