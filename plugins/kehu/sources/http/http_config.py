"""What ``sources.yml`` says about every source that is reached by HTTP: where its credentials are, never what they are."""

from __future__ import annotations

import re
from typing import Any, TypeVar
from urllib.parse import urlsplit

from pydantic import field_validator, model_validator

from kehu.sources.config_errors import ConfigProblem
from kehu.sources.config_models import MappedEntity, MappedSource
from kehu.sources.connections import check_connection_id, is_variable_name

EntityT = TypeVar("EntityT", bound=MappedEntity)
_SECRET_KEY = re.compile(r"secret|token|password|api_?key|client_id", re.IGNORECASE)


class HttpSourceConfig(MappedSource[EntityT]):
    """The part that all of them have: an Airflow connection, or environment variables that begin alike."""

    connection: str | None = None
    env_prefix: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _no_credentials(cls, given: Any) -> Any:
        for key in given if isinstance(given, dict) else ():
            if isinstance(key, str) and _SECRET_KEY.search(key):
                raise ConfigProblem(
                    "credentials do not belong into this file",
                    fix="put them into an Airflow connection (connection), or into environment variables (env_prefix)",
                    key=key,
                )
        return given

    @model_validator(mode="after")
    def _one_place(self) -> HttpSourceConfig[EntityT]:
        if (self.connection is None) == (self.env_prefix is None):
            raise ConfigProblem(
                "credentials come from exactly one of: connection, env_prefix",
                fix="name an Airflow connection (connection), or what the environment variables begin with (env_prefix)",
                key="connection",
            )
        return self

    @field_validator("connection")
    @classmethod
    def _connection_id(cls, name: str | None) -> str | None:
        check_connection_id(name)
        return name

    @field_validator("env_prefix")
    @classmethod
    def _prefix(cls, name: str | None) -> str | None:
        if name is not None and not is_variable_name(name):
            raise ConfigProblem(
                "env_prefix is what the names of environment variables begin with",
                fix="write it as in env_prefix: ZOHO, for ZOHO_CLIENT_ID and so on",
                key="env_prefix",
            )
        return name

    @property
    def connection_id(self) -> str | None:
        """The Airflow connection that it names, if it names one."""
        return self.connection


def checked_url(given: str) -> str:
    """The address of a system: encrypted, unless it is this machine's own.

    Raises:
        ConfigProblem: it is none, or holds more than scheme, host and port.
    """
    parts = urlsplit(given)
    is_own = parts.hostname in ("127.0.0.1", "localhost")
    is_plain = parts.path in ("", "/") and not parts.query and "@" not in parts.netloc
    if not parts.hostname or not is_plain or parts.scheme not in (("https", "http") if is_own else ("https",)):
        raise ConfigProblem("the address of a system is https:// and its host", fix="write it as https://host")
    return given.rstrip("/")
