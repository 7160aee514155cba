"""The source ``sql`` on a real Postgres: one state of the data, late commits, what it refuses, what it never lets through."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import psycopg2
import pytest

from kehu.errors import (
    BadExpression,
    CursorUnusable,
    KehuError,
    MappedColumnMissing,
    SourceRefused,
    SourceTableMissing,
    SourceTimeout,
    SourceUnreachable,
    SourceUnreadable,
)
from kehu.sources import spool
from kehu.sources.check import check_source
from kehu.sources.config import load_sources
from kehu.sources.database.database_address import DatabaseUrl
from kehu.sources.registry import open_source
from tests.support.postgres_server import Databases
from tests.support.sql_shop import VARIABLE, PostgresShop, url_of

SECRET = "s3cret/of:nobody@%"
PERSON = "person-of-nobody"
COLUMNS = {"order_id": "id", "ordered_at": "sold_at", "status": "state"}


@pytest.fixture
def shop(tmp_path: Path, databases: Databases, monkeypatch: pytest.MonkeyPatch) -> Iterator[PostgresShop]:
    opened = PostgresShop(tmp_path, monkeypatch, databases.new())
    opened.sql(
        "create table orders (id integer primary key, state text, sold_at timestamptz not null default now(),"
        " updated_at timestamptz default now())"
    )
    opened.tables(orders={"columns": COLUMNS})
    yield opened
    opened.admin.close()


def with_cursor(shop: PostgresShop, lookback: str | int = "1h", cursor: str = "updated_at", **more: object) -> None:
    shop.tables(orders={"columns": COLUMNS, "cursor": cursor, "lookback": lookback, **more})


def ids(shop: PostgresShop, batch: int | None = None) -> list[int]:
    return sorted(int(value) for (value,) in shop.values("order_id", batch=batch))


def test_a_row_that_is_committed_late_lands_and_nothing_lands_twice(shop: PostgresShop) -> None:
    with_cursor(shop)
    late = psycopg2.connect(shop.dsn)
    with late.cursor() as cursor:
        cursor.execute("insert into orders (id, updated_at) values (1, now() - interval '10 minutes')")
        shop.sql("insert into orders (id, updated_at) select i, now() from generate_series(2, 5) as i")
        shop.land()
        assert ids(shop) == [2, 3, 4, 5]
        assert shop.land()["orders"].batches == 0, "what is read again does not land again"
        late.commit()
    late.close()
    assert shop.land()["orders"].rows == 1
    assert ids(shop, batch=-1) == [1]
    shop.sql("update orders set state = 'paid', updated_at = now() where id = 3")
    shop.sql("insert into orders (id) values (6)")
    assert shop.land()["orders"].rows == 2
    assert ids(shop, batch=-1) == [3, 6]
    assert shop.land()["orders"].batches == 0


def test_what_lies_before_the_lookback_is_not_read(shop: PostgresShop) -> None:
    with_cursor(shop, lookback="30min")
    shop.sql("insert into orders (id, updated_at) values (1, now() - interval '1 day'), (2, now())")
    shop.land()
    shop.sql(
        "insert into orders (id, updated_at) values (3, now() - interval '20 minutes'), (4, now() - interval '2 hours')"
    )
    shop.land()
    assert ids(shop, batch=-1) == [3]
    with_cursor(shop, lookback="1d")
    shop.land()
    assert ids(shop, batch=-1) == [4], "a longer lookback alone does not begin anew, and finds it"


def test_a_value_of_the_future_hides_nothing(shop: PostgresShop) -> None:
    with_cursor(shop, lookback="0s")
    shop.sql("insert into orders (id, updated_at) values (1, now() + interval '10 years')")
    shop.land()
    shop.sql("insert into orders (id) values (2)")
    shop.land()
    assert ids(shop, batch=-1) == [2]
    assert shop.land()["orders"].batches == 0


def test_times_without_a_zone_are_capped_in_the_zone_of_the_source(shop: PostgresShop) -> None:
    shop.sql("alter table orders add changed timestamp")
    shop.source(
        timezone="Asia/Shanghai",
        entities={"orders": {"columns": COLUMNS, "cursor": "changed", "lookback": "1min"}},
    )
    shop.sql("insert into orders (id, changed) values (1, now() at time zone 'Asia/Shanghai')")
    shop.land()
    reached = datetime.fromisoformat(str(shop.batches()[-1].cursor_to))
    assert shop.sql("select changed from orders") == [(reached,)]
    assert shop.batches()[-1].timezone == "Asia/Shanghai"


def test_a_number_counts_too(shop: PostgresShop) -> None:
    with_cursor(shop, lookback=2, cursor="id")
    shop.sql("insert into orders (id) select i from generate_series(1, 10) as i")
    shop.land()
    shop.sql("delete from orders where id in (9, 10)")
    shop.sql("insert into orders (id) values (11)")
    shop.sql("update orders set state = 'x' where id in (8, 7)")
    shop.land()
    assert ids(shop, batch=-1) == [8, 11]
    assert shop.batches()[-1].cursor_to == "11.000000"


def test_a_value_that_returns_lands_again(shop: PostgresShop) -> None:
    with_cursor(shop)
    for state in ("a", "b", "a"):
        shop.sql("delete from orders")
        shop.sql(
            "insert into orders (id, state, sold_at, updated_at) values (1, %s, '2024-01-01', '2024-01-01')", state
        )
        shop.land()
    assert [shop.values("status", batch=number) for number in range(3)] == [[("a",)], [("b",)], [("a",)]]


def test_another_mapping_reads_everything_again(shop: PostgresShop) -> None:
    with_cursor(shop, lookback="0s")
    shop.sql("insert into orders (id, updated_at, state) values (1, '2024-01-01', 'a'), (2, now(), 'b')")
    shop.land()
    shop.tables(orders={"columns": {**COLUMNS, "channel": {"value": "web"}}, "cursor": "updated_at", "lookback": "0s"})
    shop.land()
    assert ids(shop, batch=-1) == [1, 2]
    assert shop.values("channel", batch=-1) == [("web",)] * 2


def test_both_tables_are_read_from_one_state(shop: PostgresShop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.sql("create table products (product_id text, name text)")
    shop.sql("insert into orders (id, state) values (1, 'before')")
    shop.sql("insert into products values ('p', 'before')")
    shop.tables(orders={"columns": COLUMNS}, products={})
    written = []

    def write_between(name: str) -> None:
        if name == "extract:chunk" and not written:
            written.append(name)
            shop.sql("begin; update orders set state = 'after'; update products set name = 'after'; commit")

    monkeypatch.setattr(spool, "step", write_between)
    shop.land()
    assert written, "the writer came between the two reads"
    assert (shop.values("status"), shop.values("name", entity="products")) == ([("before",)], [("before",)])
    shop.land()
    assert shop.values("status", batch=-1) == [("after",)]
    assert shop.values("name", entity="products", batch=-1) == [("after",)]


def test_without_a_cursor_append_lands_what_has_changed_and_snapshot_everything(shop: PostgresShop) -> None:
    shop.sql("insert into orders (id) select i from generate_series(1, 3) as i")
    shop.land()
    shop.sql("update orders set state = 'x' where id = 2")
    shop.land()
    assert ids(shop, batch=-1) == [2]
    shop.tables(orders={"columns": COLUMNS, "mode": "snapshot"})
    shop.sql("delete from orders where id = 1")
    shop.land()
    assert ids(shop, batch=-1) == [2, 3]
    assert shop.land()["orders"].batches == 0
    shop.tables(orders={"columns": COLUMNS})
    shop.sql("insert into orders (id) values (1)")
    shop.land()
    assert ids(shop, batch=-1) == [1, 2, 3], "what was in force before a snapshot is not counted on"


def test_a_window_replaces_its_days_and_the_same_days_are_nothing_new(shop: PostgresShop) -> None:
    shop.tables(
        orders={
            "mode": "window",
            "window_column": "ordered_at",
            "columns": COLUMNS,
            "query": "select * from orders where sold_at >= '2024-01-02'",
        }
    )
    shop.sql("insert into orders (id, sold_at) values (1, '2024-01-01 12:00+00'), (2, '2024-01-02 12:00+00')")
    shop.land()
    (batch,) = shop.batches()
    assert (str(batch.window_from), ids(shop)) == ("2024-01-02", [2])
    assert shop.land()["orders"].batches == 0


def test_rows_on_which_an_expression_fails_are_rejects_and_are_told_once(shop: PostgresShop) -> None:
    shop.sql("insert into orders (id, state) values (1, '5'), (2, 'five')")
    shop.tables(
        orders={
            "columns": {"order_id": "id", "ordered_at": "sold_at", "total_amount": {"expr": "state::integer"}},
            "cursor": "updated_at",
            "lookback": "1h",
        }
    )
    landed = shop.land()["orders"]
    assert (landed.rows, landed.rejects) == (2, 1)
    assert shop.land()["orders"].batches == 0
    shop.sql("insert into orders (id, state) values (3, '7')")
    landed = shop.land()["orders"]
    assert (landed.rows, landed.rejects) == (1, 0)


def test_names_are_quoted_whatever_they_are(shop: PostgresShop) -> None:
    hostile = ['a"b', "x; drop table orders; --", "Größe 客户", "' or 1=1", "%s %(a)s :b $1 {c}", "select", "tail\\"]
    columns = ", ".join(f"{quoted(name)} text" for name in hostile)
    shop.sql(f"create schema {quoted('odd.schema')}")
    shop.sql(
        f"create table {quoted('odd.schema')}.{quoted('t;--' + hostile[0])} (id text, {columns})".replace("%", "%%"), ()
    )
    names = ", ".join(quoted(name) for name in hostile).replace("%", "%%")
    shop.sql(
        f"insert into {quoted('odd.schema')}.{quoted('t;--' + hostile[0])} (id, {names}) values ('1', {', '.join(['%s'] * 7)})",
        *hostile,
    )
    targets = ["name", "brand", "currency", "list_price", "unit_cost"]
    columns_of = {"product_id": "id", **dict(zip(targets, hostile, strict=False))}
    products = {"table": '"odd.schema"."t;--a""b"', "columns": columns_of}
    shop.tables(products={**products, "cursor": hostile[1], "lookback": 0})
    with pytest.raises(CursorUnusable, match="type='text'"):
        shop.land()
    shop.tables(products=products)
    shop.land()
    assert shop.values(*targets, entity="products") == [tuple(hostile[:5])]
    assert shop.extras("products") == [{"select": "select", "tail\\": "tail\\"}]
    assert shop.sql("select count(*) from orders") == [(0,)]


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ("insert into orders (id) values (9) returning id, sold_at, state", BadExpression),
        ("with new as (insert into orders (id) values (9) returning *) select * from new", BadExpression),
        ("select 1 as id; drop table orders; --", BadExpression),
        ("select * from orders) as q; drop table orders; --", BadExpression),
        ("drop table orders", BadExpression),
        ("select id, sold_at, wipe() as state from orders", SourceRefused),
        ("select id, sold_at, set_config('transaction_read_only', 'off', false) as state from orders", SourceRefused),
    ],
)
def test_a_hostile_query_cannot_write(shop: PostgresShop, query: str, error: type[KehuError]) -> None:
    shop.sql("insert into orders (id) values (1)")
    shop.sql("create function wipe() returns text language sql as $$ delete from orders; select 'x' $$")
    shop.tables(orders={"query": query, "columns": COLUMNS})
    with pytest.raises(error):
        shop.land()
    assert shop.sql("select count(*) from orders") == [(1,)]
    assert shop.batches() == []


def test_what_is_not_there_is_named_with_the_nearest(shop: PostgresShop) -> None:
    shop.tables(orders={"table": "ordrs", "columns": COLUMNS})
    with pytest.raises(SourceTableMissing, match=r"nearest=.'orders'"):
        shop.land()
    shop.tables(orders={"table": "nowhere.orders", "columns": COLUMNS})
    with pytest.raises(SourceTableMissing, match=r"nearest=.'orders'"):
        shop.land()
    shop.tables(orders={"columns": {**COLUMNS, "channel": "stat"}})
    with pytest.raises(MappedColumnMissing, match=r"the table does not have .*table='orders'.*nearest=.'state'"):
        shop.land()
    with_cursor(shop, cursor="update_at")
    with pytest.raises(MappedColumnMissing, match=r"nearest=.'updated_at'"):
        shop.land()
    shop.tables(orders={"columns": COLUMNS, "query": "select id, sold_at, stat from orders"})
    with pytest.raises(BadExpression, match='column "stat" does not exist'):
        shop.land()
    shop.tables(orders={"columns": COLUMNS, "query": "select id, sold_at, state, state from orders"})
    with pytest.raises(BadExpression, match="same name"):
        shop.land()


def test_a_row_without_a_cursor_is_refused_instead_of_never_being_seen(shop: PostgresShop) -> None:
    with_cursor(shop)
    shop.sql("insert into orders (id) values (1)")
    shop.land()
    for value in ("null", "'infinity'"):
        shop.sql(f"insert into orders (id, updated_at) values (2, {value})")
        with pytest.raises(CursorUnusable, match="rows=1"):
            shop.land()
        shop.sql("delete from orders where id = 2")


def test_the_check_lands_nothing_and_says_what_would(shop: PostgresShop) -> None:
    shop.sql("insert into orders (id) values (1), (2)")
    shop.sql("alter table orders add chanel text")
    (entry,) = load_sources(shop.yml).sources
    text = check_source(open_source(entry, shop.settings), shop.settings).describe()
    assert "orders (append): 2 rows in 1 table" in text
    assert "_extra    chanel (channel?), updated_at" in text
    assert shop.batches() == []


@pytest.fixture
def reader(shop: PostgresShop) -> Iterator[str]:
    """A role that may connect and nothing else."""
    name = f"reader_{os.getpid()}"
    shop.sql(f"create role {name} login password %s", SECRET)
    yield name
    shop.sql(f"drop owned by {name}")
    shop.sql(f"drop role {name}")


def test_rights_that_are_missing_are_named(shop: PostgresShop, reader: str) -> None:
    shop.use(url_of(shop.dsn, user=reader, password=SECRET))
    with pytest.raises(SourceRefused, match=r"a right is missing.*table='orders'.*grant select") as refused:
        shop.land()
    assert SECRET not in str(refused.value)
    shop.sql(f"grant select on orders to {reader}")
    shop.land()
    assert len(shop.batches()) == 1


def test_a_wrong_password_is_named_and_not_shown(shop: PostgresShop, reader: str) -> None:
    file = Path(shop.sql("show hba_file")[0][0])
    rules = file.read_text()
    file.write_text(f"local all {reader} scram-sha-256\nhost all {reader} all scram-sha-256\n{rules}")
    try:
        shop.sql("select pg_reload_conf()")
        shop.use(url_of(shop.dsn, user=reader, password=SECRET))
        shop.sql(f"grant select on orders to {reader}")
        _until(lambda: _lands(shop))
        shop.use(url_of(shop.dsn, user=reader, password=SECRET + "x"))
        with pytest.raises(SourceUnreachable, match=r"does not let us in.*authentication failed") as refused:
            shop.land()
        assert SECRET not in str(refused.value)
    finally:
        file.write_text(rules)
        shop.sql("select pg_reload_conf()")


@pytest.mark.parametrize("change", [{"host": "127.0.0.1", "port": "1"}, {"dbname": "no_such_database"}])
def test_a_server_that_is_not_there_is_named(shop: PostgresShop, change: dict[str, str]) -> None:
    shop.use(url_of(shop.dsn, password=SECRET, **change))
    with pytest.raises(SourceUnreachable, match="cannot be reached") as refused:
        shop.land()
    assert SECRET not in str(refused.value)


def test_a_lost_connection_leaves_nothing_and_the_next_run_goes_on(
    shop: PostgresShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.sql("create table customers (customer_id integer, email text)")
    shop.sql("insert into customers values (1, %s)", PERSON)
    many = "insert into orders (id, state) select i, repeat(md5(i::text), 20) from generate_series(1, 60000) as i"
    shop.sql(many)
    shop.tables(customers={}, orders={"columns": COLUMNS})
    mine = "application_name = 'kehu' and datname = current_database()"
    kill = f"select pg_terminate_backend(pid) from pg_stat_activity where {mine}"
    seen = []

    def terminate(name: str) -> None:
        seen.append(name)
        if len(seen) == 2:
            assert shop.sql(kill) == [(True,)]

    monkeypatch.setattr(spool, "step", terminate)
    with pytest.raises(SourceUnreachable, match="is lost") as lost:
        shop.land()
    assert PERSON not in str(lost.value)
    assert shop.batches() == []
    monkeypatch.undo()
    shop.use(shop.url)
    shop.land()
    assert [batch.row_count for batch in shop.batches()] == [1, 60_000]


def test_a_statement_that_takes_too_long_is_named(shop: PostgresShop) -> None:
    shop.sql("insert into orders (id) values (1)")
    shop.tables(orders={"query": "select id, sold_at, pg_sleep(5)::text as state from orders", "columns": COLUMNS})
    shop.use(f"{shop.url}&options=-c%20statement_timeout%3D200")
    with pytest.raises(SourceTimeout, match=r"cancelled the statement.*sqlstate='57014'"):
        shop.land()
    assert shop.batches() == []


def test_a_lock_that_is_not_given_is_named(shop: PostgresShop) -> None:
    shop.settings = shop.settings.model_copy(update={"lock_timeout_seconds": 0.2})
    with psycopg2.connect(shop.dsn) as other, other.cursor() as cursor:
        cursor.execute("lock table orders in access exclusive mode")
        with pytest.raises(SourceTimeout, match=r"did not give a lock in time.*table='orders'"):
            shop.land()
        other.rollback()
    other.close()


def test_a_value_on_which_the_query_fails_is_not_shown(shop: PostgresShop) -> None:
    shop.sql("insert into orders (id, state) values (1, %s)", PERSON)
    shop.tables(orders={"query": "select id, sold_at, state::integer as state from orders", "columns": COLUMNS})
    with pytest.raises(SourceUnreadable, match="sqlstate='22P02'") as unreadable:
        shop.land()
    assert PERSON not in str(unreadable.value)
    assert shop.batches() == []


@pytest.fixture
def through_sqlalchemy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Postgres as any other database that SQLAlchemy knows: what MySQL or SQL Server would get."""
    monkeypatch.setattr(DatabaseUrl, "is_postgres", property(lambda _: False))


@pytest.mark.usefixtures("through_sqlalchemy")
def test_another_dialect_is_read_from_one_state_with_its_cursor(
    shop: PostgresShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.sql("create table products (product_id text, name text, list_price numeric)")
    shop.sql("insert into products values ('p', 'before', 12.50), ('q %s :x', null, 'NaN')")
    shop.sql(
        "insert into orders (id, state, updated_at) values (1, 'before', now() - interval '1 day'), (2, 'x', now())"
    )
    options = {"columns": COLUMNS, "cursor": "updated_at", "lookback": "1h"}
    shop.tables(orders=options, products={"query": "select * from products where name is null or name <> '%s'"})
    seen = []

    def write_between(name: str) -> None:
        if not seen:
            shop.sql("update products set name = 'after'")
        seen.append(name)

    monkeypatch.setattr(spool, "step", write_between)
    shop.land()
    assert shop.values("product_id", "name", "list_price", entity="products") == [
        ("p", "before", "12.50"),
        ("q %s :x", None, "NaN"),
    ]
    shop.sql("update orders set state = 'y'")
    shop.land()
    assert ids(shop, batch=-1) == [2], "the row of yesterday is not read again"


@pytest.mark.usefixtures("through_sqlalchemy")
def test_another_dialect_names_its_errors(shop: PostgresShop, reader: str) -> None:
    shop.tables(orders={"table": "ordrs", "columns": COLUMNS})
    with pytest.raises(SourceTableMissing, match=r"nearest=.'orders'"):
        shop.land()
    shop.tables(orders={"columns": COLUMNS, "query": "select id, sold_at, state from orders; drop table orders"})
    with pytest.raises(BadExpression):
        shop.land()
    shop.tables(orders={"columns": COLUMNS})
    shop.use(url_of(shop.dsn, user=reader, password=SECRET))
    with pytest.raises(SourceRefused, match="a right is missing"):
        shop.land()
    shop.use(url_of(shop.dsn, host="127.0.0.1", port="1", password=SECRET))
    with pytest.raises(SourceUnreachable) as refused:
        shop.land()
    assert SECRET not in str(refused.value)


LAND = """
from datetime import datetime
from kehu.erasure.landing_filter import ErasedPersons
from kehu.landing.landing import land_source
from kehu.settings import load_settings
from kehu.sources.config import load_sources
from kehu.sources.registry import open_source

settings = load_settings(memory_limit="512MB", threads=2)
(entry,) = load_sources(settings.sources).sources
land_source(settings, open_source(entry, settings), datetime(2026, 1, 2, 3, 4, 5), without=ErasedPersons(settings))
"""


@pytest.mark.faults
@pytest.mark.parametrize("step", ["extract:chunk", "land:written", "land:renamed", "land:recorded"])
def test_a_killed_ingest_is_finished_by_the_next(shop: PostgresShop, is_long: bool, step: str) -> None:
    if not is_long and step != "land:renamed":
        pytest.skip("one kill point; all with --long")
    with_cursor(shop)
    shop.sql("insert into orders (id) values (1)")
    shop.land()
    shop.sql("insert into orders (id) values (2)")
    places = {"KEHU_HOME": str(shop.settings.home), "KEHU_SOURCES": str(shop.yml), VARIABLE: shop.url}
    killed = subprocess.run(
        [sys.executable, "-c", LAND], env={**os.environ, **places, "KEHU_TEST_DIE_AT": step}, check=False
    )
    assert killed.returncode == -signal.SIGKILL
    assert ids(shop) == ([1, 2] if step == "land:recorded" else [1])
    shop.land()
    assert ids(shop) == [1, 2]
    assert len(shop.batches()) == 2
    assert len(list(shop.settings.landing_dir.rglob("part.parquet"))) == 2


MEASURED = """
from pathlib import Path
from kehu.sources.database.snapshot import Snapshot

def peak():
    # getrusage() would begin with what the process had that started this one
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) >> 10

def measured(self, *given, read=Snapshot.file):
    before = peak()
    file = read(self, *given)
    assert peak() - before < 120, f"reading took {peak() - before} MB"
    return file

Snapshot.file = measured
"""


def test_a_million_rows_in_bounded_memory(shop: PostgresShop, is_long: bool) -> None:
    """300 MB of texts; reading ten times fewer rows takes as much memory (about 55 MB)."""
    if not is_long:
        pytest.skip("a million rows; with --long")
    with_cursor(shop)
    shop.sql("insert into orders (id, state) select i, repeat(md5(i::text), 8) from generate_series(1, 1000000) as i")
    places = {"KEHU_HOME": str(shop.settings.home), "KEHU_SOURCES": str(shop.yml), VARIABLE: shop.url}
    whole = MEASURED + LAND + "assert peak() < 800, peak()"
    for _ in range(2):
        subprocess.run([sys.executable, "-c", whole], env={**os.environ, **places}, check=True)
    assert [batch.row_count for batch in shop.batches()] == [1_000_000]


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _lands(shop: PostgresShop) -> bool:
    try:
        shop.land()
    except SourceUnreachable:
        return False
    return True


def _until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.1)
