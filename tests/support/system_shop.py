"""A shop whose customers are in a system that is reached by HTTP, landed through a ``sources.yml``, with no real waiting."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from kehu.erasure.landing_filter import ErasedPersons
from kehu.landing.landed_entity import LandedEntity
from kehu.landing.landing import land_source
from kehu.sources.config import load_sources
from kehu.sources.http.client import Patience
from tests.support.source_folder import MOMENT, SourceFolder

PATIENCE = Patience(attempts=5, first_pause=1, longest_pause=30, longest_wait=900, connect=10, answer=30)
HURRY = replace(PATIENCE, answer=0.5)
"""For faults that are slowness: nothing else should take so long."""


class SystemShop(SourceFolder):
    """A system, a mapping, and what landed of it.

    Args:
        root: a folder of its own.
        patch: sets the variables with the credentials.
        source: the class of the source.
        now: the clock of the account that runs Kehu.
        entry: what the entry of the source says besides its entities.
        credentials: variable → secret.
    """

    def __init__(
        self,
        root: Path,
        patch: pytest.MonkeyPatch,
        source: type,
        now: Callable[[], datetime],
        entry: dict[str, Any],
        credentials: dict[str, str],
    ) -> None:
        super().__init__(root)
        self.source_class, self.now, self.entry, self.credentials = source, now, entry, credentials
        self.pauses: list[float] = []
        self.patience = PATIENCE
        for name, secret in credentials.items():
            patch.setenv(name, secret)

    def tables(self, rest: dict[str, Any] | None = None, **entities: Any) -> None:
        """Write a ``sources.yml`` with one source, ``crm``."""
        self.configure_sources([{"name": "crm", **self.entry, **(rest or {}), "entities": entities}])

    def opened(self) -> Any:
        """The source, opened anew as another process would."""
        (entry,) = load_sources(self.yml).sources
        return self.source_class(
            entry, self.settings, {}, patience=self.patience, sleep=self.pauses.append, now=self.now
        )

    def land(self, moment: datetime = MOMENT, name: str = "crm") -> dict[str, LandedEntity]:
        """Land what is new."""
        landed = land_source(self.settings, self.opened(), moment, without=ErasedPersons(self.settings))
        return {entity.entity: entity for entity in landed}

    def in_force(self, entity: str, *columns: str) -> dict[str, tuple[Any, ...]]:
        """Key → values of the newest landed version of each record that is not deleted."""
        found: dict[str, tuple[Any, ...] | None] = {}
        for number, batch in enumerate(one for one in self.batches() if one.entity == entity):
            rows = self.rows(entity, batch=number)
            keys = [row[self._key(entity)] for row in rows]
            assert len(keys) == len(set(keys)), f"a record twice in one delivery of {batch.file}"
            for row in rows:
                gone = row["is_deleted"] == "true"
                found[row[self._key(entity)]] = None if gone else tuple(row[name] for name in columns)
        return {key: values for key, values in found.items() if values is not None}

    def everything_kept(self) -> str:
        """All text below the home, to look for secrets in it."""
        paths = [path for path in self.settings.home.rglob("*") if path.is_file()]
        return "\n".join(path.read_bytes().decode("utf-8", "replace") for path in paths)

    @staticmethod
    def _key(entity: str) -> str:
        from kehu.entities import ENTITIES

        return ENTITIES[entity].key[0]
