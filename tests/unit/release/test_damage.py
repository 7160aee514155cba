"""A release or a warehouse that is damaged inside, in its full length: named, never served, never a dead end."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from kehu.errors import ReleaseError, WarehouseDamaged
from kehu.pipeline.publishing import rollback_release
from kehu.release.catalog import current_release_id, list_releases
from kehu.release.factory import open_store
from kehu.release.ids import parse_release_id
from kehu.settings import PROJECT_ROOT, Settings
from kehu.warehouse.factory import open_warehouse
from tests.unit.release.candidates import DAYS, add_candidate, events_of, published, rolled_back, settings_for

D1, D2, D3, D4, D5, _ = DAYS


def damage(settings: Settings, name: str) -> None:
    """Turn over a byte every few kilobytes; the length stays, and so do the first pages."""
    folder = settings.releases_dir / name
    content = bytearray((folder / "kehu.duckdb").read_bytes())
    for place in range(20_000, len(content), 3_000):
        content[place] ^= 0xFF
    for file in folder.glob("*.duckdb"):
        file.unlink()
    (folder / "kehu.duckdb").write_bytes(content)


def change_a_row(settings: Settings, name: str) -> None:
    """What somebody with the right to write would do: the file is whole, and one figure in it is another."""
    file = settings.releases_dir / name / "kehu.duckdb"
    length = file.stat().st_size
    other = file.with_name("other.duckdb")
    shutil.copyfile(file, other)
    other.chmod(0o644)
    with duckdb.connect(str(other)) as connection:
        connection.execute(
            "update analytics.dim_customers set net_revenue = net_revenue + 1 where customer_id = 'shop:1'"
        )
        connection.execute("checkpoint")
    content = other.read_bytes()
    other.unlink()
    for one in file.parent.glob("*.duckdb"):
        one.unlink()
    file.write_bytes(content)
    manifest = file.with_name("manifest.json")
    text = manifest.read_text().replace(f'"file_bytes": {length}', f'"file_bytes": {len(content)}')
    manifest.unlink()
    manifest.write_text(text)


def test_bi_is_not_moved_to_a_release_that_is_damaged_inside(three: Settings) -> None:
    damage(three, D1)
    with pytest.raises(ReleaseError, match=D1):
        rolled_back(three, D1)
    assert current_release_id(three) == D3
    assert events_of(three)[-1][:2] == (D3, "published")


def test_bi_is_not_moved_to_a_release_in_which_a_row_was_changed(three: Settings) -> None:
    change_a_row(three, D1)
    with pytest.raises(ReleaseError, match=r"does not hold what its manifest says.*dim_customers"):
        rolled_back(three, D1)
    assert current_release_id(three) == D3


def test_a_stored_release_that_is_damaged_is_not_published_again(three: Settings) -> None:
    rolled_back(three, D1)
    damage(three, D3)
    with pytest.raises(ReleaseError, match=D3):
        published(three, D3, minutes=70, make_current=True)
    assert current_release_id(three) == D1


@pytest.mark.parametrize("target", [None, D1])
def test_a_current_release_that_is_damaged_inside_can_be_left(three: Settings, target: str | None) -> None:
    damage(three, D3)
    outcome = rolled_back(three, target)
    assert current_release_id(three) == outcome.release_id == (target or D2)
    assert events_of(three)[-1] == (outcome.release_id, "rolled_back", D3)


def test_a_damaged_current_release_can_be_left_although_the_warehouse_is_lost(three: Settings) -> None:
    damage(three, D3)
    shutil.rmtree(three.warehouse_path.parent)
    assert rolled_back(three, D1).is_current
    assert current_release_id(three) == D1
    assert events_of(three)[-1] == (D1, "rolled_back", D3)


def test_a_damaged_current_release_does_not_keep_the_next_one_from_being_published(three: Settings) -> None:
    damage(three, D3)
    assert published(three, D4, minutes=9).is_current
    with pytest.raises(ReleaseError, match=f"damaged.*{D3}"):
        rolled_back(three, minutes=70)
    assert current_release_id(three) == D4, "what BI read before is damaged: somebody has to name another release"
    assert rolled_back(three, D2, minutes=71).is_current


@pytest.mark.parametrize("kind", ["cut off", "zeroed", "foreign", "inside"])
def test_a_damaged_warehouse_is_named_and_does_not_stop_going_back(three: Settings, kind: str) -> None:
    content = bytearray(three.warehouse_path.read_bytes())
    if kind == "cut off":
        content = content[: len(content) // 3]
    elif kind == "zeroed":
        content[:8192] = b"\0" * 8192
    elif kind == "foreign":
        content = bytearray(b"this is a letter to somebody\n" * 1000)
    else:
        for place in range(12_288, len(content), 1_000):
            content[place] ^= 0xFF
    three.warehouse_path.write_bytes(content)

    with (
        pytest.raises(WarehouseDamaged, match=r"docs/runbooks/lost_warehouse\.md"),
        open_warehouse(three).session() as one,
    ):
        one.rows("select * from ops.releases")
        one.rows("select * from ops.check_results")
    assert [entry.id for entry in list_releases(three)] == [D3, D2, D1]
    assert rollback_release(three).release_id == D2
    assert rollback_release(three, D1).release_id == D1
    assert current_release_id(three) == D1

    shutil.rmtree(three.warehouse_path.parent)
    add_candidate(three, identity_of_a_new_day := "r20180107_20260102t030000")
    assert published(three, identity_of_a_new_day, minutes=90).previous == D1, "and the new records know where BI was"


def test_an_empty_warehouse_file_is_a_new_warehouse(three: Settings) -> None:
    three.warehouse_path.write_bytes(b"")
    assert rolled_back(three, D1).is_current


@pytest.mark.parametrize("step", ["rollback:verified", "rollback:before_swap", "rollback:swapped"])
def test_a_rollback_that_is_killed_around_the_verification_is_finished_by_the_next(three: Settings, step: str) -> None:
    code = (
        "from pathlib import Path\n"
        "from tests.unit.release.candidates import rolled_back, settings_for\n"
        f"rolled_back(settings_for(Path({str(three.home)!r})))"
    )
    environment = {**os.environ, "KEHU_TEST_DIE_AT": step, "PYTHONPATH": str(PROJECT_ROOT / "plugins")}
    killed = subprocess.run([sys.executable, "-c", code], cwd=PROJECT_ROOT, env=environment, check=False)
    assert killed.returncode == -9
    assert current_release_id(three) == (D2 if step == "rollback:swapped" else D3)
    assert rolled_back(three, minutes=70).release_id == D2
    assert current_release_id(three) == D2


def test_what_was_changed_between_gate_and_publication_is_not_published(home: Settings) -> None:
    add_candidate(home, D1, customers=40)
    with open_warehouse(home).session() as session:
        session.execute(f"delete from candidate_{D1}.fct_orders where order_id like '%5'")
    with pytest.raises(ReleaseError, match=r"not what the gate checked.*fct_orders.*kehu gate"):
        published(home, D1)
    assert current_release_id(home) is None and list_releases(home) == []


@pytest.mark.parametrize(
    "change", ["drop table {schema}.segment_summary", "create table {schema}.extra as select 1 as x"]
)
def test_a_table_more_or_less_than_the_gate_saw_is_not_published(home: Settings, change: str) -> None:
    add_candidate(home, D1)
    with open_warehouse(home).session() as session:
        session.execute(change.format(schema=f"candidate_{D1}"))
    with pytest.raises(ReleaseError, match="not what the gate checked"):
        published(home, D1)


def test_verification_compares_every_table(three: Settings) -> None:
    open_store(three).verify(parse_release_id(D2))
    with pytest.raises(ReleaseError, match="is gone"):
        open_store(three).verify(parse_release_id(D5))


def test_a_home_without_a_manifest_of_the_current_release_can_be_left(three: Settings, tmp_path: Path) -> None:
    (three.releases_dir / D3 / "manifest.json").unlink()
    damage(three, D3)
    assert rolled_back(settings_for(three.home)).release_id == D2
