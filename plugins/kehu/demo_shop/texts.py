"""Texts of customers: one or two phrases in a frame, with what they speak of.

A text is drawn as a few numbers, from which it can be written as often as it is exported.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from kehu.demo_shop.columns import Rows, chosen, constant, labels, together, words
from kehu.demo_shop.phrases import NEEDS, NEUTRAL, NOTHING, PROBLEM, SETS, TONES, Phrases
from kehu.demo_shop.places import LANGUAGES
from kehu.demo_shop.plan import Array

MISTYPED = 0.03
TEST_SET = 0.5
MIXED = 0.25
_FRAMES = ("openings", "joins", "closings")


@dataclass(frozen=True)
class Theme:
    """What each text is to speak of: a need in a tone, and a second one or NOTHING."""

    need: Array
    tone: Array
    second_need: Array
    second_tone: Array


def themes(random: np.random.Generator, need: Array, tone: Array) -> Theme:
    """Some texts speak of a second need, in whatever tone."""
    count = len(need)
    step = random.integers(1, len(NEEDS), count)
    is_mixed = (random.random(count) < MIXED) & (need != NEUTRAL)
    second = np.where(is_mixed, (need + step) % len(NEEDS), NOTHING)
    return Theme(need, tone, second, random.integers(0, len(TONES), count))


def drawn_texts(random: np.random.Generator, phrases: Phrases, language: Array, theme: Theme) -> Rows:
    """The numbers that each text is written from.

    A text takes all of its wordings from one set, so that a text of the set ``test`` has none that keywords were written from.
    """
    count = len(language)
    language = language.astype(np.int64)
    wording_set = (random.random(count) < TEST_SET).astype(np.int64)
    has_second = theme.second_need != NOTHING
    second_need = np.where(has_second, theme.second_need, NEUTRAL)
    numbers = {
        "text_language": language,
        "text_set": wording_set,
        "text_slip": (random.random(count) < MISTYPED).astype(np.int64),
        "text_need": theme.need,
        "text_tone": theme.tone,
        "text_second_need": theme.second_need,
        "text_second_tone": theme.second_tone,
        "text_first": phrases.drawn(random, language, wording_set, theme.tone, theme.need),
        "text_second": phrases.drawn(random, language, wording_set, theme.second_tone, second_need),
    }
    for part in _FRAMES:
        sizes = np.array([len(frame[part]) for frame in phrases.frames])
        numbers[f"text_{part}"] = np.floor(random.random(count) * sizes[language]).astype(np.int64)
    return numbers


def written(phrases: Phrases, numbers: Rows) -> pa.Array:
    """The texts themselves."""
    first = pa.array(numbers["text_first"])
    begin = chosen(numbers["text_slip"] == 1, phrases.mistyped.take(first), phrases.texts.take(first))
    tail = together(_frame(phrases, numbers, "joins"), phrases.texts.take(pa.array(numbers["text_second"])))
    tail = chosen(numbers["text_second_need"] != NOTHING, tail, "")
    return together(_frame(phrases, numbers, "openings"), begin, tail, _frame(phrases, numbers, "closings"))


def truth_of(phrases: Phrases, numbers: Rows, where: str, ids: pa.Array, *, person: Array, day: int) -> Rows:
    """The rows of the truth: which text it is, who wrote it, what it speaks of, what it was made from.

    ``where`` is ``source.entity.column``.
    """
    count = len(ids)
    source, entity, column = where.split(".")
    first = phrases.wordings.take(pa.array(numbers["text_first"]))
    second = phrases.wordings.take(pa.array(numbers["text_second"]))
    has_second = numbers["text_second_need"] != NOTHING
    need, other = numbers["text_need"], numbers["text_second_need"]
    return {
        "source": constant(source, count),
        "entity": constant(entity, count),
        "column_name": constant(column, count),
        "id": ids,
        "person_id": labels("P", person),
        "day": np.full(count, day),
        "language": words(LANGUAGES, numbers["text_language"]),
        "needs": _named(need, other),
        "problem_needs": _named(
            np.where(numbers["text_tone"] == PROBLEM, need, NOTHING),
            np.where(numbers["text_second_tone"] == PROBLEM, other, NOTHING),
        ),
        "wordings": chosen(has_second, pc.binary_join_element_wise(first, second, ";"), first),
        "wording_set": words(SETS, numbers["text_set"]),
        "is_mistyped": numbers["text_slip"] == 1,
    }


def _frame(phrases: Phrases, numbers: Rows, part: str) -> pa.Array:
    listed = [text for frame in phrases.frames for text in frame[part]]
    begins = np.array([0, len(phrases.frames[0][part])])
    return words(listed, begins[numbers["text_language"]] + numbers[f"text_{part}"])


def _named(first: Array, second: Array) -> pa.Array:
    """The names of one or two needs, in alphabetical order with a semicolon between."""
    names = [*NEEDS, "", ""]
    pairs = [";".join(sorted(name for name in (one, other) if name)) for one in names for other in names]
    return words(pairs, first.astype(np.int64) * len(names) + second)
