"""Exports as well-known tools write them (invented people), through a ready mapping; every figure is worked out by hand."""
# ruff: noqa: E501, ISC002 - rows as tools write them

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import duckdb
import pytest

from kehu.entities import ENTITIES
from kehu.errors import ConfigurationError, MappedColumnMissing
from kehu.pipeline.inspection import check_sources
from kehu.sources.expressions import check_query, described
from kehu.sources.files.ready_mapping import FOLDER, ready_mapping, ready_mappings
from tests.support.source_folder import SourceFolder
from tests.support.workbook import write_workbook

pytestmark = pytest.mark.slow

SHOPIFY = [
    "Name",
    "Email",
    "Financial Status",
    "Paid at",
    "Fulfillment Status",
    "Fulfilled at",
    "Accepts Marketing",
    "Currency",
    "Subtotal",
    "Shipping",
    "Taxes",
    "Total",
    "Discount Code",
    "Discount Amount",
    "Shipping Method",
    "Created at",
    "Lineitem quantity",
    "Lineitem name",
    "Lineitem price",
    "Lineitem compare at price",
    "Lineitem sku",
    "Lineitem requires shipping",
    "Lineitem taxable",
    "Lineitem fulfillment status",
    "Billing Name",
    "Billing Street",
    "Billing Address1",
    "Billing Address2",
    "Billing Company",
    "Billing City",
    "Billing Zip",
    "Billing Province",
    "Billing Country",
    "Billing Phone",
    "Shipping Name",
    "Shipping Street",
    "Shipping Address1",
    "Shipping Address2",
    "Shipping Company",
    "Shipping City",
    "Shipping Zip",
    "Shipping Province",
    "Shipping Country",
    "Shipping Phone",
    "Notes",
    "Note Attributes",
    "Cancelled at",
    "Payment Method",
    "Payment Reference",
    "Refunded Amount",
    "Vendor",
    "Outstanding Balance",
    "Employee",
    "Location",
    "Device ID",
    "Id",
    "Tags",
    "Risk Level",
    "Source",
    "Lineitem discount",
    "Tax 1 Name",
    "Tax 1 Value",
    "Tax 2 Name",
    "Tax 2 Value",
    "Tax 3 Name",
    "Tax 3 Value",
    "Tax 4 Name",
    "Tax 4 Value",
    "Tax 5 Name",
    "Tax 5 Value",
    "Phone",
    "Receipt Number",
    "Duties",
    "Billing Province Name",
    "Shipping Province Name",
    "Payment ID",
    "Payment Terms Name",
    "Next Payment Due At",
    "Payment References",
]
"""79 headers in the older spelling; two of them end in Phone."""

NEWER = {
    "Lineitem compare at price": "Lineitem compare-at price",
    "Lineitem sku": "Lineitem SKU",
    "Cancelled at": "Canceled at",
    "Payment Reference": "Payment Reference (deprecated)",
    "Payment Terms Name": "Payment terms",
}


def table(headers: Sequence[str], rows: Sequence[dict[str, str]], delimiter: str = ",") -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, headers, restval="", delimiter=delimiter, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def line(name: str, sku: str, quantity: str, price: str, **more: str) -> dict[str, str]:
    """A row of Shopify's export; ``more`` are the order's columns, on its first row."""
    names = {
        "email": "Email", "status": "Financial Status", "paid": "Paid at", "currency": "Currency", "subtotal": "Subtotal",
        "shipping": "Shipping", "taxes": "Taxes", "total": "Total", "refunded": "Refunded Amount", "cancelled": "Cancelled at",
        "discount": "Discount Amount", "marketing": "Accepts Marketing", "zip": "Billing Zip", "city": "Billing City",
        "notes": "Note Attributes", "line_discount": "Lineitem discount",
    }  # fmt: skip
    return {
        "Name": name, "Email": more.pop("email"), "Created at": more.pop("created"), "Lineitem quantity": quantity,
        "Lineitem name": f"Thing {sku}", "Lineitem price": price, "Lineitem sku": sku, "Vendor": "Us",
        **{names[key]: value for key, value in more.items()},
    }  # fmt: skip


ANN, BOB = "Ann@mail.example", "bob@mail.example"
MAY = "2024-05-01 09:58:12 +0200"
# #1001: 2 × 10.00 + 1 × 9.98 = 29.98, code of 5.00 on goods; a quarter of the cases has the line's share of it as well.
# #1002: 30.00, cancelled. #1003: 2 equal lines of 7.50, refunded 5.00 without a day. #1004: free shipping as a code of 4.00.
SHOPIFY_ROWS = [
    line("#1001", "A", "2", "10.00", email=ANN, created=MAY, status="paid", paid=MAY, currency="EUR", subtotal="24.98",
         shipping="4.00", taxes="0.00", total="28.98", refunded="0.00", discount="5.00", marketing="yes", zip="'01067",
         city="Dresden", notes="gift: yes\nwrap: no", line_discount="5.00"),
    line("#1001", "B", "1", "9.98", email=ANN, created=MAY),
    line("#1002", "A", "3", "10.00", email=BOB, created="2024-05-02 10:00:00 +0200", status="refunded", currency="EUR",
         subtotal="30.00", shipping="0.00", taxes="0.00", total="30.00", refunded="30.00", discount="0.00",
         cancelled="2024-05-02 11:00:00 +0200", marketing="no"),
    line("#1003", "C", "1", "7.50", email=ANN, created="2024-05-03 10:00:00 +0200", status="partially_refunded",
         paid="2024-05-04 10:00:00 +0200", currency="EUR", subtotal="15.00", shipping="0.00", taxes="0.00", total="15.00",
         refunded="5.00", discount="0.00", marketing="yes"),
    line("#1003", "C", "1", "7.50", email=ANN, created="2024-05-03 10:00:00 +0200"),
    line("#1004", "B", "1", "9.98", email=BOB, created="2024-05-05 10:00:00 +0200", status="paid", paid=MAY, currency="EUR",
         subtotal="9.98", shipping="4.00", taxes="0.00", total="9.98", refunded="0.00", discount="4.00", marketing="no"),
]  # fmt: skip


def configure(shop: SourceFolder, mapping: str, file: str, entities: Sequence[str], **more: object) -> None:
    shop.configure(**{entity: {"mapping": mapping, "file": file, **more} for entity in entities})


def landed(shop: SourceFolder, entity: str, *columns: str) -> list[tuple]:
    return sorted(row for row in shop.values(*columns, entity=entity) if row[0] is not None)


def total(shop: SourceFolder, sql: str) -> Decimal:
    """A sum over the newest batch of each entity, whose names stand in the query."""
    newest = {batch.entity: shop.settings.landing_dir / batch.path for batch in shop.batches()}
    with duckdb.connect() as connection:
        for entity, path in newest.items():
            connection.execute(f"create view {entity} as select * from read_parquet('{path}')")
        return connection.execute(sql).fetchone()[0]  # type: ignore[index]


@pytest.mark.parametrize("name", ready_mappings())
def test_every_query_of_a_ready_mapping_makes_its_entity(name: str, tmp_path: Path) -> None:
    from kehu.landing.workspace import workspace
    from kehu.settings import load_settings

    ready = ready_mapping(name)
    assert ready.about.strip().endswith((".", "timezone."))
    with workspace(load_settings(home=tmp_path), "x") as work:
        columns = ", ".join(f'null::varchar as "{one}"' for one in ready.columns)
        work.connection.execute(
            f"create temp view export as select {columns}, null::bigint as _row_number, null::varchar as _file where false"
        )
        for entity, query in ready.entities.items():
            check_query(work, query)
            made = described(work, query)
            strangers = set(made) - set(ENTITIES[entity].column_names)
            assert strangers == set(), "it would land in _extra"
            assert set(ENTITIES[entity].required) <= set(made)


@pytest.mark.parametrize("headers", ["older", "newer", "another order", "repeated"])
def test_shopify_orders(shop: SourceFolder, headers: str) -> None:
    names, rows = list(SHOPIFY), [dict(row) for row in SHOPIFY_ROWS]
    if headers == "newer":
        names = [NEWER.get(name, name) for name in names]
        rows = [{NEWER.get(name, name): value for name, value in row.items()} for row in rows]
    if headers == "another order":
        names = list(reversed(names))
    if headers == "repeated":
        for before, row in pairwise(rows):
            if row["Name"] == before["Name"]:
                row.update({name: value for name, value in before.items() if not row.get(name)})
    shop.write("orders_export_1.csv", table(names, rows))
    configure(
        shop, "shopify_orders", "orders_export_*.csv", ["orders", "order_lines", "refunds", "customers", "products"]
    )
    shop.land()
    assert landed(shop, "orders", "order_id", "customer_id", "status", "subtotal_amount", "discount_amount") == [
        ("#1001", "ann@mail.example", "paid", "29.98", "5.00"),
        ("#1002", "bob@mail.example", "cancelled", "30.00", "0.00"),
        ("#1003", "ann@mail.example", "partially_refunded", "15.00", "0.00"),
        ("#1004", "bob@mail.example", "paid", "9.98", "0.00"),
    ]
    assert [row[1:] for row in landed(shop, "order_lines", "order_id", "line_id", "quantity", "unit_price")] == [
        ("A#1", "2", "10.00"), ("B#1", "1", "9.98"), ("A#1", "3", "10.00"), ("C#1", "1", "7.50"), ("C#2", "1", "7.50"),
        ("B#1", "1", "9.98"),
    ]  # fmt: skip
    assert landed(shop, "refunds", "order_id", "amount", "refunded_at", "amount_includes_tax") == [
        ("#1003", "5.00", "2024-05-04 10:00:00 +0200", "true")
    ]
    assert landed(shop, "customers", "customer_id", "marketing_consent", "postal_code", "city") == [
        ("ann@mail.example", "yes", "01067", "Dresden"),
        ("bob@mail.example", "no", None, None),
    ]
    # 29.98 - 5.00 + 15.00 - 5.00 + 9.98 = 44.96
    assert total(shop, """
        select sum(subtotal_amount::decimal(18, 2) - discount_amount::decimal(18, 2))
            - (select sum(amount::decimal(18, 2)) from refunds)
        from orders where status <> 'cancelled'
    """) == Decimal("44.96")  # fmt: skip
    assert set(map(str, shop.extras("orders") + shop.extras("customers"))) == {"None"}, "nothing else lands"


def test_a_changed_header_that_is_needed_is_named_and_can_be_said(shop: SourceFolder) -> None:
    names = ["Order total before" if name == "Subtotal" else name for name in SHOPIFY]
    rows = [{("Order total before" if k == "Subtotal" else k): v for k, v in row.items()} for row in SHOPIFY_ROWS]
    shop.write("o.csv", table(names, rows))
    configure(shop, "shopify_orders", "o.csv", ["orders"])
    with pytest.raises(
        MappedColumnMissing, match=r"column='subtotal', headers=\['Subtotal'\].*headers: \{subtotal: …\}"
    ):
        shop.land()
    configure(shop, "shopify_orders", "o.csv", ["orders"], headers={"subtotal": "Order Total before"})
    shop.land()
    assert len(landed(shop, "orders", "order_id")) == 4


def test_an_unknown_header_is_told_and_a_known_one_is_not(shop: SourceFolder) -> None:
    shop.write("o.csv", table([*SHOPIFY, "Loyalty Tier"], SHOPIFY_ROWS))
    configure(shop, "shopify_orders", "o.csv", ["orders"])
    (found,) = check_sources(shop.settings)
    (file,) = found.entities[0].files
    assert file.endswith("; unknown headers, not read: Loyalty Tier")


def test_shopify_customers(shop: SourceFolder) -> None:
    older = "First Name,Last Name,Email,Accepts Email Marketing,Company,Address1,Address2,City,Province,Province Code,Country," \
        "Country Code,Zip,Phone,Accepts SMS Marketing,Total Spent,Total Orders,Tags,Note,Tax Exempt"  # fmt: skip
    newer = "Customer ID," + older.replace(",City,", ",Default Address City,").replace(
        ",Zip,", ",Default Address Zip,"
    ).replace(",Country Code,", ",Default Address Country Code,")
    rows = {
        "older": f"{older}\nAnn,Ä,{ANN},yes,,,,Köln,,,Germany,DE,'50667,'+49 30 1234567,no,10,1,,,no\n",
        "newer": f"{newer}\n7,Ann,Ä,{ANN},yes,,,,Köln,,,Germany,DE,'50667,'+49 30 1234567,no,10,1,,,no\n8,Bo,,,no,,,,,,,,,,,no,,,,,\n",
    }
    for number, text in enumerate(rows.values()):
        shop.write(f"c{number}.csv", text)
        configure(shop, "shopify_customers", f"c{number}.csv", ["customers"], mode="snapshot")
        shop.land()
        found = shop.values("customer_id", "email_consent", "sms_consent", "city", "postal_code", "country", "phone",
                            entity="customers", batch=number)  # fmt: skip
        assert found[0] == ("ann@mail.example", "yes", "no", "Köln", "50667", "DE", "+49 30 1234567")
    assert found[1][0] == "8", "without an e-mail the id is what is left"


ADVANCED = [
    "Order Number",
    "Order Status",
    "Order Date",
    "Customer Note",
    "First Name (Billing)",
    "Last Name (Billing)",
    "Email (Billing)",
    "Phone (Billing)",
    "City (Billing)",
    "Item #",
    "SKU",
    "Name",
    "Quantity",
    "Item Cost",
    "Order Line (w/o tax)",
    "Cart Discount Amount",
    "Order Subtotal Amount",
    "Order Shipping Amount",
    "Order Refund Amount",
    "Order Total Amount",
    "Order Total Tax Amount",
    "Order Currency",
]


@pytest.mark.parametrize("populate", [True, False])
def test_woocommerce_with_the_export_plugin(shop: SourceFolder, populate: bool) -> None:
    # 501: 2 × 20.00 + 1 × 5.00 = 45.00, coupon 4.50, refunded 10.00; 502: 12.00, on hold.
    order = ["501", "wc-processing", "2024-05-06 10:11:12", "", "Ann", "Ä", ANN, "+49 30 1234567", "Köln"]
    tail = ["4.50", "45.00", "3.90", "10.00", "52.12", "7.72", "EUR"]
    blank = ([""] * 9, [""] * 7)
    second = (order, tail) if populate else blank
    rows = [
        [*order, "1", "S1", "Mug, blue", "2", "20.00", "38.00", *tail],
        [*second[0], "2", "S2", "Tee", "1", "5.00", "2.50", *second[1]],
        ["502", "On hold", "2024-05-07 08:00:00", "", "Bob", "B", BOB, "", "", "1", "S1", "Mug, blue", "1", "12.00", "12.00",
         "0", "12.00", "0", "0", "12.00", "0", "EUR"],
    ]  # fmt: skip
    shop.write("orders.csv", table(ADVANCED, [dict(zip(ADVANCED, row, strict=True)) for row in rows]))
    configure(shop, "woocommerce_orders", "orders.csv", ["orders", "order_lines", "refunds", "customers", "products"])
    shop.land()
    assert landed(
        shop, "orders", "order_id", "customer_id", "status", "subtotal_amount", "discount_amount", "currency"
    ) == [
        ("501", "ann@mail.example", "paid", "45.00", "4.50", "EUR"),
        ("502", "bob@mail.example", "pending", "12.00", "0.00", "EUR"),
    ]
    assert landed(shop, "order_lines", "order_id", "line_id", "product_id", "quantity", "unit_price") == [
        ("501", "1", "S1", "2", "20.00"),
        ("501", "2", "S2", "1", "5.00"),
        ("502", "1", "S1", "1", "12.00"),
    ]
    assert landed(shop, "refunds", "order_id", "amount") == [("501", "10.00")]
    assert total(shop, "select sum(quantity::decimal(18, 2) * unit_price::decimal(18, 2)) from order_lines") == Decimal(
        57
    )


def test_the_analytics_export_of_woocommerce_is_refused_by_name(shop: SourceFolder) -> None:
    shop.write(
        "r.csv",
        'Date,Order #,N. Revenue (formatted),Status,Customer,Product(s)\n2024-05-06,501,€45.00,completed,Ann,"2× Mug"\n',
    )
    for mapping in ("woocommerce_orders", "woocommerce_hpos"):
        configure(shop, mapping, "r.csv", ["orders"])
        with pytest.raises(ConfigurationError, match=r"no e-mail, no customer and no currency.*Advanced Order Export"):
            shop.land()


def test_woocommerce_with_one_row_an_order(shop: SourceFolder) -> None:
    shop.write(
        "orders.csv",
        "order_id,order_date,order_status,customer_id,billing_email,billing_first_name,shipping_total,tax_total,order_total,"
        "order_currency,refunded_total,payment_method\n"
        f"7,2024-05-06 10:00:00,completed,12,{ANN},Ann,5.00,2.00,27.00,EUR,-7.00,card\n"
        f"8,2024-05-07 10:00:00,wc-cancelled,0,{BOB},Bob,0,0,9.00,EUR,0,card\n",
    )
    configure(shop, "woocommerce_hpos", "orders.csv", ["orders", "refunds", "customers"])
    shop.land()
    assert landed(shop, "orders", "order_id", "customer_id", "status", "total_amount") == [
        ("7", "12", "completed", "27.00"),
        ("8", "bob@mail.example", "cancelled", "9.00"),
    ]
    assert landed(shop, "refunds", "order_id", "amount") == [("7", "7.00")]
    assert landed(shop, "customers", "customer_id", "email") == [
        ("12", "ann@mail.example"),
        ("bob@mail.example", "bob@mail.example"),
    ]


TAOBAO = (
    "订单编号,买家会员名,买家支付宝账号,买家应付货款,买家应付邮费,买家支付积分,总金额,返点积分,买家实际支付金额,买家实际支付积分,订单状态,买家留言,"
    "收货人姓名,收货地址 ,运送方式,联系电话 ,联系手机,订单创建时间,订单付款时间 ,宝贝标题 ,宝贝种类 ,物流单号 ,物流公司,订单备注,宝贝总数量,店铺Id,店铺名称"
)
TAOBAO_ROWS = (
    '="1930679858170647",小明,a***,199.00,0.00,0,199.00,0,189.00,0,"卖家已发货，等待买家确认",,李*,地址 310000,快递,,'
    "'18618486065,2016-05-23 22:02:11,2016-05-23 22:05:00,裙子，上衣,2,,,,3,1,旗舰店\n"
    '="1930679858170648"\t,小红,b***,59.5元,10.00,0,69.50,0,69.50,0,交易成功,,王*,地址,快递,,,2016/5/24 9:02,2016/5/24 9:05,袜子,1,,,,1,1,旗舰店\n'
    "1930679858170649,小明,a***,20.00,0,0,20.00,0,0,0,交易关闭,,李*,地址,快递,,,2016-05-25 10:00:00,,袜子,1,,,,1,1,旗舰店\n"
    "1.93068E+15,小刚,c***,30.00,0,0,30.00,0,30,0,交易成功,,,,,,,2016-05-26 10:00:00,,袜子,1,,,,1,1,旗舰店\n"
)


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8-sig"])
def test_taobao_orders(shop: SourceFolder, encoding: str) -> None:
    shop.write("ExportOrderList1.csv", f"{TAOBAO}\n{TAOBAO_ROWS}".encode(encoding))
    configure(shop, "taobao_orders", "ExportOrderList*.csv", ["orders", "customers"])
    shop.land()
    assert landed(
        shop, "orders", "order_id", "customer_id", "status", "subtotal_amount", "shipping_amount", "ordered_at"
    ) == [
        ("1930679858170647", "小明", "卖家已发货,等待买家确认", "199.00", "0.00", "2016-05-23 22:02:11"),
        ("1930679858170648", "小红", "交易成功", "59.5", "10.00", "2016/5/24 9:02"),
        ("1930679858170649", "小明", "交易关闭", "20.00", "0", "2016-05-25 10:00:00"),
    ]
    (error,) = [row[0] for row in shop.values("_error", entity="orders") if row[0]]
    assert "cut digits" in error, "an id that Excel destroyed is refused, not repaired"
    with duckdb.connect() as connection:
        paths = [str(shop.settings.landing_dir / batch.path) for batch in shop.batches() if batch.entity == "orders"]
        accepted = connection.execute("select * from read_parquet(?) where _error is null", [paths]).fetchall()
    assert "18618486065" not in str(accepted), "telephone numbers are not read"


def test_taobao_lines(shop: SourceFolder) -> None:
    headers = "子订单编号,主订单编号,标题,价格,购买数量,外部系统编号,商品属性,套餐信息,备注,订单状态,商家编码,买家应付货款,退款状态,退款金额,订单创建时间,订单付款时间"
    newer = headers.replace("标题", "商品标题").replace("价格", "商品价格")
    rows = (
        '="11",="1930679858170647",裙子,120.00,1,X1,红,,,交易成功,W1,119.00,没有申请退款,0.00,2016-05-23 22:02:11,2016-05-23 22:05:00\n'
        '="12",="1930679858170647",上衣,40.00,2,X2,白,,,交易成功,,80.00,退款成功,40.00,2016-05-23 22:02:11,2016-05-23 22:05:00\n'
    )
    for number, head in enumerate((headers, newer)):
        shop.write(f"ExportItemList{number}.csv", f"{head}\n{rows}".encode("gb18030"))
        configure(shop, "taobao_lines", f"ExportItemList{number}.csv", ["order_lines", "refunds", "products"])
        shop.land()
    found = landed(
        shop, "order_lines", "line_id", "order_id", "product_id", "quantity", "unit_price", "discount_amount"
    )
    assert found[0] == ("11", "1930679858170647", "W1", "1", "120.00", "1.00")
    assert found[-1] == ("12", "1930679858170647", "X2", "2", "40.00", "0.00")
    assert set(landed(shop, "refunds", "line_id", "amount", "refunded_at")) == {("12", "40.00", "2016-05-23 22:05:00")}
    # 119.00 + 80.00 are due, 40.00 of them go back
    assert total(shop, """
        select sum(quantity::decimal(18, 2) * unit_price::decimal(18, 2) - discount_amount::decimal(18, 2))
            - (select sum(amount::decimal(18, 2)) from refunds)
        from order_lines
    """) == Decimal("159.00")  # fmt: skip


def test_mailchimp_audience(shop: SourceFolder) -> None:
    head = "Email Address,First Name,Last Name,MEMBER_RATING,OPTIN_TIME,OPTIN_IP,CONFIRM_TIME,CONFIRM_IP,CC,{}LAST_CHANGED,LEID,EUID,NOTES,TAGS"
    day = "2024-01-02 03:04:05"
    shop.write(
        "subscribed_1.csv", f'{head.format("")}\n{ANN},Ann,Ä,3,,,{day},1.2.3.4,DE,{day},1,x,,"""VIP"",""Blog"""\n'
    )
    shop.write(
        "unsubscribed_1.csv",
        f"{head.format('UNSUB_TIME,')}\n{BOB},Bob,B,2,,,{day},1.2.3.4,DE,2024-03-01 00:00:00,{day},2,y,,\n",
    )
    shop.write(
        "cleaned_1.csv",
        f"{head.format('CLEAN_TIME,')}\nC@mail.example,C,C,2,,,{day},1.2.3.4,DE,2024-04-01 00:00:00,{day},2,y,,\n",
    )
    configure(shop, "mailchimp_audience", "*_1.csv", ["customers"])
    shop.land()
    assert landed(shop, "customers", "customer_id", "email_consent", "consent_updated_at") == [
        ("ann@mail.example", "true", day),
        ("bob@mail.example", "false", "2024-03-01 00:00:00"),
        ("c@mail.example", "false", "2024-04-01 00:00:00"),
    ]


def test_mailchimp_campaigns_and_the_report_that_is_no_table(shop: SourceFolder) -> None:
    shop.write(
        "campaigns.csv",
        'Title,Subject,List,Send Date,Open Rate,Unique Id,Campaign Cost\nSpring,Hi,All,"Jun 09, 2018 09:30 pm",27.78%,u1,"1,750"\n',
    )
    configure(shop, "mailchimp_campaigns", "campaigns.csv", ["campaigns"])
    shop.land()
    assert landed(shop, "campaigns", "campaign_id", "name", "started_at", "cost_amount") == [
        ("u1", "Spring", "2018-06-09 21:30:00", "1750")
    ]
    shop.write("report.csv", '"Recipients Who Opened:","125 (7.2%)"\n"Clicks:",5\n')
    configure(shop, "mailchimp_campaigns", "report.csv", ["campaigns"])
    with pytest.raises(ConfigurationError, match="a page of text and no table"):
        shop.land()


def test_hubspot(shop: SourceFolder) -> None:
    shop.write("contacts.csv", f"Record ID,First Name,Last Name,Email,Phone Number,Create Date,Associated Company IDs,Lead Status\n"
                               f"51,Ann,Ä,{ANN.upper()},,2024-03-12 09:14,900;901,New\n52,Bo,,,,3/15/2024 2:30 PM,,\n")  # fmt: skip
    shop.write(
        "companies.csv",
        'Record ID,Company name,Industry,Create Date,Annual Revenue\n900,Acme,RETAIL,2024-03-01 08:00,"$125,000"\n',
    )
    shop.write("deals.csv", "Record ID,Deal Name,Deal Stage,Close Date,Amount,Create Date,Associated Company IDs,Associated Contact IDs\n"
                            "1,Big,Closed Won,2024-04-01 10:00,$125000,2024-03-12 09:14,900,51;52\n"
                            "2,Small,Qualified,2024-09-01 10:00,£1000,3/15/2024 2:30 PM,,52\n")  # fmt: skip
    shop.configure(
        customers={"mapping": "hubspot_contacts", "file": "contacts.csv"},
        accounts={"mapping": "hubspot_companies", "file": "companies.csv"},
        opportunities={"mapping": "hubspot_deals", "file": "deals.csv"},
    )
    shop.land()
    assert landed(shop, "customers", "customer_id", "email", "created_at", "account_id") == [
        ("51", "ann@mail.example", "2024-03-12 09:14:00", "900"),
        ("52", None, "2024-03-15 14:30:00", None),
    ]
    assert landed(shop, "accounts", "account_id", "name", "annual_revenue") == [("900", "Acme", "125000")]
    assert landed(
        shop, "opportunities", "opportunity_id", "customer_id", "amount", "currency", "closed_at", "is_won"
    ) == [
        ("1", "51", "125000", "USD", "2024-04-01 10:00:00", "true"),
        ("2", "52", "1000", "GBP", None, None),
    ]


def test_zendesk_as_json_and_as_a_view(shop: SourceFolder) -> None:
    ticket = {
        "id": 35436, "requester_id": 20978392, "raw_subject": "Broken", "description": "It broke", "type": "problem",
        "priority": "high", "status": "solved", "created_at": "2024-05-06T10:00:00Z", "updated_at": "2024-05-07T10:00:00Z",
        "via": {"channel": "web"}, "satisfaction_rating": {"id": 1, "score": "good", "comment": "x"}, "tags": ["a"],
    }  # fmt: skip
    shop.write("tickets.jsonl", json.dumps(ticket) + "\n")
    configure(shop, "zendesk_tickets", "tickets.jsonl", ["tickets"], mode="snapshot")
    shop.land()
    assert landed(shop, "tickets", "ticket_id", "customer_id", "kind", "channel", "csat_score", "topic") == [
        ("35436", "20978392", "complaint", "web", "5", "Broken")
    ]
    shop.write("view.csv", "Id,Requester,Requester email,Subject,Tags,Status,Priority,Via,Ticket type,Created at,Updated at,Solved at,"
                           "Satisfaction Score,Reason [list]\n"
                           f"9,Ann,{ANN},Late,vip,Solved,High,Mail,Question,2024-05-06 10:00,2024-05-07 10:00,-,Bad,Complaint\n")  # fmt: skip
    configure(shop, "zendesk_view", "view.csv", ["tickets"], mode="snapshot", headers={"kind": "Reason [list]"})
    shop.land()
    assert shop.values("ticket_id", "email", "kind", "resolved_at", "csat_score", entity="tickets", batch=-1) == [
        ("9", "ann@mail.example", "complaint", None, "1")
    ]


def test_surveymonkey_with_two_header_rows(shop: SourceFolder) -> None:
    question = "How likely is it that you would recommend us, <b>really</b>?"
    shop.write("Survey.csv", table(["Respondent ID", "Collector ID", "Start Date", "End Date", "Email Address", question, "Why?"], [
        {question: "Response", "Why?": "Open-Ended Response"},
        {"Respondent ID": "11300000001", "End Date": "05/06/2024 10:11:12", "Email Address": ANN, question: "9", "Why?": "nice, quick"},
        {"Respondent ID": "11300000002", "End Date": "", "Email Address": BOB, question: "3"},
    ]))  # fmt: skip
    configure(shop, "surveymonkey", "Survey.csv", ["survey_responses"])
    with pytest.raises(MappedColumnMissing, match="column='score'"):
        shop.land()
    configure(shop, "surveymonkey", "Survey.csv", ["survey_responses"], headers={"score": question, "comment": "why?"})
    shop.land()
    assert landed(shop, "survey_responses", "response_id", "email", "score", "comment", "responded_at") == [
        ("11300000001", "ann@mail.example", "9", "nice, quick", "2024-05-06 10:11:12")
    ]


def test_wenjuanxing_with_codes_for_no_answer(shop: SourceFolder) -> None:
    rows: list[list[object]] = [
        [
            "序号",
            "提交答卷时间",
            "所用时间",
            "来源",
            "来源详情",
            "来自IP",
            "1、您有多大可能推荐我们？\t",
            "2、为什么？",
        ],
        ["1", "2026/4/18 08:00:00", "80秒", "链接", "c7", "1.2.3.4", "10", "快┋好"],
        ["2", "2026/4/18 09:00:00", "30秒", "链接", "N/A", "1.2.3.4", "-3", "-3"],
        ["3", "2026/4/18 10:00:00", "30秒", "链接", "N/A", "1.2.3.4", "6", "(空)"],
    ]
    write_workbook(shop.files / "1234567_按序号_调查_3_3.xlsx", {"Sheet1": rows})
    headers = {"score": "1、您有多大可能推荐我们？", "comment": "2、为什么？"}
    configure(shop, "wenjuanxing", "*按序号*.xlsx", ["survey_responses"], headers=headers)
    shop.land()
    assert landed(shop, "survey_responses", "response_id", "customer_id", "score", "comment") == [
        ("1234567:1", "c7", "10", "快┋好"),
        ("1234567:3", None, "6", None),
    ]
    assert "1.2.3.4" not in str(shop.rows("survey_responses"))


def test_zoho_exports_are_a_white_list(shop: SourceFolder) -> None:
    head = "Record Id,Account Name.id,Account Name,First Name,Last Name,Email,Phone,Mobile,Email Opt Out,Created Time,Modified Time,SSN,Password"
    shop.write(
        "Contacts_001.csv",
        f"{head}\nzcrm_7001,zcrm_9001,Acme,Ann,Ä,{ANN},,+49 30 1234567,true,2024-05-06 10:00:00,2024-05-07 10:00:00,078-05-1120,hunter2\n",
    )
    shop.write("Contacts_002.csv", f"{head}\n7002,,,Bob,B,{BOB},,,false,2024-05-06 10:00:00,2024-05-07 10:00:00,,\n")
    shop.write("Deals_001.csv", "Record Id,Deal Name,Stage,Amount,Closing Date,Account Name.id,Contact Name.id,Created Time\n"
                                "zcrm_1,Big,Closed Won,500.00,2024-06-01,zcrm_9001,zcrm_7001,2024-05-06 10:00:00\n")  # fmt: skip
    shop.write(
        "Leads_001.csv",
        f"Record Id,First Name,Last Name,Email,Lead Status,Converted Contact.id,Created Time\n3,C,D,{BOB},New,zcrm_7002,2024-05-01 10:00:00\n",
    )
    shop.write("Accounts_001.csv", "Record Id,Account Name,Industry,Parent Account.id\nzcrm_9001,Acme,Retail,\n")
    shop.configure(
        customers={"mapping": "zoho_contacts", "file": "Contacts_*.csv"},
        opportunities={"mapping": "zoho_deals", "file": "Deals_*.csv"},
        leads={"mapping": "zoho_leads", "file": "Leads_*.csv"},
        accounts={"mapping": "zoho_accounts", "file": "Accounts_*.csv"},
    )
    shop.land()
    assert landed(shop, "customers", "customer_id", "account_id", "email_consent", "phone") == [
        ("7001", "9001", "false", "+49 30 1234567"),
        ("7002", None, "true", None),
    ]
    assert landed(shop, "opportunities", "opportunity_id", "customer_id", "closed_at", "is_won") == [
        ("1", "7001", "2024-06-01", "true")
    ]
    assert landed(shop, "leads", "lead_id", "converted_customer_id", "full_name") == [("3", "7002", "C D")]
    assert landed(shop, "accounts", "account_id", "name") == [("9001", "Acme")]
    assert not [secret for secret in ("078-05-1120", "hunter2") if secret in str(shop.rows("customers"))]


def test_a_copy_is_a_mapping_of_ones_own(shop: SourceFolder) -> None:
    text = (FOLDER / "taobao_orders.yml").read_text(encoding="utf-8").replace("'CNY' as currency", "'HKD' as currency")
    (shop.yml.parent / "mine.yml").write_text(text, encoding="utf-8")
    shop.write("o.csv", f"{TAOBAO}\n{TAOBAO_ROWS}")
    configure(shop, "taobao_orders", "o.csv", ["orders"])
    shop.land()
    configure(shop, "mine.yml", "o.csv", ["orders"])
    assert shop.land()["orders"].batches == 1, "another mapping of the same bytes is something new"
    assert {row[0] for row in shop.values("currency", batch=-1)} == {"HKD", None}
    configure(shop, "mine.yml", "o.csv", ["orders"])
    assert shop.land()["orders"].batches == 0


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"mapping": "shopify_order"}, "no such ready mapping.*shopify_orders"),
        ({"mapping": "taobao_lines"}, "does not make this entity.*order_lines"),
        ({"mapping": "shopify_orders", "headers": {"subtotl": "x"}}, "no such column.*subtotal"),
        ({"mapping": "shopify_orders", "where": "true"}, "is the whole mapping"),
        ({"headers": {"a": "b"}}, "belong to a ready mapping"),
        ({"mapping": "nowhere.yml"}, "the mapping does not exist"),
        ({"mapping": "broken.yml"}, "the mapping is wrong: .*entities"),
    ],
)
def test_a_wrong_mapping_is_named(shop: SourceFolder, options: dict, said: str) -> None:
    (shop.yml.parent / "broken.yml").write_text("about: x\ncolumns: {a: A}\n")
    shop.write("o.csv", "a\n1\n")
    shop.configure(orders={"file": "o.csv", **options})
    with pytest.raises(ConfigurationError) as caught:
        shop.land()
    assert re.search(said, str(caught.value)), str(caught.value)
