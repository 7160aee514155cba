"""The source ``sql`` on SQLite: what lands, what is new, what is refused; the file itself is only read."""

from __future__ import annotations

import random
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kehu.errors import (
    BadExpression,
    ConfigurationError,
    CursorUnusable,
    MappedColumnMissing,
    SourceTableMissing,
    SourceUnreachable,
    SourceUnreadable,
)
from kehu.sources import spool
from kehu.sources.database import alchemy_database
from tests.support.sql_shop import SqliteShop

COLUMNS = {"order_id": "id", "ordered_at": "sold_at", "status": "state"}
PERSON = "person-of-nobody"


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SqliteShop:
    opened = SqliteShop(tmp_path, monkeypatch)
    opened.sql("create table orders (id integer primary key, sold_at text, state text, updated_at text)")
    opened.tables(orders={"columns": COLUMNS})
    return opened


def insert(shop: SqliteShop, number: int, state: object = None, updated_at: object = None) -> None:
    shop.sql("insert or replace into orders values (?, '2024-01-01 10:00:00', ?, ?)", number, state, updated_at)


def test_values_of_every_storage_class_keep_their_text_whatever_stands_beside_them(shop: SqliteShop) -> None:
    shop.sql("create table products (product_id, name)")
    values = [
        1,
        1.0,
        0.1,
        1e300,
        2**62,
        -0.0,
        "1",
        "",
        "Ü客🙂'; drop table products; --",
        b"\x00\xff",
        None,
        True,
        "a\x00b",
    ]
    for number, value in enumerate(values):
        shop.sql("insert into products values (?, ?)", str(number), value)
    shop.tables(products={})
    shop.land()
    expected = [
        "1", "1.0", "0.1", "1e+300", "4611686018427387904", "-0.0", "1", "", values[8], "\\x00ff", None, "1", "a\x00b",
    ]  # fmt: skip
    found = dict(shop.values("product_id", "name", entity="products"))
    assert [found[str(number)] for number in range(len(values))] == expected


def test_more_rows_than_a_chunk_and_exactly_a_chunk(shop: SqliteShop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alchemy_database, "CHUNK_ROWS", 3)
    chunks = []
    monkeypatch.setattr(spool, "step", chunks.append)
    for number in range(7):
        insert(shop, number, "x" if number % 2 else None)
    shop.land()
    assert len(shop.values("order_id")) == 7
    assert len(chunks) == 3
    shop.sql("delete from orders where id = 6")
    shop.tables(orders={"columns": COLUMNS, "mode": "snapshot"})
    chunks.clear()
    shop.land()
    assert (len(chunks), len(shop.values("order_id", batch=-1))) == (2, 6)


def test_an_empty_table_is_an_empty_batch_once(shop: SqliteShop) -> None:
    assert shop.land()["orders"].batches == 1
    assert shop.land()["orders"].batches == 0
    insert(shop, 1)
    assert shop.land()["orders"].rows == 1


@pytest.mark.parametrize("seed", range(8))
def test_whatever_is_written_in_whichever_order_lands_once(shop: SqliteShop, seed: int, is_long: bool) -> None:
    """Late commits up to the lookback, changes, values that return: the newest landed row of each key is the table's."""
    if seed and not is_long:
        pytest.skip("one seed; all with --long")
    shop.tables(orders={"columns": COLUMNS, "cursor": "updated_at", "lookback": "1h"})
    rng = random.Random(seed)
    now = datetime(2024, 1, 1, tzinfo=UTC)
    for _ in range(6):
        now += timedelta(hours=2)
        for _ in range(rng.randint(0, 4)):
            written = now - timedelta(minutes=rng.choice([0, 0, 30, 59]))
            shape = rng.choice(["%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S.%fZ", "%Y-%m-%d %H:%M:%S+00:00"])
            insert(shop, rng.randint(1, 5), rng.choice("ab"), written.strftime(shape))
        before = latest(shop)
        rows = shop.land()["orders"].rows
        table = {str(number): state for number, state in shop.sql("select id, state from orders")}
        assert {number: state for number, (state, _) in latest(shop).items()} == table
        assert rows == sum(before.get(number) != row for number, row in latest(shop).items())
        now += timedelta(minutes=rng.choice([0, 10]))
    assert shop.land()["orders"].batches == 0


def latest(shop: SqliteShop) -> dict[str, tuple[str, str]]:
    """The newest landed version of each key, going by the landing order alone."""
    found: dict[str, tuple[str, str]] = {}
    for number, batch in enumerate(shop.batches()):
        if batch.row_count:
            found |= {
                key: (state, extra) for key, state, extra in shop.values("order_id", "status", "_extra", batch=number)
            }
    return found


def test_seconds_since_1970_count_as_a_number(shop: SqliteShop) -> None:
    shop.tables(orders={"columns": COLUMNS, "cursor": "updated_at", "lookback": 3600})
    for number, moment in ((1, 1_700_000_000), (2, 1_700_010_000)):
        insert(shop, number, updated_at=moment)
    shop.land()
    insert(shop, 3, updated_at=1_700_007_000)
    insert(shop, 4, updated_at=1_700_006_000)
    shop.land()
    assert shop.values("order_id", batch=-1) == [("3",)]


def test_a_text_that_is_no_time_is_refused(shop: SqliteShop) -> None:
    shop.tables(orders={"columns": COLUMNS, "cursor": "updated_at", "lookback": "1h"})
    insert(shop, 1, updated_at="2024-01-01 10:00:00")
    shop.land()
    insert(shop, 2, updated_at=PERSON)
    with pytest.raises(CursorUnusable, match="rows=1") as unusable:
        shop.land()
    assert PERSON not in str(unusable.value)


def test_both_tables_are_read_from_one_state(shop: SqliteShop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.sql("pragma journal_mode = wal")
    shop.sql("create table products (product_id text, name text)")
    shop.sql("insert into products values ('p', 'before')")
    insert(shop, 1, "before")
    shop.tables(orders={"columns": COLUMNS}, products={})
    seen = []

    def write_between(name: str) -> None:
        if not seen:
            shop.sql("update products set name = 'after'")
            shop.sql("update orders set state = 'after'")
        seen.append(name)

    monkeypatch.setattr(spool, "step", write_between)
    shop.land()
    assert len(seen) == 2
    assert (shop.values("status"), shop.values("name", entity="products")) == ([("before",)], [("before",)])


def test_names_are_quoted_whatever_they_are(shop: SqliteShop) -> None:
    hostile = ['a"b', "x; drop table orders; --", "Größe 客户", "' or 1=1", "%s %(a)s :b ? {c}"]
    names = ", ".join('"' + name.replace('"', '""') + '" text' for name in hostile)
    shop.sql(f'create table "t;--""x" (id text, {names})')
    shop.sql(f'insert into "t;--""x" values (?, {", ".join("?" * 5)})', "1", *hostile)
    targets = ["name", "brand", "currency", "list_price", "unit_cost"]
    shop.tables(
        products={"table": '"t;--""x"', "columns": {"product_id": "id", **dict(zip(targets, hostile, strict=True))}}
    )
    shop.land()
    assert shop.values(*targets, entity="products") == [tuple(hostile)]
    assert shop.sql("select count(*) from orders") == [(0,)]


@pytest.mark.parametrize(
    "query",
    [
        "delete from orders returning id, sold_at, state",
        "select * from orders; drop table orders",
        "select * from orders) as q; drop table orders; --",
        "pragma user_version = 7",
        "attach 'other.db' as other",
    ],
)
def test_a_hostile_query_cannot_write(shop: SqliteShop, query: str) -> None:
    insert(shop, 1)
    before = shop.path.read_bytes()
    shop.tables(orders={"query": query, "columns": COLUMNS})
    with pytest.raises(BadExpression):
        shop.land()
    assert shop.path.read_bytes() == before
    assert shop.batches() == []


def test_what_is_not_there_is_named_with_the_nearest(shop: SqliteShop) -> None:
    shop.tables(orders={"table": "ordrs", "columns": COLUMNS})
    with pytest.raises(SourceTableMissing, match=r"nearest=.'orders'"):
        shop.land()
    shop.tables(orders={"columns": {**COLUMNS, "status": "stat"}})
    with pytest.raises(MappedColumnMissing, match=r"the table does not have .*nearest=.'state'"):
        shop.land()
    shop.tables(orders={"columns": COLUMNS, "query": "select id, sold_at, stat from orders"})
    with pytest.raises(BadExpression, match="no such column: stat"):
        shop.land()
    shop.tables(orders={})
    with pytest.raises(ConfigurationError, match="the table lacks a required canonical column"):
        shop.land()


def test_a_file_that_is_not_there_is_not_made(shop: SqliteShop, tmp_path: Path) -> None:
    shop.use(f"sqlite:///{tmp_path / 'nothing.db'}")
    with pytest.raises(SourceUnreachable, match="cannot be reached"):
        shop.land()
    assert not (tmp_path / "nothing.db").exists()
    (tmp_path / "text.db").write_text("this is no database, but it is long enough to be looked at as one" * 40)
    shop.use(f"sqlite:///{tmp_path / 'text.db'}")
    with pytest.raises(SourceUnreachable, match="not a database"):
        shop.land()


def test_a_value_that_cannot_be_read_is_not_shown(shop: SqliteShop) -> None:
    shop.sql(f"insert into orders values (1, '2024-01-01', cast(x'{PERSON.encode().hex()}ff' as text), null)")
    with pytest.raises(SourceUnreadable) as unreadable:
        shop.land()
    assert PERSON not in str(unreadable.value)
    assert shop.batches() == []


def test_a_driver_that_is_not_installed_is_named(shop: SqliteShop) -> None:
    for url in ("oracle+nothing://u:s3cret@db.example.com/x", "mssql+pymssql://u:s3cret@db.example.com/x"):
        shop.use(url)
        with pytest.raises(ConfigurationError, match="driver of the database is not installed") as missing:
            shop.land()
        assert "s3cret" not in str(missing.value)


def test_a_locked_file_is_named(shop: SqliteShop) -> None:
    insert(shop, 1)
    other = sqlite3.connect(shop.path, isolation_level=None)
    other.execute("begin exclusive")
    shop.use(f"{shop.url}?timeout=0.1")
    with pytest.raises(SourceUnreachable, match="locked"):
        shop.land()
    other.execute("rollback")
    other.close()
