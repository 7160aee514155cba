"""What an extract tells of itself to somebody who looks at a source before anything lands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from kehu.landing.workspace import Workspace
from kehu.sources.mapping import TableMapping


@dataclass(frozen=True)
class Description:
    """Names only, never values.

    Attributes:
        origin: what kind of thing is read: file, table, module.
        parts: the files with encoding and delimiter of text files, or the tables.
        unmapped: source columns that end in ``_extra``.
        used: source columns that some expression reads: what they mean is known.
    """

    origin: str
    parts: tuple[str, ...]
    unmapped: tuple[str, ...] = ()
    used: frozenset[str] = frozenset()


@runtime_checkable
class Described(Protocol):
    """An extract that can describe itself."""

    def describe(self, work: Workspace) -> Description:
        """What is read; only after ``inspect``."""


def described_mapping(origin: str, parts: Sequence[str], mappings: Sequence[TableMapping]) -> Description:
    """The description of files or a table under their mappings."""
    unmapped = dict.fromkeys(name for mapping in mappings for name in mapping.extra)
    return Description(origin, tuple(parts), tuple(unmapped), frozenset().union(*(one.used for one in mappings)))
