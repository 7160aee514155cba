"""What ``sources.yml`` says about a source of kind ``zoho_crm``."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar, Literal

from pydantic import Field, field_validator

from kehu.sources.config_errors import ConfigProblem
from kehu.sources.http.http_config import checked_url
from kehu.sources.http.object_config import ObjectEntity, ObjectSourceConfig

DATA_CENTRES: dict[str, tuple[str, str]] = {
    "com": ("https://accounts.zoho.com", "https://www.zohoapis.com"),
    "eu": ("https://accounts.zoho.eu", "https://www.zohoapis.eu"),
    "in": ("https://accounts.zoho.in", "https://www.zohoapis.in"),
    "com.cn": ("https://accounts.zoho.com.cn", "https://www.zohoapis.com.cn"),
    "com.au": ("https://accounts.zoho.com.au", "https://www.zohoapis.com.au"),
    "jp": ("https://accounts.zoho.jp", "https://www.zohoapis.jp"),
    "ca": ("https://accounts.zohocloud.ca", "https://www.zohoapis.ca"),
    "sa": ("https://accounts.zoho.sa", "https://www.zohoapis.sa"),
}
"""Where tokens come from, and where data does, by what a company's address of Zoho ends in."""


class ZohoSourceConfig(ObjectSourceConfig[ObjectEntity]):
    """A Zoho CRM; its client and refresh token are in an Airflow connection or in the environment."""

    READY: ClassVar[Path] = Path(__file__).parent / "zoho_mapping.yml"
    KEY: ClassVar[str] = "id"
    CHANGED: ClassVar[str] = "Modified_Time"

    kind: Literal["zoho_crm"]
    data_centre: str
    accounts_url: str | None = None
    """Another host for tokens than the data centre's."""
    api_url: str | None = None
    """Another host for data, such as a sandbox's."""
    bulk: Literal["first_load", "never"] = "first_load"
    """Whether modules of more than one page are read by jobs when they are read whole."""
    keep_credits: int = Field(default=0, ge=0)
    """So many credits of the account are left to others."""
    max_fields: int = Field(default=50, ge=3, le=50)
    """Fields a request may name."""
    bulk_page_rows: int = Field(default=200_000, ge=1)

    @field_validator("data_centre")
    @classmethod
    def _known(cls, name: str) -> str:
        if name not in DATA_CENTRES:
            raise ConfigProblem.unknown("there is no such data centre of Zoho", "data_centre", name, DATA_CENTRES)
        return name

    @field_validator("accounts_url", "api_url")
    @classmethod
    def _url(cls, given: str | None) -> str | None:
        return None if given is None else checked_url(given)
