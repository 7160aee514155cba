"""A second day builds what its batches reach, in a fork of one dbt process, and leaves the state of a full build."""

from __future__ import annotations

import shutil
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from kehu.pipeline.build import build_state, load_landing
from kehu.pipeline.ingest import ingest_source
from kehu.pipeline.runs import start_run
from kehu.settings import Settings, load_settings
from kehu.transform.warm import warm_dbt
from kehu.warehouse.factory import open_warehouse
from tests.integration.tiny_shop import orders, write_lines, write_orders, write_shop

pytestmark = pytest.mark.slow

DAY = date(2024, 3, 4)
SECOND_DAY = datetime.fromisoformat("2024-02-20T00:00:00")
STATE = ("staging", "intermediate", "work")
_OF_ONE_BUILD = ("_changed_in", "_extracted_at", "_batch_id")
"""Columns that tell when a row was built or landed."""


def built(settings: Settings, hour: int) -> str:
    release_id = start_run(settings, DAY, datetime.fromisoformat(f"2024-03-05T{hour:02}:00:00"))
    load_landing(settings, release_id)
    with warm_dbt():
        build_state(settings, release_id)
    return release_id


def built_models(settings: Settings, release_id: str) -> set[str]:
    with open_warehouse(settings).session() as session:
        rows = session.rows(
            "select node_id from ops.node_results where release_id = ? and resource_type = 'model'", [release_id]
        )
    return {row[0].rsplit(".", 1)[-1] for row in rows}


def state_rows(settings: Settings) -> dict[str, list[tuple[Any, ...]]]:
    with open_warehouse(settings).session() as session:
        columns: dict[str, list[str]] = {}
        for schema, table, column in session.rows(
            "select table_schema, table_name, column_name from information_schema.columns"
            f" where table_schema in {STATE} order by 1, 2, ordinal_position"
        ):
            if column not in _OF_ONE_BUILD:
                columns.setdefault(f'{schema}."{table}"', []).append(f'"{column}"')
        return {
            table: sorted(session.rows(f"select {', '.join(names)} from {table}"), key=repr)
            for table, names in columns.items()
        }


def checks(settings: Settings, release_id: str) -> set[tuple[str, str]]:
    sql = "select check_name, status from ops.check_results where release_id = ? and layer = 'transform'"
    with open_warehouse(settings).session() as session:
        return {(row[0], row[1]) for row in session.rows(sql, [release_id])}


def test_an_increment_builds_what_it_reaches_and_leaves_the_state_of_a_full_build(tmp_path: Path) -> None:
    shop = tmp_path / "shop"
    sources = write_shop(shop)
    late = [order for order in orders() if order.ordered_at >= SECOND_DAY]
    early = [order for order in orders() if order.ordered_at < SECOND_DAY]
    assert len(early) > 50 < len(early) + len(late)
    write_orders(shop, "1", early)
    write_lines(shop, "1", early)
    settings = load_settings(home=tmp_path / "home", sources=sources, threads=2, memory_limit="1GB")
    ingest_source(settings, "shop")
    first = built(settings, 1)
    whole = built_models(settings, first)
    assert {"base_customers", "base_orders", "core_orders", "base_tickets"} <= whole

    write_orders(shop, "2", late)
    write_lines(shop, "2", late)
    ingest_source(settings, "shop")
    second = built(settings, 2)
    reached = built_models(settings, second)
    assert {"base_orders", "base_order_lines", "core_orders", "core_purchase_days"} <= reached
    assert not {"base_customers", "base_products", "base_tickets", "base_web_events"} & reached
    assert len(reached) < len(whole)
    assert checks(settings, second) == checks(settings, first), "what is not reached passed before, and stands"

    fresh = load_settings(home=tmp_path / "fresh", sources=sources, threads=2, memory_limit="1GB")
    shutil.copytree(settings.landing_dir, fresh.landing_dir)
    built(fresh, 3)
    wanted, found = state_rows(fresh), state_rows(settings)
    assert set(found) == set(wanted)
    assert [table for table in wanted if found[table] != wanted[table]] == []
    assert len(wanted['work."core_orders"']) == len(early) + len(late)
