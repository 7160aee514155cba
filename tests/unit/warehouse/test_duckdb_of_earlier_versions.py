"""A warehouse and landed batches of an earlier version of Kehu have today's tables and columns."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from kehu.entities import ENTITIES
from kehu.ops.tables import ops_columns
from kehu.settings import load_settings
from kehu.warehouse.on_duckdb.duckdb_backend import DuckDBWarehouse
from kehu.warehouse.on_duckdb.landing_views import landing_views

ORDERS = ENTITIES["orders"]


def landed(file: Path, **values: str) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table({name: [value] for name, value in values.items()}), file)
    return file


def shown(files: list[Path]) -> duckdb.DuckDBPyRelation:
    connection = duckdb.connect()
    connection.execute("create schema landing")
    for statement in landing_views({"orders": files}):
        connection.execute(statement)
    return connection.table("landing.orders")


def test_an_entity_without_a_batch_is_empty_and_has_its_columns() -> None:
    assert shown([]).columns == list(ORDERS.landed)
    assert shown([]).fetchall() == []


def test_columns_that_came_or_went_with_a_version_do_not_stop_the_reading(tmp_path: Path) -> None:
    first = landed(tmp_path / "one.parquet", order_id="1", column_of_long_ago="x")
    second = landed(tmp_path / "o'two.parquet", channel="web", order_id="2")
    for files in ([first, second], [second, first], [first]):
        relation = shown(files)
        assert relation.columns == list(ORDERS.landed)
        assert [str(kind).lower() for kind in relation.types] == list(ORDERS.landed.values())
        expected = {("1", None), ("2", "web")} if second in files else {("1", None)}
        assert set(relation.project("order_id, channel").fetchall()) == expected


def test_bookkeeping_gets_the_tables_and_columns_that_it_lacks_and_keeps_its_rows(tmp_path: Path) -> None:
    warehouse = DuckDBWarehouse(load_settings(home=tmp_path))
    with warehouse.session() as session:
        session.append("ops.releases", [{"release_id": "r1", "event": "published"}])
        session.execute("alter table ops.releases drop column previous_release_id")
        session.execute("drop table ops.steps")
    with warehouse.session() as session:
        assert session.rows("select release_id, previous_release_id from ops.releases") == [("r1", None)]
        found = session.rows("select table_name, column_name from duckdb_columns() where schema_name = 'ops'")
    assert set(found) == {(table, name) for table, name, _ in ops_columns()}
