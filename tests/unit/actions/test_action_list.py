"""The list of actions as people and tools get it."""

from __future__ import annotations

import csv
import io
import json
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from kehu.activation.action_export import write_action_folder
from kehu.activation.action_formats import as_columns, as_csv
from kehu.activation.action_list import listed_actions
from kehu.activation.contact_details import with_contact_details
from kehu.errors import ReleaseError, UsageError

DAY = date(2026, 6, 30)


class Opened:
    """A release in memory."""

    kind = "duckdb"

    def __init__(self) -> None:
        self.connection = duckdb.connect()
        self.connection.execute("create schema analytics")

    def arrow(self, sql: str, parameters: Any = ()) -> pa.Table:
        return self.connection.sql(sql, params=list(parameters)).to_arrow_table()

    def columns(self) -> dict[str, dict[str, str]]:
        found = self.connection.execute("select table_name from information_schema.tables").fetchall()
        return {name: {} for (name,) in found}


@pytest.fixture
def release() -> Opened:
    opened = Opened()
    opened.connection.execute("""
        create table analytics.customer_actions as from (values
            ('a1', 's:1', 'win_back', 'Win back', '挽回', 'marketing', 'P1', date '2026-07-02', true, 1, '=1+1', 'p:1'),
            ('a2', 's:2', 'birthday', 'Birthday', '生日关怀', 'marketing', 'P2', date '2026-06-30', true, 1, null, null),
            ('a3', 's:1', 'follow_up', 'Follow', '定期回访', 'marketing', 'P1', date '2026-07-09', true, 2, null, null),
            ('a4', 's:3', 'birthday', 'Birthday', '生日关怀', 'marketing', 'P1', date '2026-06-30', false, null, null, null),
            (null, 's:erased-0123456789abcdef-01', 'birthday', 'Birthday', '', 'marketing', 'P1', date '2026-06-30', true, 1,
                null, null)
        ) as rows (action_id, customer_id, action, label_en, label_zh, kind, priority, due_date, is_listed, action_rank,
            figures, offer)""")
    opened.connection.execute("alter table analytics.customer_actions add column reason varchar default 'because'")
    opened.connection.execute("alter table analytics.customer_actions add column channel varchar default 'email'")
    opened.connection.execute("""
        create table analytics.dim_customers as select distinct customer_id, 'high' as value_tier, 'loyal' as lifecycle_stage,
            12.5::decimal(18, 2) as net_revenue, 'CN' as country from analytics.customer_actions""")
    opened.connection.execute(
        "create table analytics.dim_products as select 'p:1' as product_id, '-Tea' as product_name"
    )
    return opened


def ids(actions: pa.Table) -> list[str]:
    return actions["action_id"].to_pylist()


def test_the_list_is_in_the_order_of_work_and_holds_nobody_who_is_withheld_or_erased(release: Opened) -> None:
    assert ids(listed_actions(release, DAY, "en")) == ["a1", "a3", "a2"]
    assert ids(listed_actions(release, DAY, "en", ["P1"])) == ["a1", "a3"]
    assert ids(listed_actions(release, DAY, "en", ["P1", "P2"], 2)) == ["a1", "a2"]
    assert ids(listed_actions(release, DAY, "en", (), 0)) == ["a2"]
    assert listed_actions(release, DAY, "zh", ["P2"])["label"].to_pylist() == ["生日关怀"]


def test_a_priority_that_is_none_and_a_release_without_actions_are_named(release: Opened) -> None:
    with pytest.raises(UsageError, match="no such priority"):
        listed_actions(release, DAY, "en", ["P9"])
    release.connection.execute("drop table analytics.customer_actions")
    with pytest.raises(ReleaseError, match="the release holds no actions"):
        listed_actions(release, DAY, "en")


def test_columns_line_up_also_in_chinese(release: Opened) -> None:
    lines = as_columns(listed_actions(release, DAY, "zh"))
    assert len(lines) == 4
    assert lines[0].split() == [
        "priority", "due_date", "customer_id", "label", "reason", "figures", "channel", "offer_name"
    ]  # fmt: skip
    before = [line[: line.index("because")] for line in lines[1:]]
    assert {sum(2 if ord(letter) > 0x2E80 else 1 for letter in text) for text in before} == {lines[0].index("reason")}


def test_a_cell_that_a_spreadsheet_would_compute_is_text_for_people_and_whole_for_tools(release: Opened) -> None:
    actions = listed_actions(release, DAY, "en", ["P1"], 3)
    actions = actions.append_column("phone", pa.array(["+49 30 123-4"], pa.string()))
    (row,) = csv.DictReader(io.StringIO(as_csv(actions, for_people=True)))
    assert (row["figures"], row["offer_name"], row["phone"], row["due_date"]) == (
        "'=1+1",
        "'-Tea",
        "+49 30 123-4",
        "2026-07-02",
    )
    (row,) = csv.DictReader(io.StringIO(as_csv(actions, for_people=False)))
    assert (row["figures"], row["offer_name"]) == ("=1+1", "-Tea")


def test_the_folder_of_a_release_is_whole_the_same_twice_and_names_nobody(release: Opened, tmp_path: Path) -> None:
    settings: Any = SimpleNamespace(actions_dir=tmp_path / "actions")
    actions = listed_actions(release, DAY, "en")
    folder = write_action_folder(settings, "r20260630_20260701t000000", DAY, actions)
    first = {file.name: file.read_bytes() for file in folder.iterdir()}
    write_action_folder(settings, "r20260630_20260701t000000", DAY, actions)
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == first
    manifest = json.loads(first["manifest.json"])
    assert (manifest["rows"], manifest["as_of_date"]) == (3, "2026-06-30")
    assert {"full_name", "email", "phone", "birth_date"}.isdisjoint(manifest["columns"])


def test_names_and_addresses_are_those_of_the_record_that_names_the_person_else_of_another(release: Opened) -> None:
    for statement in (
        "create schema staging",
        "create schema intermediate",
        """create table intermediate.int_records_merge as from (values ('s:1', 's:1'), ('t:9', 's:1'))
            as merged (record_id, customer_id)""",
        """create table staging.stg_customers as from (values
            ('s:1', null, 'Li', 'Wei', null, '1'), ('t:9', 'Other', null, null, 'li@example.org', '2'),
            ('s:2', 'Ann', null, null, 'ann@example.org', null), ('s:8', 'Nobody', null, null, null, null)
        ) as c (customer_id, full_name, first_name, last_name, email, phone)""",
    ):
        release.connection.execute(statement)
    session: Any = release
    found = with_contact_details(listed_actions(release, DAY, "en"), session)
    assert ids(found) == ["a1", "a3", "a2"]
    people = [tuple(row[name] for name in ("full_name", "email", "phone")) for row in found.to_pylist()]
    assert people == [("Li Wei", "li@example.org", "1")] * 2 + [("Ann", "ann@example.org", None)]
    listed = listed_actions(release, DAY, "en")
    # as a server delivers a column in which nobody has a value
    untyped = listed.append_column("net_revenue_of_nobody", pa.nulls(listed.num_rows))
    assert with_contact_details(untyped, session)["net_revenue_of_nobody"].null_count == listed.num_rows
