"""What all extracts from files have in common."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from kehu.entities import ENTITIES
from kehu.errors import SourceUnreadable
from kehu.landing.ledger import Mode
from kehu.sources.files.files_config import EntityConfig
from kehu.sources.files.located import SourceFile
from kehu.sources.files.reader import FileReader
from kehu.sources.mapping import Location

_FORMAT = 3
"""Raised when the same file and mapping would land differently than before."""

NOT_OF_THE_READING = frozenset({"on_change", "on_duplicate_key"})
"""Keys of an entity that say what becomes of rows once they are read."""


@dataclass(frozen=True)
class FileExtract:
    """What both kinds of extracts from files have in common."""

    source: str
    entity: str
    options: EntityConfig
    timezone: str
    files: tuple[SourceFile, ...]
    per_file: bool

    @property
    def always_read(self) -> bool:
        """Bytes tell whether anything is new."""
        return False

    @property
    def paths(self) -> tuple[Path, ...]:
        """Where the files are."""
        return tuple(file.path for file in self.files)

    @property
    def mode(self) -> Mode:
        """What the batch replaces."""
        return self.options.mode

    @property
    def window_column(self) -> str | None:
        """The column whose days a window batch replaces."""
        return self.options.window_column

    @property
    def file(self) -> str:
        """The file, or all of them."""
        names = sorted({file.name for file in self.files})
        return names[0] if len(names) == 1 else (self.options.file or ", ".join(names))

    @cached_property
    def fingerprint(self) -> str:
        """Bytes and names of the files, mapping, time zone, canonical columns."""
        content = [(file.name, digest) for file, digest in zip(self.files, self._digests, strict=True)]
        identity = [_FORMAT, content, self._mapping_identity(), self.timezone, ENTITIES[self.entity].column_names]
        return hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()

    @property
    def contents(self) -> tuple[str, ...]:
        """What the files hold, whatever they are called."""
        return tuple(sorted(set(self._digests)))

    @property
    def mapping(self) -> str:
        """Mapping and time zone."""
        return json.dumps({"mapping": self._mapping_identity(), "timezone": self.timezone}, sort_keys=True)

    @property
    def replaces_itself(self) -> bool:
        """As ``on_change`` says."""
        return self.options.on_change == "replace"

    def _mapping_identity(self) -> object:
        """What makes the mapping another one."""
        return self.options.model_dump(mode="json", exclude_unset=True, exclude=set(NOT_OF_THE_READING))

    @cached_property
    def _digests(self) -> tuple[str, ...]:
        """SHA-256 of each file's bytes."""
        stamps = self._stamps
        digests = tuple(file.content_hash() for file in self.files)
        if stamps != self._now():
            raise SourceUnreadable(
                "the file changed while it was read", fix="ingest again when nobody writes to it", file=self.file
            )
        return digests

    @cached_property
    def readers(self) -> tuple[FileReader, ...]:
        """One reader a file."""
        return tuple(FileReader(file, self.options) for file in self.files)

    @cached_property
    def _stamps(self) -> list[tuple[int, int, int]]:
        return self._now()

    def _now(self) -> list[tuple[int, int, int]]:
        return [file.stamp() for file in self.files]

    def _is_unchanged(self) -> bool:
        return self._stamps == self._now()

    def _location(self, file: str, suspicion: Callable[[], str] = str) -> Location:
        return Location(self.source, self.entity, file, suspicion=suspicion)
