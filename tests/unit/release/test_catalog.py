"""What is kept: the list, damage in it, pruning, leftovers."""

from __future__ import annotations

import os
import shutil

import duckdb
import pytest

from kehu.release.catalog import current_release_id, list_releases
from kehu.settings import Settings
from tests.unit.release.candidates import DAYS, events_of, published, rolled_back, settings_for

D1, D2, D3, D4, D5, D6 = DAYS


def test_the_list_is_read_without_the_warehouse(three: Settings) -> None:
    shutil.rmtree(three.warehouse_path.parent)
    assert [(entry.id, entry.is_current) for entry in list_releases(three)] == [(D3, True), (D2, False), (D1, False)]
    assert list_releases(three)[0].describe() == (
        f"* {D3}  as of 2018-01-03  built 2026-01-02 03:15 UTC  published 2026-01-02 03:32 UTC  23 rows"
    )


def test_an_empty_home_has_no_releases(home: Settings) -> None:
    assert list_releases(home) == []


def test_damage_is_named(three: Settings) -> None:
    published(three, D4, minutes=5)
    (three.releases_dir / D1 / "manifest.json").unlink()
    manifest = three.releases_dir / D2 / "manifest.json"
    text = manifest.read_text()
    manifest.unlink()
    manifest.write_text(text.replace('"tables"', '"tabels"'))
    for file in (three.releases_dir / D3).glob("*.duckdb"):
        file.unlink()
    (three.releases_dir / "not a release").mkdir()
    problems = {entry.id: entry.problem for entry in list_releases(three)}
    assert problems[D4] is None
    assert "manifest.json cannot be read" in str(problems[D1])
    assert "manifest.json is not valid: tables" in str(problems[D2])
    assert "kehu.duckdb cannot be read" in str(problems[D3])
    assert "not a release id" in str(problems["not a release"])


def test_a_pointer_to_nowhere_is_listed(three: Settings) -> None:
    shutil.rmtree(three.releases_dir / D3)
    assert [(entry.id, entry.is_current, entry.problem is None) for entry in list_releases(three)] == [
        (D3, True, False),
        (D2, False, True),
        (D1, False, True),
    ]


def test_the_last_releases_are_kept(three: Settings) -> None:
    outcome = published(settings_for(three.home, keep_releases=2), D4, minutes=5)
    assert sorted(os.listdir(three.releases_dir)) == [D3, D4]
    assert sorted(outcome.pruned) == [D1, D2]
    assert sorted(event[:2] for event in events_of(three) if event[1] == "pruned") == [(D1, "pruned"), (D2, "pruned")]


def test_the_current_release_and_the_one_before_it_are_never_pruned(three: Settings) -> None:
    rolled_back(three, D2)
    keep_one = settings_for(three.home, keep_releases=1)
    outcome = published(keep_one, D6, minutes=90, make_current=False)
    assert current_release_id(three) == D2
    assert sorted(os.listdir(three.releases_dir)) == [D1, D2, D6]
    assert outcome.pruned == (D3,)


def test_backfilled_releases_count_from_their_publication(three: Settings) -> None:
    """Otherwise each stored backfill would be the oldest day and be removed as soon as it is stored."""
    keep_two = settings_for(three.home, keep_releases=2)
    for minute, name in enumerate((D6, D4, D5), start=5):
        published(keep_two, name, minutes=minute)
    assert sorted(os.listdir(three.releases_dir)) == [D3, D4, D5, D6], "the last two, the current one and its previous"


def test_a_reader_keeps_the_file_of_a_pruned_release(three: Settings) -> None:
    keep_one = settings_for(three.home, keep_releases=1)
    with duckdb.connect(str(three.published_link / "kehu.duckdb"), read_only=True) as reader:
        for minute, name in enumerate((D4, D5), start=5):
            published(keep_one, name, minutes=minute)
        assert not (three.releases_dir / D3).exists()
        assert reader.execute("select release_id from analytics.release").fetchall() == [(D3,)]
        assert reader.execute("select count(*) from analytics.fct_orders").fetchall() == [(3,)]


@pytest.mark.parametrize("operation", ["publish", "rollback"])
def test_what_a_crash_left_is_removed(three: Settings, operation: str) -> None:
    (three.releases_dir / ".tmp-r1" / "deep").mkdir(parents=True)
    (three.releases_dir / ".tmp-r1" / "kehu.duckdb.wal").write_bytes(b"half")
    (three.releases_dir / "..rollback.json.4711.tmp").write_text("{")
    (three.home / ".published.tmp").symlink_to("nowhere")
    (three.releases_dir / D1 / "kehu.duckdb.wal").write_bytes(b"stale")
    if operation == "publish":
        published(three, D3, minutes=7)
    else:
        rolled_back(three)
    assert sorted(os.listdir(three.releases_dir)) == [D1, D2, D3]
    assert not os.path.lexists(three.home / ".published.tmp")
    assert sorted(os.listdir(three.releases_dir / D1)) == [
        "analytics.duckdb",
        "bi.duckdb",
        "kehu.duckdb",
        "manifest.json",
    ]
