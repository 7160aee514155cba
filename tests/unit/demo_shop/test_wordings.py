"""The grammars: every need in every tone and set, and nothing that both sets share."""

from __future__ import annotations

import re
import unicodedata
from itertools import product

import numpy as np
import pytest

from kehu.demo_shop.phrases import NEEDS, NEUTRAL, SETS, TONES, all_phrases
from kehu.demo_shop.places import LANGUAGES
from tests.unit.demo_shop.shop_files import ShopFiles


def plain(text: str) -> str:
    """Letters and digits only: what makes two wordings the same in effect."""
    return re.sub(r"\W+", "", unicodedata.normalize("NFKC", text).lower())


def phrases_of(language: int, wording_set: int, tone: int, need: int) -> set[str]:
    phrases = all_phrases()
    at = (language, wording_set, tone, need)
    begin = int(phrases.begins[at])
    return set(phrases.texts[begin : begin + int(phrases.counts[at])].to_pylist())


@pytest.mark.parametrize("language", range(len(LANGUAGES)), ids=LANGUAGES)
def test_the_wordings_of_the_two_sets_are_disjoint(language: int) -> None:
    cells = [*product(range(len(TONES)), range(len(NEEDS))), (0, NEUTRAL)]
    seed, test = ({plain(p) for tone, need in cells for p in phrases_of(language, s, tone, need)} for s in range(2))
    assert len(seed) > 150
    assert len(test) > 150
    assert seed & test == set()


def test_every_need_has_several_wordings_of_every_tone_in_both_languages_and_sets() -> None:
    phrases = all_phrases()
    assert phrases.counts[:, :, :, :NEUTRAL].min() >= 2
    assert phrases.counts[:, :, 0, :NEUTRAL].min() >= 5
    names = set(phrases.wordings.to_pylist())
    assert {name.split(".")[1] for name in names} == {*NEEDS, "neutral"}
    assert {name.split(".")[-2] for name in names} == set(SETS)


def test_a_phrase_means_one_need_only() -> None:
    phrases = all_phrases()
    meaning: dict[str, set[str]] = {}
    for text, wording in zip(phrases.texts.to_pylist(), phrases.wordings.to_pylist(), strict=True):
        meaning.setdefault(plain(text), set()).add(wording.split(".")[1])
    assert {text: needs for text, needs in meaning.items() if len(needs) > 1} == {}


def test_no_slot_is_left_open_and_slips_differ() -> None:
    phrases = all_phrases()
    texts, slips = phrases.texts.to_pylist(), phrases.mistyped.to_pylist()
    assert not [text for text in texts if "{" in text]
    assert np.mean([text != slip for text, slip in zip(texts, slips, strict=True)]) > 0.95


@pytest.mark.slow
def test_texts_are_made_of_the_wordings_that_the_truth_names(small_shop: ShopFiles) -> None:
    told = small_shop.truth("texts")
    tickets = small_shop.rows("shop.tickets").drop_duplicates("ticket_id", keep="last").set_index("ticket_id")["text"]
    told = told[(told["entity"] == "tickets") & ~told["is_mistyped"]]
    phrases = all_phrases()
    by_wording: dict[str, list[str]] = {}
    for text, wording in zip(phrases.texts.to_pylist(), phrases.wordings.to_pylist(), strict=True):
        by_wording.setdefault(wording, []).append(text)
    assert len(told) > 50
    for row in told.itertuples():
        for wording in row.wordings.split(";"):
            assert any(phrase in tickets[row.id] for phrase in by_wording[wording])
            assert wording.split(".")[-2] == row.wording_set
            need = wording.split(".")[1]
            assert need == "neutral" or need in row.needs.split(";")
    assert (told["needs"].str.contains(";")).mean() > 0.1


@pytest.mark.slow
def test_a_tickets_text_stays_the_same_when_it_is_delivered_again(small_shop: ShopFiles) -> None:
    texts = small_shop.rows("shop.tickets").groupby("ticket_id")["text"].agg(["nunique", "size"])
    assert (texts["size"] > 1).sum() > 50
    assert (texts["nunique"] == 1).all()
