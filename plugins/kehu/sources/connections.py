"""Airflow connections that sources name: handed in by whoever has Airflow to ask, else from where Airflow looks for them too."""

from __future__ import annotations

import re

from pydantic import SecretStr

from kehu.errors import ConfigurationError
from kehu.settings import secret_from_environment
from kehu.sources.config_errors import ConfigProblem
from kehu.sources.kind import Connections

_ID = re.compile(r"^[A-Za-z0-9_.\-]{1,250}$")
_VARIABLE = re.compile(r"^[A-Za-z_][A-Za-z0-9_]*$")


def check_connection_id(name: str | None) -> None:
    """Make sure that an id is one, and not the secret itself.

    Raises:
        ConfigProblem: it is none.
    """
    if name is not None and not _ID.fullmatch(name):
        raise ConfigProblem(
            "connection is the id of an Airflow connection, not the URL", fix="name its id", key="connection"
        )


def is_variable_name(name: str) -> bool:
    """Whether an environment variable can be called that."""
    return bool(_VARIABLE.fullmatch(name))


def connection_variable(connection: str) -> str:
    """The environment variable in which Airflow looks for a connection."""
    return f"AIRFLOW_CONN_{connection.upper()}"


def connection_text(connection: str, handed_in: Connections, source: str) -> SecretStr:
    """A connection as URI or JSON.

    Raises:
        ConfigurationError: it is not there.
    """
    return handed_in.get(connection) or secret_of(connection_variable(connection), source)


def secret_of(variable: str, source: str) -> SecretStr:
    """A secret from the environment.

    Raises:
        ConfigurationError: the variable is not set.
    """
    found = secret_from_environment(variable)
    if found is None:
        raise ConfigurationError(
            "the environment variable with a credential of the source is not set",
            fix=f"set {variable} where Kehu runs",
            source=source,
            variable=variable,
        )
    return found
