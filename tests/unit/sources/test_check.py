"""``kehu sources check`` reads everything and lands nothing."""

from __future__ import annotations

import pytest

from kehu.errors import BadExpression, MappedColumnMissing
from kehu.sources.check import SourceCheck, check_source
from kehu.sources.config import load_sources
from kehu.sources.registry import open_source
from tests.support.source_folder import HEADER, SourceFolder


def check(shop: SourceFolder) -> SourceCheck:
    (entry,) = load_sources(shop.yml).sources
    return check_source(open_source(entry, shop.settings), shop.settings)


def test_a_report_names_files_columns_and_rejects(shop: SourceFolder) -> None:
    shop.write("orders_1.csv", HEADER.replace("Client", "Client,custmer_id") + "1,a,x,t\n2,b\n")
    shop.write("orders_2.csv", HEADER.replace(",", ";") + "3;ü;t\n")
    shop.configure(
        orders={
            "file": "orders_*.csv",
            "columns": {"order_id": "OrderNo", "ordered_at": "Sold", "status": {"expr": "Client"}},
        }
    )
    (orders,) = check(shop).entities
    assert (orders.rows, orders.rejects, orders.mode) == (2, 1, "append")
    assert orders.files == ("orders_1.csv (utf-8, delimiter ',')", "orders_2.csv (utf-8, delimiter ';')")
    assert orders.delivered == ("order_id", "ordered_at", "status")
    assert (orders.unmapped, orders.guesses) == (("Client", "custmer_id"), (("custmer_id", "customer_id"),))
    text = check(shop).describe()
    assert "2 rows, 1 that cannot be parsed in 2 files" in text
    assert shop.batches() == []
    assert not list(shop.settings.home.rglob("*.parquet"))


def test_values_on_which_an_expression_fails_are_counted(shop: SourceFolder) -> None:
    shop.write("orders.csv", HEADER + "1,5,t\n2,x,t\n")
    shop.configure(
        orders={"columns": {"order_id": "OrderNo", "ordered_at": "Sold", "total_amount": {"expr": "Client::integer"}}}
    )
    (orders,) = check(shop).entities
    assert (orders.rows, orders.rejects) == (1, 1)


def test_a_mistake_is_the_one_an_ingest_would_name(shop: SourceFolder) -> None:
    shop.write("orders.csv", HEADER)
    shop.configure(orders={"columns": {"order_id": "OrderN", "ordered_at": "Sold"}})
    with pytest.raises(MappedColumnMissing, match="OrderNo"):
        check(shop)


def test_what_a_query_gives_and_nothing_takes_is_listed(shop: SourceFolder) -> None:
    shop.write("o.csv", HEADER + "1,5,t\n")
    query = "select OrderNo as order_id, Sold as ordered_at, Client as custmer_id, 1 as zone from o"
    shop.configure(orders={"files": {"o": "o.csv"}, "query": query})
    (orders,) = check(shop).entities
    assert orders.extra == "custmer_id (customer_id?), zone"
    assert orders.files == ("o.csv (utf-8, delimiter ',')",)


def test_two_columns_of_a_query_with_one_name_are_named(shop: SourceFolder) -> None:
    shop.write("o.csv", "order_id,ordered_at,Sku\n1,t,a\n")
    shop.write("p.csv", "sku,price\na,5\n")
    shop.configure(orders={"files": {"o": "o.csv", "p": "p.csv"}, "query": "select o.*, p.* from o join p using (sku)"})
    with pytest.raises(BadExpression, match=r"same name.*columns=\['sku'\]"):
        check(shop)
    shop.configure(
        orders={"files": {"o": "o.csv", "p": "p.csv"}, "query": "select o.*, price from o join p using (sku)"}
    )
    assert check(shop).entities[0].unmapped == ("Sku", "price")
