"""Where a database is: the URL that a source names, wherever it is kept, and nothing of it in any message."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, quote_plus, unquote, urlencode

from pydantic import SecretStr
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from kehu.errors import ConfigurationError
from kehu.server_address import HINT, is_address
from kehu.sources.connections import connection_text, connection_variable, secret_of
from kehu.sources.database.database_config import SqlSourceConfig

_POSTGRES = {"postgres", "postgresql"}
_EXTRA = "__extra__"
_AMBIGUOUS = re.compile(r"[^:]*://[^@]*[/?#][^@]*@")
"""What ends an address stands before the @, where it should be written with a percent sign."""
_LIBPQ = {"connect_timeout": "10", "application_name": "kehu", "keepalives_idle": "60", "keepalives_interval": "10"}


@dataclass(frozen=True, repr=False)
class DatabaseUrl:
    """A parsed URL. Its text never shows the password.

    Attributes:
        is_ambiguous: whether it was written so that the address may as well be a part of the password.
    """

    url: URL
    is_ambiguous: bool = False

    @property
    def is_postgres(self) -> bool:
        """Whether a Postgres server is behind it."""
        return self.url.get_backend_name() in _POSTGRES

    def whereabouts(self) -> dict[str, object]:
        """What may be told of it: host, port and database; nothing where a part of the password may be one of them."""
        if self.is_ambiguous:
            return {"host": None, "port": None, "database": None}
        # Without a user, what stands where the port does may be a password behind which the host is missing.
        port = self.url.port if self.url.username is not None else None
        return {"host": self.url.host, "port": port, "database": self.url.database}

    def libpq(self) -> str:
        """The URL as libpq reads it, with what a long connection needs; every part quoted."""
        parts = {
            "host": self.url.host,
            "port": self.url.port,
            "user": self.url.username,
            "password": self.url.password,
            "dbname": self.url.database,
        }
        known = {name: str(value) for name, value in parts.items() if value is not None}
        given = {name: value if isinstance(value, str) else ",".join(value) for name, value in self.url.query.items()}
        return f"postgresql:///?{urlencode({**_LIBPQ, **known, **given}, quote_via=quote)}"

    def without_secrets(self, message: str) -> str:
        """A message without the password, in whichever spelling."""
        secrets = [self.url.password, *(value for key, value in self.url.query.items() if "pass" in key.lower())]
        for secret in [str(one) for one in secrets if one]:
            for spelling in (secret, quote(secret, safe=""), quote_plus(secret), repr(secret)[1:-1]):
                message = message.replace(spelling, "…")
        return message

    def __repr__(self) -> str:
        return f"DatabaseUrl({self.url.get_backend_name()})"


def database_url(config: SqlSourceConfig, handed_in: Mapping[str, SecretStr]) -> DatabaseUrl:
    """Find and parse the URL that a source names.

    Args:
        config: the source.
        handed_in: connections that the caller knows, by their id.

    Raises:
        ConfigurationError: the variable is not set, or what it holds is not a URL; never shows it.
    """
    if config.url_env is not None:
        return parse_url(secret_of(config.url_env, config.name), config.url_env, config.name)
    name = str(config.connection)
    return parse_url(connection_text(name, handed_in, config.name), connection_variable(name), config.name)


def parse_url(secret: SecretStr, variable: str, source: str) -> DatabaseUrl:
    """A URL, or an Airflow connection as URI or JSON.

    Raises:
        ConfigurationError: it is none of them.
    """
    text = secret.get_secret_value().strip()
    try:
        if text.startswith("{"):
            url = _as_sqlalchemy(_from_json(json.loads(text)), str)
        else:
            url = _as_sqlalchemy(make_url(text), unquote)
        found = DatabaseUrl(url, bool(_AMBIGUOUS.match(text))) if is_address(*_location(url)) else None
    except (ArgumentError, ValueError, TypeError, KeyError, AttributeError):
        found = None
    if found is None:
        # without any fact: whatever was taken for a host may be the rest of a password
        raise ConfigurationError(
            "the variable does not hold the URL of a database",
            fix=f"{HINT}; or sqlite:////folder/file.db",
            source=source,
            variable=variable,
        )
    return found


def _location(url: URL) -> tuple[object, object, object]:
    """Host, port and database of a server; of a file only that there is no host."""
    return url.host, url.port, None if url.get_backend_name() == "sqlite" else url.database


def _from_json(given: dict[str, Any]) -> URL:
    extra = given.get("extra") or {}
    extra = json.loads(extra) if isinstance(extra, str) else extra
    return URL.create(
        given["conn_type"],
        username=given.get("login"),
        password=given.get("password"),
        host=given.get("host"),
        port=int(given["port"]) if given.get("port") else None,
        database=given.get("schema"),
        query={name: str(value) for name, value in extra.items()},
    )


def _as_sqlalchemy(url: URL, plain: Callable[[str], str]) -> URL:
    """Airflow's spellings as SQLAlchemy's; ``plain`` takes the quoting off a part that SQLAlchemy leaves as it is."""
    query = {name: value for name, value in url.query.items() if name != _EXTRA}
    if _EXTRA in url.query:
        query |= {name: str(value) for name, value in json.loads(str(url.query[_EXTRA])).items()}
    name = re.sub(r"^postgres(ql)?\b", "postgresql", url.drivername)
    if name.startswith("postgresql"):
        host, database = (plain(part) if part else None for part in (url.host, url.database))
        return url.set(drivername=name, host=host, database=database, query=query)
    if name.startswith("sqlite") and url.host and not url.database:
        return URL.create(name, database=plain(url.host), query=query)
    return url.set(query=query)
