"""A release or a warehouse that has rotted does not stop an erasure, nor anything after it, and is named until it is gone."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from kehu.erasure.erase import erase_customer
from kehu.errors import ErasureError, WarehouseDamaged
from kehu.pipeline.ingest import ingest_source, source_names
from kehu.pipeline.publishing import rollback_release
from kehu.release.catalog import current_release_id
from kehu.settings import Settings, load_settings
from tests.support.planted_customer import CUSTOMER, VALUES, write_planted_shop
from tests.support.planted_home import KEY, RELEASES, build_home, places_of
from tests.unit.release.test_damage import damage

pytestmark = pytest.mark.timeout(900)


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    """The planted shop with two releases, of which BI reads the second."""
    write_planted_shop(tmp_path / "shop")
    sources = tmp_path / "shop" / "sources.yml"
    settings = load_settings(home=tmp_path / "home", sources=sources, erasure_key=KEY, threads=2, memory_limit="512MB")
    build_home(settings)
    return settings


def test_a_damaged_release_is_named_and_everything_else_is_done(home: Settings) -> None:
    damage(home, RELEASES[0])
    with pytest.raises(ErasureError, match=f"files are damaged.*{RELEASES[0]}") as caught:
        erase_customer(home, CUSTOMER)
    assert not [value for value in VALUES if value.lower() in str(caught.value).lower()]
    left = {place for places in places_of_whole_files(home).values() for place in places}
    assert left == set(), "landing, warehouse and the other release no longer hold the person"

    for name in source_names(home):
        ingest_source(home, name)
    assert rollback_release(home, RELEASES[1]).was_current, "what comes after goes on"

    shutil.rmtree(home.releases_dir / RELEASES[0])
    report = erase_customer(home, CUSTOMER)
    assert report.search is not None and report.search.found_in == [] and report.search.unreadable == []
    assert places_of(home, VALUES) == {}


def places_of_whole_files(settings: Settings) -> dict[str, list[str]]:
    """Where values are, but for the damaged release, which nobody can read."""
    aside = settings.home.with_name("aside")
    shutil.move(settings.releases_dir / RELEASES[0], aside)
    try:
        return places_of(settings, VALUES)
    finally:
        shutil.move(aside, settings.releases_dir / RELEASES[0])


def test_a_damaged_warehouse_is_named_and_its_folder_can_be_removed(home: Settings) -> None:
    home.warehouse_path.write_bytes(b"a letter\n" * 20_000)
    with pytest.raises(WarehouseDamaged, match="remove the folder `warehouse`"):
        erase_customer(home, CUSTOMER)
    assert rollback_release(home).release_id == RELEASES[0]
    assert current_release_id(home) == RELEASES[0]
    shutil.rmtree(home.warehouse_path.parent)
    assert erase_customer(home, CUSTOMER).search is not None
    assert places_of(home, VALUES) == {}


def test_a_rollback_applies_erasures_although_the_warehouse_is_damaged(home: Settings, tmp_path: Path) -> None:
    backup = tmp_path / "backup"
    shutil.copytree(home.releases_dir / RELEASES[0], backup)
    erase_customer(home, CUSTOMER)
    shutil.rmtree(home.releases_dir / RELEASES[0])
    shutil.copytree(backup, home.releases_dir / RELEASES[0])
    shutil.rmtree(backup)
    home.warehouse_path.write_bytes(b"a letter\n" * 20_000)
    assert rollback_release(home).release_id == RELEASES[0]
    assert places_of(without_warehouse(home), VALUES) == {}


def without_warehouse(settings: Settings) -> Settings:
    shutil.rmtree(settings.warehouse_path.parent)
    return settings
