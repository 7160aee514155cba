"""Differences of tables and moves between segments, against what was planted."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import duckdb
import pytest

from kehu.plan.metrics import find_metric_changes
from kehu.plan.migrations import Move, find_migrations
from kehu.plan.tables import MASK, Example, Sides, diff_table
from kehu.warehouse.on_duckdb.duckdb_backend import DuckDBSession

COLUMNS = {"customer_id": "VARCHAR", "segment": "VARCHAR", "email": "VARCHAR", "value": "DOUBLE", "n": "BIGINT"}


@pytest.fixture
def session() -> Iterator[DuckDBSession]:
    """Schemas ``old`` and ``new`` with 1,000 equal customers each."""
    with duckdb.connect() as connection:
        for schema in ("old", "new"):
            connection.execute(f"create schema {schema}")
            connection.execute(f"""
                create table {schema}.customers as
                select 'c' || i as customer_id, case when i % 7 = 0 then null else 's' || i % 5 end as segment,
                    'mail' || i as email, i / 3.0::double as value, i as n
                from range(1000) as r(i)
            """)
        yield DuckDBSession(connection)


def _sides(key: tuple[str, ...] = ("customer_id",), after: dict[str, str] | None = None) -> Sides:
    return Sides("customers", "old.customers", "new.customers", COLUMNS, after or COLUMNS, key, frozenset({"email"}))


@pytest.mark.parametrize("key", [("customer_id",), ()])
def test_equal_tables_do_not_differ_whatever_the_order_of_their_rows(
    session: DuckDBSession, key: tuple[str, ...]
) -> None:
    session.execute("create or replace table new.customers as select * from old.customers order by hash(customer_id)")
    found = diff_table(session, _sides(key))
    assert not found.is_different and found.rows_before == found.rows_after == 1000


def test_a_sum_in_another_order_is_no_change_and_a_cent_is(session: DuckDBSession) -> None:
    session.execute("update new.customers set value = value * (1 + 1e-14)")
    assert not diff_table(session, _sides()).is_different
    session.execute("update new.customers set value = value + 0.01 where customer_id = 'c900'")
    assert diff_table(session, _sides()).changed_by_column == {"value": 1}


def test_rows_added_removed_and_changed_are_counted_by_column_with_masked_examples(session: DuckDBSession) -> None:
    session.execute("delete from new.customers where n < 3")
    session.execute(
        "insert into new.customers select 'x' || n, segment, email, value, n from old.customers where n < 5"
    )
    session.execute("update new.customers set segment = 'other' where customer_id in ('c10', 'c14')")
    session.execute("update new.customers set segment = null, email = 'x' where customer_id = 'c11'")
    found = diff_table(session, _sides())
    assert (found.added, found.removed, found.changed, found.duplicate_keys) == (5, 3, 3, 0)
    assert found.changed_by_column == {"segment": 3, "email": 1}
    assert found.examples[:2] == (
        Example({"customer_id": "c10"}, {"segment": "s0"}, {"segment": "other"}),
        Example({"customer_id": "c11"}, {"segment": "s1", "email": MASK}, {"segment": None, "email": MASK}),
    )


def test_a_join_that_duplicates_is_rows_added_under_keys_that_repeat(session: DuckDBSession) -> None:
    session.execute("insert into new.customers select * from new.customers where n < 10")
    found = diff_table(session, _sides())
    assert (found.added, found.removed, found.changed, found.duplicate_keys) == (10, 0, 0, 10)


def test_without_a_key_whole_rows_come_and_go(session: DuckDBSession) -> None:
    session.execute("update new.customers set n = -1 where n = 5")
    session.execute("insert into new.customers select * from old.customers where n = 6")
    found = diff_table(session, _sides(()))
    assert (found.added, found.removed, found.changed) == (2, 1, 0)


def test_columns_that_come_go_and_change_their_type_are_told_apart(session: DuckDBSession) -> None:
    session.execute("alter table new.customers drop column segment")
    session.execute("alter table new.customers add column tier varchar")
    session.execute("alter table new.customers alter n type integer")
    found = diff_table(session, _sides(after={
        "customer_id": "VARCHAR", "email": "VARCHAR", "value": "DOUBLE", "n": "INTEGER", "tier": "VARCHAR"
    }))  # fmt: skip
    assert found.columns_added == {"tier": "VARCHAR"} and found.columns_removed == {"segment": "VARCHAR"}
    assert found.columns_retyped == {"n": ("BIGINT", "INTEGER")}
    assert found.changed == 0 and found.is_different


def test_who_moves_between_segments_is_counted_with_the_revenue_as_published(session: DuckDBSession) -> None:
    for schema in ("old", "new"):
        session.execute(f"""
            create table {schema}.customer_segments as
            select customer_id, 'stage' as segmentation, case when n % 2 = 0 then 'even' else 'odd' end as segment
            from old.customers union all select customer_id, 'still', 'one' from old.customers
        """)
        session.execute(f"""
            create table {schema}.dim_customers as select customer_id, cast(n as decimal(18, 2)) as net_revenue
            from old.customers
        """)
    assert find_migrations(session, "old", "new") == ()
    session.execute("update new.dim_customers set net_revenue = 0")
    session.execute(
        "update new.customer_segments set segment = 'odd' where customer_id in ('c10', 'c20') and segmentation = 'stage'"
    )
    session.execute("delete from new.customer_segments where customer_id = 'c7' and segmentation = 'stage'")
    session.execute("insert into new.customer_segments values ('z', 'stage', 'even')")
    session.execute("insert into new.dim_customers values ('z', 5)")
    (found,) = find_migrations(session, "old", "new")
    assert (found.segmentation, found.customers, found.moved, found.net_revenue) == ("stage", 1000, 4, Decimal(42))
    assert found.moves == (
        Move("even", "odd", 2, Decimal(30)),
        Move("odd", None, 1, Decimal(7)),
        Move(None, "even", 1, Decimal(5)),
    )


def test_figures_that_differ_are_told_by_key_and_nothing_else(session: DuckDBSession) -> None:
    for schema in ("old", "new"):
        session.execute(
            f"create table {schema}.kpi_monthly as select 1 as month, 10.50::decimal(18, 2) as revenue, 0.5::double as rate"
        )
    columns = {"month": "INTEGER", "revenue": "DECIMAL(18,2)", "rate": "DOUBLE"}
    sides = Sides("kpi_monthly", "old.kpi_monthly", "new.kpi_monthly", columns, columns, ("month",))
    assert find_metric_changes(session, sides) == ()
    session.execute("update new.kpi_monthly set revenue = 11, rate = rate * (1 + 1e-15)")
    session.execute("insert into new.kpi_monthly values (2, null, 0.25)")
    found = [(one.key, one.metric, one.before, one.after) for one in find_metric_changes(session, sides)]
    assert found == [(("1",), "revenue", "10.50", "11.00"), (("2",), "rate", None, "0.25")]
