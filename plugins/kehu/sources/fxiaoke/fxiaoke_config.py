"""What ``sources.yml`` says about a source of kind ``fxiaoke``."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar, Literal

from pydantic import Field, field_validator

from kehu.sources.http.http_config import checked_url
from kehu.sources.http.object_config import ObjectEntity, ObjectSourceConfig


class FxiaokeSourceConfig(ObjectSourceConfig[ObjectEntity]):
    """A tenant of Fxiaoke; the credentials of its app are in an Airflow connection or in the environment."""

    READY: ClassVar[Path] = Path(__file__).parent / "fxiaoke_mapping.yml"
    KEY: ClassVar[str] = "_id"
    CHANGED: ClassVar[str] = "last_modified_time"

    kind: Literal["fxiaoke"]
    host: str = "https://open.fxiaoke.com"
    """Of the tenant's cloud."""
    authentication: Literal["corp_token", "oauth"] = "oauth"
    """The generation of authentication; the two are never mixed."""
    sweep_days: int = Field(default=7, ge=0)
    """In each period of so many days the ids of all records are read once, to find those that are gone; 0 for never."""
    calls_per_window: int = Field(default=90, ge=1, le=100)
    """So many calls of one endpoint in 20 seconds."""

    @field_validator("host")
    @classmethod
    def _url(cls, given: str) -> str:
        return checked_url(given if "://" in given else f"https://{given}")
