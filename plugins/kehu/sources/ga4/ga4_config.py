"""What ``sources.yml`` says about a source of kind ``ga4_export``."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationInfo, field_validator

from kehu.sources.config_models import SourceBase


class Ga4SourceConfig(SourceBase):
    """A folder with the daily tables of the BigQuery export of Google Analytics 4; a relative path counts from the file's."""

    kind: Literal["ga4_export"]
    path: Path
    days: int = Field(default=4, ge=1)
    """So many of the newest days are read at every ingest, since they are rewritten; older ones once."""
    events: tuple[str, ...] = ()
    """Only events of these names; without it all."""

    @field_validator("path")
    @classmethod
    def _absolute(cls, path: Path, info: ValidationInfo) -> Path:
        folder = (info.context or {}).get("folder", Path())
        return (folder / path.expanduser()).absolute()

    @property
    def entity_names(self) -> tuple[str, ...]:
        """Events of the web and of apps."""
        return ("web_events",)
