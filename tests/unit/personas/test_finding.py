"""Personas: planted groups are found, and nothing but the data moves them, their codes or their names."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from kehu.personas.finding import Personas, find_personas
from kehu.personas.lineage import LastPersonas
from kehu.personas.policy import Policy
from kehu.personas.sample import Sample
from tests.unit.personas.planted import CENTRES, MEASURES, SIZES, WORDS, planted, sample_of

POLICY = Policy()


def find(sample: Sample, last: Personas | None = None, policy: Policy = POLICY) -> Personas:
    return find_personas(sample, None if last is None else as_last(last), WORDS, policy)


def as_last(found: Personas) -> LastPersonas:
    """What the next release knows of this one."""
    return LastPersonas(
        tuple(one.code for one in found.found),
        np.array([one.centre for one in found.found]),
        tuple(one.label for one in found.found),
        found.last_number,
    )


def facts(found: Personas) -> list[tuple[object, ...]]:
    return [(one.code, tuple(one.centre), one.label_en, one.label_zh, one.traits_en) for one in found.found]


def test_planted_groups_are_found_and_numbered_by_size() -> None:
    found = find(planted())
    assert [trial.count for trial in found.trials] == list(range(2, 9))
    assert [trial.count for trial in found.trials if trial.is_chosen] == [3]
    assert [one.code for one in found.found] == ["p1", "p2", "p3"]
    for one, centre in zip(found.found, CENTRES, strict=True):
        assert one.centre == pytest.approx(centre, abs=0.06)


def test_the_silhouette_is_that_of_the_definition() -> None:
    # (b - a) / max(a, b) of the four customers, by hand: two pairs, 1 apart within, 10 between
    values = np.array([[0.0, 0, 0, 0], [1, 0, 0, 0], [11, 0, 0, 0], [12, 0, 0, 0]])
    sample = Sample(MEASURES, values, np.ones(4, dtype=np.int64), np.ones(4, dtype=np.int64))
    outer, inner = (11.5 - 1) / 11.5, (10.5 - 1) / 10.5
    (trial, *_) = find(sample, policy=replace(POLICY, min_customers=2)).trials
    assert (trial.count, trial.smallest_share) == (2, 0.5)
    assert trial.silhouette == pytest.approx((outer + inner) / 2, abs=1e-6)


def test_names_are_the_most_distinguishing_traits_in_both_languages() -> None:
    first, second, third = find(planted()).found
    assert (first.label_en, first.label_zh) == ("Low recency, high frequency", "recency低、frequency高")
    assert (second.label_en, second.label_zh) == ("High recency, low discounts", "recency高、discounts低")
    assert third.traits_en == "High discounts, low value, low frequency"


def test_the_same_sample_and_seed_give_the_same_personas() -> None:
    assert facts(find(planted())) == facts(find(planted()))


def test_the_order_of_the_rows_changes_nothing() -> None:
    sample = planted()
    order = np.random.default_rng(5).permutation(len(sample.values))
    shuffled = Sample(MEASURES, sample.values[order], sample.weights[order], sample.judges[order])
    assert facts(find(shuffled)) == facts(find(sample))
    assert find(shuffled).trials == find(sample).trials


def test_a_weight_counts_like_so_many_customers_at_the_point() -> None:
    sample = planted()
    double = Sample(
        MEASURES, np.vstack([sample.values, sample.values]), np.tile(sample.weights, 2), np.tile(sample.judges, 2)
    )
    heavy = Sample(MEASURES, sample.values, 2 * sample.weights, 2 * sample.judges)
    assert [one.centre.tolist() for one in find(heavy).found] == [one.centre.tolist() for one in find(double).found]


def test_a_second_release_of_the_same_customers_is_the_same_to_the_last_digit() -> None:
    first = find(planted())
    assert facts(find(planted(), first)) == facts(first)


@pytest.mark.parametrize("shift", [-0.3, 0.3])
@pytest.mark.parametrize("seed", [2, 3, 4])
def test_codes_and_names_last_while_the_customers_move_a_little(seed: int, shift: float) -> None:
    first = find(planted())
    second = find(planted(seed, shift), first)
    assert [(one.code, one.label_en) for one in second.found] == [(one.code, one.label_en) for one in first.found]


def test_codes_stay_with_the_groups_when_their_sizes_change_places() -> None:
    first = find(planted())
    second = find(planted(sizes=SIZES[::-1]), first)
    for one, before in zip(second.found, first.found, strict=True):
        assert one.code == before.code
        assert one.centre == pytest.approx(before.centre, abs=0.1)


def test_a_new_group_gets_the_next_number_and_a_gone_one_s_is_not_given_again() -> None:
    first = find(planted())
    without_second = find(planted(sizes=(300, 140), centres=CENTRES[[0, 2]]), first)
    assert [one.code for one in without_second.found] == ["p1", "p3"]
    elsewhere = np.vstack([CENTRES[[0, 2]], [[2.5, 2.5, 2.5, -2.0]]])
    third = find(planted(sizes=(300, 140, 200), centres=elsewhere), without_second)
    assert [one.code for one in third.found] == ["p1", "p3", "p4"]


def test_a_name_changes_once_it_is_no_longer_true() -> None:
    first = find(planted())
    turned = CENTRES.copy()
    turned[1] = [1.5, -1.0, 0.0, 0.1]
    second = find(planted(centres=turned), first, replace(POLICY, max_move=2.0))
    assert second.found[1].code == "p2"
    assert "discounts" in first.found[1].label_en
    assert "discounts" not in second.found[1].label_en


def test_the_last_number_of_personas_stays_unless_another_is_clearly_better() -> None:
    pair = np.array([[-1.5, 0.0, 0.0, 0.0], [1.5, 0.0, 0.0, 0.0], [1.5, 0.9, 0.0, 0.0], [-1.5, 0.9, 0.0, 0.0]])
    sample = planted(sizes=(150, 150, 150, 150), centres=pair)
    fresh = find(sample)
    scores = {trial.count: trial.silhouette for trial in fresh.trials}
    best, other = len(fresh.found), 4 if len(fresh.found) == 2 else 2
    gap = scores[best] - scores[other]
    start = as_last(find(planted(sizes=(150,) * other, centres=pair[:other])))
    kept = find_personas(sample, start, WORDS, replace(POLICY, keep_margin=gap + 0.001))
    left = find_personas(sample, start, WORDS, replace(POLICY, keep_margin=gap - 0.001))
    assert (len(kept.found), len(left.found)) == (len(start.codes), best)


def test_no_persona_is_smaller_than_its_share() -> None:
    giants = np.vstack([planted().values, np.full((4, 4), 3.0) + np.arange(4)[:, None] / 100])
    found = find(sample_of(giants), policy=replace(POLICY, min_share=0.02))
    assert all(trial.smallest_share >= 0.02 for trial in found.trials if trial.is_chosen)
    assert any(trial.smallest_share < 0.02 for trial in found.trials), "the giants are a group of their own somewhere"


def test_names_of_two_personas_are_never_equal() -> None:
    near = np.array([[2.0, 1.0, 0.9, 0.0], [2.0, 1.0, -0.9, 0.0], [-2.0, -1.0, 0.0, 0.0]])
    found = find(planted(centres=near))
    assert len({one.label_en for one in found.found}) == len({one.label_zh for one in found.found}) == len(found.found)


@pytest.mark.parametrize(
    ("sample", "policy", "reason"),
    [
        (planted(sizes=(20, 20, 20)), POLICY, "customers with an order: 60; at least 100 are needed"),
        (sample_of(np.empty((0, 4))), POLICY, "customers with an order: 0;"),
        (sample_of(np.zeros((200, 4))), POLICY, "all customers with an order are alike"),
        (
            sample_of(np.vstack([np.zeros((499, 4)), np.ones((1, 4))])),
            POLICY,
            "no division leaves every persona at least 2%",
        ),
    ],
    ids=["too few", "nobody", "all alike", "one stranger"],
)
def test_where_nobody_can_be_told_apart_the_reason_is_named(sample: Sample, policy: Policy, reason: str) -> None:
    found = find(sample, policy=policy)
    assert found.found == ()
    assert found.reason is not None
    assert found.reason[0].startswith(reason)
    assert found.reason[1]


def test_numbers_survive_a_release_without_personas() -> None:
    first = find(planted())
    nobody = find(planted(sizes=(20, 20, 20)), first)
    assert (nobody.found, nobody.last_number) == ((), 3)


@pytest.mark.parametrize(("name", "value"), [("max_count", 9), ("max_count", 1), ("min_share", 0.6), ("seed", -1)])
def test_thresholds_out_of_range_are_refused(name: str, value: float) -> None:
    with pytest.raises(ValueError, match=f"persona_{name}"):
        replace(POLICY, **{name: value})


def test_a_sample_with_a_hole_is_refused() -> None:
    values = np.zeros((3, 4))
    values[1, 1] = np.nan
    with pytest.raises(ValueError, match="finite"):
        sample_of(values)
