"""What ``sources.yml`` says about a source of kind ``sql``: whose URL, which tables, from where on they are read."""

from __future__ import annotations

import re
from typing import Any, Literal

from pydantic import field_validator, model_validator

from kehu.sources.config_errors import ConfigProblem
from kehu.sources.config_models import MappedSource
from kehu.sources.connections import check_connection_id, is_variable_name
from kehu.sources.cursor_config import CursorEntity

_PART = re.compile(r'"((?:[^"]|"")+)"|([^".]+)')


class SqlEntityConfig(CursorEntity):
    """How one canonical entity comes out of a database; ``query`` is SQL of that database, ``expr`` and ``where`` DuckDB's."""

    table: str | None = None

    @model_validator(mode="after")
    def _consistent(self) -> SqlEntityConfig:
        if self.table is not None and self.query is not None:
            raise ConfigProblem("an entity is a table or a query", fix="remove one of the two", key="query")
        return self

    @field_validator("table")
    @classmethod
    def _plain_table(cls, name: str | None) -> str | None:
        if name is not None:
            _split(name)
        return name

    def table_name(self, entity: str) -> tuple[str, ...]:
        """Schema, if there is one, and table; the table of an entity without either is named like the entity."""
        return _split(self.table) if self.table is not None else (entity,)


class SqlSourceConfig(MappedSource[SqlEntityConfig]):
    """A database; its URL is in an environment variable or an Airflow connection."""

    kind: Literal["sql"]
    url_env: str | None = None
    connection: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _no_credentials(cls, given: Any) -> Any:
        for key in ("url", "uri", "dsn", "password"):
            if isinstance(given, dict) and key in given:
                raise ConfigProblem(
                    "credentials do not belong into this file",
                    fix="put the URL into an environment variable and name the variable: url_env",
                    key=key,
                )
        return given

    @model_validator(mode="after")
    def _one_url(self) -> SqlSourceConfig:
        if (self.url_env is None) == (self.connection is None):
            raise ConfigProblem(
                "a database is reached by exactly one of: url_env, connection",
                fix="name the environment variable that holds the URL (url_env), or an Airflow connection (connection)",
                key="url_env",
            )
        return self

    @field_validator("url_env")
    @classmethod
    def _variable(cls, name: str | None) -> str | None:
        if name is not None and not is_variable_name(name):
            raise ConfigProblem(
                "url_env is the name of an environment variable, not the URL",
                fix="put the URL into a variable such as SHOP_DATABASE_URL and name it here",
                key="url_env",
            )
        return name

    @field_validator("connection")
    @classmethod
    def _connection_id(cls, name: str | None) -> str | None:
        check_connection_id(name)
        return name

    @property
    def connection_id(self) -> str | None:
        """The Airflow connection that it names, if it names one."""
        return self.connection


def _split(name: str) -> tuple[str, ...]:
    """The one or two names of ``sales.orders`` or ``"odd.schema"."odd table"``."""
    found = [(quoted or "").replace('""', '"') or plain for quoted, plain in _PART.findall(name)]
    again = ".".join(match.group(0) for match in _PART.finditer(name))
    if not 1 <= len(found) <= 2 or again != name:
        raise ConfigProblem(
            "table is a name, or a schema and a name with a dot between them",
            fix='write "…" around a name that has a dot or a quotation mark, and double that mark',
            key="table",
        )
    return tuple(found)
