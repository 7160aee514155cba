"""An export of Google Analytics 4: a batch a day, the newest days at every ingest, older ones once."""

from __future__ import annotations

from collections.abc import Sequence

from kehu.landing.extract import Extract
from kehu.landing.ledger import read_ledger
from kehu.landing.withdrawals import in_force
from kehu.settings import Settings
from kehu.sources.files.files_config import EntityConfig
from kehu.sources.ga4.day_files import Day, find_days
from kehu.sources.ga4.ga4_config import Ga4SourceConfig
from kehu.sources.ga4.ga4_extract import EXPORT, Ga4Day

_ENTITY = "web_events"


class Ga4Source:
    """The source of kind ``ga4_export``."""

    def __init__(self, config: Ga4SourceConfig, settings: Settings) -> None:
        self.config = config
        self.name = config.name
        self.entities = config.entity_names
        self._settings = settings

    def extracts(self) -> Sequence[Extract]:
        """The newest days, those that have not landed yet, and those that another mapping has read.

        Raises:
            SourceFileMissing: there is no file of any day.
        """
        days = find_days(self.config.path, self.name)
        landing = self._settings.landing_dir
        landed = {batch.file: batch.mapping for batch in in_force(landing, read_ledger(landing, self.name))}
        extracts = [self._extract(day) for day in days]
        recent = {day.label for day in days[-self.config.days :]}
        return [one for one in extracts if one.label in recent or landed.get(one.label) != one.mapping]

    def _extract(self, day: Day) -> Ga4Day:
        options = EntityConfig(on_change="replace")
        owners = (EXPORT,) * len(day.files)
        return Ga4Day(
            self.name, _ENTITY, options, self.config.timezone, day.files, True, owners, day.label, self.config.events
        )
