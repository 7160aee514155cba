"""The same seed gives the same bytes, in whatever process, in one go or day by day, with or without a sudden end."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from kehu.demo_shop import shop
from kehu.demo_shop.keeping import PLAN
from kehu.demo_shop.plan import Plan
from kehu.demo_shop.shop import write_shop
from kehu.demo_shop.world import World
from kehu.errors import UsageError

TINY = Plan(customers=60, days=32, seed=3)
WRITE = (
    "import sys; from pathlib import Path; from kehu.demo_shop.plan import Plan; from kehu.demo_shop.shop import write_shop;"
    "write_shop(Path(sys.argv[1]), Plan(customers=60, days=32, seed=int(sys.argv[2])))"
)


def digests(folder: Path, below: str = "") -> dict[str, str]:
    files = sorted(path for path in (folder / below).rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def same_truth(one: Path, other: Path) -> None:
    names = sorted(path.name for path in (one / "truth").iterdir())
    assert names == sorted(path.name for path in (other / "truth").iterdir())
    for name in names:
        pd.testing.assert_frame_equal(pd.read_parquet(one / "truth" / name), pd.read_parquet(other / "truth" / name))


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tiny") / "shop"
    write_shop(folder, TINY)
    return folder


@pytest.mark.slow
def test_two_processes_write_the_same_bytes_and_another_seed_others(tiny: Path, tmp_path: Path) -> None:
    for name, seed in (("same", "3"), ("other", "4")):
        subprocess.run([sys.executable, "-c", WRITE, str(tmp_path / name), seed], check=True)
    assert digests(tmp_path / "same") == digests(tiny)
    ours, others = digests(tiny, "days"), digests(tmp_path / "other", "days")
    changed = {name for name in set(ours) & set(others) if ours[name] != others[name] and name.endswith("orders.csv")}
    assert len(changed) > 25


def test_writing_again_changes_nothing(tiny: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in tiny.rglob("*")}
    assert write_shop(tiny, TINY).new_days == 0
    assert {path: path.stat().st_mtime_ns for path in tiny.rglob("*")} == before


@pytest.mark.slow
def test_days_added_one_by_one_are_those_of_one_go(tmp_path: Path) -> None:
    write_shop(tmp_path / "at_once", TINY, add_days=3)
    for _ in range(4):
        write_shop(tmp_path / "step_by_step", TINY, add_days=0 if not (tmp_path / "step_by_step").exists() else 1)
    assert digests(tmp_path / "step_by_step", "days") == digests(tmp_path / "at_once", "days")
    assert digests(tmp_path / "step_by_step", "state") == digests(tmp_path / "at_once", "state")
    same_truth(tmp_path / "step_by_step", tmp_path / "at_once")
    assert len(list((tmp_path / "at_once" / "days").iterdir())) == 35


@pytest.mark.slow
def test_a_first_load_holds_the_same_rows_as_its_days(tiny: Path, tmp_path: Path) -> None:
    from tests.unit.demo_shop.shop_files import ShopFiles

    write_shop(tmp_path / "shop", Plan(customers=60, days=32, seed=3, first_load_days=10))
    loaded, daily = ShopFiles(tmp_path / "shop"), ShopFiles(tiny)
    assert len(list((tmp_path / "shop" / "days").iterdir())) == 23
    for export in ("shop.orders", "shop.customers", "crm.accounts", "shop.tickets"):
        first = loaded.rows(export)
        pd.testing.assert_frame_equal(
            first[sorted(first.columns.drop("_day"))], daily.rows(export)[sorted(first.columns.drop("_day"))]
        )


class Stopped(Exception):
    """Stands for a kill: nothing below catches it."""


@pytest.mark.slow
@pytest.mark.parametrize("where", ["live", "finished", "_commit"])
def test_a_writer_that_dies_leaves_nothing_behind(
    tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    from kehu.demo_shop import keeping

    folder = tmp_path / "shop"
    write_shop(folder, TINY)

    def stop(*_: object, **__: object) -> None:
        raise Stopped

    def stop_at_the_second_day(world: World, day: int) -> None:
        if day == 33:
            raise Stopped
        live(world, day)

    live = shop.live
    with monkeypatch.context() as patched:
        if where == "live":
            patched.setattr(shop, "live", stop_at_the_second_day)
        else:
            patched.setattr(shop if where == "finished" else keeping, where, stop)
        with pytest.raises(Stopped):
            write_shop(folder, TINY, add_days=2)
    # What died before everything was made is forgotten; what died behind it has been done.
    write_shop(folder, TINY, add_days=0 if where == "_commit" else 2)
    write_shop(tmp_path / "whole", TINY, add_days=2)
    assert digests(folder, "days") == digests(tmp_path / "whole", "days")
    same_truth(folder, tmp_path / "whole")


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("keep me")
    with pytest.raises(UsageError, match="holds other files"):
        write_shop(tmp_path, TINY)
    assert (tmp_path / "letter.txt").read_text() == "keep me"


def test_a_shop_of_another_plan_is_left_alone(tiny: Path) -> None:
    before = digests(tiny)
    with pytest.raises(UsageError, match="another plan"):
        write_shop(tiny, Plan(customers=61, days=32, seed=3))
    assert digests(tiny) == before


@pytest.mark.parametrize(("name", "value"), [("customers", 3), ("days", 2), ("seed", -1), ("first_load_days", 99)])
def test_an_impossible_plan_is_named(tmp_path: Path, name: str, value: int) -> None:
    plan = Plan(**{"customers": 60, "days": 32, "seed": 3} | {name: value})
    with pytest.raises(UsageError, match=name.removesuffix("_days")):
        write_shop(tmp_path / "shop", plan)
    assert not (tmp_path / "shop" / PLAN).exists()
