"""What is kept: the list, damage in it, pruning, leftovers."""

from __future__ import annotations

import os
import shutil

import duckdb
import pytest
from kehu.release.catalog import current_release_id, list_releases
from kehu.settings import Settings

from tests.unit.release.candidates import add_candidate, events_of, identity, published, rolled_back, settings_for

DAYS = [identity(f"2018-01-0{day}") for day in range(1, 7)]


def publish_days(home: Settings, names: list[str]) -> None:
    for minute, name in enumerate(names):
        add_candidate(home, name, customers=3)
        published(home, name, minutes=minute)


def test_the_list_is_read_without_the_warehouse(home: Settings) -> None:
    publish_days(home, DAYS[:2])
    shutil.rmtree(home.warehouse_path.parent)
    newest, oldest = list_releases(home)
    assert (newest.id, newest.is_current, oldest.id, oldest.is_current) == (DAYS[1], True, DAYS[0], False)
    assert newest.describe() == (
        f"* {DAYS[1]}  as of 2018-01-02  built 2026-01-02 03:15 UTC  published 2026-01-02 03:31 UTC  21 rows"
    )


def test_an_empty_home_has_no_releases(home: Settings) -> None:
    assert list_releases(home) == []


def test_damage_is_named(home: Settings) -> None:
    publish_days(home, DAYS[:4])
    (home.releases_dir / DAYS[0] / "manifest.json").unlink()
    manifest = home.releases_dir / DAYS[1] / "manifest.json"
    text = manifest.read_text()
    manifest.unlink()
    manifest.write_text(text.replace('"tables"', '"tabels"'))
    (home.releases_dir / DAYS[2] / "analytics.duckdb").unlink()
    (home.releases_dir / "not a release").mkdir()
    problems = {entry.id: entry.problem for entry in list_releases(home)}
    assert problems[DAYS[3]] is None
    assert "manifest.json cannot be read" in str(problems[DAYS[0]])
    assert "manifest.json is not valid: tables" in str(problems[DAYS[1]])
    assert "analytics.duckdb cannot be read" in str(problems[DAYS[2]])
    assert "not a release id" in str(problems["not a release"])


def test_a_pointer_to_nowhere_is_listed(home: Settings) -> None:
    publish_days(home, DAYS[:2])
    shutil.rmtree(home.releases_dir / DAYS[1])
    assert [(entry.id, entry.is_current, entry.problem is None) for entry in list_releases(home)] == [
        (DAYS[1], True, False),
        (DAYS[0], False, True),
    ]


def test_the_last_releases_are_kept(home: Settings) -> None:
    keep_two = settings_for(home.home, keep_releases=2)
    publish_days(keep_two, DAYS[:4])
    assert sorted(os.listdir(home.releases_dir)) == DAYS[2:4]
    assert [event[:2] for event in events_of(home) if event[1] == "pruned"] == [
        (DAYS[0], "pruned"),
        (DAYS[1], "pruned"),
    ]


def test_the_current_release_and_the_one_before_it_are_never_pruned(home: Settings) -> None:
    publish_days(home, DAYS[:5])
    rolled_back(home, DAYS[1])
    keep_one = settings_for(home.home, keep_releases=1)
    add_candidate(home, DAYS[5])
    outcome = published(keep_one, DAYS[5], minutes=90, make_current=False)
    assert current_release_id(home) == DAYS[1]
    assert sorted(os.listdir(home.releases_dir)) == [DAYS[0], DAYS[1], DAYS[5]]
    assert sorted(outcome.pruned) == DAYS[2:5]


def test_backfilled_releases_count_from_their_publication(home: Settings) -> None:
    """Otherwise each stored backfill would be the oldest day and be removed as soon as it is stored."""
    keep_three = settings_for(home.home, keep_releases=3)
    publish_days(keep_three, [DAYS[4], DAYS[5], DAYS[0], DAYS[1]])
    assert sorted(os.listdir(home.releases_dir)) == [DAYS[0], DAYS[1], DAYS[4], DAYS[5]]


def test_a_reader_keeps_the_file_of_a_pruned_release(home: Settings) -> None:
    keep_one = settings_for(home.home, keep_releases=1)
    publish_days(keep_one, DAYS[:1])
    with duckdb.connect(str(home.published_link / "analytics.duckdb"), read_only=True) as reader:
        publish_days(keep_one, DAYS[1:4])
        assert not (home.releases_dir / DAYS[0]).exists()
        assert reader.execute("select release_id from analytics.analytics.release").fetchall() == [(DAYS[0],)]
        rows = reader.execute("select count(*) from analytics.analytics.fct_orders").fetchall()
        assert rows == [(3,)]


@pytest.mark.parametrize("operation", ["publish", "rollback"])
def test_what_a_crash_left_is_removed(home: Settings, operation: str) -> None:
    publish_days(home, DAYS[:2])
    (home.releases_dir / ".tmp-r1" / "deep").mkdir(parents=True)
    (home.releases_dir / ".tmp-r1" / "analytics.duckdb.wal").write_bytes(b"half")
    (home.releases_dir / "..rollback.json.4711.tmp").write_text("{")
    (home.home / ".published.tmp").symlink_to("nowhere")
    (home.releases_dir / DAYS[0] / "analytics.duckdb.wal").write_bytes(b"stale")
    if operation == "publish":
        published(home, DAYS[1], minutes=7)
    else:
        rolled_back(home)
    assert sorted(os.listdir(home.releases_dir)) == DAYS[:2]
    assert not os.path.lexists(home.home / ".published.tmp")
    assert sorted(os.listdir(home.releases_dir / DAYS[0])) == ["analytics.duckdb", "manifest.json"]
