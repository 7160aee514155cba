"""The truth and the files tell the same: rows, sums, dirt, people. The files are read without Kehu."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from kehu.demo_shop.exports import EXPORTS
from kehu.entities import ENTITIES
from tests.unit.demo_shop.conftest import SMALL
from tests.unit.demo_shop.shop_files import ShopFiles

pytestmark = pytest.mark.slow

LAST = SMALL.days - 1
STATUS = {
    "paid": {"paid", "交易成功"},
    "pending": {"pending", "等待买家付款"},
    "cancelled": {"cancelled", "交易关闭"},
    "refunded": {"已退款"},
    "unknown": {"beamed_up", "神秘失踪"},
}


def cents(values: pd.Series) -> pd.Series:
    return values.map(lambda text: int(Decimal(text) * 100))


def test_every_line_of_every_file_is_counted(small_shop: ShopFiles) -> None:
    told = small_shop.truth("files")
    expected = Counter(dict(told.groupby("file")["rows"].sum()))
    assert small_shop.lines() == expected


def test_every_file_is_of_a_day_and_of_an_export(small_shop: ShopFiles) -> None:
    files = [path.relative_to(small_shop.folder / "days") for path in (small_shop.folder / "days").rglob("*.*")]
    assert {str(path.parent.parent) for path in files} == {str(SMALL.day(number)) for number in range(SMALL.days)}
    assert {str(path.relative_to(path.parts[0])) for path in files} == {export.file for export in EXPORTS.values()}


def test_exports_hold_every_entity_and_are_read_in_their_formats() -> None:
    assert {export.entity for export in EXPORTS.values()} >= set(ENTITIES)
    assert {export.ending for export in EXPORTS.values()} == {"csv", "jsonl", "xlsx"}
    assert {export.encoding for export in EXPORTS.values()} == {"utf-8", "gbk"}


@pytest.mark.parametrize("name", sorted(EXPORTS))
def test_malformed_and_repeated_rows_are_those_of_the_truth(small_shop: ShopFiles, name: str) -> None:
    dirt = small_shop.truth("dirt")
    source, entity = name.split(".")
    dirt = dirt[(dirt["source"] == source) & (dirt["entity"] == entity)]
    assert small_shop.broken(name) == (dirt["kind"] == "malformed").sum()
    rows = small_shop.rows(name)
    # An exact repetition within one file is nothing but a planted duplicate.
    assert rows.duplicated().sum() == (dirt["kind"] == "duplicated").sum()


def test_each_kind_of_dirt_is_there(small_shop: ShopFiles) -> None:
    kinds = set(small_shop.truth("dirt")["kind"])
    assert kinds >= {"malformed", "unreadable", "unknown_status", "duplicated", "changed", "late"}


def test_orders_in_force_are_those_of_the_truth(small_shop: ShopFiles) -> None:
    told = small_shop.truth("orders")
    told = told[told["delivered_on"] <= LAST].set_index("order_id").sort_index()
    found = pd.concat([small_shop.current(f"{source}.orders", "order_id") for source in ("shop", "market")])
    unreadable = found["order_id"].str.startswith("SX")
    assert unreadable.sum() == (small_shop.truth("dirt")["kind"] == "unreadable").sum() > 0
    found = found[~unreadable].set_index("order_id").sort_index()
    assert list(found.index) == list(told.index)
    for column, told_as in (("subtotal_amount", "goods"), ("total_amount", "total"), ("shipping_amount", "freight")):
        assert (cents(found[column]) == told[told_as]).all(), column
    at_shop = told["source"] == "shop"
    assert (cents(found.loc[at_shop, "discount_amount"]) == told.loc[at_shop, "discount"]).all()
    assert (told["goods"] - told["discount"] + told["tax"] + told["freight"] == told["total"]).all()
    is_final = told["final_on"] <= LAST
    status = np.where(is_final, told["final_status"], told["first_status"])
    assert [text in STATUS[name] for text, name in zip(found["status"], status, strict=True)].count(False) == 0
    assert (told["first_status"] == "unknown").sum() == (small_shop.truth("dirt")["kind"] == "unknown_status").sum()


def test_late_orders_are_delivered_when_the_truth_says(small_shop: ShopFiles) -> None:
    told = small_shop.truth("orders").set_index("order_id")
    first = small_shop.rows("shop.orders").groupby("order_id")["_day"].min()
    known = told.loc[[order for order in first.index if order in told.index]]
    assert (first[known.index] == [str(SMALL.day(day)) for day in known["delivered_on"]]).all()
    assert (known["delivered_on"] > known["day"]).sum() > 0


def test_lines_make_up_the_goods_of_their_orders(small_shop: ShopFiles) -> None:
    lines = small_shop.rows("shop.order_lines").drop_duplicates(["order_id", "line_id"])
    amounts = cents(lines["amount"])
    assert (amounts == cents(lines["unit_price"]) * lines["quantity"].astype(int)).all()
    told = small_shop.truth("orders")
    told = told[(told["delivered_on"] <= LAST) & (told["source"] == "shop")].set_index("order_id").sort_index()
    sums = amounts.groupby(lines["order_id"]).agg(["sum", "size"]).sort_index()
    assert list(sums.index) == list(told.index)
    assert (sums["sum"] == told["goods"]).all()
    assert (sums["size"] == told["line_count"]).all()


def test_refunds_are_those_of_the_truth_and_within_their_orders(small_shop: ShopFiles) -> None:
    told = small_shop.truth("refunds").set_index("refund_id").sort_index()
    found = small_shop.current("shop.refunds", "refund_id").set_index("refund_id").sort_index()
    assert len(told) > 10
    assert list(found.index) == list(told.index)
    assert (cents(found["amount"]) == told["amount"]).all()
    orders = small_shop.truth("orders").set_index("order_id")
    back = told.groupby("order_id")["amount"].sum()
    assert (back <= orders.loc[back.index, "goods"] - orders.loc[back.index, "discount"]).all()


def test_points_add_up_to_the_balances(small_shop: ShopFiles) -> None:
    bookings = small_shop.rows("shop.loyalty_transactions").drop_duplicates("transaction_id")
    sums = bookings["points"].astype(int).groupby(bookings["customer_id"]).sum()
    people = small_shop.truth("people")
    number = (1_000_000 + people["person_id"].str[1:].astype(int)).astype(str)
    expected = dict(zip(number, people["points"], strict=True))
    assert dict(sums) == {customer: points for customer, points in expected.items() if customer in sums.index}
    assert sum(expected.values()) == sums.sum()
    assert set(bookings["kind"]) == {"earn", "redeem", "adjust"}


def test_records_are_those_of_the_truth_and_persons_share_an_identifier(small_shop: ShopFiles) -> None:
    told = small_shop.truth("records")
    for export, key in (
        ("shop.customers", "customer_id"),
        ("market.customers", "customer_id"),
        ("crm.customers", "customer_id"),
        ("crm.leads", "lead_id"),
    ):
        source, entity = export.split(".")
        expected = told[(told["source"] == source) & (told["entity"] == entity)]["id"]
        if export == "crm.leads":
            # A lead of somebody who was to come within the first days would have been there before day 0.
            assert set(expected) <= set(small_shop.rows(export)[key])
        else:
            assert sorted(expected) == sorted(set(small_shop.rows(export)[key]))
    assert set(told["linked_by"]) == {"first", "email", "phone", "external_id"}
    assert told["person_id"].nunique() < len(told) - 30


def test_tickets_and_answers_are_those_of_the_truth(small_shop: ShopFiles) -> None:
    tickets = small_shop.current("shop.tickets", "ticket_id").set_index("ticket_id").sort_index()
    told = small_shop.truth("tickets").set_index("ticket_id").sort_index()
    assert list(tickets.index) == list(told.index)
    assert (tickets["kind"] == told["kind"]).all()
    answers = small_shop.rows("shop.survey_responses").drop_duplicates("response_id").set_index("response_id")
    said = small_shop.truth("answers").set_index("response_id")
    extra = answers[answers.index.str.startswith("AX")]
    assert len(extra) == (small_shop.truth("dirt")["kind"] == "off_scale").sum()
    answers = answers.drop(extra.index).sort_index()
    assert (answers["score"].astype(int) == said.sort_index()["score"]).all()
    moments = tickets[tickets["resolved_at"].notna()]
    assert (moments["created_at"] < moments["first_response_at"]).all()
    assert (moments["first_response_at"] < moments["resolved_at"]).all()
    assert tickets["reopened_at"].notna().sum() > 0


def test_everything_is_dated_on_the_day_of_its_folder(small_shop: ShopFiles) -> None:
    for export, column in (
        ("shop.web_events", "occurred_at"),
        ("shop.reviews", "created_at"),
        ("shop.loyalty_transactions", "occurred_at"),
        ("crm.interactions", "occurred_at"),
    ):
        rows = small_shop.rows(export)
        assert (rows[column].str[:10] == rows["_day"]).mean() > 0.98, export


def test_every_address_and_number_is_harmless(small_shop: ShopFiles) -> None:
    for path in (small_shop.folder / "days").rglob("*.csv"):
        text = path.read_bytes().decode("gb18030" if "market" in path.parts else "utf-8").lower()
        assert text.count("@") == sum(text.count(f"@example.{end}") for end in ("com", "org", "net")), path


def test_the_header_of_orders_drifts(small_shop: ShopFiles) -> None:
    headers = [path.open().readline() for path in sorted(small_shop.folder.glob("days/*/shop/orders.csv"))]
    assert len(set(headers)) == 2
    assert headers.index("Row Version," + ",".join(reversed(headers[0].strip().split(","))) + "\n") == SMALL.days // 2


def test_no_row_is_soiled_twice(small_shop: ShopFiles) -> None:
    """Or quarantine would hold more rows than the truth counts."""
    dirt = small_shop.truth("dirt")
    unusable = set(dirt[dirt["kind"].isin(["unreadable", "unknown_status", "off_scale"])]["row_key"])
    assert unusable & set(dirt[dirt["kind"] == "duplicated"]["row_key"]) == set()
    for export, key in (
        ("shop.orders", "order_id"),
        ("market.orders", "order_id"),
        ("shop.survey_responses", "response_id"),
    ):
        rows = small_shop.rows(export)
        assert not rows[rows[key].isin(unusable)].duplicated(key).any()
