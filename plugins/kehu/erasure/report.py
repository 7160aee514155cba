"""What an erasure came to: counts and names of places, no value of the person."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from kehu.erasure.patterns import Value
from kehu.erasure.search import Search

_NEVER = (
    "first names",
    "names and numbers that others have too",
    "numbers of less than eight digits",
    "spellings without accents",
    "what pictures show",
)


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
        not_searched_for: what the values of the person do not cover, in words.
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
    not_searched_for: tuple[str, ...] = ()

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
        if self.search is not None:
            text.append(
                f"found nowhere: {self.searched_for} values searched for in {self.search.files:,} files and"
                f" {self.search.tables:,} tables"
            )
        text += [f"not searched for: {', '.join(self.not_searched_for)}"] if self.not_searched_for else []
        return text


def not_searched_for(values: Iterable[Value], is_anew: bool) -> tuple[str, ...]:
    """What a search for these values leaves out.

    Args:
        values: what was searched for.
        is_anew: whether they are but the id that was asked for, since the others were forgotten at the end of the erasure.
    """
    if is_anew:
        return ("all but the id: the other values were forgotten when the erasure was first finished",)
    short = sum(1 for kind, _ in values if kind == "short")
    named = (f"names of two characters ({short}; taken out of texts, not proved)",) if short else ()
    return (*named, *_NEVER)
