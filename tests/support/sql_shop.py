"""A shop in a database, landed through a ``sources.yml`` that names where its URL is."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import psycopg2
import pytest
from psycopg2.extensions import parse_dsn

from tests.support.source_folder import SourceFolder

VARIABLE = "SHOP_DATABASE_URL"
ORDERS = {"order_id": "id", "ordered_at": "sold_at", "status": "state"}


class SqlShop(SourceFolder):
    """A database, a mapping, and what landed of it."""

    def __init__(self, root: Path, patch: pytest.MonkeyPatch, url: str) -> None:
        super().__init__(root)
        self.patch = patch
        self.use(url)

    def use(self, url: str) -> None:
        """Put a URL into the variable that ``sources.yml`` names."""
        self.url = url
        self.patch.setenv(VARIABLE, url)

    def tables(self, **entities: Any) -> None:
        """Write a ``sources.yml`` with one source, ``shop``."""
        self.source(entities=entities)

    def source(self, **entry: Any) -> None:
        """The same, with other keys of the source."""
        self.configure_sources([{"name": "shop", "kind": "sql", "url_env": VARIABLE, **entry}])


class PostgresShop(SqlShop):
    """A shop on a Postgres server."""

    def __init__(self, root: Path, patch: pytest.MonkeyPatch, dsn: str) -> None:
        super().__init__(root, patch, url_of(dsn))
        self.dsn = dsn
        self.admin = psycopg2.connect(dsn)
        self.admin.autocommit = True

    def sql(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """Run one statement as somebody else would."""
        with self.admin.cursor() as cursor:
            cursor.execute(statement, values or None)
            return cursor.fetchall() if cursor.description else []


class SqliteShop(SqlShop):
    """A shop in an SQLite file."""

    def __init__(self, root: Path, patch: pytest.MonkeyPatch) -> None:
        root.mkdir(exist_ok=True)
        self.path = root / "shop data.db"
        super().__init__(root, patch, f"sqlite:///{self.path}")
        self.admin = sqlite3.connect(self.path, isolation_level=None)

    def sql(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """Run one statement as somebody else would."""
        return self.admin.execute(statement, values).fetchall()


def url_of(dsn: str, **other: str) -> str:
    """A libpq connection string as a URL."""
    parts = {**parse_dsn(dsn), **other}
    host, user, database = parts.pop("host"), parts.pop("user"), parts.pop("dbname")
    password = f":{quote(parts.pop('password'), safe='')}" if "password" in parts else ""
    rest = urlencode({**({"host": host} if host.startswith("/") else {}), **parts}, quote_via=quote)
    place = "" if host.startswith("/") else host
    return f"postgresql://{quote(user, safe='')}{password}@{place}/{quote(database, safe='')}?{rest}"
