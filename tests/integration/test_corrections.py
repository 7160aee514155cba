"""A correction takes back what it corrects: wrong mappings, a corrected file, a source that is given up, whole runs through.

Each way of a shop: wrong first, corrected before anything is published; published wrong and corrected then. What comes out is
what a shop that never was wrong has, table by table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import duckdb
import pytest
import yaml

from kehu.clock import utc_now
from kehu.pipeline.build import build_state, load_landing
from kehu.pipeline.ingest import ingest_source, source_names
from kehu.pipeline.runs import start_run
from kehu.settings import load_settings
from tests.support.killed_runs import kehu

AS_OF = "2024-05-31"
COLUMNS = {"customer_id": "Client", "ordered_at": "At", "subtotal_amount": "Net"}
CUT, WHOLE = "2.02401E+17", "20240105123456780"
"""The ids of the last orders as a spreadsheet has cut them, and as they are, less the last digit."""

pytestmark = pytest.mark.slow


@dataclass
class Shop:
    """A home, its files, and its ``sources.yml``."""

    home: Path
    root: Path

    def write(self, name: str, header: str, lines: Iterable[str]) -> None:
        (self.root / name).write_text("\n".join([header, *lines]) + "\n")

    def configure(self, key: str, *, with_desk: bool = True) -> None:
        """``shop`` with one of its columns as the id of orders; ``desk`` with a file that replaces itself."""
        orders = {"file": "shop.csv", "columns": {"order_id": key, **COLUMNS}}
        sources: list[dict[str, Any]] = [{"name": "shop", "kind": "files", "path": ".", "entities": {"orders": orders}}]
        if with_desk:
            entity = {"orders": {"file": "desk.csv", "on_change": "replace"}}
            sources.append({"name": "desk", "kind": "files", "path": ".", "entities": entity})
        self.sources.write_text(yaml.safe_dump({"sources": sources}))

    @property
    def sources(self) -> Path:
        return self.root / "sources.yml"

    def begin(self) -> None:
        """The files as they come first: 40 orders of 9 customers; 45 of 15 others, of which 5 have lost their ids."""
        month_day = [f"2024-0{n % 5 + 1}-{10 + n % 10} 10:00:00" for n in range(40)]
        self.write(
            "shop.csv",
            "RowId,OrderNo,Line,Client,At,Net",
            (f"{n},A{n},L{n},c{n % 9},{month_day[n]},10.00" for n in range(40)),
        )
        self.desk(CUT, is_cut=True)

    def desk(self, ids: str, *, is_cut: bool) -> None:
        rows = [f"B{n},b{n % 15},2024-0{n % 5 + 1}-{10 + n % 10} 10:00:00,{20 + n}.00" for n in range(40)]
        rows += [f"{ids}{'' if is_cut else n},c{n},2024-05-2{n} 10:00:00,10{n}.00" for n in range(1, 6)]
        self.write("desk.csv", "order_id,customer_id,ordered_at,subtotal_amount", rows)

    def run(self, *arguments: str) -> CompletedProcess[str]:
        done = kehu(self.home, self.sources, "run", "--as-of", AS_OF, *arguments)
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
        return done

    def build_state(self) -> None:
        """As far as a run goes before anything depends on the day."""
        settings = load_settings(home=self.home, sources=self.sources)
        for name in source_names(settings):
            ingest_source(settings, name)
        release_id = start_run(settings, date.fromisoformat(AS_OF), utc_now())
        load_landing(settings, release_id)
        build_state(settings, release_id)

    def rows(self, sql: str, file: str = "published/kehu.duckdb") -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.home / file), read_only=True) as connection:
            return connection.execute(sql).fetchall()

    def orders(self) -> list[tuple[Any, ...]]:
        return self.rows(
            "select split_part(order_id, ':', 1), count(*), sum(gross_revenue) from analytics.fct_orders group by 1 order by 1"
        )


RIGHT = [("desk", 45, Decimal("2095.00")), ("shop", 40, Decimal("400.00"))]


@pytest.fixture(scope="module")
def shop(new_home: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """Wrong at first: another id counts as that of orders, and five ids are cut; a state was built of it."""
    shop = Shop(new_home("corrections"), tmp_path_factory.mktemp("corrections"))
    shop.begin()
    shop.configure("Line")
    shop.build_state()
    return shop


@pytest.fixture(scope="module")
def first(shop: Shop) -> CompletedProcess[str]:
    """Corrected before anything is published."""
    shop.configure("RowId")
    shop.desk(WHOLE, is_cut=False)
    return shop.run()


@pytest.fixture(scope="module")
def second(shop: Shop, first: CompletedProcess[str]) -> CompletedProcess[str]:
    """Published under ids that are no ids of orders, and corrected then."""
    assert shop.orders() == RIGHT
    shop.configure("OrderNo")
    return shop.run()


def test_what_was_wrong_before_the_first_release_is_in_none(shop: Shop, first: CompletedProcess[str]) -> None:
    assert shop.orders() == RIGHT
    assert "shop.csv is read anew: 40 rows of the former mapping are withdrawn" in first.stderr
    assert "desk.csv is read anew: 45 rows it held before are withdrawn" in first.stderr
    assert "Withdrawn: 40 rows of 1 delivery, shop.csv was read anew; see `kehu landing`." in first.stdout
    assert shop.rows("select count(*) from staging.quarantine_orders", "warehouse/kehu.duckdb") == [(0,)]


def test_what_was_published_wrong_is_corrected_without_a_drift(shop: Shop, second: CompletedProcess[str]) -> None:
    assert shop.orders() == RIGHT
    ids = "select count(*) from analytics.fct_orders where source_order_id like 'A%'"
    assert shop.rows(ids) == [(40,)]
    assert "Withdrawn: 40 rows of 1 delivery, shop.csv was read anew" in second.stdout


def test_landed_rows_are_kept_and_add_up(shop: Shop, second: CompletedProcess[str]) -> None:
    counted = "select _disposition, count(*) from staging.base_orders group by 1 order by 1"
    assert shop.rows(counted, "warehouse/kehu.duckdb") == [("staged", 85), ("withdrawn", 40 + 40 + 45)]


def test_a_release_after_corrections_is_that_of_a_shop_that_never_was_wrong(
    shop: Shop, second: CompletedProcess[str], new_home: Callable[[str], Path]
) -> None:
    """The state followed by increments, with the history; the other one is built whole."""
    right = Shop(new_home("never_wrong"), shop.root)
    right.run()
    tables = [
        row[0] for row in shop.rows("select table_name from information_schema.tables where table_schema = 'analytics'")
    ]
    own = {"release", "data_quality", "map_source_customers_to_customers"}
    assert len(tables) > 40
    for table in sorted(set(tables) - own):
        sql = f"select * from analytics.{table}"
        assert sorted(shop.rows(sql), key=repr) == sorted(right.rows(sql), key=repr), table


def test_a_source_that_is_given_up_is_named_until_it_is_taken_back(shop: Shop, second: CompletedProcess[str]) -> None:
    shop.configure("OrderNo", with_desk=False)
    listed = kehu(shop.home, shop.sources, "landing")
    assert "sources.yml has no source desk any more, but 45 rows of its 1 deliveries count" in listed.stdout
    assert "desk is kept on purpose" in kehu(shop.home, shop.sources, "landing", "keep", "desk").stdout
    assert "desk any more" not in kehu(shop.home, shop.sources, "landing").stdout
    kept = max(
        int(line.split()[0])
        for line in kehu(shop.home, shop.sources, "landing").stdout.splitlines()
        if " keep: " in line
    )
    assert "desk is named at every run again" in kehu(shop.home, shop.sources, "landing", "undo", str(kept)).stdout
    listed = kehu(shop.home, shop.sources, "landing")
    told = kehu(shop.home, shop.sources, "landing", "withdraw", "--source", "desk", "--dry-run").stdout
    assert "orders: 45 rows of 1 delivery" in told
    assert "45 of them are in force: 45 records disappear, 0 become what another delivery says" in told
    assert kehu(shop.home, shop.sources, "landing").stdout == listed.stdout, "a dry run changes nothing"
    done = kehu(shop.home, shop.sources, "landing", "withdraw", "--source", "desk")
    assert "withdrawn: 45 rows of 1 delivery" in done.stdout
    shop.build_state()
    counted = "select split_part(order_id, ':', 1), count(*) from work.core_orders group by 1"
    assert shop.rows(counted, "warehouse/kehu.duckdb") == [("shop", 40)]
