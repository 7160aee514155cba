"""kill -9 at any point of landing: the next plain run ends where an undisturbed one would have ended."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from kehu.errors import WarehouseBusy
from kehu.files.locks import exclusive
from kehu.landing.deciding import LandingZone
from kehu.landing.sequence import SEQUENCE_FILE
from tests.support.killed_runs import kehu
from tests.support.source_folder import HEADER, SourceFolder

pytestmark = pytest.mark.slow

STEPS = ["land:written", "land:renamed", "land:recorded"]

LAND = """
import sys
from datetime import datetime
from pathlib import Path
from kehu.erasure.landing_filter import ErasedPersons
from kehu.landing.landing import land_source
from kehu.settings import load_settings
from kehu.sources.config import load_sources
from kehu.sources.registry import open_source

settings = load_settings(memory_limit="512MB", threads=2)
entries = {entry.name: entry for entry in load_sources(settings.sources).sources}
land_source(settings, open_source(entries[sys.argv[1]], settings), datetime(2026, 1, 2, 3, 4, 5), without=ErasedPersons(settings))
"""


def start(shop: SourceFolder, source: str = "shop", die_at: str = "") -> subprocess.Popen[str]:
    environment = {
        **os.environ,
        "KEHU_HOME": str(shop.settings.home),
        "KEHU_SOURCES": str(shop.yml),
        "KEHU_TEST_DIE_AT": die_at,
    }
    return subprocess.Popen([sys.executable, "-c", LAND, source], env=environment, stderr=subprocess.PIPE, text=True)


def filled(root: Path) -> SourceFolder:
    shop = SourceFolder(root)
    shop.write("orders_1.csv", HEADER + "1,a,2020-01-01\n2,b\n")
    shop.write("orders_2.csv", HEADER + "3,c,2020-01-02\n")
    shop.orders("orders_*.csv")
    return shop


def ledger(shop: SourceFolder) -> list[dict]:
    entries = sorted((shop.settings.landing_dir / "_ledger").rglob("*.json"))
    return sorted((json.loads(entry.read_text()) for entry in entries), key=lambda entry: entry["sequence"])


@pytest.mark.faults
@pytest.mark.parametrize("step", STEPS)
def test_a_killed_ingest_is_finished_by_the_next(tmp_path: Path, step: str) -> None:
    undisturbed = filled(tmp_path / "undisturbed")
    undisturbed.land()
    shop = filled(tmp_path / "killed")
    killed = start(shop, die_at=step)
    killed.wait(60)
    assert killed.returncode == -signal.SIGKILL
    assert len(ledger(shop)) == (1 if step == "land:recorded" else 0)
    assert {batch.path for batch in shop.batches()} <= {one["path"] for one in ledger(undisturbed)}, "readable at once"
    shop.land()
    assert [strip(one) for one in ledger(shop)] == [strip(one) for one in ledger(undisturbed)]
    assert left_over(shop) == []


@pytest.mark.faults
@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("is_replaced", [False, True])
def test_a_correction_that_is_killed_has_happened_whole_or_not_at_all(
    tmp_path: Path, step: str, is_replaced: bool
) -> None:
    """Another mapping, or another content of a file that replaces itself: one entry brings the new and takes the old."""
    shops = [filled(tmp_path / name) for name in ("undisturbed", "killed")]
    for shop in shops:
        shop.orders("orders_*.csv", on_change="replace")
        shop.land()
        if is_replaced:
            shop.write("orders_1.csv", HEADER + "7,g,2020-01-07\n")
        else:
            shop.orders("orders_*.csv", on_change="replace", where="OrderNo <> '1'")
    undisturbed, shop = shops
    undisturbed.land()
    former = counted(shop)
    assert start(shop, die_at=step).wait(60) == -signal.SIGKILL
    first = [entry for entry in ledger(shop) if entry["withdraws"]]
    assert len(first) == (1 if step == "land:recorded" else 0)
    gone = [batch_id for entry in first for batch_id in entry["withdraws"]]
    assert set(former) - set(counted(shop)) == set(gone)
    shop.land()
    assert counted(shop) == counted(undisturbed)
    assert [entry["withdraws"] for entry in ledger(shop)] == [entry["withdraws"] for entry in ledger(undisturbed)]
    assert left_over(shop) == []


@pytest.mark.faults
@pytest.mark.parametrize(("step", "is_done"), [("landing:deciding", False), ("landing:decided", True)])
def test_a_decision_that_is_killed_is_taken_whole_or_not_at_all(tmp_path: Path, step: str, is_done: bool) -> None:
    shop = filled(tmp_path)
    shop.land()
    before = counted(shop)
    for wanted in ([], before):
        # the number of a decision that was killed is left out
        number = max(entry["sequence"] for entry in ledger(shop))
        arguments = ("landing", "undo", str(number)) if wanted else ("landing", "withdraw", "--source", "shop")
        killed = kehu(shop.settings.home, shop.yml, *arguments, die_at=step)
        assert killed.returncode == -signal.SIGKILL, killed.stderr
        assert (counted(shop) == wanted) is is_done
        again = kehu(shop.settings.home, shop.yml, *arguments)
        assert again.returncode == 0, again.stderr
        assert counted(shop) == wanted
    assert left_over(shop) == []


@pytest.mark.faults
def test_what_a_killed_ingest_left_of_other_content_is_removed(tmp_path: Path) -> None:
    shop = filled(tmp_path)
    start(shop, die_at="land:renamed").wait(60)
    assert len(left_over(shop)) > 0
    shop.write("orders_1.csv", HEADER + "9,z,2020-01-09\n")
    shop.land()
    assert left_over(shop) == []
    assert [row for row in shop.values("order_id") if row[0]] == [("9",), ("3",)]


@pytest.mark.faults
def test_two_sources_land_at_the_same_time(tmp_path: Path) -> None:
    shop = SourceFolder(tmp_path)
    names = [f"s{number}" for number in range(3)]
    for name in names:
        folder = shop.files / name
        folder.mkdir()
        (folder / "customers.csv").write_text(f"customer_id\n{name}\n")
        (folder / "orders.csv").write_text("order_id,ordered_at\n1,2020-01-01\n")
    shop.configure_sources(
        [
            {"name": name, "kind": "files", "path": f"shop/{name}", "entities": {"customers": {}, "orders": {}}}
            for name in names
        ]
    )
    running = [start(shop, name) for name in names]
    assert [one.wait(120) for one in running] == [0, 0, 0]
    assert [batch.sequence for batch in shop.batches()] == [1, 2, 3, 4, 5, 6]
    assert len({(batch.source, batch.entity) for batch in shop.batches()}) == 6


def test_the_same_source_twice_at_once_is_refused_by_name(shop: SourceFolder) -> None:
    shop.write("orders.csv", HEADER)
    shop.orders()
    shop.settings = shop.settings.model_copy(update={"lock_timeout_seconds": 0.0})
    lock = shop.settings.locks_dir / "landing-shop.lock"
    with exclusive(lock, "ingest of shop", 0), pytest.raises(WarehouseBusy, match="ingest of shop"):
        shop.land()


def counted(shop: SourceFolder) -> list[str]:
    """The batches that count, in landing order."""
    return [batch.batch_id for batch in LandingZone.read(shop.settings).in_force]


def strip(entry: dict) -> dict:
    return {name: value for name, value in entry.items() if name != "extracted_at"}


def left_over(shop: SourceFolder) -> list[str]:
    """Files of the landing zone that are neither a committed batch nor a ledger entry."""
    root = shop.settings.landing_dir
    committed = {root / one["path"] for one in ledger(shop) if "path" in one}
    return [
        str(path)
        for path in root.rglob("*")
        if path.is_file()
        and path not in committed
        and path.name != SEQUENCE_FILE
        and (path.suffix != ".json" or path.name.startswith("."))
    ]
