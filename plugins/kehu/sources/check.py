"""Tests a source's configuration on its real files and tables without landing anything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches

import duckdb

from kehu.entities import ENTITIES
from kehu.errors import SourceUnreadable
from kehu.landing.extract import Extract, Rows, Source
from kehu.landing.redaction import without_values
from kehu.landing.workspace import Workspace, identifier, workspace
from kehu.settings import Settings
from kehu.sources.description import Described, Description


@dataclass(frozen=True)
class EntityCheck:
    """What would land for one entity.

    Attributes:
        entity: the canonical entity.
        mode: what a batch replaces.
        files: the files found, with encoding and delimiter of text files; or the table.
        rows: rows that would land, rejects not included.
        rejects: rows that could not be parsed.
        delivered: canonical columns that are delivered.
        unmapped: source columns that end in ``_extra``, with the canonical name that they may mean.
    """

    entity: str
    mode: str
    files: tuple[str, ...]
    rows: int
    rejects: int
    delivered: tuple[str, ...]
    unmapped: tuple[str, ...]
    origin: str = "file"

    def describe(self) -> str:
        """A few lines for people; names and counts only."""
        counts = f"{self.rows:,} rows" + (f", {self.rejects:,} that cannot be parsed" if self.rejects else "")
        lines = [
            f"  {self.entity} ({self.mode}): {counts} in {len(self.files)} {self.origin}{'s'[: len(self.files) != 1]}"
        ]
        lines += [f"    {self.origin:<9} {name}" for name in self.files[:5]]
        lines += [f"    …         {len(self.files) - 5} more"] if len(self.files) > 5 else []
        lines.append(f"    delivers  {', '.join(self.delivered)}")
        if self.unmapped:
            lines.append(f"    _extra    {', '.join(self.unmapped)}")
        return "\n".join(lines)


@dataclass(frozen=True)
class SourceCheck:
    """What would land from one source."""

    source: str
    entities: tuple[EntityCheck, ...]

    def describe(self) -> str:
        """The report for people; names and counts only."""
        return "\n".join([f"{self.source}: fits", *(entity.describe() for entity in self.entities)])


def check_source(source: Source, settings: Settings) -> SourceCheck:
    """Read everything that a source would deliver, under its mapping; nothing lands.

    Raises:
        KehuError: what an ingest would raise as well, before anything lands.
    """
    with workspace(settings, f"check_{source.name}") as work:
        extracts = list(source.extracts())
        work.confine(path for extract in extracts for path in extract.paths)
        for extract in extracts:
            extract.inspect(work)
        found: dict[str, EntityCheck] = {}
        for extract in extracts:
            one = _check(work, source.name, extract)
            found[extract.entity] = _together(found[extract.entity], one) if extract.entity in found else one
    return SourceCheck(source.name, tuple(found.values()))


def _check(work: Workspace, source: str, extract: Extract) -> EntityCheck:
    rows = extract.rows(work)
    accepted, rejects = _tried(work, source, extract, rows)
    known = extract.describe(work) if isinstance(extract, Described) else Description("file", (extract.file,))
    unmapped = _guesses(extract, known.unmapped, rows.delivered)
    return EntityCheck(
        extract.entity, extract.mode, known.parts, accepted, rejects, rows.delivered, unmapped, known.origin
    )


def _tried(work: Workspace, source: str, extract: Extract, rows: Rows) -> tuple[int, int]:
    """Accepted and rejected rows; where an expression fails on a row, that row is a reject."""
    try:
        return _counts(work, rows)
    except duckdb.Error as error:
        if rows.guarded is None:
            raise SourceUnreadable(
                "the rows cannot be read",
                fix="check the file, or the mapping",
                source=source,
                entity=extract.entity,
                file=extract.file,
                duckdb=without_values(error),
            ) from None
    return _tried(work, source, extract, rows.guarded())


def _counts(work: Workspace, rows: Rows) -> tuple[int, int]:
    """Accepted and rejected rows; every value is computed."""
    values = ", ".join(f"count({identifier(name)})" for name in [*rows.delivered, "_extra"])
    accepted = work.rows(f"select count(*), {values} from ({rows.accepted})")[0][0]
    rejects = work.rows(f"select count(*) from ({rows.rejects})")[0][0] if rows.rejects else 0
    return int(str(accepted)), int(str(rejects))


def _guesses(extract: Extract, unmapped: Sequence[str], delivered: Sequence[str]) -> tuple[str, ...]:
    """Columns that end in ``_extra``, with the canonical name that each may mean."""
    free = [name for name in ENTITIES[extract.entity].column_names if name not in delivered]
    near = {column: get_close_matches(column.lower(), free, n=1, cutoff=0.75) for column in unmapped}
    return tuple(f"{column} ({found[0]}?)" if found else column for column, found in near.items())


def _together(one: EntityCheck, other: EntityCheck) -> EntityCheck:
    """The checks of two files of the same entity as one."""
    return replace(
        one,
        files=one.files + other.files,
        rows=one.rows + other.rows,
        rejects=one.rejects + other.rejects,
        delivered=tuple(dict.fromkeys(one.delivered + other.delivered)),
        unmapped=tuple(dict.fromkeys(one.unmapped + other.unmapped)),
    )
