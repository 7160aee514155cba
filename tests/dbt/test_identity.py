"""Identity: 50,000 planted people in three sources against union-find over what was planted, ids that stay, and decisions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest

from tests.support.dbt_shop import DbtShop
from tests.support.planted_people import (
    SOURCES,
    Planted,
    Record,
    chain,
    expected_persons,
    owners,
    pair_counts,
    plant,
)

MODELS = ("+int_records_map", "+int_events_find_customer", "+int_customers_review", "+int_records_merge")
SETTING = {"home_country": "DE"}
LENGTH = 5000

Ids = dict[str, str]


@dataclass
class Story:
    """What three builds said: record → customer_id."""

    shop: DbtShop
    planted: Planted
    everybody: list[Record]
    first: Ids
    again: Ids
    grown: Ids
    splits: list[str]
    joins: list[tuple[str, str]]


def land(shop: DbtShop, records: list[Record]) -> None:
    """Each source's customers, then each source's leads: the order of Planted.records."""
    for is_lead in (False, True):
        for source in dict.fromkeys((*SOURCES, *(record.source for record in records))):
            rows = [record.row for record in records if record.source == source and record.is_lead == is_lead]
            if rows:
                shop.land("leads" if is_lead else "customers", rows, source=source)


def build(shop: DbtShop, *options: str, command: str = "build") -> Ids:
    """Identity, with its tests unless the command is ``run``; who is who afterwards."""
    arguments = ["--exclude-resource-type", "unit_test"] if command == "build" else []
    shop.dbt(command, *arguments, *options, "--select", *MODELS, **SETTING)
    return dict(shop.rows("select record_id, customer_id from intermediate.int_records_map"))


@pytest.fixture(scope="module")
def story(module_shop: Callable[[], DbtShop]) -> Story:
    """Two waves of records; decisions and chains come with the second."""
    shop, planted = module_shop(), plant(50_000, seed=20260101)
    with shop.landing_together():
        land(shop, planted.first_wave())
        shop.land("tickets", [row for row, _ in planted.tickets], source="desk")
    first = build(shop)
    again = build(shop, "--full-refresh", command="run")

    chains = [*chain(LENGTH, "a"), *chain(LENGTH, "b", seed=1)]
    second = [record for record in planted.records if record.wave == 1]
    changed = [record for record in planted.records if record.wave == 0 and record.earlier_token]
    with shop.landing_together():
        land(shop, changed)
        land(shop, second)
        land(shop, chains)
    everybody = [*planted.records, *chains]
    splits, joins = decisions(everybody, first)
    with shop.connection() as connection:
        rows = [(record, first[record], "split", "a test") for record in splits]
        rows += [(left, right, "join", "a test") for left, right in joins]
        connection.executemany("insert into seeds.identity_decisions values (?, ?, ?, ?)", rows)
    grown = build(shop, "--exclude", "resource_type:seed")
    return Story(shop, planted, everybody, first, again, grown, splits, joins)


def decisions(everybody: list[Record], first: Ids) -> tuple[list[str], list[tuple[str, str]]]:
    """Splits of records that nobody else's identity hangs on, and joins; one record is split off and joined elsewhere."""
    persons = expected_persons(everybody)
    sizes = Counter(persons.values())
    pairs = [r for r, c in first.items() if r != c and sizes[persons[r]] == 2]
    alone = sorted(customer for customer, size in sizes.items() if size == 1)
    splits = sorted(pairs)[:200]
    earliest = next(record.record_id for record in everybody if sizes[record.record_id] == 1)
    return splits, [*zip(alone[0:400:2], alone[1:400:2], strict=True), (splits[0], earliest)]


def precision_and_recall(found: Ids, truth: Ids) -> tuple[float, float]:
    assert found.keys() == truth.keys()
    both, ours, theirs = pair_counts(found, truth)
    return both / ours, both / theirs


def test_everybody_whom_the_rules_can_know_is_found_and_nobody_else(story: Story) -> None:
    truth = expected_persons(story.planted.first_wave())
    precision, recall = precision_and_recall(story.first, truth)
    print(f"precision {precision:.6f}, recall {recall:.6f} of {pair_counts(truth, truth)[0]} pairs")
    assert precision >= 0.999
    assert recall >= 0.98
    assert story.first == truth, "the ids too are those of the earliest records"


def test_a_second_build_from_the_landing_zone_gives_the_same_ids(story: Story) -> None:
    assert story.again == story.first


def test_records_that_join_later_leave_the_ids_of_those_who_were_there(story: Story) -> None:
    existed = set(story.first.values())
    for record, customer in story.first.items():
        if story.grown[record] != customer and record not in story.splits:
            # two persons turned out to be one: the one that was seen first goes on
            assert story.grown[record] in existed
    same = expected_persons(story.everybody, story.splits, story.joins)
    assert story.grown == same


def test_what_was_decided_by_hand_wins(story: Story) -> None:
    for left, right in story.joins:
        assert story.grown[left] == story.grown[right]
    for record in story.splits[1:]:
        assert [other for other, customer in story.grown.items() if customer == record] == [record]
    kinds = dict(story.shop.rows("select linked_by, count(*) from intermediate.int_records_link group by linked_by"))
    assert set(kinds) == {"email", "phone", "external_id", "conversion", "manual"}
    assert kinds["manual"] == len(story.joins)


def test_a_chain_of_thousands_is_one_person(story: Story) -> None:
    for name in ("a", "b"):
        members = [story.grown[f"chain:{name}{number:05d}"] for number in range(LENGTH)]
        assert set(members) == {f"chain:{name}00000"}


def test_ten_may_share_an_address_and_eleven_match_nobody(story: Story) -> None:
    assert len({story.first[f"desk:on10.{number}"] for number in range(10)}) == 1
    assert len({story.first[f"desk:on11.{number}"] for number in range(11)}) == 11
    shared = story.shop.rows("select record_count from intermediate.int_identifiers_count where not is_usable")
    assert min(shared) == (11,)


def test_tickets_go_to_the_person_who_has_their_address_or_telephone(story: Story) -> None:
    now = [record for record in story.everybody if record.record_id not in story.splits]
    holders = owners(story.everybody, story.grown, among=now)
    expected = {f"desk:{row['ticket_id']}": holders[token] for row, token in story.planted.tickets if token in holders}
    found = dict(story.shop.rows("select event_id, customer_id from intermediate.int_events_find_customer"))
    assert found == expected
    assert 0 < len(expected) < len(story.planted.tickets)


def test_households_that_share_a_telephone_are_listed_for_review(story: Story) -> None:
    born: dict[str, set[str | None]] = {}
    for record in story.everybody:
        if record.row.get("birth_date"):
            born.setdefault(story.grown[record.record_id], set()).add(record.row["birth_date"])
    several = {customer: len(days) for customer, days in born.items() if len(days) > 1}
    listed = story.shop.rows(
        "select customer_id, figure from intermediate.int_customers_review where reason_code = 'conflicting_birth_dates'"
    )
    assert len(several) > 500
    assert dict(listed) == several


def test_the_first_sight_of_a_record_does_not_move_with_its_later_versions(story: Story) -> None:
    changed = [record.record_id for record in story.everybody if record.earlier_token]
    seen = dict(story.shop.rows("select record_id, first_seen_at from intermediate.int_records_map"))
    latest = dict(story.shop.rows("select customer_id, _extracted_at from staging.stg_customers"))
    assert changed
    assert all(latest[record] - seen[record] >= timedelta(hours=3) for record in changed)
