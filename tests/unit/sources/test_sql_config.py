"""What ``sources.yml`` may say about a database, where its URL comes from, and that nothing of it is ever shown."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import SecretStr

from kehu.errors import ConfigurationError
from kehu.settings import load_settings
from kehu.sources.config import load_sources
from kehu.sources.database.database_address import DatabaseUrl, database_url, parse_url
from kehu.sources.database.database_config import SqlEntityConfig
from kehu.sources.registry import open_source
from kehu.sources.value_texts import NoTextForType, text_array

SECRET = "s3cret/of:nobody@%"
ORDERS = {"columns": {"order_id": "id", "ordered_at": "at"}}


def load(tmp_path: Path, entity: dict[str, Any] | None = None, **entry: Any) -> Any:
    source = {"name": "shop", "kind": "sql", "url_env": "SHOP_URL", "entities": {"orders": entity or ORDERS}, **entry}
    path = tmp_path / "sources.yml"
    path.write_text(yaml.safe_dump({"sources": [{key: value for key, value in source.items() if value is not None}]}))
    return load_sources(path).sources[0]


def test_a_good_entry_is_read_whole(tmp_path: Path) -> None:
    source = load(
        tmp_path, {**ORDERS, "table": "sales.orders", "cursor": "changed", "lookback": "90 min"}, timezone="Asia/Tokyo"
    )
    orders = source.entities["orders"]
    assert (source.kind, source.required, source.timezone, source.entity_names) == (
        "sql",
        True,
        "Asia/Tokyo",
        ("orders",),
    )
    assert (orders.table_name("orders"), orders.lookback_seconds, orders.is_numeric) == (
        ("sales", "orders"),
        5400,
        False,
    )
    assert SqlEntityConfig().table_name("orders") == ("orders",)
    assert SqlEntityConfig(table='"a.b"."c ""d"""').table_name("orders") == ("a.b", 'c "d"')


@pytest.mark.parametrize(
    ("entity", "entry", "message"),
    [
        ({"table": "o", "query": "select 1"}, {}, "a table or a query"),
        ({"cursor": "changed"}, {}, "how late a transaction may commit"),
        ({"lookback": "2h"}, {}, "cursor and lookback belong together"),
        ({"cursor": "changed", "lookback": "2 weeks"}, {}, "90s, 15min, 2h or 1d"),
        ({"cursor": "changed", "lookback": -1}, {}, "not negative"),
        ({"cursor": "changed", "lookback": "2h", "mode": "snapshot"}, {}, "use mode append"),
        ({"cursor": "at", "lookback": "2h", "mode": "window", "window_column": "ordered_at"}, {}, "use mode append"),
        ({"table": "a.b.c"}, {}, "a name, or a schema and a name"),
        ({"table": 'a"b'}, {}, "a name, or a schema and a name"),
        ({"table": ""}, {}, "a name, or a schema and a name"),
        ({"file": "orders.csv"}, {}, "no such key.*nearest"),
        ({"tabel": "orders"}, {}, "use one of: table"),
        ({"columns": {"order_id": "id"}}, {}, "ordered_at"),
        ({"columns": {"order_id": "id", "ordered_at": "at", "statsu": "s"}}, {}, "nearest=.'status'"),
        ({}, {"url_env": None}, "exactly one of: url_env, connection"),
        ({}, {"connection": "shop_db"}, "exactly one of: url_env, connection"),
        ({}, {"url": f"postgresql://u:{SECRET}@h/d"}, "credentials do not belong into this file"),
        ({}, {"url_env": f"postgresql://u:{SECRET}@h/d"}, "the name of an environment variable, not the URL"),
        ({}, {"url_env": None, "connection": f"postgresql://u:{SECRET}@h/d"}, "the id of an Airflow connection"),
        ({}, {"url_evn": "SHOP_URL", "url_env": None}, "use one of: url_env"),
        ({}, {"path": "shop"}, "no such key"),
    ],
)
def test_a_mistake_is_named_with_its_place_and_without_a_secret(
    tmp_path: Path, entity: dict[str, Any], entry: dict[str, Any], message: str
) -> None:
    with pytest.raises(ConfigurationError, match=message) as wrong:
        load(tmp_path, {**ORDERS, **entity}, **entry)
    assert "source='shop'" in str(wrong.value)
    assert SECRET not in str(wrong.value)


def test_the_url_comes_from_the_variable_that_the_entry_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SHOP_URL", raising=False)
    source = load(tmp_path)
    with pytest.raises(ConfigurationError, match="set SHOP_URL where Kehu runs"):
        open_source(source, load_settings(home=tmp_path)).extracts()
    monkeypatch.setenv("SHOP_URL", "sqlite:////shop.db")
    assert database_url(source, {}).url.database == "/shop.db"


def test_an_airflow_connection_is_handed_in_or_stands_in_its_variable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = load(tmp_path, url_env=None, connection="shop_db")
    with pytest.raises(ConfigurationError, match="AIRFLOW_CONN_SHOP_DB"):
        database_url(source, {})
    monkeypatch.setenv("AIRFLOW_CONN_SHOP_DB", "postgres://u:p@env.example.com/d")
    assert database_url(source, {}).url.host == "env.example.com"
    given = {"shop_db": SecretStr("postgres://u:p@given.example.com/d")}
    assert database_url(source, given).url.host == "given.example.com"


CONNECTION = {"conn_type": "postgres", "host": "h", "login": "u@x", "password": SECRET, "schema": "d b", "port": 5433}
URI = "postgres://u%40x:s3cret%2Fof%3Anobody%40%25@h:5433/d%20b"


@pytest.mark.parametrize(
    "text",
    [
        URI + "?sslmode=require",
        URI.replace("postgres", "postgresql") + "?sslmode=require",
        URI.replace("postgres", "postgresql+psycopg2") + "?sslmode=require",
        URI + "?__extra__=%7B%22sslmode%22%3A+%22require%22%7D",
        json.dumps({**CONNECTION, "extra": {"sslmode": "require"}}),
        json.dumps({**CONNECTION, "extra": json.dumps({"sslmode": "require"})}),
    ],
)
def test_every_spelling_of_a_connection_is_the_same_to_libpq(text: str) -> None:
    from psycopg2.extensions import parse_dsn

    url = parse_url(SecretStr(text), "V", "shop")
    found = parse_dsn(url.libpq())
    expected = {
        "host": "h", "port": "5433", "user": "u@x", "password": SECRET, "dbname": "d b", "sslmode": "require",
        "application_name": "kehu",
    }  # fmt: skip
    assert {name: found[name] for name in expected} == expected
    assert url.is_postgres
    assert SECRET not in repr(url)
    for spelling in (SECRET, "s3cret%2Fof%3Anobody%40%25"):
        assert "s3cret" not in url.without_secrets(f"refused {spelling}!")


@pytest.mark.parametrize(
    "text", ["nonsense", "postgresql://u:s3cret@h:port/d", '{"host": "s3cret"}', "{s3cret", "[]", "{}"]
)
def test_what_is_no_url_is_named_and_not_shown(text: str) -> None:
    with pytest.raises(ConfigurationError, match="variable='SHOP_URL'") as wrong:
        parse_url(SecretStr(text), "SHOP_URL", "shop")
    assert "s3cret" not in str(wrong.value)


@pytest.mark.parametrize(
    "text", ["sqlite:////a b/shop.db", "sqlite://%2Fa%20b%2Fshop.db", '{"conn_type": "sqlite", "host": "/a b/shop.db"}']
)
def test_sqlite_in_every_spelling(text: str) -> None:
    url: DatabaseUrl = parse_url(SecretStr(text), "V", "shop")
    assert not url.is_postgres
    assert url.url.database == "/a b/shop.db"


def test_values_without_a_text_are_refused_by_their_type() -> None:
    class Point:
        pass

    with pytest.raises(NoTextForType) as refused:
        text_array(["a", Point()])
    assert refused.value.kind == "Point"


def test_the_texts_of_python_values() -> None:
    from datetime import UTC, date, datetime, time, timedelta
    from decimal import Decimal
    from uuid import UUID

    values = [
        Decimal("1E+3"), Decimal("1.50"), Decimal("NaN"), float("inf"), True, 7, date(2024, 2, 29), time(1, 2, 3),
        datetime(2024, 1, 1, tzinfo=UTC), timedelta(days=-1, seconds=1.5), UUID(int=1), b"\x01", ["a", None, Decimal("1.5")],
        {"b": 1, "a": "客"}, memoryview(b"x"), None,
    ]  # fmt: skip
    assert text_array(values).to_pylist() == [
        "1000", "1.50", "NaN", "Infinity", "true", "7", "2024-02-29", "01:02:03", "2024-01-01 00:00:00+00:00",
        "P-1DT1.5S", "00000000-0000-0000-0000-000000000001", "\\x01", '["a", null, "1.5"]', '{"a": "客", "b": 1}', "\\x78",
        None,
    ]  # fmt: skip
    for value in values:
        assert text_array([value]).to_pylist() == [text_array([value, None, "x"]).to_pylist()[0]]


def test_the_example_fits() -> None:
    example = Path(__file__).resolve().parents[3] / "examples" / "shop_database" / "sources.yml"
    (shop,) = load_sources(example).sources
    assert shop.entity_names == ("customers", "orders", "order_lines", "products")
