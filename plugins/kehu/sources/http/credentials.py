"""The credentials of a source that is reached by HTTP, by name, and nothing of them in any message."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, quote, quote_plus, unquote, urlsplit

from pydantic import SecretStr

from kehu.errors import ConfigurationError
from kehu.settings import secret_from_environment
from kehu.sources.connections import connection_text, connection_variable
from kehu.sources.http.http_config import HttpSourceConfig
from kehu.sources.kind import Connections

_SHORTEST = 4
"""A secret shorter than this is not searched for in messages: it would be found in any word."""


@dataclass(frozen=True, repr=False)
class Credentials:
    """Named secrets, and where they were looked for. Its text shows none of them."""

    values: Mapping[str, SecretStr]
    source: str
    whereabouts: str

    def __getitem__(self, name: str) -> str:
        found = self.values.get(name)
        if found is None:
            raise ConfigurationError(
                "a credential of the source is missing",
                fix=f"add {name} to {self.whereabouts}",
                source=self.source,
                credential=name,
            )
        return found.get_secret_value()

    def get(self, name: str, default: str) -> str:
        """A value that may be left out."""
        return self[name] if name in self.values else default

    def without_secrets(self, message: str) -> str:
        """A message without any of the secrets, in whichever spelling."""
        for secret in sorted((one.get_secret_value() for one in self.values.values()), key=len, reverse=True):
            for spelling in {secret, quote(secret, safe=""), quote_plus(secret), repr(secret)[1:-1]}:
                if len(spelling) >= _SHORTEST:
                    message = message.replace(spelling, "…")
        return message

    def __repr__(self) -> str:
        return f"Credentials({', '.join(sorted(self.values))})"


def find_credentials(config: HttpSourceConfig[Any], handed_in: Connections, names: Sequence[str]) -> Credentials:
    """The credentials that a source names.

    Args:
        config: the source.
        handed_in: connections that the caller knows, by their id.
        names: what is looked for in environment variables: ``client_id`` is in ``<env_prefix>_CLIENT_ID``.

    Raises:
        ConfigurationError: the connection is not there, or is none; never shows it.
    """
    if config.env_prefix is not None:
        variables = {name: f"{config.env_prefix}_{name.upper()}" for name in names}
        found = {name: secret_from_environment(variable) for name, variable in variables.items()}
        values = {name: secret for name, secret in found.items() if secret is not None}
        return Credentials(values, config.name, f"the environment, as {config.env_prefix}_…")
    connection = str(config.connection)
    text = connection_text(connection, handed_in, config.name).get_secret_value().strip()
    whereabouts = f"the extra of the Airflow connection {connection}"
    try:
        parts = _from_json(text) if text.startswith("{") else _from_uri(text)
    except (ValueError, TypeError, AttributeError):
        raise ConfigurationError(
            "the variable does not hold an Airflow connection",
            fix='write it as JSON: {"conn_type": "http", "login": …, "password": …, "extra": {…}}',
            source=config.name,
            variable=connection_variable(connection),
        ) from None
    return Credentials(
        {k: SecretStr(str(v)) for k, v in parts.items() if v not in (None, "")}, config.name, whereabouts
    )


def _from_json(text: str) -> dict[str, Any]:
    given = json.loads(text)
    extra = given.get("extra") or {}
    extra = json.loads(extra) if isinstance(extra, str) else extra
    return {**extra, **{name: given.get(name) for name in ("host", "login", "password") if given.get(name)}}


def _from_uri(text: str) -> dict[str, Any]:
    parts = urlsplit(text)
    query = dict(parse_qsl(parts.query))
    extra = json.loads(query.pop("__extra__")) if "__extra__" in query else {}
    named = {"host": parts.hostname, "login": parts.username, "password": parts.password}
    return {**extra, **query, **{name: unquote(value) for name, value in named.items() if value}}
