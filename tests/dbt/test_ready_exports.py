"""Exports of tools, through their ready mappings and staging: the figures are those worked out by hand from the files."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from tests.support.dbt_shop import DbtShop
from tests.support.source_folder import SourceFolder
from tests.unit.sources.test_ready_mappings import (
    ADVANCED,
    ANN,
    SHOPIFY,
    SHOPIFY_ROWS,
    TAOBAO,
    TAOBAO_ROWS,
    configure,
    table,
)

WOO = [
    ["501", "wc-processing", "2024-05-06 23:11:12", "", "Ann", "Ä", ANN, "", "Köln", "1", "S1", "Mug", "2", "20.00", "38.00",
     "4.50", "45.00", "3.90", "0", "52.12", "7.72", "EUR"],
    [*[""] * 9, "2", "S2", "Tee", "1", "5.00", "2.50", *[""] * 7],
]  # fmt: skip


@pytest.fixture(scope="module")
def shop(module_shop: Callable[..., DbtShop], tmp_path_factory: pytest.TempPathFactory) -> DbtShop:
    built = module_shop()
    tools = {
        "shopify": ("shopify_orders", table(SHOPIFY, SHOPIFY_ROWS), "UTC"),
        "woo": (
            "woocommerce_orders",
            table(ADVANCED, [dict(zip(ADVANCED, row, strict=True)) for row in WOO]),
            "Europe/Berlin",
        ),
        "taobao": ("taobao_orders", f"{TAOBAO}\n{TAOBAO_ROWS}", "Asia/Shanghai"),
    }
    for source, (mapping, text, timezone) in tools.items():
        land(built, tmp_path_factory.mktemp(source), source, mapping, text, timezone)
    built.land("exchange_rates", [
        {"rate_date": "2016-01-01", "from_currency": code, "to_currency": "USD", "rate": rate}
        for code, rate in (("EUR", "1.00"), ("CNY", "1.00"))
    ], source="bank")  # fmt: skip
    built.build("+core_orders")
    return built


def land(built: DbtShop, folder: Path, source: str, mapping: str, text: str, timezone: str) -> None:
    """What the files make of themselves in a landing zone, laid into dbt's."""
    files = SourceFolder(folder)
    files.write("export.csv", text)
    wanted = ["orders", "order_lines", "refunds"] if source != "taobao" else ["orders"]
    configure(files, mapping, "export.csv", wanted)
    files.land()
    for batch in files.batches():
        rows = files.rows(batch.entity)
        built.land(
            batch.entity,
            [{name: row[name] for name in batch.delivered_columns} for row in rows if row["_error"] is None],
            source=source,
            timezone=timezone,
            delivered=batch.delivered_columns,
            rejects=[(row["_raw"], row["_error"]) for row in rows if row["_error"] is not None],
        )


def test_revenue_of_every_tool_is_that_of_its_file(shop: DbtShop) -> None:
    found = shop.rows("""
        select split_part(order_id, ':', 1), count(*), sum(gross_revenue), sum(discounts)
        from work.core_orders
        where is_valid
        group by 1
        order by 1
    """)
    assert found == [
        # 29.98 + 15.00 + 9.98 of orders that count; a code of 5.00, and one of 4.00 that paid for shipping alone
        ("shopify", 3, Decimal("54.96"), Decimal("5.00")),
        # 199.00 + 59.50; 20.00 is closed, and one id was destroyed
        ("taobao", 2, Decimal("258.50"), Decimal("0.00")),
        # 2 × 20.00 + 5.00, a coupon of 4.50
        ("woo", 1, Decimal("45.00"), Decimal("4.50")),
    ]


def test_a_day_is_that_of_the_business_and_the_shops_zone_is_taken(shop: DbtShop) -> None:
    days = dict(shop.rows("select order_id, order_date::varchar from work.core_orders"))
    assert days["woo:501"] == "2024-05-06", "23:11 in Berlin is 21:11 UTC of the same day"
    assert days["taobao:1930679858170648"] == "2016-05-24", "9:02 in China is 1:02 UTC"


def test_what_a_spreadsheet_destroyed_is_in_quarantine(shop: DbtShop) -> None:
    refused = "select count(*) from staging.base_orders where _source = 'taobao' and _disposition = 'quarantined'"
    assert shop.rows(refused) == [(1,)]
