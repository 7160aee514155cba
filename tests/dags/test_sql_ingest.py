"""A source of kind ``sql`` through the factory of ingest DAGs, its URL in an Airflow connection."""

from __future__ import annotations

from pathlib import Path

import pytest

from kehu.errors import ConfigurationError
from kehu.orchestration import steps
from kehu.orchestration.connections import known_connections
from kehu.orchestration.schedules import deliveries, required_sources
from tests.support.sql_shop import SqliteShop

CONNECTION = "orders_db"


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SqliteShop:
    opened = SqliteShop(tmp_path, monkeypatch)
    opened.sql("create table orders (order_id text, ordered_at text)")
    opened.sql("insert into orders values ('1', '2024-01-01')")
    entry = {"name": "shop", "kind": "sql", "connection": CONNECTION, "entities": {"orders": {}}}
    opened.configure_sources([entry])
    monkeypatch.setenv("KEHU_HOME", str(opened.settings.home))
    monkeypatch.setenv("KEHU_SOURCES", str(opened.yml))
    return opened


def test_the_task_lands_through_the_connection(shop: SqliteShop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"AIRFLOW_CONN_{CONNECTION.upper()}", f"sqlite:///{str(shop.path).replace(' ', '%20')}")
    assert [delivery.dag_id for delivery in deliveries()] == ["ingest_shop"]
    assert required_sources() == ["shop"]
    monkeypatch.setenv(f"AIRFLOW_CONN_{CONNECTION.upper()}", f'{{"conn_type": "sqlite", "host": "{shop.path}"}}')
    assert steps.ingest("shop")["entities"][0]["rows"] == 1
    assert shop.values("order_id") == [("1",)]


def test_a_connection_that_airflow_does_not_know_is_named(shop: SqliteShop) -> None:
    assert known_connections(CONNECTION) == {}
    with pytest.raises(ConfigurationError, match="AIRFLOW_CONN_ORDERS_DB"):
        steps.ingest("shop")
