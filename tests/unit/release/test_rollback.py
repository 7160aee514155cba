"""Going back: the chain of releases, names, damage, and doing it twice."""

from __future__ import annotations

import shutil

import pytest

from kehu.errors import ReleaseError, UsageError
from kehu.release.catalog import current_release_id, find
from kehu.release.on_duckdb.pointer import point_at
from kehu.settings import Settings
from tests.unit.release.candidates import DAYS, add_candidate, events_of, identity, published, rolled_back, settings_for

D1, D2, D3, D4, *_ = DAYS


def test_each_call_goes_one_release_back_until_there_is_none(three: Settings) -> None:
    assert [rolled_back(three, minutes=60 + i).release_id for i in range(2)] == [D2, D1]
    with pytest.raises(ReleaseError, match="no release before"):
        rolled_back(three, minutes=70)
    assert current_release_id(three) == D1
    assert events_of(three)[-2:] == [(D2, "rolled_back", D3), (D1, "rolled_back", D2)]


def test_a_named_target_is_reached_once(three: Settings) -> None:
    assert not rolled_back(three, D1).was_current
    assert rolled_back(three, D1, minutes=61).was_current
    assert current_release_id(three) == D1
    assert events_of(three)[-1] == (D1, "rolled_back", D3)
    assert len(events_of(three)) == 4


def test_one_can_go_forward_again(three: Settings) -> None:
    rolled_back(three, D1)
    assert rolled_back(three, D3, minutes=61).release_id == D3
    assert rolled_back(three, minutes=62).release_id == D2


def test_after_a_rollback_the_next_release_follows_the_one_that_was_read(three: Settings) -> None:
    rolled_back(three, D1)
    published(three, D4, minutes=90)
    assert find(three, D4).previous_release_id == D1
    assert rolled_back(three, minutes=100).release_id == D1


def test_a_stored_backfill_can_be_made_current(three: Settings) -> None:
    late = identity("2018-01-01", 30)
    add_candidate(three, late)
    published(three, late, minutes=10)
    assert rolled_back(three, late).is_current


def test_one_goes_back_to_what_bi_read_before_a_stored_release_was_made_current(home: Settings) -> None:
    for minute, (name, make_current) in enumerate([(D1, False), (D2, False), (D4, True)]):
        add_candidate(home, name, customers=3)
        published(home, name, minutes=minute, make_current=make_current)
    assert find(home, D2).previous_release_id == D1, "what it would have come after when it was stored"
    keep_one = settings_for(home.home, keep_releases=1)

    outcome = published(keep_one, D2, minutes=9, make_current=True)

    assert (outcome.is_current, outcome.previous, outcome.pruned) == (True, D4, (D1,))
    assert rolled_back(home).release_id == D4


def test_a_kill_after_the_swap_does_not_make_ops_metadata_forget_what_bi_read(home: Settings) -> None:
    for minute, (name, make_current) in enumerate([(D1, False), (D2, False), (D4, True)]):
        add_candidate(home, name, customers=3)
        published(home, name, minutes=minute, make_current=make_current)
    point_at(home, D2, "publish")

    assert rolled_back(home).release_id == D4
    assert events_of(home)[-2:] == [(D2, "published", D4), (D4, "rolled_back", D2)]


def test_a_pruned_predecessor_is_replaced_by_the_day_before(three: Settings) -> None:
    shutil.rmtree(three.releases_dir / D2)
    assert rolled_back(three).release_id == D1


def test_a_damaged_current_release_can_be_left(three: Settings) -> None:
    (three.releases_dir / D3 / "manifest.json").unlink()
    assert rolled_back(three).release_id == D2


def test_a_removed_current_release_can_be_left(three: Settings) -> None:
    shutil.rmtree(three.releases_dir / D3)
    assert rolled_back(three).release_id == D2


def test_an_unknown_target_is_named_with_the_nearest(three: Settings) -> None:
    with pytest.raises(ReleaseError, match=f"nearest=.*{D2}"):
        rolled_back(three, identity("2018-01-02", 1))
    with pytest.raises(UsageError, match=f"nearest=.*{D2}"):
        rolled_back(three, D2[:-1])
    assert current_release_id(three) == D3


@pytest.mark.parametrize("damage", ["short", "missing", "other"])
def test_bi_is_never_pointed_at_a_damaged_release(three: Settings, damage: str) -> None:
    file = three.releases_dir / D2 / "kehu.duckdb"
    content = file.read_bytes()
    for name in file.parent.glob("*.duckdb"):
        name.unlink()
    if damage == "short":
        file.write_bytes(content[:-4096])
    elif damage == "other":
        file.write_bytes(b"\0" * len(content))
    with pytest.raises(ReleaseError, match=D2):
        rolled_back(three, D2)
    assert current_release_id(three) == D3


def test_nothing_published_is_an_error(home: Settings) -> None:
    with pytest.raises(ReleaseError, match="nothing is published"):
        rolled_back(home)
