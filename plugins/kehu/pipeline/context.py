"""What every step of a run works with, read once when the step begins."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from kehu.pipeline.runs import Run, load_run
from kehu.pipeline.variables import dbt_variables, effective_variables
from kehu.release.factory import open_store
from kehu.release.ids import ReleaseId, parse_release_id
from kehu.release.store import ReleaseStore
from kehu.settings import Settings
from kehu.sources.config import SourcesConfig, load_sources
from kehu.warehouse.factory import open_warehouse
from kehu.warehouse.protocol import Role, Warehouse


@dataclass(frozen=True)
class RunContext:
    """A run and its surroundings.

    Attributes:
        settings: the settings of the process.
        config: ``sources.yml`` as it is at the step's door.
        run: the record of the run.
        warehouse: where the models run, for what the step does there.
        store: where releases are kept.
    """

    settings: Settings
    config: SourcesConfig
    run: Run
    warehouse: Warehouse
    store: ReleaseStore

    @property
    def release_id(self) -> ReleaseId:
        """The release that the run makes."""
        return parse_release_id(self.run.release_id)

    @cached_property
    def variables(self) -> dict[str, object]:
        """All vars that dbt gets in this run.

        Raises:
            ConfigurationError: a var of ``sources.yml`` is unknown or not valid.
        """
        return dbt_variables(self.settings, self.run.release_id, self.run.as_of, self.config.for_models)

    @cached_property
    def thresholds(self) -> dict[str, object]:
        """Every var that does not belong to one run, with the value that the models see."""
        return effective_variables(self.settings, self.config.for_models)


def open_run(settings: Settings, release_id: str, role: Role = "build") -> RunContext:
    """Read what a step of the run needs; nothing of the warehouse is opened yet.

    Raises:
        UsageError: the id is not one.
        ReleaseError: no run has that id; names the nearest.
        ConfigurationError: ``sources.yml`` cannot be read.
    """
    run = load_run(settings, release_id)
    config = load_sources(settings.sources)
    return RunContext(settings, config, run, open_warehouse(settings, role), open_store(settings))
