"""The example mappings bring Online Retail in as its references count it, without any code."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from kehu.erasure.landing_filter import ErasedPersons
from kehu.landing.landing import land_source
from kehu.settings import load_settings
from kehu.sources.config import load_sources
from kehu.sources.registry import open_source
from tests.support.reference_data import EXAMPLES, ONLINE_RETAIL, example, online_retail_files
from tests.support.source_folder import MOMENT

pytestmark = pytest.mark.slow

SALES, RETURNS = "online_retail/sources.yml", "online_retail/sources_with_returns.yml"
FIGURES = {
    ("extract", SALES): (65_168, 2_780, 638, Decimal("1747460.81")),
    ("extract", RETURNS): (66_695, 3_385, 642, Decimal("1625234.83")),
    ("whole", SALES): (397_884, 18_532, 4_338, Decimal("8911407.90")),
    ("whole", RETURNS): (406_789, 22_186, 4_371, Decimal("8300065.81")),
}
"""Lines, orders and customers without guests, and what the lines are worth: computed with pandas."""


def test_the_example_reads_what_is_in_the_repository() -> None:
    for name in (SALES, RETURNS):
        (entry,) = load_sources(EXAMPLES / name).sources
        assert entry.path.resolve() == ONLINE_RETAIL.parent


@pytest.mark.parametrize("name", [SALES, RETURNS])
@pytest.mark.parametrize("data", online_retail_files())
def test_online_retail(tmp_path: Path, data: str, name: str) -> None:
    lines, orders, customers, net = FIGURES[data, name]
    settings = load_settings(home=tmp_path, memory_limit="1GB", threads=2)
    (entry,) = load_sources(example(name, online_retail_files()[data].parent, tmp_path)).sources
    land_source(settings, open_source(entry, settings), MOMENT, without=ErasedPersons(settings))
    with duckdb.connect() as connection:
        for entity in ("orders", "order_lines", "customers"):
            connection.execute(
                f"create view {entity} as from read_parquet("
                f"'{settings.landing_dir}/{entity}/*/*/part.parquet', hive_partitioning = false)"
            )
        found = connection.execute("""
            select
                count(*),
                count(distinct orders.order_id),
                count(distinct orders.customer_id),
                round(sum(lines.quantity::decimal(18, 0) * lines.unit_price::decimal(18, 3)), 2)::decimal(18, 2),
            from order_lines as lines
            inner join orders on lines.order_id = orders.order_id
            where orders.customer_id is not null
        """).fetchall()
        guests = connection.execute("select count(*) from orders where customer_id is null").fetchall()
        listed = connection.execute("select count(*) from customers").fetchall()
    assert found == [(lines, orders, customers, net)]
    assert guests[0][0] > orders / 15, "guests are orders of nobody"
    assert listed == [(customers,)]
