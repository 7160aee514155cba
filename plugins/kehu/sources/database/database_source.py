"""A database: one extract an entity, all of them read from one state of the data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from kehu.landing.extract import Extract
from kehu.landing.ledger import read_ledger
from kehu.landing.withdrawals import in_force
from kehu.landing.workspace import Workspace
from kehu.settings import Settings
from kehu.sources.database.database_address import database_url
from kehu.sources.database.database_config import SqlEntityConfig, SqlSourceConfig
from kehu.sources.database.reading import Relation
from kehu.sources.database.snapshot import Snapshot, open_database
from kehu.sources.kind import Connections
from kehu.sources.scratch_extract import ScratchExtract
from kehu.sources.spool import Column, LowerBound


class SqlSource:
    """The source of kind ``sql``.

    Args:
        config: its entry in ``sources.yml``.
        settings: where the landing zone is: what has landed says from where on to read.
        connections: connections that the caller hands in, by their id.
    """

    def __init__(self, config: SqlSourceConfig, settings: Settings, connections: Connections) -> None:
        self.config = config
        self.name = config.name
        self.entities = config.entity_names
        self._settings = settings
        self._connections = connections

    def extracts(self) -> Sequence[Extract]:
        """One extract an entity; nobody is asked anything yet.

        Raises:
            ConfigurationError: the URL is not there, or is none.
        """
        url = database_url(self.config, self._connections)
        snapshot = Snapshot(open_database(url, self.name, self._settings.lock_timeout_seconds))
        landing = self._settings.landing_dir
        # what was taken back and is still in the table lands again
        history = in_force(landing, read_ledger(landing, self.name))
        return [
            ScratchExtract(
                source=self.name,
                entity=entity,
                options=options,
                timezone=self.config.timezone,
                spool=PlannedRelation(snapshot, _relation(self.name, entity, options)),
                landing_dir=self._settings.landing_dir,
                history=tuple(batch for batch in history if batch.entity == entity),
            )
            for entity in self.entities
            for options in [self.config.entities[entity]]
        ]


@dataclass(frozen=True)
class PlannedRelation:
    """A table or query as a spool of the database's snapshot."""

    snapshot: Snapshot
    relation: Relation
    what: str = "table"

    @property
    def label(self) -> str:
        """The table, or the entity that the query is for."""
        return self.relation.label

    @property
    def now(self) -> datetime | None:
        """The database's clock."""
        return self.snapshot.now

    def columns(self, work: Workspace) -> Sequence[Column]:
        """The columns; the first call connects."""
        return self.snapshot.columns(work, self.relation)

    def plan(self, low: LowerBound | None) -> None:
        """Have it read with all the others."""
        self.snapshot.plan(self.relation, low)

    def file(self, work: Workspace) -> Path:
        """The rows; the first call reads every planned relation."""
        return self.snapshot.file(work, self.relation)


def _relation(source: str, entity: str, options: SqlEntityConfig) -> Relation:
    if options.query is None:
        return Relation(source, entity, table=options.table_name(entity))
    return Relation(source, entity, query=options.query.strip().rstrip(";"))
