"""``kehu erase CUSTOMER``: find the person, write the ledger, apply it everywhere, and verify that nothing is left.

Every step can be done twice. From the moment at which the ledger's entry is written a killed erasure is finished by the
next call with the same id, and until then nothing has changed.
"""

from __future__ import annotations

import logging
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from kehu.clock import utc_now
from kehu.erasure.batches import BatchChange, find_changes
from kehu.erasure.identity import open_identity
from kehu.erasure.key import open_key
from kehu.erasure.landed import Landed
from kehu.erasure.ledger import (
    Erasure,
    ErasureLedger,
    finish,
    forget_orphans,
    keep_values,
    kept_values,
    new_erasure,
    open_ledger,
    write_entry,
)
from kehu.erasure.leftovers import clean_leftovers
from kehu.erasure.patterns import pattern_of
from kehu.erasure.person import Person, draft, find_person
from kehu.erasure.releases import count_in_releases
from kehu.erasure.replay import all_sources, apply_ledger
from kehu.erasure.search import Search, search_everywhere
from kehu.errors import ErasureError
from kehu.files.fault_points import step
from kehu.landing.ledger import read_ledger
from kehu.landing.workspace import workspace
from kehu.settings import Settings
from kehu.warehouse.factory import open_warehouse
from kehu.warehouse.protocol import Warehouse

log = logging.getLogger(__name__)

Values = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class ErasureReport:
    """What an erasure came to, or would come to: counts and names of places, no value of the person.

    Attributes:
        erasure_id: its name in the ledger; None for a dry run.
        entities: landed rows that change, by entity.
        batches: the same by batch.
        releases: rows that change, by release and table.
        files: files below KEHU_HOME, beside those, that held a value.
        records: how many source records the person has.
        shared: addresses and numbers that others have too, and that stay with them.
        searched_for: how many values were searched for at the end.
        search: what was searched; None for a dry run.
        seeds: files of the dbt project and sources that name the person: nothing changes them but their owner.
    """

    erasure_id: str | None
    entities: dict[str, int] = field(default_factory=dict)
    batches: dict[str, int] = field(default_factory=dict)
    releases: dict[str, dict[str, int]] = field(default_factory=dict)
    files: int = 0
    records: int = 0
    shared: int = 0
    searched_for: int = 0
    search: Search | None = None
    seeds: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """The report for XCom: counts and names of places only."""
        return asdict(self)

    def lines(self) -> list[str]:
        """The report for people."""
        would = "would change" if self.erasure_id is None else "changed"
        text = [f"{self.records} source records" if self.records else "an erasure that was begun before"]
        text += [f"landing {entity}: {rows:,} rows {would}" for entity, rows in self.entities.items()]
        text += [f"landing batch {batch}: {rows:,} rows {would}" for batch, rows in self.batches.items()]
        text += [
            f"release {release}.{table}: {rows:,} rows {would}"
            for release, tables in self.releases.items()
            for table, rows in tables.items()
        ]
        text += [f"other files that held a value: {self.files}"] if self.files else []
        text += (
            [f"addresses and numbers that others have too, and that stay with them: {self.shared}"]
            if self.shared
            else []
        )
        text += [f"{name} names the person: replace the id there by hand" for name in self.seeds]
        if self.search is not None and self.searched_for:
            text.append(
                f"found nowhere: {self.searched_for} values searched for in {self.search.files:,} files and"
                f" {self.search.tables:,} tables"
            )
        elif self.search is not None:
            text.append("applied again; the values were forgotten when it was first finished, so none was searched for")
        return text


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
            return _carry_out(settings, warehouse, ledger, begun, ErasureReport(begun.erasure_id))
        person = _find(settings, customer)
        erasure = draft(new_erasure(ledger, utc_now()), person, key)
        seeds = _named_in(settings, person)
        if dry_run:
            return _count(settings, warehouse, ledger.with_draft(erasure, key), person, seeds)
        keep_values(settings, erasure.erasure_id, person.values(), key)
        step("erase:values_kept")
        write_entry(settings, erasure)
        step("erase:recorded")
        known = ErasureReport(erasure.erasure_id, records=len(person.records), shared=person.shared, seeds=seeds)
        return _carry_out(settings, warehouse, open_ledger(settings), erasure, known)


def _known(settings: Settings, ledger: ErasureLedger, customer: str) -> Erasure | None:
    """The erasure of whoever had this id, with its source or without."""
    sources = sorted({batch.source for batch in read_ledger(settings.landing_dir)})
    found = (ledger.of_record(one) for one in (customer, *(f"{source}:{customer}" for source in sources)))
    return next((one for one in found if one is not None), None)


def _find(settings: Settings, customer: str) -> Person:
    with workspace(settings, "_erasing") as work, open_identity(settings) as identity:
        return find_person(Landed(work, settings), identity, customer)


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
    settings: Settings, warehouse: Warehouse, ledger: ErasureLedger, erasure: Erasure, known: ErasureReport
) -> ErasureReport:
    """Apply the ledger, clean up, search, and note the end; safe to repeat from anywhere."""
    assert ledger.key is not None
    values = kept_values(settings, erasure.erasure_id, ledger.key) or []
    changes, releases = apply_ledger(settings, warehouse, ledger)
    files = clean_leftovers(settings, values)
    step("erase:leftovers_cleaned")
    search = search_everywhere(settings, values)
    if releases.unreadable or search.unreadable:
        raise ErasureError(
            "files are damaged: nobody can take the person out of them, or see whether the person is there",
            fix="restore them from a backup, or remove the folder of a release that is not needed, then run the same"
            " command again",
            erasure=erasure.erasure_id,
            releases=releases.unreadable,
            files=search.unreadable[:20],
        )
    if search.found_in:
        raise ErasureError(
            "values of the erased person are still there",
            fix="see docs/runbooks/erase_a_customer.md, then run the same command again: it searches again",
            erasure=erasure.erasure_id,
            places=search.found_in[:20],
        )
    step("erase:searched")
    entities, batches = _by_entity(changes)
    done = {"rows": sum(entities.values()), "batches": len(batches), "releases": len(releases.rows), "files": files}
    if erasure.finished_at is None:
        searched = {"files_searched": search.files, "tables_searched": search.tables, "values": len(values)}
        finish(settings, erasure, utc_now(), {**done, **searched})
    log.info("erasure %s is finished: %s", erasure.erasure_id, done)
    return ErasureReport(
        erasure.erasure_id,
        entities,
        batches,
        releases.rows,
        files,
        known.records,
        known.shared,
        len(values),
        search,
        known.seeds,
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
