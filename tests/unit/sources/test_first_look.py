"""The first look at a source: what it is, what is taken for granted, what must be looked at before anything lands."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner

from kehu.cli import kehu
from kehu.landing.workspace import shared_workspace
from kehu.pipeline.inspection import check_sources, write_check_page
from kehu.sources import check as check_module
from kehu.sources.check import SourceCheck
from kehu.sources.look.facts import EntityCheck, Month
from tests.support.source_folder import SourceFolder

ORDERS = """order_id,customer_id,ordered_at,status,currency,subtotal_amount,Total Amount
1,c1,2024-01-31 23:30:00,completed,EUR,10.00,x
2,c1,2024-02-01,Paid,eur,20.50,x
3,c2,2024-02-03 10:00:00,cancelled,EUR,99.00,x
4,c9,2024-02-04 10:00:00,completed,USD,7.00,x
"""
CUSTOMERS = "customer_id,email,created_at\nc1,a@mail.example,2024-01-01\nc2,b@mail.example,2024-01-02\n"


def look(shop: SourceFolder, entities: dict | None = None, **files: str) -> SourceCheck:
    for name, text in files.items():
        shop.write(f"{name}.csv", text)
    shop.configure(**(entities or {name: {} for name in files}))
    (found,) = check_sources(shop.settings)
    return found


def of(found: SourceCheck, entity: str) -> EntityCheck:
    return next(one for one in found.entities if one.entity == entity)


def test_orders_are_told_by_hand(shop: SourceFolder) -> None:
    found = look(shop, orders=ORDERS, customers=CUSTOMERS)
    orders = of(found, "orders").orders
    assert orders is not None
    assert orders.months == (
        Month("2024-01", "EUR", 1, Decimal("10.00")),
        Month("2024-02", "EUR", 1, Decimal("20.50")),
        Month("2024-02", "USD", 1, Decimal("7.00")),
    ), "a cancelled order is no revenue, and eur is EUR"
    assert [(one.delivered, one.meaning, one.orders) for one in orders.statuses] == [
        ("completed", "completed", 2),
        ("cancelled", "cancelled", 1),
        ("paid", "completed", 1),
    ]
    assert dict(orders.currencies) == {"EUR": 2, "USD": 1, "eur": 1}
    assert orders.customers_known == 0.75
    assert [(span.column, span.first, span.last) for span in of(found, "orders").spans] == [
        ("ordered_at", "2024-01-31", "2024-02-04")
    ]
    assert of(found, "customers").keys.conflicting == 0
    assert shop.batches() == []


def test_a_day_begins_where_the_business_is(shop: SourceFolder) -> None:
    shop.settings = shop.settings.model_copy(update={"timezone": "Asia/Shanghai"})
    orders = of(look(shop, orders=ORDERS, customers=CUSTOMERS), "orders")
    assert orders.orders is not None
    assert [month.month for month in orders.orders.months] == ["2024-02", "2024-02"]
    assert [month.amount for month in orders.orders.months] == [Decimal("30.50"), Decimal("7.00")]
    assert "times without an offset are of UTC; a day begins at midnight of Asia/Shanghai" in orders.assumed


def test_the_verdict_names_what_to_look_at_and_never_only_says_fits(shop: SourceFolder) -> None:
    found = look(shop, orders=ORDERS, customers=CUSTOMERS)
    assert found.verdict == "fits, but look at 2 things"
    assert found.findings == [
        "orders: 25% of the orders with a customer name one that is not delivered",
        "orders: the column Total Amount lands in _extra and may be total_amount",
    ]
    assert look(shop, customers=CUSTOMERS).verdict == "fits"


FINDINGS = {
    "keys that stand for different rows": (
        "order_id,ordered_at,subtotal_amount\n1,2024-01-05,5\n1,2024-01-05,6\n2,2024-01-06,7\n2,2024-01-06,7\n",
        "1 order_id stands for rows that differ",
    ),
    "rows without a key": ("order_id,ordered_at\n1,2024-01-05\n ,2024-01-05\n", "1 row without order_id"),
    "rows that cannot be parsed": ("order_id,ordered_at\n1,2024-01-05\n2\n", "1 row cannot be parsed (fewer values"),
    "a header within the data": (
        "order_id,ordered_at\n1,2024-01-05\norder_id,ordered_at\n2,2024-01-05\n",
        "1 row cannot be parsed (the row repeats the header)",
    ),
    "a total": ("order_id,ordered_at,subtotal_amount\n1,2024-01-05,5\n合计,,5\n", "1 row looks like a total"),
    "values that are none": (
        "order_id,ordered_at,subtotal_amount\n1,2024-01-05,1.234,5\n1,2024-01-05,5\n".replace("1.234,5", "12 EUR"),
        "1 subtotal_amount is no decimal",
    ),
    "dates that are none": ("order_id,ordered_at\n1,05.01.2024\n2,2024-01-05\n", "1 ordered_at is no timestamp"),
    "ids that a spreadsheet cut": (
        "order_id,ordered_at\n2.02401E+17,2024-01-05\n5,2024-01-05\n",
        "1 order_id is no id any more",
    ),
    "placeholder ids": (
        "order_id,customer_id,ordered_at\n1,NULL,2024-01-05\n2,NULL,2024-01-05\n3,a,2024-01-05\n",
        "customer_id is 'null' 2 times: a placeholder?",
    ),
    "placeholder days": (
        "order_id,ordered_at\n1,1970-01-01 00:00:00\n2,2024-01-05\n",
        "ordered_at is '1970-01-01' 1 time",
    ),
    "errors of a spreadsheet": (
        "order_id,customer_id,ordered_at\n1,#N/A,2024-01-05\n2,a,2024-01-05\n",
        "customer_id is '#n/a' 1 time",
    ),
    "statuses that nobody knows": (
        "order_id,ordered_at,status\n1,2024-01-05,completed\n2,2024-01-05,Frozen Solid\n",
        "nobody says what these statuses mean: frozen solid (1 orders)",
    ),
    "orders worth nothing": (
        "order_id,ordered_at,subtotal_amount\n1,2024-01-05,0\n2,2024-01-05,\n3,2024-01-05,5\n",
        "2 orders that count are worth nothing",
    ),
    "a column that may be another": ("order_id,ordered_at,Financial Status\n1,2024-01-05,paid\n", "may be status"),
    "one customer for all guests": (
        "order_id,customer_id,ordered_at\n"
        + "".join(f"{n},{'c' + str(n) if n > 10 else 'g1'},2024-01-05\n" for n in range(1, 31)),
        "one customer_id has 33% of the orders",
    ),
}


@pytest.mark.parametrize("name", FINDINGS)
def test_what_should_be_looked_at_is_named(shop: SourceFolder, name: str) -> None:
    text, said = FINDINGS[name]
    found = look(shop, orders=text)
    assert any(said in finding for finding in found.findings), found.findings
    assert found.verdict.startswith("fits, but look at")
    assert not found.problems


def test_a_column_that_an_expression_reads_is_not_taken_for_another(shop: SourceFolder) -> None:
    amount = {"expr": "replace(Amount, ',', '')"}
    columns = {"order_id": "Source", "ordered_at": "Created", "subtotal_amount": amount}
    shop.write("ledger.csv", 'Source,Amount,Created\nch_1,"1,200.00",2024-05-01\n')
    found = look(shop, {"orders": {"file": "ledger.csv", "columns": columns}})
    assert found.findings == []
    assert found.verdict == "fits"


def test_a_number_of_another_spelling_leads_to_how_it_is_mapped(shop: SourceFolder) -> None:
    found = look(shop, orders='order_id,ordered_at,subtotal_amount\n1,2024-01-05,"1,200.00"\n2,2024-01-05,5\n')
    assert any("docs/sources.md" in finding for finding in found.findings)


def test_the_spelling_of_ids_is_shown_not_the_ids(shop: SourceFolder) -> None:
    orders = "order_id,customer_id,ordered_at\n1,1001.0,2024-01-05\n2,1002.0,2024-01-05\n"
    found = look(shop, orders=orders, customers="customer_id\n1001\n1002\n")
    (finding,) = found.findings
    assert finding.endswith("100% of the orders with a customer name one that is not delivered: ids look like 9999.9 in orders"
                            " and like 9999 in customers")  # fmt: skip
    assert "1001" not in found.describe()


def test_amounts_of_lines_and_totals_count(shop: SourceFolder) -> None:
    lines = "order_id,line_id,quantity,unit_price\n1,1,2,5.00\n1,2,1,0.50\n2,1,3,1.00\n"
    orders = "order_id,ordered_at,total_amount,tax_amount\n1,2024-01-05,,\n2,2024-01-06,12.00,2.00\n"
    found = of(look(shop, orders=orders, order_lines=lines), "orders").orders
    assert found is not None
    assert found.months == (Month("2024-01", "", 2, Decimal("20.50")),), "10.50 of lines and 12.00 without 2.00 of tax"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("order_id\n1\n", "lacks a required canonical column"),
        ("order_id,ordered_at\n1,5. Mai\n2,gestern\n", "orders: no value of ordered_at is a timestamp"),
        ("order_id,ordered_at\n1\n2\n", "orders: none of its 2 rows can be read"),
        ("order_id,ordered_at\n,2024-01-05\n", "orders: no row has the key order_id"),
    ],
)
def test_what_does_not_fit_is_said_and_fails(shop: SourceFolder, text: str, said: str) -> None:
    found = look(shop, orders=text)
    assert found.verdict.startswith("does not fit: ")
    assert said in found.verdict
    environment = {"KEHU_HOME": str(shop.settings.home), "KEHU_SOURCES": str(shop.yml)}
    result = CliRunner().invoke(kehu, ["sources", "check"], env=environment)
    assert result.exit_code == 1
    assert "does not fit" in result.output


def test_one_source_that_does_not_fit_hides_no_other(shop: SourceFolder) -> None:
    shop.write("orders.csv", ORDERS)
    entry = {"kind": "files", "path": "shop"}
    shop.configure_sources([
        {"name": "a", **entry, "entities": {"leads": {}}},
        {"name": "b", **entry, "entities": {"orders": {}}},
    ])  # fmt: skip
    assert [found.verdict[:12] for found in check_sources(shop.settings)] == ["does not fit", "fits, but lo"]


def test_values_of_a_column_that_is_no_status_stay_hidden(shop: SourceFolder) -> None:
    rows = "".join(f"{n},2024-01-05,person{n}@mail.example\n" for n in range(80))
    found = look(shop, orders=f"order_id,ordered_at,status\n{rows}")
    assert "mail.example" not in found.describe()
    assert any("and 80 more" in finding for finding in found.findings)


def test_what_a_source_says_of_its_statuses_goes_before_the_seed(shop: SourceFolder) -> None:
    shop.write(
        "orders.csv",
        "order_id,ordered_at,status\n1,2024-01-05,Frozen，Solid\n2,2024-01-05,wc-Paid\n3,2024-01-05,done\n",
    )
    entry = {"name": "shop", "kind": "files", "path": "shop", "entities": {"orders": {}}}
    shop.configure_sources([{**entry, "statuses": {"frozen,solid": "cancelled", "done": "refunded"}}])
    (found,) = check_sources(shop.settings)
    assert found.entities[0].orders is not None
    assert {(one.delivered, one.meaning) for one in found.entities[0].orders.statuses} == {
        ("frozen,solid", "cancelled"),
        ("paid", "completed"),
        ("done", "completed"),
    }


def test_the_page_shows_what_the_terminal_shows(shop: SourceFolder, tmp_path: Path) -> None:
    found = look(shop, orders=ORDERS.replace("cancelled", "<b>odd</b>"), customers=CUSTOMERS)
    page = write_check_page([found], tmp_path / "new" / "look.html").read_text(encoding="utf-8")
    for text in ("fits, but look at 3 things", "20.50", "2024-02", "Total Amount", "75.0%"):
        assert text in page
    assert "<b>odd" not in page, "what stands in the data is no HTML"
    assert "&lt;b&gt;odd" in page
    assert not re.search(r"(src|href)=", page), "the page needs nothing else"
    environment = {"KEHU_HOME": str(shop.settings.home), "KEHU_SOURCES": str(shop.yml)}
    result = CliRunner().invoke(kehu, ["sources", "check", "shop", "--html", str(tmp_path / "x.html")], env=environment)
    assert result.exit_code == 0, result.output
    assert (tmp_path / "x.html").is_file()


def test_a_database_that_has_landed_is_looked_at_for_what_is_new(
    shop: SourceFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(sqlite3.connect(tmp_path / "shop.db")) as connection:
        connection.execute("create table orders (order_id, ordered_at)")
        connection.execute("insert into orders values (1, '2024-01-05')")
        connection.commit()
        monkeypatch.setenv("SHOP_DATABASE_URL", f"sqlite:///{tmp_path / 'shop.db'}")
        entry = {"name": "shop", "kind": "sql", "url_env": "SHOP_DATABASE_URL", "entities": {"orders": {}}}
        shop.configure_sources([entry])
        (before,) = check_sources(shop.settings)
        shop.land()
        connection.execute("insert into orders values (2, '2024-01-06'), (3, '2024-01-07')")
        connection.commit()
        (after,) = check_sources(shop.settings)
    assert (before.error, before.entities[0].rows) == (None, 1)
    assert (after.error, after.entities[0].rows) == (None, 2)


def test_two_looks_at_once_do_not_disturb_each_other(shop: SourceFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.write("orders.csv", ORDERS)
    shop.configure(orders={})
    inner: list[SourceCheck] = []
    plain = check_module.measured

    def meanwhile(*given: object) -> EntityCheck:
        if not inner:
            inner.append(None)  # type: ignore[arg-type]
            inner[0] = check_sources(shop.settings)[0]
        return plain(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(check_module, "measured", meanwhile)
    (outer,) = check_sources(shop.settings)
    assert outer.error is None
    assert outer.describe() == inner[0].describe()


def test_a_shared_workspace_is_the_first_that_nobody_holds(shop: SourceFolder) -> None:
    with shared_workspace(shop.settings, "look") as one:
        with shared_workspace(shop.settings, "look") as two:
            assert one.folder != two.folder
        assert one.folder.is_dir()
        (one.folder / "left").touch()
    with shared_workspace(shop.settings, "look") as again:
        assert again.folder == one.folder
        assert not list(again.folder.iterdir())


HEADER = "order_id,customer_id,ordered_at\n"


@pytest.mark.parametrize(
    ("before", "after", "on_change", "says"),
    [
        ("123456", "12345", "increment", "the other 1 stay unless on_change: replace says"),
        ("123456", "12345", "replace", None),
        ("123456", "1234567", "increment", None),
        ("123456", "6789", "increment", None),
        ("123456", "6789", "replace", "on_change: replace would take the other 5 away"),
    ],
)
def test_a_file_that_has_changed_is_held_against_what_it_held(
    shop: SourceFolder, before: str, after: str, on_change: str, says: str | None
) -> None:
    def write(ids: str) -> None:
        shop.write("orders.csv", HEADER + "".join(f"{one},c{one},2020-01-0{one}\n" for one in ids))
        shop.configure(orders={"on_change": on_change})

    write(before)
    shop.land()
    write(after)
    (found,) = check_sources(shop.settings)
    (change,) = of(found, "orders").changes
    assert (change.keys_before, change.keys_held) == (len(before), len(set(before) & set(after)))
    named = [one for one in found.findings if "keys that it held before" in one]
    assert [says in one for one in named] == ([True] if says else [])
    assert (
        f"holds {change.keys_held} of the {change.keys_before} keys that it held before: {on_change}"
        in found.describe()
    )
    shop.land()
    assert check_sources(shop.settings)[0].entities[0].changes == ()


def test_a_mapping_that_was_corrected_is_told_before_it_lands(shop: SourceFolder) -> None:
    shop.write("orders.csv", "row,order_id,customer_id,ordered_at\n0,a,x,2020-01-01\n")
    columns = {"customer_id": "customer_id", "ordered_at": "ordered_at"}
    shop.configure(orders={"columns": {**columns, "order_id": "row"}})
    shop.land()
    shop.configure(orders={"columns": {**columns, "order_id": "order_id"}})
    (found,) = check_sources(shop.settings)
    assert "orders: orders.csv is read anew: 1 rows of the former mapping would be withdrawn" in found.findings
