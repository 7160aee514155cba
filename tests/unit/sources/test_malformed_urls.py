"""Thirty ways to get a URL wrong: none of them shows a part of the password, neither in an error nor in a log."""

from __future__ import annotations

import logging
import re

import pytest
from pydantic import SecretStr

from kehu.errors import KehuError
from kehu.sources.database.database_address import parse_url
from kehu.warehouse.on_postgres.connection import connect

SECRET = "Hun7er2zQ"
"""No part of it of four letters may be shown."""
HALVES = ("Hun7e", "er2zQ")
MALFORMED = [
    "postgresql://u:Hun7e@er2zQ@127.0.0.1:1/db",
    "postgresql://u:Hun7e@@er2zQ@127.0.0.1:1/db",
    "postgresql://u:@Hun7er2zQ@127.0.0.1:1/db",
    "postgresql://u:Hun7er2zQ@@127.0.0.1:1/db",
    "postgresql://u:Hun7e/er2zQ@127.0.0.1:1/db",
    "postgresql://u:Hun7e?er2zQ@127.0.0.1:1/db",
    "postgresql://u:Hun7e#er2zQ@127.0.0.1:1/db",
    "postgresql://u:Hun7e:er2zQ@127.0.0.1:1/db",
    "postgresql://u:Hun7e er2zQ@127.0.0.1:1/db",
    "postgresql://u:Hun7e\ner2zQ@127.0.0.1:1/db",
    "postgresql://u:Hun7e%zzer2zQ@127.0.0.1:1/db",
    "postgresql://u:Hun7e%er2zQ@127.0.0.1:1/db",
    "postgresql://u:Hun7e[er2zQ]@127.0.0.1:1/db",
    "postgresql://u@ser:Hun7er2zQ@127.0.0.1:1/db",
    "postgresql://u:Hun7er2zQ127.0.0.1:1/db",
    "postgresql://u:Hun7er2zQ/db",
    "postgresql://u:Hun7er2zQ",
    "postgresql://127.0.0.1:1/u:Hun7e@er2zQ",
    "postgresql://127.0.0.1:Hun7er2zQ/db",
    "postgresql:/u:Hun7er2zQ@127.0.0.1:1/db",
    "postgresql:u:Hun7er2zQ@127.0.0.1:1/db",
    "://u:Hun7er2zQ@127.0.0.1:1/db",
    "u:Hun7er2zQ@127.0.0.1:1/db",
    "Hun7er2zQ",
    "postgresql://u:Hun7er2zQ@127.0.0.1:99999/db",
    "postgresql://u:Hun7er2zQ@127.0.0.1:1:2/db",
    "postgresql://u:Hun7er2zQ@127.0.0.1:1/db?sslmode=Hun7er2zQ&password=er2zQ",
    "postgresql://u@127.0.0.1:1/db?password=Hun7e&er2zQ",
    "postgresql://u@127.0.0.1:1/db?pasword=Hun7er2zQ",
    "host=127.0.0.1 port=1 user=u password=Hun7e er2zQ",
    "host=127.0.0.1 port=1 user=u password='Hun7e'er2zQ'",
    "host=u:Hun7e@er2zQ port=1",
    '{"conn_type": "postgres", "host": "u:Hun7e@er2zQ", "port": 1}',
    '{"conn_type": "postgres", "host": "127.0.0.1", "port": "Hun7er2zQ"}',
    '{"conn_type": "postgres", "password": "Hun7er2zQ"',
    "mysql+pymysql://u:Hun7e@er2zQ@127.0.0.1:1/db",
    "postgresql+psycopg2://u:Hun7e@er2zQ@127.0.0.1:1/db",
]
NUMERIC = ["postgresql://admin:48151/db", "postgresql://admin:481516234/db"]


def shown(error: KehuError, caplog: pytest.LogCaptureFixture) -> str:
    return f"{error} {error!r} {error.facts} {error.__cause__} {caplog.text}"


def hides(text: str) -> bool:
    return not [half for half in (*HALVES, SECRET, "48151") if half.lower() in text.lower()]


@pytest.mark.parametrize("text", [*MALFORMED, *NUMERIC])
def test_a_source_shows_nothing(text: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    try:
        url = parse_url(SecretStr(text), "CRM_URL", "crm")
    except KehuError as error:
        assert hides(shown(error, caplog))
        assert "%40" in str(error)
        return
    assert hides(f"{url.whereabouts()} {url!r}")
    assert hides(url.without_secrets(f"cannot reach {url.whereabouts()}"))


@pytest.mark.parametrize("text", [*MALFORMED, *NUMERIC])
def test_the_warehouse_shows_nothing(text: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with pytest.raises(KehuError) as caught:
        connect(text)
    assert hides(shown(caught.value, caplog))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "postgresql://u:p%40ss@db.example.com:5432/shop",
            {"host": "db.example.com", "port": 5432, "database": "shop"},
        ),
        ("postgresql://u:p@[::1]:5432/shop", {"host": "::1", "port": 5432, "database": "shop"}),
        ("postgresql://u@%2Fvar%2Frun/shop", {"host": "/var/run", "port": None, "database": "shop"}),
        ("postgresql:///shop", {"host": None, "port": None, "database": "shop"}),
        ("mssql+pyodbc://u:p@my-server_1/shop", {"host": "my-server_1", "port": None, "database": "shop"}),
    ],
)
def test_what_is_right_is_taken(text: str, expected: dict[str, object]) -> None:
    assert parse_url(SecretStr(text), "CRM_URL", "crm").whereabouts() == expected


def test_a_file_may_have_any_name() -> None:
    url = parse_url(SecretStr("sqlite:////data/my shop@example.com"), "CRM_URL", "crm")
    assert re.fullmatch(r"/data/my shop@example\.com", str(url.url.database))
