"""A column that the source's former delivery had and this one lacks stops the run, until somebody says that it is meant."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from kehu.gate.accepted import accepted_names, of_landing, with_accepted
from kehu.gate.delivered_columns import NONE_MISSING, check_delivered_columns
from kehu.gate.results import CheckResult
from kehu.landing.withdrawals import standing
from kehu.ops.batches import replace_batches
from kehu.pipeline.build import _batch_row
from kehu.settings import Settings
from kehu.warehouse.on_duckdb.duckdb_backend import DuckDBWarehouse
from tests.support.source_folder import SourceFolder

CASES = Path(__file__).resolve().parents[2] / "cases"
RELEASE = "r20180101_20260102t031500"
FULL, BARE = "order_id,status,channel", "order_id"


class Deliveries:
    """Batches of one shop as the gate finds them."""

    def __init__(self, settings: Settings) -> None:
        self.warehouse = DuckDBWarehouse(settings)
        self.batches: list[dict[str, object]] = []

    def land(self, columns: str, file: str = "", *, source: str = "shop", mode: str = "append", rows: int = 1) -> str:
        """Land a batch; returns its id."""
        sequence = len(self.batches) + 1
        batch = {"batch_id": f"b{sequence}", "source": source, "entity": "orders", "mode": mode, "sequence": sequence}
        batch |= {"row_count": rows, "reject_count": 0, "delivered_columns": f",{columns},"}
        self.batches.append(batch | {"file": file or f"orders_{sequence}.csv"})
        return f"b{sequence}"

    def check(self, published: tuple[str, ...] = (), increments: tuple[str, ...] = ()) -> list[CheckResult]:
        with self.warehouse.session() as session:
            replace_batches(session, self.batches)
            return check_delivered_columns(session, RELEASE, "landing", published, increments)

    def missing(self, published: tuple[str, ...] = (), increments: tuple[str, ...] = ()) -> list[str]:
        """The names of the checks that did not pass, without what they begin with."""
        found = self.check(published, increments)
        return [one.check_name.partition(":")[2] for one in found if one.status != "passed"]


@pytest.fixture
def shop(tmp_path: Path) -> Deliveries:
    return Deliveries(Settings(home=tmp_path / "home", threads=1, memory_limit="500MB"))


def test_a_column_that_is_gone_blocks_and_names_both_files(shop: Deliveries) -> None:
    shop.land(FULL)
    shop.land("order_id,channel")

    (found,) = shop.check()

    assert (found.check_name, found.table_name) == ("column_missing:shop.orders.status", "orders")
    assert found.blocks
    assert found.can_be_accepted
    assert found.observed == "orders_2.csv lacks status, orders_1.csv had it"


def test_more_columns_and_others_of_another_source_are_no_gap(shop: Deliveries) -> None:
    shop.land(BARE)
    shop.land(FULL)
    shop.land(BARE, source="other")

    (found,) = shop.check()

    assert (found.check_name, found.status) == (NONE_MISSING, "passed")


def test_what_a_release_stands_on_is_accepted_with_it(shop: Deliveries) -> None:
    first, second = shop.land(FULL), shop.land(BARE)
    assert shop.missing((first,)) == ["shop.orders.status", "shop.orders.channel"]
    assert shop.missing((first, second)) == []

    shop.land(BARE)
    assert shop.missing((first, second)) == []


def test_a_bad_delivery_that_comes_twice_does_not_answer_for_itself(shop: Deliveries) -> None:
    shop.land(FULL, "orders.csv")
    shop.land(BARE, "orders.csv")
    shop.land(BARE, "orders.csv")

    assert shop.missing(("b1",)) == ["shop.orders.status", "shop.orders.channel"]


def test_a_corrected_file_takes_the_place_of_the_one_that_lacked(shop: Deliveries) -> None:
    shop.land(FULL, "orders_1.csv")
    shop.land(BARE, "orders_2.csv")
    shop.land(FULL, "orders_2.csv")
    assert shop.missing() == []

    assert shop.missing(increments=("shop",)) == ["shop.orders.status", "shop.orders.channel"]


def test_a_later_snapshot_takes_the_place_of_all(shop: Deliveries) -> None:
    shop.land(FULL, mode="snapshot")
    shop.land(BARE, mode="snapshot")
    shop.land(FULL, mode="snapshot")

    assert shop.missing() == []


def test_a_delivery_without_rows_tells_of_no_columns(shop: Deliveries) -> None:
    shop.land(FULL)
    shop.land(BARE, rows=0)

    assert shop.missing() == []


def test_in_json_a_field_without_values_is_left_out_but_a_status_is_none_of_them(shop: Deliveries) -> None:
    shop.land(FULL, "1.jsonl")
    shop.land(BARE, "2.jsonl")

    found = {one.check_name: one.severity for one in shop.check()}

    assert found == {
        "column_missing:shop.orders.status": "critical",
        "column_missing:shop.orders.channel": "warning",
    }


def test_a_gap_is_accepted_by_its_name_and_an_idle_name_is_written_down(shop: Deliveries) -> None:
    shop.land(FULL)
    shop.land("order_id,channel")
    names = accepted_names(["column_missing:shop.orders.status", "column_missing:shop.orders.x", "growth:fct_orders"])

    results = with_accepted(RELEASE, "landing", shop.check(), of_landing(names))

    assert [(one.check_name.rsplit(".", 1)[-1], one.status) for one in results] == [
        ("status", "accepted"),
        ("x", "skipped"),
    ]
    assert not any(one.blocks for one in results)


def test_a_delivery_whose_columns_were_renamed_is_refused_by_name(tmp_path: Path) -> None:
    """The case column_disappears: customer_id and subtotal_amount came as customer and amount."""
    folder = SourceFolder(tmp_path)
    for day in ("day1", "day2"):
        for file in (CASES / "column_disappears" / day).iterdir():
            target = folder.yml if file.suffix == ".yml" else folder.yml.parent / "data" / file.name
            target.parent.mkdir(exist_ok=True)
            shutil.copy(file, target)
        folder.land()
    shop = Deliveries(folder.settings)
    shop.batches = [_batch_row(batch, standing([], [])) for batch in folder.batches()]

    assert shop.missing() == ["shop.orders.customer_id", "shop.orders.subtotal_amount"]
    assert all(one.blocks for one in shop.check())
