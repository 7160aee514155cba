"""A first look at a source on its real files and tables, under its mapping; nothing lands."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path

import duckdb

from kehu.entities import ENTITIES
from kehu.errors import KehuError, SourceUnreadable
from kehu.landing.extract import Extract, Rows, Source
from kehu.landing.ledger import read_ledger
from kehu.landing.redaction import without_values
from kehu.landing.withdrawals import in_force
from kehu.landing.workspace import Workspace, shared_workspace
from kehu.quoting import sql_text
from kehu.settings import Settings
from kehu.sources.column_names import folded
from kehu.sources.description import Described, Description
from kehu.sources.look.assumptions import assumed
from kehu.sources.look.casting import casting
from kehu.sources.look.changes import file_change
from kehu.sources.look.facts import EntityCheck, FileChange
from kehu.sources.look.findings import does_not_fit, to_look_at, verdict
from kehu.sources.look.measure import measured
from kehu.sources.look.orders import Delivery, Rules, orders_look
from kehu.sources.look.text import entity_lines

_SHOWN_REASONS = 3


@dataclass(frozen=True)
class SourceCheck:
    """What would land from one source, and what is to be looked at.

    Attributes:
        source: its name.
        entities: what was found, entity by entity.
        error: what an ingest would raise before anything lands.
    """

    source: str
    entities: tuple[EntityCheck, ...] = ()
    error: KehuError | None = None

    @cached_property
    def problems(self) -> list[str]:
        """Why it does not fit."""
        return [str(self.error)] if self.error else [one for entity in self.entities for one in does_not_fit(entity)]

    @cached_property
    def findings(self) -> list[str]:
        """What is to be looked at."""
        return [one for entity in self.entities for one in to_look_at(entity)]

    @property
    def verdict(self) -> str:
        """``fits``, ``fits, but look at …`` or ``does not fit``."""
        return verdict(self.problems, self.findings)

    def describe(self) -> str:
        """The report for people: names, counts, and values that say nothing of a person."""
        lines = [f"{self.source}: {self.verdict}"]
        lines += [f"  ! {problem}" for problem in self.problems[1:]]
        lines += [f"  - {finding}" for finding in self.findings]
        return "\n".join([*lines, *(line for entity in self.entities for line in entity_lines(entity))])


@dataclass
class _Found:
    """What is gathered of one entity while its extracts are read."""

    check: EntityCheck
    parts: list[Path] = field(default_factory=list)
    changes: list[FileChange] = field(default_factory=list)


def check_source(source: Source, settings: Settings, statuses: Mapping[str, str] | None = None) -> SourceCheck:
    """Read everything that a source would deliver, under its mapping; nothing lands.

    Args:
        source: an opened source.
        settings: where things are.
        statuses: what statuses of orders mean, in lower case.

    Raises:
        KehuError: what an ingest would raise as well, before anything lands.
    """
    with shared_workspace(settings, f"check.{source.name}") as work:
        extracts = list(source.extracts())
        landed = read_ledger(settings.landing_dir, source.name)
        counting = in_force(settings.landing_dir, landed)
        read = [path for extract in extracts for path in extract.paths]
        # What has landed is not told again: an increment is held against it.
        work.confine([*read, *(settings.landing_dir / batch.path for batch in landed)])
        for extract in extracts:
            extract.inspect(work)
        found: dict[str, _Found] = {}
        for extract in extracts:
            _read(work, source.name, extract, found)
            change = file_change(work, extract, found[extract.entity].parts[-1], settings.landing_dir, counting)
            found[extract.entity].changes += [change] if change else []
        timezones = {extract.entity: extract.timezone for extract in extracts}
        entities = _looked_at(work, settings, found, timezones, statuses or {})
    return SourceCheck(source.name, entities)


def _read(work: Workspace, source: str, extract: Extract, found: dict[str, _Found]) -> None:
    """Write what an extract would land into a scratch file, so that it is read once."""
    target = work.new_file(".parquet")
    rows = _spooled(work, source, extract, target)
    known = extract.describe(work) if isinstance(extract, Described) else Description("file", (extract.file,))
    accepted = work.rows(f"select count(*) from read_parquet({sql_text(str(target))})")[0][0]
    reasons = (
        work.rows(f"select _error, count(*) from ({rows.rejects}) group by 1 order by 2 desc, 1")
        if rows.rejects
        else []
    )
    check = EntityCheck(
        entity=extract.entity,
        mode=extract.mode,
        files=known.parts,
        rows=int(str(accepted)),
        rejects=sum(int(str(count)) for _, count in reasons),
        delivered=rows.delivered,
        unmapped=known.unmapped,
        guesses=_guesses(extract, [name for name in known.unmapped if name not in known.used], rows.delivered),
        origin=known.origin,
        reject_reasons=tuple((str(reason), int(str(count))) for reason, count in reasons[:_SHOWN_REASONS]),
    )
    before = found.get(extract.entity)
    found[extract.entity] = _Found(
        _together(before.check, check) if before else check,
        [*(before.parts if before else []), target],
        before.changes if before else [],
    )


def _spooled(work: Workspace, source: str, extract: Extract, target: Path) -> Rows:
    """The rows, all of them computed; where an expression fails on a row, that row is a reject."""
    rows = extract.rows(work)
    try:
        _copy(work, rows, target)
    except duckdb.Error as error:
        if rows.guarded is None:
            raise _unreadable(source, extract, error) from None
    else:
        return rows
    guarded = rows.guarded()
    try:
        _copy(work, guarded, target)
    except duckdb.Error as error:
        raise _unreadable(source, extract, error) from None
    return guarded


def _copy(work: Workspace, rows: Rows, target: Path) -> None:
    work.connection.execute(f"copy ({rows.accepted}) to {sql_text(str(target))} (format parquet)")


def _unreadable(source: str, extract: Extract, error: duckdb.Error) -> SourceUnreadable:
    return SourceUnreadable(
        "the rows cannot be read",
        fix="check the file, or the mapping",
        source=source,
        entity=extract.entity,
        file=extract.file,
        duckdb=without_values(error),
    )


def _looked_at(
    work: Workspace,
    settings: Settings,
    found: Mapping[str, _Found],
    timezones: Mapping[str, str],
    statuses: Mapping[str, str],
) -> tuple[EntityCheck, ...]:
    delivery = Delivery(
        {entity: _relation(one.parts) for entity, one in found.items()},
        {entity: one.check.delivered for entity, one in found.items()},
    )
    looked = []
    for entity, one in found.items():
        cast = casting(settings.dbt_project, timezones[entity])
        check = measured(work, delivery.relations[entity], one.check, cast)
        taken = assumed(entity, delivery, timezones[entity], settings)
        check = replace(check, assumed=taken, changes=tuple(one.changes))
        if entity == "orders":
            check = replace(check, orders=orders_look(work, delivery, Rules(cast, statuses, settings.timezone)))
        looked.append(check)
    return tuple(looked)


def _relation(parts: Sequence[Path]) -> str:
    return f"read_parquet([{', '.join(sql_text(str(part)) for part in parts)}], union_by_name = true)"


def _guesses(extract: Extract, unmapped: Sequence[str], delivered: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Columns that end in ``_extra``, and the canonical name that each may mean."""
    free = [name for name in ENTITIES[extract.entity].column_names if name not in delivered]
    plain = {column: re.sub(r"\W+", "_", folded(column)) for column in unmapped}
    near = {column: _nearest(name, free) for column, name in plain.items()}
    return tuple((column, found) for column, found in near.items() if found)


def _nearest(name: str, free: Sequence[str]) -> str | None:
    """The canonical name that is spelt much alike, or that a longer name ends in: ``financial_status`` may be ``status``."""
    close = get_close_matches(name, free, n=1, cutoff=0.75)
    return next(iter([*close, *(one for one in free if name.endswith(f"_{one}"))]), None)


def _together(one: EntityCheck, other: EntityCheck) -> EntityCheck:
    """The checks of two files of the same entity as one."""
    reasons = dict(one.reject_reasons)
    for reason, count in other.reject_reasons:
        reasons[reason] = reasons.get(reason, 0) + count
    return replace(
        one,
        files=one.files + other.files,
        rows=one.rows + other.rows,
        rejects=one.rejects + other.rejects,
        delivered=tuple(name for name in ENTITIES[one.entity].column_names if name in one.delivered + other.delivered),
        unmapped=tuple(dict.fromkeys(one.unmapped + other.unmapped)),
        guesses=tuple(dict.fromkeys(one.guesses + other.guesses)),
        reject_reasons=tuple(sorted(reasons.items(), key=lambda pair: (-pair[1], pair[0]))[:_SHOWN_REASONS]),
    )
