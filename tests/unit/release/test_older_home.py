"""A home that the version before has made: read, built on, served, rolled back and pruned."""

from __future__ import annotations

import os
from pathlib import Path

import duckdb
import pytest

from kehu.errors import ReleaseError
from kehu.release.catalog import current_release_id, find, list_releases, reading
from kehu.release.factory import open_store
from kehu.release.ids import parse_release_id
from kehu.settings import Settings
from tests.unit.release.candidates import DAYS, check_again, ops_session, published, rolled_back, settings_for

D1, D2, D3, D4, *_ = DAYS


@pytest.fixture
def older(three: Settings) -> Settings:
    """Releases as the version before laid them out: ``analytics.duckdb``, and ``bi.duckdb`` as a second name of it."""
    for folder in three.releases_dir.glob("r*"):
        (folder / "kehu.duckdb").unlink()
    return three


def names(settings: Settings, release: str) -> list[str]:
    return sorted(file.name for file in (settings.releases_dir / release).iterdir())


def test_it_is_read_as_it_is(older: Settings) -> None:
    assert [(one.id, one.problem) for one in list_releases(older)] == [(D3, None), (D2, None), (D1, None)]
    with reading(older, D2) as release:
        assert release.rows("select release_id from analytics.release") == [(D2,)]
    open_store(older).verify(parse_release_id(D1))
    assert names(older, D3) == ["analytics.duckdb", "bi.duckdb", "manifest.json"], "reading changes nothing"


def test_the_next_publication_gives_every_release_todays_name(older: Settings) -> None:
    with duckdb.connect(str(older.published_link / "analytics.duckdb"), read_only=True) as before:
        published(older, D4, minutes=9)
        assert before.execute("select release_id from analytics.analytics.release").fetchall() == [(D3,)]
    for release in (D1, D2, D3, D4):
        assert names(older, release) == ["analytics.duckdb", "bi.duckdb", "kehu.duckdb", "manifest.json"]
        files = [older.releases_dir / release / name for name in names(older, release)[:3]]
        assert len({file.stat().st_ino for file in files}) == 1
    assert find(older, D4).previous_release_id == D3


def test_a_candidate_that_the_version_before_has_checked_is_checked_again(older: Settings) -> None:
    with ops_session(older) as session:
        session.execute("drop table ops.checked_tables")
    with pytest.raises(ReleaseError, match=f"version before checked it.*kehu gate {D4}"):
        published(older, D4, minutes=9)
    with ops_session(older) as session:
        check_again(session, D4)
    assert published(older, D4, minutes=9).is_current


def test_bi_goes_back_to_a_release_of_the_version_before_under_every_name(older: Settings) -> None:
    assert rolled_back(older, D1).is_current
    for name, schema in (("kehu", "analytics"), ("bi", "analytics"), ("analytics", "analytics.analytics")):
        with duckdb.connect(str(older.published_link / f"{name}.duckdb"), read_only=True) as tool:
            assert tool.execute(f"select release_id from {schema}.release").fetchall() == [(D1,)]
    assert current_release_id(older) == D1


def test_a_release_of_the_version_before_is_pruned(older: Settings) -> None:
    outcome = published(settings_for(older.home, keep_releases=1), D4, minutes=9)
    assert sorted(outcome.pruned) == [D1, D2]
    assert sorted(os.listdir(older.releases_dir)) == [D3, D4]


def test_a_kill_between_the_names_is_finished_by_the_next(older: Settings) -> None:
    folder = older.releases_dir / D2
    os.link(folder / "analytics.duckdb", folder / "kehu.duckdb")
    (folder / ".bi.duckdb.tmp").write_bytes(b"")
    open_store(older).tidy()
    assert names(older, D2) == ["analytics.duckdb", "bi.duckdb", "kehu.duckdb", "manifest.json"]
    assert Path(folder / "kehu.duckdb").samefile(folder / "bi.duckdb")
