"""The ready mappings of systems: every expression runs, every entity lands with the values that it should have."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kehu.errors import ConfigurationError
from kehu.sources.fxiaoke.fxiaoke_config import FxiaokeSourceConfig
from kehu.sources.fxiaoke.fxiaoke_source import FxiaokeSource
from kehu.sources.http.object_mapping import system_mapping
from kehu.sources.zoho.zoho_config import ZohoSourceConfig
from kehu.sources.zoho.zoho_source import ZohoSource
from tests.support import fxiaoke_server as fx
from tests.support import zoho_server as zoho
from tests.support.system_shop import SystemShop

WHO = {"id": "c1", "name": "Ann"}
ZOHO_RECORDS: dict[str, dict[str, tuple[str, Any]]] = {
    "Contacts": {
        "Account_Name": ("lookup", {"id": "a1", "name": "Firm"}), "First_Name": ("text", "Ann"), "Last_Name": ("text", "李"),
        "Email": ("email", "ann@mail.example"), "Mobile": ("phone", None), "Phone": ("phone", "+49 30 1"),
        "Date_of_Birth": ("date", "1990-05-01"), "Mailing_Country": ("text", "DE"), "Mailing_City": ("text", "Berlin"),
        "Mailing_Zip": ("text", "01067"), "Lead_Source": ("picklist", "Fair"), "Email_Opt_Out": ("boolean", True),
    },
    "Accounts": {
        "Account_Name": ("text", "Firm"), "Industry": ("picklist", "Tea"), "Employees": ("integer", 12),
        "Annual_Revenue": ("currency", 1000000.5), "Billing_Country": ("text", "DE"), "Billing_City": ("text", "Bonn"),
        "Parent_Account": ("lookup", None),
    },
    "Leads": {
        "First_Name": ("text", None), "Last_Name": ("text", "Bo"), "Email": ("email", "bo@mail.example"),
        "Mobile": ("phone", "1"), "Phone": ("phone", "2"), "Lead_Source": ("picklist", "Fair"),
        "Lead_Status": ("picklist", "New"),
    },
    "Deals": {
        "Account_Name": ("lookup", {"id": "a1", "name": "Firm"}), "Contact_Name": ("lookup", WHO),
        "Deal_Name": ("text", "tea"), "Stage": ("picklist", "Closed Won"), "Amount": ("currency", 99.9),
        "Closing_Date": ("date", "2026-02-01"),
    },
    "Cases": {
        "Related_To": ("lookup", WHO), "Email": ("email", None), "Phone": ("phone", None), "Type": ("picklist", "Problem"),
        "Status": ("picklist", "New"), "Priority": ("picklist", "High"), "Product_Name": ("lookup", None),
        "Case_Origin": ("picklist", "Email"), "Case_Reason": ("picklist", "late"), "Subject": ("text", "where is it"),
    },
    "Campaigns": {
        "Campaign_Name": ("text", "spring"), "Type": ("picklist", "Email"), "Start_Date": ("date", "2026-01-01"),
        "End_Date": ("date", None), "Actual_Cost": ("currency", 10.25),
    },
    "Sales_Orders": {
        "Contact_Name": ("lookup", WHO), "Status": ("picklist", "Delivered"), "Sub_Total": ("currency", 20),
        "Discount": ("currency", 1.5), "Tax": ("currency", 3.8), "Grand_Total": ("currency", 22.3),
    },
    "Invoices": {
        "Contact_Name": ("lookup", WHO), "Status": ("picklist", "Delivered"), "Sub_Total": ("currency", 20),
        "Discount": ("currency", 0), "Tax": ("currency", 0), "Grand_Total": ("currency", 20),
        "Invoice_Date": ("date", "2026-01-09"),
    },
    "Products": {
        "Product_Name": ("text", "Mug"), "Manufacturer": ("picklist", "M"), "Unit_Price": ("currency", 10.5),
        "Product_Active": ("boolean", True),
    },
}  # fmt: skip
ZOHO_EXPECTED: dict[str, dict[str, Any]] = {
    "customers": {
        "account_id": "a1", "full_name": None, "last_name": "李", "phone": "+49 30 1", "postal_code": "01067",
        "email_consent": "false", "birth_date": "1990-05-01", "created_at": "2026-03-01T10:00:00+00:00",
    },
    "accounts": {"name": "Firm", "annual_revenue": "1000000.5", "employee_count": "12", "parent_account_id": None},
    "leads": {"full_name": "Bo", "phone": "1", "status": "New"},
    "opportunities": {"is_won": "true", "closed_at": "2026-02-01", "amount": "99.9", "customer_id": "c1"},
    "tickets": {"customer_id": "c1", "kind": "Problem", "text": "where is it"},
    "campaigns": {"cost_amount": "10.25", "started_at": "2026-01-01"},
    "orders": {"subtotal_amount": "20", "discount_amount": "1.5", "total_amount": "22.3", "customer_id": "c1"},
    "products": {"list_price": "10.5", "is_active": "true"},
}  # fmt: skip


def test_the_ready_mapping_of_zoho(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with zoho.zoho_server() as server:
        for name, record in ZOHO_RECORDS.items():
            server.module(name, **{field: kind for field, (kind, _) in record.items()})
            server.add(name, **{field: value for field, (_, value) in record.items()})
        entry = {"kind": "zoho_crm", "env_prefix": "ZOHO", "data_centre": "com.cn"}
        entry |= {"accounts_url": server.server.url, "api_url": server.server.url}
        secrets = {"ZOHO_CLIENT_ID": zoho.CLIENT, "ZOHO_CLIENT_SECRET": zoho.SECRET, "ZOHO_REFRESH_TOKEN": zoho.REFRESH}
        shop = SystemShop(tmp_path, monkeypatch, ZohoSource, lambda: server.now.replace(tzinfo=None), entry, secrets)
        shop.tables(**{key: {} for key in ZOHO_EXPECTED})
        shop.land()
        for entity, expected in ZOHO_EXPECTED.items():
            (row,) = shop.rows(entity)
            assert {name: row[name] for name in expected} == expected, entity
        shop.tables(orders={"objects": "Invoices"})
        shop.land()
        assert {row["ordered_at"] for row in shop.rows("orders")} == {"2026-03-01T10:00:00+00:00", "2026-01-09"}


TEXT = {"type": "text", "label": "x"}
DAY, TIME = {"type": "date", "label": "x"}, {"type": "date_time", "label": "x"}
SALES = {
    "type": "select_one",
    "label": "x",
    "options": [{"value": "1", "label": "跟进中"}, {"value": "2", "label": "赢单"}],
}
ON_SALE = {"type": "select_one", "label": "x", "options": [{"value": "1", "label": "已上架"}]}
MAY = 641_491_200_000
"""Midnight of 1990-05-01 in UTC+8."""
FX_RECORDS: dict[str, dict[str, tuple[dict[str, Any], Any]]] = {
    "ContactObj": {
        "account_id": (TEXT, "a1"), "name": (TEXT, "李"), "email": (TEXT, "li@mail.example"), "mobile1": (TEXT, None),
        "tel1": (TEXT, "010"), "birthday": (DAY, MAY),
    },
    "AccountObj": {
        "name": (TEXT, "公司"), "industry_level1": (TEXT, "茶"), "parent_account_id": (TEXT, None), "email": (TEXT, None),
        "tel": (TEXT, "1"),
    },
    "LeadsObj": {
        "email": (TEXT, None), "mobile": (TEXT, "138"), "tel": (TEXT, None), "name": (TEXT, "王"), "source": (TEXT, "展会"),
        "leads_status": (TEXT, "new"), "contact_id": (TEXT, "c1"), "transform_time": (TIME, 1_772_359_200_123),
    },
    "NewOpportunityObj": {
        "account_id": (TEXT, "a1"), "name": (TEXT, "茶"), "sales_stage": (TEXT, "s"), "amount": (TEXT, "99.90"),
        "sales_status": (SALES, "2"), "close_date": (DAY, MAY),
    },
    "SalesOrderObj": {
        "account_id": (TEXT, "a1"), "order_time": (DAY, MAY), "order_status": (TEXT, "ok"), "order_amount": (TEXT, "21.00"),
    },
    "ProductObj": {"name": (TEXT, "杯"), "price": (TEXT, "10.50"), "product_status": (ON_SALE, "1")},
    "CasesObj": {
        "contact_id": (TEXT, None), "account_id": (TEXT, "a1"), "case_type": (TEXT, "投诉"), "solve_time": (TIME, None),
        "case_status": (TEXT, "new"), "priority": (TEXT, None), "product_id": (TEXT, None), "case_source": (TEXT, "web"),
        "name": (TEXT, "n"), "problem_description": (TEXT, "坏了"),
    },
}  # fmt: skip
FX_EXPECTED: dict[str, dict[str, Any]] = {
    "customers": {
        "account_id": "a1",
        "full_name": "李",
        "phone": "010",
        "birth_date": "1990-05-01",
        "is_deleted": None,
    },
    "accounts": {"name": "公司", "industry": "茶"},
    "leads": {"phone": "138", "converted_customer_id": "c1", "converted_at": "2026-03-01 10:00:00.123+00"},
    "opportunities": {"amount": "99.90", "is_won": "true", "closed_at": "1990-05-01"},
    "orders": {"customer_id": "a1", "ordered_at": "1990-05-01", "total_amount": "21.00"},
    "products": {"list_price": "10.50", "is_active": "true"},
    "tickets": {"customer_id": "a1", "kind": "投诉", "text": "坏了"},
}


def test_the_ready_mapping_of_fxiaoke(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with fx.fxiaoke_server() as server:
        for name, record in FX_RECORDS.items():
            server.object(name, **{field: kind for field, (kind, _) in record.items()})
            server.add(name, **{field: value for field, (_, value) in record.items()})
        entry = {"kind": "fxiaoke", "env_prefix": "FX", "host": server.server.url}
        secrets = {"FX_APP_ID": fx.APP, "FX_APP_SECRET": fx.SECRET, "FX_PERMANENT_CODE": fx.CODE}
        shop = SystemShop(tmp_path, monkeypatch, FxiaokeSource, lambda: server.now.replace(tzinfo=None), entry, secrets)
        shop.tables(**{key: {} for key in FX_EXPECTED})
        shop.land()
        for entity, expected in FX_EXPECTED.items():
            (row,) = shop.rows(entity)
            assert {name: row[name] for name in expected} == expected, entity


@pytest.mark.parametrize("config", [ZohoSourceConfig, FxiaokeSourceConfig])
def test_every_object_of_a_ready_mapping_is_tried_here(config: Any) -> None:
    named = {name for objects in system_mapping(config.READY).entities.values() for name in objects}
    elsewhere = {"Calls", "Events", "Tasks", "Campaigns/Contacts", "SalesOrderProductObj"}
    assert named - elsewhere == set(ZOHO_RECORDS if config is ZohoSourceConfig else FX_RECORDS)


def test_a_mapping_of_ones_own_takes_the_place_of_the_ready_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with zoho.zoho_server() as server:
        server.module("Members", Nick="text")
        one = server.add("Members", Nick="ann")
        entry = {"kind": "zoho_crm", "env_prefix": "ZOHO", "data_centre": "com", "mapping": "my_zoho.yml"}
        entry |= {"accounts_url": server.server.url, "api_url": server.server.url}
        secrets = {"ZOHO_CLIENT_ID": zoho.CLIENT, "ZOHO_CLIENT_SECRET": zoho.SECRET, "ZOHO_REFRESH_TOKEN": zoho.REFRESH}
        shop = SystemShop(tmp_path, monkeypatch, ZohoSource, lambda: server.now.replace(tzinfo=None), entry, secrets)
        mapping = "about: ours\nentities: {customers: {Members: {columns: {customer_id: id, full_name: Nick}}}}\n"
        (tmp_path / "my_zoho.yml").write_text(mapping)
        shop.tables(customers={})
        shop.land()
        assert shop.in_force("customers", "full_name") == {one: ("ann",)}
        (tmp_path / "other.yml").write_text("about: ours\nentities: {customers: {Members: {colums: {}}}}\n")
        shop.tables({"mapping": "other.yml"}, customers={})
        with pytest.raises(ConfigurationError, match=r"other\.yml"):
            shop.opened()
