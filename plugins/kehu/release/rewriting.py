"""What an erasure asks of a store: every release that is behind is written anew without somebody.

A store knows how to replace rows so that nothing of the old ones is left; who is replaced, and by what, it is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from kehu.quoting import sql_name, sql_text
from kehu.release.manifest import Manifest, TableSummary
from kehu.release.reader import ReleaseReader


@dataclass(frozen=True)
class Replacement:
    """One value of one column, and what takes its place."""

    column: str
    old: str
    new: str | None


class Rewriting(Protocol):
    """Who is taken out of a release."""

    def is_behind(self, manifest: Manifest) -> bool:
        """Whether a release has not been through this."""

    def begin(self, release: ReleaseReader) -> None:
        """Prepare the connection of a release that is looked through."""

    def replacements(self, release: ReleaseReader, relation: str, table: str, column: str) -> Iterable[Replacement]:
        """The values of a text column that are replaced; ``relation`` is the table as SQL names it."""

    def columns(self, table: str, columns: Sequence[str], found: Sequence[Replacement]) -> dict[str, str]:
        """SQL of every column of a table that changes, by its name."""

    def manifest(self, manifest: Manifest, tables: Mapping[str, TableSummary], size: int) -> Manifest:
        """The manifest of a release that has been through this."""


@dataclass
class Rewritten:
    """What came of it.

    Attributes:
        rows: the rows that changed, by release and table.
        unreadable: releases that are damaged, so that nobody can take anything out of them.
    """

    rows: dict[str, dict[str, int]] = field(default_factory=dict)
    unreadable: list[str] = field(default_factory=list)


def touched_rows(found: Iterable[Replacement]) -> str:
    """SQL of the condition that a row of a table changes."""
    by_column: dict[str, list[str]] = {}
    for one in found:
        by_column.setdefault(one.column, []).append(sql_text(one.old))
    return " or ".join(f"{sql_name(name)} in ({', '.join(olds)})" for name, olds in sorted(by_column.items()))
