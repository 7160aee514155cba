"""What personas are called: the measures in which they differ most from everybody, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kehu.personas.lineage import Trait
from kehu.personas.sample import Floats

LABEL_TRAITS = 2
SHOWN_TRAITS = 3
AVERAGE = ("Average customers", "普通客户")
HALF = 0.5
"""A label stays while each of its traits still lies half as far off the mean as a new label would ask for."""


@dataclass(frozen=True)
class MeasureWords:
    """The words for one measure: for customers who are high in it and for those who are low."""

    high_en: str
    high_zh: str
    low_en: str
    low_zh: str

    def of(self, is_high: bool) -> tuple[str, str]:
        """English and Chinese."""
        return (self.high_en, self.high_zh) if is_high else (self.low_en, self.low_zh)


def traits(centre: Floats, measures: Sequence[str], deviation: float) -> tuple[Trait, ...]:
    """The measures in which a persona lies at least ``deviation`` off the mean, the most distinguishing first."""
    ranked = sorted(range(len(measures)), key=lambda index: (-abs(centre[index]), index))
    return tuple((measures[index], bool(centre[index] > 0)) for index in ranked if abs(centre[index]) >= deviation)


def label_traits(
    centre: Floats,
    measures: Sequence[str],
    deviation: float,
    last: tuple[Trait, ...],
    taken: Sequence[tuple[Trait, ...]],
) -> tuple[Trait, ...]:
    """The traits that a persona is called by: the last release's while they still hold, else the strongest.

    More than two only where two would be the name of another persona.
    """
    weaker = traits(centre, measures, HALF * deviation)
    if last and set(last) <= set(weaker):
        return last
    found = traits(centre, measures, deviation) or weaker[:1]
    length = min(LABEL_TRAITS, len(found))
    while length < len(found) and set(found[:length]) in [set(other) for other in taken]:
        length += 1
    return found[:length]


def in_words(named: Sequence[Trait], words: Mapping[str, MeasureWords]) -> tuple[str, str]:
    """Traits as English and Chinese text."""
    pairs = [words[measure].of(is_high) for measure, is_high in named]
    if not pairs:
        return AVERAGE
    english = ", ".join(pair[0] for pair in pairs)
    return english[0].upper() + english[1:], "、".join(pair[1] for pair in pairs)


def made_unique(labels: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Labels of which no two are equal: a number tells the later one apart."""
    seen: dict[tuple[str, str], int] = {}
    result = []
    for label in labels:
        seen[label] = seen.get(label, 0) + 1
        result.append(label if seen[label] == 1 else (f"{label[0]} ({seen[label]})", f"{label[1]}（{seen[label]}）"))
    return result
