"""From a sample of customers to personas with stable codes and names, or to the reason why there are none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from kehu.personas.choice import Trial, choose
from kehu.personas.clustering import Clusters
from kehu.personas.lineage import LastPersonas, Trait, codes, match
from kehu.personas.naming import SHOWN_TRAITS, MeasureWords, in_words, label_traits, made_unique, traits
from kehu.personas.policy import Policy
from kehu.personas.sample import Floats, Sample


@dataclass(frozen=True)
class Persona:
    """A group of customers who are like each other.

    Attributes:
        code: ``p1``, ``p2`` …, the same from release to release.
        centre: mean of its customers in standard deviations, in the order of the sample's measures.
        traits: the measures in which it differs most from everybody, at most three.
        label: those of them that it is called by.
    """

    code: str
    centre: Floats
    traits: tuple[Trait, ...]
    label: tuple[Trait, ...]
    label_en: str
    label_zh: str
    traits_en: str
    traits_zh: str

    @property
    def number(self) -> int:
        """The number in the code."""
        return int(self.code.removeprefix("p"))


@dataclass(frozen=True)
class Personas:
    """What was found.

    Attributes:
        found: by number; empty where nobody could be told apart.
        trials: every number of personas that was tried.
        last_number: the highest number that any release has given to a persona.
        reason: why there are none, English and Chinese.
    """

    found: tuple[Persona, ...]
    trials: tuple[Trial, ...]
    last_number: int
    reason: tuple[str, str] | None = None


def find_personas(
    sample: Sample, last: LastPersonas | None, words: Mapping[str, MeasureWords], policy: Policy
) -> Personas:
    """Look for personas.

    Args:
        sample: standardised customers.
        last: the personas of the last published release; None for the first.
        words: for every measure of the sample.
        policy: the thresholds in force.
    """
    if sample.customers < policy.min_customers:
        return _none(last, (), _too_few(sample.customers, policy))
    if sample.distinct < 2:
        return _none(last, (), ("all customers with an order are alike", "有订单的客户彼此没有差别"))
    clusters, trials = choose(sample, last.centres if last and last.codes else None, policy)
    if clusters is None:
        return _none(last, trials, _too_small(policy))
    found = _described(sample, clusters, last, words, policy)
    return Personas(found, trials, max([last.last_number if last else 0, *(one.number for one in found)]))


def _described(
    sample: Sample, clusters: Clusters, last: LastPersonas | None, words: Mapping[str, MeasureWords], policy: Policy
) -> tuple[Persona, ...]:
    sizes = np.bincount(clusters.members, weights=sample.weights.astype(np.float64), minlength=len(clusters.centres))
    matched = match(clusters.centres, last, policy.max_move)
    given = codes(clusters.centres, sizes.tolist(), matched, last)
    labels: dict[int, tuple[Trait, ...]] = {}
    order = sorted(range(len(given)), key=lambda index: int(given[index][1:]))
    for index in order:
        former = matched[index]
        before = last.labels[former] if last is not None and former is not None else ()
        centre = clusters.centres[index]
        labels[index] = label_traits(centre, sample.measures, policy.trait_deviation, before, list(labels.values()))
    shown = [
        traits(centre, sample.measures, policy.trait_deviation)[:SHOWN_TRAITS] or labels[index]
        for index, centre in enumerate(clusters.centres)
    ]
    names = made_unique([in_words(labels[index], words) for index in order])
    return tuple(
        Persona(
            given[index], clusters.centres[index], shown[index], labels[index], *name, *in_words(shown[index], words)
        )
        for index, name in zip(order, names, strict=True)
    )


def _none(last: LastPersonas | None, trials: tuple[Trial, ...], reason: tuple[str, str]) -> Personas:
    return Personas((), trials, last.last_number if last else 0, reason)


def _too_few(customers: int, policy: Policy) -> tuple[str, str]:
    return (
        f"customers with an order: {customers}; at least {policy.min_customers} are needed (persona_min_customers)",
        f"有订单的客户为 {customers} 位，至少需要 {policy.min_customers} 位（persona_min_customers）",
    )


def _too_small(policy: Policy) -> tuple[str, str]:
    share = f"{policy.min_share:.0%}"
    return (
        f"no division leaves every persona at least {share} of the customers (persona_min_share)",
        f"任何划分都无法使每个画像至少包含 {share} 的客户（persona_min_share）",
    )
