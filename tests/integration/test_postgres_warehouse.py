"""Postgres behind the protocol: what is loaded once, who may write, which database is refused, and what nobody gets to see."""

from __future__ import annotations

import json
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import psycopg2
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from psycopg2.extensions import make_dsn
from pydantic import SecretStr

from kehu.entities import ENTITIES, PLUMBING
from kehu.errors import ConfigurationError, WarehouseBusy, WarehouseUnreachable
from kehu.gate.landing_gate import check_landing
from kehu.pipeline.inspection import quarantine_counts
from kehu.session import one_value
from kehu.settings import PROJECT_ROOT, Settings, load_settings
from kehu.warehouse.factory import open_warehouse
from kehu.warehouse.on_postgres.postgres_backend import PostgresWarehouse
from tests.support.postgres_server import Databases

SECRET = "s3cret-of-nobody"


@pytest.fixture
def settings(tmp_path: Path, databases: Databases) -> Settings:
    return load_settings(
        home=tmp_path / "home", warehouse="postgres", warehouse_dsn=databases.new(), lock_timeout_seconds=0.5
    )


def batch(folder: Path, name: str, rows: list[dict[str, object]]) -> Path:
    names = [*ENTITIES["orders"].column_names, *PLUMBING]
    kinds = {"_row_number": pa.int64(), "_extracted_at": pa.timestamp("us")}
    plumbing = {"_source": "shop", "_batch_id": name, "_extracted_at": datetime.fromisoformat("2026-01-01")}
    whole = [{**dict.fromkeys(names), **plumbing, **row, "_row_number": n} for n, row in enumerate(rows, start=1)]
    file = folder / f"batch={name}" / "part.parquet"
    file.parent.mkdir(parents=True)
    schema = pa.schema([(column, kinds.get(column, pa.string())) for column in names])
    pq.write_table(pa.Table.from_pylist(whole, schema=schema), file)
    return file


def test_a_batch_is_copied_once_exactly_and_taken_out_when_it_is_gone(settings: Settings, tmp_path: Path) -> None:
    texts = [
        "",
        None,
        ",",
        '"',
        "\\.",
        "\\N",
        "a\nb\r\nc",
        "NULL",
        " x ",
        "Ünïcödé 客户 🙂",
        "a\x00b",
        "'; drop table ops.runs; --",
    ]
    one = batch(tmp_path, "one", [{"order_id": str(n), "status": text} for n, text in enumerate(texts)])
    two = batch(tmp_path, "two", [{"order_id": "other"}])
    with open_warehouse(settings).session() as session:
        for _ in range(2):
            open_warehouse(settings).load_landing(session, {"orders": [one, two]})
        found = session.rows("select status from landing.orders where _batch_id = 'one' order by _row_number")
        assert [row[0] for row in found] == [
            text and text.replace("\x00", "\N{REPLACEMENT CHARACTER}") for text in texts
        ]
        assert one_value(session, "select count(*) from landing.orders") == len(texts) + 1
        assert session.rows("select distinct _extracted_at from landing.orders") == [(datetime(2026, 1, 1),)]  # noqa: DTZ001
        open_warehouse(settings).load_landing(session, {"orders": [two]})
        assert session.rows("select order_id from landing.orders") == [("other",)]
        assert session.rows("select entity, batch_id from ops.loaded_batches") == [("orders", "two")]


def test_a_database_and_a_batch_of_an_earlier_version_get_what_they_lack(settings: Settings, tmp_path: Path) -> None:
    earlier = tmp_path / "batch=one" / "part.parquet"
    earlier.parent.mkdir()
    pq.write_table(pa.table({"order_id": ["1"], "_batch_id": ["one"], "column_of_long_ago": ["x"]}), earlier)
    with open_warehouse(settings).session() as session:
        session.execute("alter table landing.orders drop column channel")
        session.execute("alter table ops.batches drop column window_column")
        session.execute("drop table ops.steps")
        session.execute("comment on schema kehu is 'an earlier version'")
    with open_warehouse(settings).session() as session:
        open_warehouse(settings).load_landing(session, {"orders": [earlier]})
        assert session.rows("select order_id, channel from landing.orders") == [("1", None)]
        assert session.rows("select window_column from ops.batches union all select step from ops.steps") == []


def test_a_copy_that_breaks_off_leaves_nothing_of_its_batch(settings: Settings, tmp_path: Path) -> None:
    whole, broken = batch(tmp_path, "one", [{"order_id": "1"}]), batch(tmp_path, "two", [{"order_id": "2"}] * 5)
    table = pq.read_table(broken)
    pq.write_table(
        table.set_column(0, "order_id", pa.array([b"\xff"] * 5, pa.binary()).cast(pa.string(), safe=False)), broken
    )
    with open_warehouse(settings).session() as session:
        with pytest.raises(psycopg2.Error):
            open_warehouse(settings).load_landing(session, {"orders": [whole, broken]})
        assert session.rows("select order_id from landing.orders") == [("1",)]
        assert session.rows("select batch_id from ops.loaded_batches") == [("one",)]


def test_values_come_back_as_they_do_from_duckdb(settings: Settings, tmp_path: Path) -> None:
    sql = """
        select cast(? as varchar) as text, cast(1.50 as decimal(18, 2)) as money, sum(number) as total,
            cast(0.1 as double precision) + cast(0.2 as double precision) as rough,
            date '2020-02-29' as day, timestamp '2020-02-29 10:00:00.5' as moment, cast(null as integer) as nothing, true as flag
        from (select cast(2 as bigint) as number union all select 3) as numbers
    """
    embedded = load_settings(home=tmp_path / "duckdb")
    answers = []
    for one in (settings, embedded):
        with open_warehouse(one).session() as session:
            answers.append(session.records(sql, ["50 % of '?'"])[0])
            assert session.arrow(sql, ["x"]).column_names == list(answers[-1])
    assert answers[0] == answers[1]
    assert {name: type(value) for name, value in answers[0].items()} == {n: type(v) for n, v in answers[1].items()}
    assert (
        answers[0]["total"] == 5 and isinstance(answers[0]["money"], Decimal) and answers[0]["day"] == date(2020, 2, 29)
    )


def test_a_transaction_is_all_or_nothing(settings: Settings) -> None:
    with open_warehouse(settings).session() as session:
        with pytest.raises(ZeroDivisionError), session.transaction():
            session.append("ops.state_batches", [{"batch_id": "x"}])
            raise ZeroDivisionError
        assert session.rows("select * from ops.state_batches") == []


def test_a_reading_session_cannot_write(settings: Settings) -> None:
    with open_warehouse(settings).session():
        pass
    with (
        open_warehouse(settings).session(read_only=True) as session,
        pytest.raises(psycopg2.errors.ReadOnlySqlTransaction),
    ):
        session.execute("delete from ops.runs")


def test_one_writer_at_a_time_on_whatever_machine(settings: Settings, tmp_path: Path) -> None:
    elsewhere = settings.model_copy(update={"home": tmp_path / "another_machine"})
    here, there = open_warehouse(settings), open_warehouse(elsewhere)
    with (
        here.writing("kehu build r1"),
        pytest.raises(WarehouseBusy, match="kehu build r1"),
        there.writing("kehu build r2"),
    ):
        pass
    with open_warehouse(elsewhere).writing("kehu build r2"):
        pass


def test_a_database_in_another_order_of_texts_is_refused(databases: Databases, tmp_path: Path) -> None:
    dsn = make_dsn(databases.new())
    connection = psycopg2.connect(databases.admin)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("drop database if exists kehu_test_lower with (force)")
        cursor.execute("create database kehu_test_lower template template0 encoding 'UTF8' lc_collate 'C' lc_ctype 'C'")
    connection.close()
    settings = load_settings(home=tmp_path, warehouse="postgres", warehouse_dsn=make_dsn(dsn, dbname="kehu_test_lower"))
    with pytest.raises(ConfigurationError, match="create database kehu template"), open_warehouse(settings).session():
        pass


def test_a_missing_or_broken_connection_string_is_named(tmp_path: Path) -> None:
    for dsn, problem in ((None, "KEHU_WAREHOUSE_DSN does not say"), ("nonsense=1 x", "not a connection string")):
        settings = load_settings(home=tmp_path, warehouse="postgres", warehouse_dsn=dsn)
        with pytest.raises(ConfigurationError, match=problem), open_warehouse(settings).session():
            pass


def test_the_password_is_nowhere_to_be_read(tmp_path: Path, databases: Databases) -> None:
    settings = load_settings(
        home=tmp_path, warehouse="postgres", warehouse_dsn=f"postgresql://me:{SECRET}@127.0.0.1:1/db?connect_timeout=1"
    )
    assert SECRET not in repr(settings) + str(settings.model_dump())
    warehouse = PostgresWarehouse(settings)
    assert SECRET not in json.dumps(warehouse.dbt_profile())
    reachable = settings.model_copy(update={"warehouse_dsn": SecretStr(make_dsn(databases.new(), password=SECRET))})
    assert SECRET in PostgresWarehouse(reachable).child_environment().values()
    with pytest.raises(WarehouseUnreachable) as raised, warehouse.session():
        pass
    assert SECRET not in str(raised.value)
    assert "127.0.0.1" in str(raised.value)


def test_a_lost_connection_is_named_and_undoes_what_was_begun(settings: Settings, databases: Databases) -> None:
    warehouse = open_warehouse(settings)
    with (
        pytest.raises(WarehouseUnreachable, match="connection to the Postgres server is lost"),
        warehouse.session() as session,
    ):
        session.append("ops.state_batches", [{"batch_id": "kept"}])
        with session.transaction():
            session.append("ops.state_batches", [{"batch_id": "lost"}])
            connection = psycopg2.connect(databases.admin)
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute("select pg_terminate_backend(%s)", [one_value(session, "select pg_backend_pid()")])
            connection.close()
            session.rows("select 1")
    with warehouse.session() as session:
        assert session.rows("select batch_id from ops.state_batches") == [("kept",)]


def test_a_statement_that_waits_too_long_is_named(settings: Settings) -> None:
    warehouse = open_warehouse(settings)
    with pytest.raises(WarehouseBusy, match="did not let a statement through"), warehouse.session() as session:
        session.execute("set statement_timeout = '100ms'")
        session.rows("select pg_sleep(5)")


def test_an_empty_warehouse_has_nothing_in_quarantine(settings: Settings) -> None:
    assert quarantine_counts(settings) == []


def test_the_landing_gate_judges_the_last_delivery_of_a_file(settings: Settings, tmp_path: Path) -> None:
    settings = settings.model_copy(update={"expectations": PROJECT_ROOT / "expectations"})
    bad = batch(tmp_path, "bad", [{"_error": "too few fields"}] * 4)
    good = batch(tmp_path, "good", [{"order_id": "1", "ordered_at": "2020-01-01"}] * 3)
    warehouse = open_warehouse(settings)
    ledger = {"source": "shop", "entity": "orders", "mode": "append", "file": "orders.csv"}
    with warehouse.session() as session:
        open_warehouse(settings).load_landing(session, {"orders": [bad, good]})
        session.append("ops.batches", [{**ledger, "batch_id": "bad", "sequence": 1, "row_count": 4}])
        session.append("ops.batches", [{**ledger, "batch_id": "good", "sequence": 2, "row_count": 3}])
    found = {
        result.check_name: result
        for result in check_landing(settings, warehouse, "r1")
        if result.table_name == "orders"
    }
    assert found["most_rows_could_be_parsed"].status == "passed"
    assert found["column_values_to_not_be_null_order_id"].observed == "0 of 3 rows otherwise"
