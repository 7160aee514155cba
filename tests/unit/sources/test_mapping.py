"""Mappings: what they can express, and how each mistake is named before anything lands."""

from __future__ import annotations

import pytest

from kehu.errors import (
    BadExpression,
    ConfigurationError,
    KehuError,
    LandingError,
    MappedColumnMissing,
    SourceFileMissing,
)
from tests.support.source_folder import HEADER, SourceFolder

ROW = "1,a,2020-01-01\n"


def test_rename_constant_expression_filter_and_extra(shop: SourceFolder) -> None:
    shop.write("items.csv", "No,Pos,Qty,Goods,Freight,Status\n1,1,2,10.50,1.00,ok\n1,2,1,3,0,test\n2,1,1,7.25,0.5,ok\n")
    shop.configure(
        orders={
            "file": "items.csv",
            "columns": {
                "order_id": "No",
                "ordered_at": {"value": "2020-01-01"},
                "currency": {"value": "EUR"},
                "total_amount": {"expr": "Goods::decimal(18,2) + Freight::decimal(18,2) -- with freight"},
            },
            "where": "Status <> 'test' -- real ones",
        }
    )
    shop.land()
    assert shop.values("order_id", "currency", "total_amount", "_row_number") == [
        ("1", "EUR", "11.50", 1),
        ("2", "EUR", "7.75", 3),
    ]
    assert shop.rows(columns=["_extra", "_file", "_row_number"])[0]["_extra"] == (
        '{"Freight":"1.00","Goods":"10.50","Pos":"1","Qty":"2","Status":"ok"}'
    )
    (batch,) = shop.batches()
    assert batch.delivered_columns == ("order_id", "ordered_at", "currency", "total_amount")


def test_canonical_names_need_no_mapping(shop: SourceFolder) -> None:
    shop.write("orders.csv", "zone,ordered_at,order_id\nN,2020-01-01,1\n")
    shop.configure(orders=None)
    shop.land()
    assert shop.values("order_id", "ordered_at", "_extra", "_source", "_file") == [
        ("1", "2020-01-01", '{"zone":"N"}', "shop", "orders.csv")
    ]


def test_an_expression_cannot_mean_another_mapped_column_by_accident(shop: SourceFolder) -> None:
    shop.write("orders.csv", "a,status,t\n1,delivered,2020-01-01\n")
    shop.configure(
        orders={
            "columns": {
                "order_id": "a",
                "ordered_at": "t",
                "status": {"expr": "'x' || status"},
                "channel": {"expr": "status"},
            }
        }
    )
    shop.land()
    assert shop.values("status", "channel") == [("xdelivered", "delivered")]


def test_a_query_over_several_files(shop: SourceFolder) -> None:
    shop.write("items_1.csv", "OrderNo,Pos,Sku,Qty\n1,1,A,2\n1,2,B,1\nbroken\n")
    shop.write("items_2.csv", "OrderNo,Pos,Sku,Qty,Colour\n2,1,A,5,red\n")
    shop.write("price_list.jsonl", '{"Sku": "A", "Price": 1.50}\n')
    shop.configure(
        order_lines={
            "files": {"items": "items_*.csv", "prices": "price_list.jsonl"},
            "query": """
                select OrderNo as order_id, Pos as line_id, Sku as product_id, Qty as quantity, p.Price as unit_price, Colour
                from items i left join prices p using (Sku) order by OrderNo, Pos;
            """,
        }
    )
    landed = shop.land()["order_lines"]
    assert (landed.rows, landed.rejects) == (4, 1)
    rows = shop.values("order_id", "line_id", "unit_price", "_extra", "_error is null as fine", entity="order_lines")
    assert sorted(row for row in rows if row[4]) == [
        ("1", "1", "1.5", '{"Colour":null}', True),
        ("1", "2", None, '{"Colour":null}', True),
        ("2", "1", "1.5", '{"Colour":"red"}', True),
    ]
    assert shop.values("_raw", "_file", "_row_number", entity="order_lines").count(("broken", "items_1.csv", 3)) == 1


def test_a_row_of_a_query_and_an_unreadable_line_never_have_the_same_file_and_number(shop: SourceFolder) -> None:
    shop.write("orders.csv", "OrderNo,Sold\n1,2020-01-01\nbroken\n3,2020-01-03\n")
    query = "select o.OrderNo as order_id, again.Sold as ordered_at from o join o2 as again using (OrderNo)"
    shop.configure(orders={"files": {"o": "orders.csv", "o2": "orders.csv"}, "query": query})
    landed = shop.land()["orders"]
    assert (landed.rows, landed.rejects) == (3, 1), "the file is read as two tables, its line is unreadable once"
    assert shop.values("_file", "_row_number", "_raw") == [
        ("orders.csv", 2, "broken"),
        ("query over orders.csv", 1, None),
        ("query over orders.csv", 2, None),
    ]


MAPPED = {"order_id": "OrderNo", "ordered_at": "Sold"}
BAD = {
    "missing column": (
        {"columns": {**MAPPED, "status": "Clinet"}},
        MappedColumnMissing,
        ["column='Clinet'", "'Client'"],
    ),
    "bad name in expr": (
        {"columns": {**MAPPED, "status": {"expr": "upper(Clint)"}}},
        BadExpression,
        ["column='status'", "Clint", "Client"],
    ),
    "two expressions": ({"columns": {**MAPPED, "status": {"expr": "1) as a, (2"}}}, BadExpression, ["column='status'"]),
    "a second statement": (
        {"columns": {**MAPPED, "status": {"expr": "1); drop table x; select (1"}}},
        BadExpression,
        [],
    ),
    "a from clause": (
        {"columns": {**MAPPED, "status": {"expr": "1) from (select 1"}}},
        BadExpression,
        ["one expression"],
    ),
    "a union": (
        {"columns": {**MAPPED, "status": {"expr": "1) union all select (2"}}},
        BadExpression,
        ["one expression"],
    ),
    "a limit": ({"columns": {**MAPPED, "status": {"expr": "1) limit (1"}}}, BadExpression, ["one expression"]),
    "not SQL": ({"columns": {**MAPPED, "status": {"expr": "1 +"}}}, BadExpression, ["syntax error", "column='status'"]),
    "the clock": (
        {"columns": {**MAPPED, "status": {"expr": "now()::varchar"}}},
        BadExpression,
        ["another value", "now"],
    ),
    "the date": ({"columns": {**MAPPED, "status": {"expr": "current_date - 1"}}}, BadExpression, ["current_date"]),
    "a random number": ({"columns": {**MAPPED, "status": {"expr": "random()"}}}, BadExpression, ["random"]),
    "an unknown function": (
        {"columns": {**MAPPED, "status": {"expr": "no_such_function(Sold)"}}},
        BadExpression,
        ["no_such_function"],
    ),
    **{
        name: ({"columns": {**MAPPED, "status": {"expr": sql}}}, BadExpression, ["column='status'", *expected])
        for name, sql, expected in [
            ("an aggregate", "max(Client)", ["aggregate", "function='max'", "query:"]),
            ("an aggregate inside", "coalesce(string_agg(Client, ','), '')", ["function='string_agg'"]),
            ("a count", "count(*)", ["function='count_star'"]),
            ("a star", "columns(*)", ["columns_given=5", "name the column"]),
            ("unnest", "unnest(string_split(Client, '|'))", ["several rows", "function='unnest'", "query:"]),
            ("a macro of unnest", "regexp_split_to_table(Client, '-')", ["several rows"]),
        ]
    },
    "an aggregate in where": (
        {"columns": MAPPED, "where": "count(*) > 0"},
        BadExpression,
        ["key='where'", "aggregate"],
    ),
    "a window in where": (
        {"columns": MAPPED, "where": "row_number() over () > 1"},
        BadExpression,
        ["key='where'", "window"],
    ),
    "bad where": ({"columns": MAPPED, "where": "Nowhere = 1"}, BadExpression, ["key='where'", "Nowhere"]),
    "bad query": (
        {"files": {"o": "orders.csv"}, "query": "select Nope from o"},
        BadExpression,
        ["key='query'", "Nope"],
    ),
    "query lacks a column": (
        {"files": {"o": "orders.csv"}, "query": "select OrderNo as order_id from o"},
        ConfigurationError,
        ["column='ordered_at'"],
    ),
    "two queries": ({"files": {"o": "orders.csv"}, "query": "select 1; select 2"}, BadExpression, ["one piece"]),
    "no query": ({"files": {"o": "orders.csv"}, "query": "drop table o"}, BadExpression, []),
    "canonical names missing": ({}, ConfigurationError, ["ordered_at", "required"]),
    "missing file": ({"file": "order.csv", "columns": MAPPED}, SourceFileMissing, ["file='order.csv'", "'orders.csv'"]),
    "empty glob": ({"file": "ordr_*.csv", "columns": MAPPED}, SourceFileMissing, ["file='ordr_*.csv'", "'orders.csv'"]),
    "unknown ending": (
        {"file": "orders.txt", "columns": MAPPED},
        ConfigurationError,
        [".parquet", "file='orders.txt'"],
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_a_mistake_is_named_and_nothing_lands(shop: SourceFolder, name: str) -> None:
    options, error, expected = BAD[name]
    shop.write("orders.csv", HEADER + ROW)
    shop.write("orders.txt", HEADER + ROW)
    shop.write("customers.csv", "customer_id\n1\n")
    shop.configure(customers={}, orders=options)
    with pytest.raises(error) as caught:
        shop.land()
    for part in [*expected, "source='shop'", "entity='orders'"]:
        assert part in str(caught.value)
    assert shop.batches() == [], "the customers were fine, but nothing lands before everything is checked"
    assert not list(shop.settings.landing_dir.rglob("*.parquet"))


def test_two_files_could_be_meant(shop: SourceFolder) -> None:
    shop.write("customers.csv", "customer_id\n1\n")
    shop.write("customers.jsonl", '{"customer_id": 1}\n')
    shop.configure(customers={})
    with pytest.raises(ConfigurationError, match=r"customers\.csv.*customers\.jsonl"):
        shop.land()


def test_a_missing_folder_is_named(shop: SourceFolder) -> None:
    shop.configure_sources([{"name": "shop", "kind": "files", "path": "nowhere", "entities": {"customers": {}}}])
    with pytest.raises(SourceFileMissing, match="folder"):
        shop.land()


def test_a_value_on_which_an_expression_fails_rejects_its_row(shop: SourceFolder) -> None:
    shop.write("orders.csv", HEADER + "1,5,t\n2,Secret Name,t\n3,,t\n4,7,t\nshort\n")
    shop.orders(where="Client is null or Client <> '7'")
    config = {
        "columns": {"order_id": "OrderNo", "ordered_at": "Sold", "total_amount": {"expr": "Client::decimal(18, 2)"}}
    }
    shop.configure(orders={"file": "orders.csv", **config, "where": "Client is null or Client <> '7'"})
    landed = shop.land()["orders"]
    assert (landed.rows, landed.rejects) == (4, 2)
    assert shop.values("_row_number", "order_id", "total_amount", "_raw", "_error") == [
        (1, "1", "5.00", None, None),
        (
            2,
            None,
            None,
            '{"Client":"Secret Name","OrderNo":"2","Sold":"t"}',
            "the expression fails on this row: total_amount",
        ),
        (3, "3", None, None, None),
        (5, None, None, "short", "fewer values than the 3 columns of the header"),
    ]


def test_a_filter_that_fails_on_a_value_rejects_its_row(shop: SourceFolder) -> None:
    shop.write("orders.csv", HEADER + "1,5,t\n2,x,t\n3,1,t\n")
    shop.orders(where="Client::integer > 2")
    shop.land()
    assert shop.values("_row_number", "order_id", "_error") == [
        (1, "1", None),
        (2, None, "the expression fails on this row: where"),
    ]


def test_messages_hold_no_value(shop: SourceFolder) -> None:
    shop.write("orders.csv", HEADER + "1,Secret Name,t\n")
    shop.configure(
        orders={
            "files": {"o": "orders.csv"},
            "query": "select OrderNo as order_id, Sold as ordered_at, Client::decimal(18, 2) as total_amount from o",
        }
    )
    with pytest.raises(KehuError) as caught:
        shop.land()
    assert "Secret" not in str(caught.value)
    assert "try_cast" in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("(select max(word) from unnest(string_split(Client, '|')) as words(word))", ["b", "c"]),
        ("list_max(string_split(Client, '|'))", ["b", "c"]),
        ("count(*) over ()", ["2", "2"]),
        ("greatest(Client, Sold)", ["t", "t"]),
    ],
)
def test_an_aggregate_that_is_one_value_a_row_is_allowed(shop: SourceFolder, expression: str, expected: list) -> None:
    shop.write("orders.csv", HEADER + "1,a|b,t\n2,c,t\n")
    shop.configure(orders={"columns": {**MAPPED, "status": {"expr": expression}}})
    shop.land()
    assert [row for (row,) in shop.values("status")] == expected


@pytest.mark.parametrize(
    "first_row",
    [
        "7,Anna Secret,anna.secret@example.com",
        "7,Anna Secret,x",
        "a,Anna Secret,1990-01-02",
        "x,Anna Secret,+49 170 1234",
    ],
)
@pytest.mark.parametrize("columns", [None, {"customer_id": "id", "full_name": "Name"}])
def test_a_row_in_place_of_the_header_is_not_shown(shop: SourceFolder, first_row: str, columns: dict | None) -> None:
    shop.write("customers.csv", f"{first_row}\n{first_row}\n")
    shop.configure(customers={"columns": columns} if columns else {})
    with pytest.raises(ConfigurationError, match="may have no header line") as caught:
        shop.land()
    for part in first_row.split(","):
        assert len(part) == 1 or part not in str(caught.value)


@pytest.mark.parametrize(
    "expression", ["Client::integer", "('{' || Client)::json ->> 'email'", "error('bad ' || Client)"]
)
def test_no_message_holds_a_value_with_a_quote_in_it(shop: SourceFolder, expression: str) -> None:
    shop.write("orders.csv", HEADER + "1,Siobhan O'Brien of Cork,t\n")
    query = f"select OrderNo as order_id, Sold as ordered_at, {expression} as channel from o"
    shop.configure(orders={"files": {"o": "orders.csv"}, "query": query})
    with pytest.raises(KehuError) as caught:
        shop.land()
    for part in ("Siobhan", "Brien", "Cork"):
        assert part not in str(caught.value)


def test_a_window_without_dates_is_named(shop: SourceFolder) -> None:
    shop.write("orders.csv", HEADER + "1,a,soon\n")
    shop.orders(mode="window", window_column="ordered_at")
    with pytest.raises(LandingError, match="window_column"):
        shop.land()
