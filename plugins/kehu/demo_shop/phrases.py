"""The phrases that texts are made of: every wording of the grammars with its slots filled."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from functools import cache
from itertools import product
from pathlib import Path
from string import Formatter
from typing import Any

import numpy as np
import pyarrow as pa
import yaml

from kehu.demo_shop.places import LANGUAGES
from kehu.demo_shop.plan import Array

NEEDS = (
    "price", "quality", "delivery", "service", "responsiveness", "product_range", "returns", "payment", "usability",
    "performance", "customisation",
)  # fmt: skip
NEUTRAL = len(NEEDS)
"""In the place of a need: a phrase that speaks of none."""
NOTHING = NEUTRAL + 1
"""In the place of a need: no phrase."""
TONES = ("problem", "praise", "negated")
PROBLEM, PRAISE, NEGATED = range(3)
SETS = ("seed", "test")


@dataclass(frozen=True)
class Phrases:
    """All phrases in one list; those of a language, set, tone and need stand together.

    Attributes:
        texts: the phrases.
        mistyped: the same with a slip of the finger.
        wordings: which wording of the grammar each phrase comes from.
        begins: where the phrases of (language, set, tone, need) begin.
        counts: how many they are.
        frames: of each language the openings, joins and closings.
    """

    texts: pa.Array
    mistyped: pa.Array
    wordings: pa.Array
    begins: Array
    counts: Array
    frames: tuple[dict[str, list[str]], ...]

    def drawn(
        self, random: np.random.Generator, language: Array, wording_set: Array, tone: Array, need: Array
    ) -> Array:
        """A phrase for each text, as positions in the list."""
        at = (language, wording_set, np.where(need == NEUTRAL, 0, tone), need)
        return self.begins[at] + np.floor(random.random(len(need)) * self.counts[at]).astype(np.int64)


@cache
def all_phrases() -> Phrases:
    """Read the grammars of the wordings folder."""
    texts: list[str] = []
    slips: list[str] = []
    wordings: list[str] = []
    begins = np.zeros((len(LANGUAGES), len(SETS), len(TONES), NOTHING), np.int64)
    counts = np.zeros_like(begins)
    grammars = [_grammar(language) for language in LANGUAGES]
    for at in np.ndindex(begins.shape):
        language, wording_set, tone, need = LANGUAGES[at[0]], SETS[at[1]], TONES[at[2]], at[3]
        begins[at] = len(texts)
        for number, wording in enumerate(_wordings(grammars[at[0]], wording_set, tone, need)):
            name = "neutral" if need == NEUTRAL else f"{NEEDS[need]}.{tone}"
            for phrase in _filled(wording, grammars[at[0]]["slots"]):
                texts.append(phrase)
                slips.append(_slip(phrase, language))
                wordings.append(f"{language}.{name}.{wording_set}.{number}")
        counts[at] = len(texts) - begins[at]
    frames = tuple({part: grammar[part] for part in ("openings", "joins", "closings")} for grammar in grammars)
    return Phrases(pa.array(texts), pa.array(slips), pa.array(wordings), begins, counts, frames)


def _grammar(language: str) -> dict[str, Any]:
    file = Path(__file__).with_name("wordings") / f"{language}.yml"
    return dict(yaml.safe_load(file.read_text(encoding="utf-8")))


def _wordings(grammar: dict[str, Any], wording_set: str, tone: str, need: int) -> list[str]:
    if need == NEUTRAL:
        return list(grammar["neutral"][wording_set]) if tone == TONES[0] else []
    return list(grammar["needs"][NEEDS[need]][tone][wording_set])


def _filled(wording: str, slots: dict[str, list[str]]) -> list[str]:
    names = [name for _, name, _, _ in Formatter().parse(wording) if name]
    return [wording.format(**dict(zip(names, chosen, strict=True))) for chosen in product(*(slots[n] for n in names))]


def _slip(phrase: str, language: str) -> str:
    """Two letters of one word exchanged; in Chinese the wrong particle or a character typed twice."""
    if language == "zh":
        at = zlib.crc32(phrase.encode()) % len(phrase)
        return phrase.replace("的", "得") if "的" in phrase else phrase[: at + 1] + phrase[at:]
    spans = [word for word in phrase.split(" ") if len(word) > 4]
    if not spans:
        return phrase
    word = spans[zlib.crc32(phrase.encode()) % len(spans)]
    at = 1 + zlib.crc32(word.encode()) % (len(word) - 2)
    return phrase.replace(word, word[:at] + word[at + 1] + word[at] + word[at + 2 :], 1)
