"""Every type of Postgres lands as the text that the documentation promises, held against psycopg2's own reading."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import psycopg2.extensions
import pytest

from tests.support.postgres_server import Databases
from tests.support.sql_shop import PostgresShop

TYPES = """
    create type mood as enum ('sad', 'happy');
    create type pair as (a integer, b text);
    create domain positive as integer check (value > 0);
    create table orders (
        id bigint primary key, sold_at timestamptz not null,
        c_int2 smallint, c_int8 bigint, c_numeric numeric, c_money numeric(18, 2), c_cash money, c_real real,
        c_double double precision, c_text text, c_char char(5), c_varchar varchar(20), c_name name, c_bool boolean,
        c_date date, c_time time, c_timetz timetz, c_stamp timestamp, c_stamptz timestamptz, c_interval interval,
        c_bytes bytea, c_json json, c_jsonb jsonb, c_uuid uuid, c_inet inet, c_ints integer[], c_texts text[],
        c_moods mood[], c_mood mood, c_pair pair, c_domain positive, c_range int4range, c_point point, c_bits bit(3),
        c_vector tsvector, c_oid oid
    )
"""
LONG = "9" * 60 + ".000000000000000000000000000001"
FULL = {
    "c_int2": -32768, "c_int8": 9223372036854775807, "c_numeric": LONG, "c_money": "12.50", "c_cash": "1234.5",
    "c_real": "0.1", "c_double": "0.1", "c_text": "O'Brien \"客户\" 🙂\n\t\\.", "c_char": "ab", "c_varchar": "", "c_name": "n",
    "c_bool": True, "c_date": "2024-02-29", "c_time": "23:59:59.999999", "c_timetz": "12:00:00+02",
    "c_stamp": "2024-03-31 02:30:00", "c_stamptz": "2024-03-31 02:30:00.123+02", "c_interval": "1 year 2 days 03:04:05.5",
    "c_bytes": b"\x00\xff", "c_json": '{"b": 1,  "a": [null]}', "c_jsonb": '{"b": 1, "a": "客"}',
    "c_uuid": "123e4567-e89b-12d3-a456-426614174000", "c_inet": "10.0.0.1/8", "c_ints": "{1,NULL,3}",
    "c_texts": '{"a,b","",NULL}', "c_moods": "{sad,happy}", "c_mood": "happy", "c_pair": "(1,x)", "c_domain": 7,
    "c_range": "[1,5)", "c_point": "(1.5,2)", "c_bits": "101", "c_vector": "a b", "c_oid": 4000000000,
}  # fmt: skip
EXPECTED = {
    "c_int2": "-32768", "c_int8": "9223372036854775807", "c_numeric": LONG, "c_money": "12.50", "c_cash": "1234.50",
    "c_real": "0.1", "c_double": "0.1", "c_char": "ab", "c_varchar": "", "c_bool": "true", "c_date": "2024-02-29",
    "c_time": "23:59:59.999999", "c_timetz": "12:00:00+02", "c_stamp": "2024-03-31 02:30:00",
    "c_stamptz": "2024-03-31 00:30:00.123+00", "c_interval": "P1Y2DT3H4M5.5S", "c_bytes": "\\x00ff",
    "c_json": '{"b": 1,  "a": [null]}', "c_jsonb": '{"a": "客", "b": 1}', "c_inet": "10.0.0.1/8", "c_ints": "[1,null,3]",
    "c_texts": '["a,b","",null]', "c_moods": '["sad","happy"]', "c_mood": "happy", "c_pair": '{"a":1,"b":"x"}',
    "c_domain": "7", "c_range": "[1,5)", "c_point": "(1.5,2)", "c_bits": "101", "c_vector": "'a' 'b'", "c_oid": "4000000000",
}  # fmt: skip
"""What cannot be taken from psycopg2, because it depends on a session's settings or is made by Kehu's rule."""
ODD = {
    "c_numeric": ["NaN", "Infinity", "-Infinity", "1e-20", "1e30"],
    "c_double": ["NaN", "Infinity", "-Infinity", "1e300", "5e-324", "0.30000000000000004"],
    "c_real": ["NaN", "Infinity", "3.4e38"],
    "c_stamptz": ["infinity", "-infinity", "0044-03-15 12:00:00+00 BC", "9999-12-31 23:59:59.999999+00"],
    "c_date": ["infinity", "0044-03-15 BC", "5874897-12-31"],
    "c_stamp": ["infinity", "0001-01-01 00:00:00"],
    "c_interval": ["-1 day +02:03:00", "0"],
    "c_text": ["'; drop table orders; --", "null", "\\N", "%s %(x)s :y $1", " x "],
}


@pytest.fixture
def shop(tmp_path: Path, databases: Databases, monkeypatch: pytest.MonkeyPatch) -> Iterator[PostgresShop]:
    opened = PostgresShop(tmp_path, monkeypatch, databases.new())
    opened.sql(TYPES)
    yield opened
    opened.admin.close()


def insert(shop: PostgresShop, number: int, **values: object) -> None:
    names, marks = ", ".join(values), ", ".join(["%s"] * len(values))
    shop.sql(f"insert into orders (id, sold_at, {names}) values ({number}, now(), {marks})", *values.values())


def as_psycopg2_reads(shop: PostgresShop) -> dict[int, dict[str, str | None]]:
    """The texts that come over the wire to a client that knows no types at all."""
    with shop.admin.cursor() as cursor:
        cursor.execute("set timezone = 'UTC'")
        cursor.execute("set intervalstyle = 'iso_8601'")
        cursor.execute("select * from orders limit 0")
        kinds = [column.type_code for column in cursor.description]
        psycopg2.extensions.register_type(psycopg2.extensions.new_type(tuple(kinds), "TEXT", lambda v, _: v), cursor)
        cursor.execute("select * from orders order by id")
        names = [column.name for column in cursor.description]
        return {int(row[0]): dict(zip(names, row, strict=True)) for row in cursor.fetchall()}


def test_every_type_lands_as_the_text_of_the_server_or_of_the_documented_rule(shop: PostgresShop) -> None:
    insert(shop, 1, **FULL)
    insert(shop, 2, c_text=None)
    numbers = iter(range(3, 1000))
    for column, texts in ODD.items():
        for text in texts:
            insert(shop, next(numbers), **{column: text})
    shop.tables(orders={"columns": {"order_id": "id", "ordered_at": "sold_at"}})
    shop.land()
    read = as_psycopg2_reads(shop)
    landed = {int(row["order_id"]): json.loads(row["_extra"]) for row in shop.rows()}
    assert landed.keys() == read.keys()
    own = {"c_cash", "c_ints", "c_texts", "c_moods", "c_pair", "c_bool", "c_char"}
    for number, row in read.items():
        for column in EXPECTED.keys() - own:
            assert landed[number][column] == row[column], (number, column)
    assert {column: landed[1][column] for column in EXPECTED} == EXPECTED
    assert landed[1]["c_text"] == FULL["c_text"]
    assert set(landed[2].values()) == {None}


def test_amounts_and_times_of_the_mapping_are_exact(shop: PostgresShop) -> None:
    for number in range(200):
        insert(shop, number, c_money=Decimal(number) / 7, c_stamptz=datetime(2024, 1, 1 + number % 28, number % 24))  # noqa: DTZ001
    shop.tables(
        orders={
            "columns": {
                "order_id": "id",
                "ordered_at": "c_stamptz",
                "currency": {"value": "EUR"},
                "total_amount": {"expr": "c_money::decimal(18, 2) * 2"},
            },
            "where": "id::integer % 2 = 0",
        }
    )
    shop.land()
    expected = shop.sql(
        "select id::text, (c_money * 2)::text, 'EUR', c_stamptz at time zone 'UTC' from orders where id % 2 = 0 order by 1"
    )
    found = sorted(shop.values("order_id", "total_amount", "currency", "ordered_at::timestamptz at time zone 'UTC'"))
    assert found == expected
    assert len(found) == 100
