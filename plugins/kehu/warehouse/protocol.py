"""What Kehu asks of a warehouse; ``duckdb_backend`` and ``postgres_backend`` answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

from kehu.session import Session

Role = Literal["load", "build", "publish", "administer"]
"""What a step does: it brings batches into the warehouse, builds and checks (and looks things up), or publishes and reads
releases. On a server with roles each has its own, which may do no more than that; to administer, which is to change all of
it, takes the administrator's own login."""


@dataclass
class TableSearch:
    """How many tables were searched, and where something was found: names of places, never values."""

    tables: int = 0
    found_in: list[str] = field(default_factory=list)


class Warehouse(Protocol):
    """A place where the models run."""

    name: str

    def session(self, read_only: bool = False) -> AbstractContextManager[Session]:
        """Open a connection for the block and close it after."""

    def writing(self, holder: str) -> AbstractContextManager[int]:
        """Hold the single-writer lock; yields a descriptor to pass to child processes."""

    def dbt_profile(self) -> dict[str, object]:
        """The output of a dbt profile that reaches this warehouse."""

    def child_environment(self) -> Mapping[str, str]:
        """Variables of the environment that dbt needs beside the profile; secrets belong here."""

    def is_made(self) -> bool:
        """Whether there can be something in it: opening a session makes it otherwise."""

    def load_landing(self, session: Session, files: Mapping[str, Sequence[Path]]) -> None:
        """Show the Parquet files of each entity to the models as ``landing.<entity>``; no file, an empty relation."""

    def reset(self, files: Mapping[str, Sequence[Path]]) -> None:
        """Drop all that the landing zone gives back, so that no row of before is left anywhere; keep the run records.

        Args:
            files: the committed Parquet files of each entity, of which a server keeps a copy.
        """

    def search(self, pattern: str) -> TableSearch:
        """Look for a regular expression (lower case) in all tables that are not in files below ``KEHU_HOME``."""


class Scratch(Protocol):
    """A place beside a warehouse in which all of it shows until something is built anew; nothing of the warehouse changes.

    Nothing of it outlives :meth:`remove`.
    """

    @property
    def folder(self) -> Path:
        """Where its files are."""

    @property
    def database(self) -> str:
        """The database of what is built in it."""

    def session(self) -> AbstractContextManager[Session]:
        """Open it for the block; a name means what is built anew, else what the warehouse has."""

    def copy_base(self) -> None:
        """Copy the warehouse to where this place stands on a copy of it; the caller holds the lock."""

    def original(self, schema: str, name: str) -> str:
        """A relation of the warehouse itself, as SQL of a session names it."""

    def show(
        self, session: Session, schemas: Callable[[str], str | None], is_left_out: Callable[[str, str], bool]
    ) -> None:
        """Show the relations of the warehouse.

        Args:
            session: an open one of this place.
            schemas: what a schema of the warehouse is called here; None leaves it out.
            is_left_out: whether a relation, by schema and name, is not shown because it is built anew.
        """

    def dbt_profile(self) -> dict[str, object]:
        """The output of a dbt profile that builds here."""

    def child_environment(self) -> Mapping[str, str]:
        """Variables of the environment that dbt needs beside the profile."""

    def remove(self) -> None:
        """Leave nothing behind; safe to repeat."""
