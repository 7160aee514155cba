"""The example mappings bring Online Retail in as its references count it, without any code."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from kehu.landing.landing import land_source
from kehu.settings import load_settings
from kehu.sources.config import load_sources
from kehu.sources.registry import open_source
from tests.support.source_folder import MOMENT

pytestmark = pytest.mark.slow

EXAMPLES = Path(__file__).resolve().parents[3] / "examples" / "online_retail"


@pytest.mark.parametrize(
    ("name", "lines", "orders", "customers", "net"),
    [
        ("sources.yml", 397_884, 18_532, 4_338, Decimal("8911407.90")),
        ("sources_with_returns.yml", 406_789, 22_186, 4_371, Decimal("8300065.81")),
    ],
)
def test_online_retail(
    tmp_path: Path, shared_data: Path, name: str, lines: int, orders: int, customers: int, net: Decimal
) -> None:
    assert (shared_data / "online_retail").is_dir()
    settings = load_settings(home=tmp_path, memory_limit="1GB", threads=2)
    (entry,) = load_sources(EXAMPLES / name).sources
    land_source(settings, open_source(entry, settings), MOMENT)
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
    assert guests[0][0] > 1_000, "guests are orders of nobody"
    assert listed == [(customers,)]
