"""What landing asks of a source: extracts, one a batch, whose rows are SQL over the extraction's workspace."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from kehu.landing.ledger import Mode
from kehu.landing.workspace import Workspace


@dataclass(frozen=True)
class Rows:
    """The rows of one batch, ready to be read any number of times.

    Attributes:
        accepted: a query that yields the delivered canonical columns, ``_file`` and ``_extra`` as varchar and
            ``_row_number`` as bigint.
        delivered: the canonical columns among them, in canonical order.
        rejects: a query that yields ``_file``, ``_row_number``, ``_raw``, ``_error`` of rows that could not be parsed.
        guarded: makes the same rows with those on which an expression fails among the rejects; slower.
        is_unchanged: whether the source still is what it was when it was first read.
        is_increment: whether these are only the rows that are not in force already; none of them is no batch.
        cursor_to: up to where a source with a cursor has been read.
    """

    accepted: str
    delivered: tuple[str, ...]
    rejects: str | None = None
    guarded: Callable[[], Rows] | None = None
    is_unchanged: Callable[[], bool] = lambda: True
    is_increment: bool = False
    cursor_to: str | None = None


class Extract(Protocol):
    """One batch to be: what it is, and how to get at its rows."""

    @property
    def entity(self) -> str:
        """The canonical entity."""

    @property
    def mode(self) -> Mode:
        """What the batch replaces."""

    @property
    def file(self) -> str:
        """The file, pattern or files that it is made from."""

    @property
    def paths(self) -> Sequence[Path]:
        """The files that it reads from this machine's disk; SQL of the configuration may read no others."""

    @property
    def per_file(self) -> bool:
        """Whether the entity comes in one batch a file; if not, a batch is the whole entity."""

    @property
    def timezone(self) -> str:
        """IANA zone of timestamps without an offset."""

    @property
    def window_column(self) -> str | None:
        """The column whose days a window batch replaces."""

    @property
    def fingerprint(self) -> str:
        """A digest of the source's bytes and of the mapping; of the mapping alone where ``always_read``."""

    @property
    def contents(self) -> tuple[str, ...]:
        """Digests of the bytes of its files, sorted; none where it comes from no file."""

    @property
    def mapping(self) -> str:
        """How they are read, as JSON: equal texts read equal bytes alike."""

    @property
    def replaces_itself(self) -> bool:
        """Whether a file takes the place of what it held before, instead of adding to it."""

    @property
    def always_read(self) -> bool:
        """Whether only reading tells if there is anything new."""

    def inspect(self, work: Workspace) -> None:
        """Check header and mapping without reading the rows.

        Raises:
            KehuError: the extract cannot work; names file, column and the nearest valid names.
        """

    def rows(self, work: Workspace) -> Rows:
        """Read the source as far as needed to know its rejects."""


class Source(Protocol):
    """A configured source, opened."""

    @property
    def name(self) -> str:
        """Its name in ``sources.yml``."""

    @property
    def entities(self) -> tuple[str, ...]:
        """The canonical entities that it delivers."""

    def extracts(self) -> Sequence[Extract]:
        """Every extract there is to land now, in a fixed order.

        Raises:
            KehuError: a file is missing or unreadable.
        """
