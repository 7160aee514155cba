"""Airflow's connections, wherever it keeps them, for sources that name one."""

from __future__ import annotations

from airflow.sdk import Connection
from airflow.sdk.exceptions import AirflowNotFoundException
from pydantic import SecretStr


def known_connections(connection: str | None) -> dict[str, SecretStr]:
    """A connection as JSON by its id; empty where Airflow does not know it, so that the environment is asked."""
    if connection is None:
        return {}
    try:
        return {connection: SecretStr(Connection.get(connection).as_json())}
    except AirflowNotFoundException:
        return {}
