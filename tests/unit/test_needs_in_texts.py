"""What a text speaks of: the query of the models on DuckDB, beside the definitions read in Python and planted texts."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from contextlib import closing

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from kehu.demo_shop.phrases import NEEDS, NEUTRAL, SETS, TONES, all_phrases
from kehu.demo_shop.places import LANGUAGES
from kehu.demo_shop.texts import drawn_texts, themes, truth_of, written
from tests.support.needs_sql import Keyword, fill, needs_query, seeded_keywords

Needs = dict[str, bool]
FEW = [
    Keyword("质量", "zh", "quality", False),
    Keyword("质量问题", "zh", "quality", True),
    Keyword("服务", "zh", "service", False, "服务员|服务器"),
    Keyword("退货", "zh", "returns", False),
    Keyword("太贵", "zh", "price", True),
    Keyword("problem", "en", "quality", True),
    Keyword("rude", "en", "service", True),
    Keyword("stock", "en", "product_range", False),
    Keyword("out of stock", "en", "delivery", True),
    Keyword("user-friendly", "en", "usability", False),
    Keyword("friendly", "en", "service", False, "user friendly"),
    Keyword("$", "en", "price", False),
    Keyword("app", "en", "usability", False),
]
WRITTEN_TO_PRICE = {"price": True}
CASES: list[tuple[str, Needs]] = [
    # a negation takes the complaint away, not the mention
    ("质量问题", {"quality": True}),
    ("没有质量问题", {"quality": False}),
    ("并没有什么质量问题", {"quality": False}),
    ("没有出现什么质量问题", {"quality": True}),
    ("没一二三质量问题", {"quality": False}),
    ("没一二三四质量问题", {"quality": True}),
    ("不存在质量问题", {"quality": False}),
    ("并非质量问题", {"quality": False}),
    ("没有，质量问题", {"quality": True}),
    ("没有;质量问题", {"quality": True}),
    ("不错，但有质量问题", {"quality": True}),
    ("没想到质量问题", {"quality": True}),
    ("非常大的质量问题", {"quality": True}),
    ("无太贵", {"price": False}),
    ("有质量问题。没有质量问题", {"quality": True}),
    ("no problem", {"quality": False}),
    ("not a big problem", {"quality": False}),
    ("never had any problem", {"quality": False}),
    ("never had any real problem", {"quality": True}),
    ("without problem", {"quality": False}),
    ("it isn't a problem", {"quality": False}),
    ("it isn’t a problem", {"quality": False}),
    ("no, problem", {"quality": True}),
    ("nothing but a problem", {"quality": True}),
    ("The staff were NOT rude!", {"service": False}),
    ("没有 problem", {"quality": False}),
    # exceptions, whole words, the longest hit
    ("服务员", {}),
    ("服务器坏了", {}),
    ("服务员的服务", {"service": False}),
    ("problematic", {}),
    ("Problem", {"quality": True}),
    ("the shop's problem-solver", {"quality": True}),
    ("out of stock", {"delivery": True}),
    ("stock", {"product_range": False}),
    ("out  of\nstock - stock", {"delivery": True, "product_range": False}),
    ("user-friendly", {"usability": False}),
    ("friendly, user friendly", {"service": False, "usability": False}),
    ("用app时", {"usability": False}),
    ("apple", {}),
    ("a problem(here)", {"quality": True}),
    ("a&problem", {"quality": True}),
    ("$25", {"price": False}),
    ("façapp", {}),
    # half and full width, traditional characters
    ("ＰＲＯＢＬＥＭ", {"quality": True}),
    ("ｎｏ　ｐｒｏｂｌｅｍ", {"quality": False}),
    ("＄２５", {"price": False}),
    ("太貴", {"price": True}),
    ("沒有質量問題", {"quality": True}),
    ("服務員", {}),
    ("服務", {"service": False}),
    ("退貨", {"returns": False}),
    # nothing to read
    ("", {}),
    (" ", {}),
    ("😀😀👍🏽", {}),
    ("😀太贵👍🏽", {"price": True}),
    ("。，！", {}),
    ("\x00", {}),
]


def needs_of(
    texts: Sequence[str], keywords: Sequence[Keyword], changed: Mapping[str, object] | None = None
) -> list[Needs]:
    """By text the needs that it speaks of, and whether it complains."""
    with closing(duckdb.connect()) as session:
        session.execute("set threads = 2")
        fill(session, keywords)
        delivered = pa.table({"event_id": [str(number) for number in range(len(texts))], "words": list(texts)})
        session.register("delivered", delivered)
        found: list[Needs] = [{} for _ in texts]
        for number, need, is_problem in session.execute(needs_query(changed=changed)).fetchall():
            assert need not in found[int(number)]
            found[int(number)][need] = is_problem
    return found


def test_every_case_of_the_definition() -> None:
    found = needs_of([text for text, _ in CASES], FEW)
    wrong = {text: said for (text, expected), said in zip(CASES, found, strict=True) if said != expected}
    assert wrong == {}


def test_a_text_is_read_up_to_its_limit_and_a_huge_one_costs_no_more() -> None:
    huge = "太贵" + "长" * 1_000_000 + "质量问题"
    assert needs_of([huge, "长" * 3998 + "太贵", "长" * 3999 + "太贵"], FEW) == [WRITTEN_TO_PRICE, WRITTEN_TO_PRICE, {}]


def test_words_of_the_vars_decide_what_denies() -> None:
    changed = {"negations_zh": "毫无", "negation_characters": 2, "negations_en": "hardly", "negation_exceptions": ""}
    texts = ["没有质量问题", "毫无质量问题", "毫无这样的质量问题", "hardly a problem", "no problem", "isn't a problem"]
    found = [said["quality"] for said in needs_of(texts, FEW, changed)]
    assert found == [True, False, True, False, True, False]


def test_a_row_of_the_seed_is_all_that_a_new_keyword_takes() -> None:
    keywords = seeded_keywords()
    text = ["the whatsitsname came undone", "它开胶了又开胶"]
    assert needs_of(text, keywords) == [{}, {}]
    added = [Keyword("came undone", "en", "quality", True), Keyword("开胶", "zh", "quality", True)]
    assert needs_of(text, [*keywords, *added]) == [{"quality": True}, {"quality": True}]


def test_no_keyword_depends_on_the_order_of_the_rows() -> None:
    keywords = seeded_keywords()
    texts = [f"{one.keyword} {other.keyword}" for one, other in zip(keywords[::7], keywords[3::7], strict=False)]
    assert needs_of(texts, keywords) == needs_of(texts, keywords[::-1])


@pytest.mark.parametrize("seed", range(3))
def test_the_query_says_what_a_second_reading_says(seed: int) -> None:
    draw = random.Random(seed)
    parts = [
        *(one.keyword for one in FEW),
        *(
            "服务员",
            "没有",
            "没",
            "无",
            "不错",
            "没想到",
            "非常",
            "no ",
            " not ",
            "never ",
            " isn't ",
            "it ",
            " a ",
            "的",
            "很大",
            "，",
        ),
        *(". ", ",", "  ", "！", "user friendly", "ＰＲＯＢＬＥＭ", "服", "质", "stocks"),
    ]
    texts = ["".join(draw.choices(parts, k=draw.randint(1, 9))) for _ in range(4000)]
    found = needs_of(texts, FEW)
    expected = [second_reading(text) for text in texts]
    wrong = [(text, a, b) for text, a, b in zip(texts, found, expected, strict=True) if a != b]
    assert wrong == []
    assert sum(any(said.values()) for said in found) > 500


def second_reading(text: str) -> Needs:
    """The definition again, text by text: characters and words at their places."""
    text = "".join(chr(ord(sign) - 0xFEE0) if 0xFF21 <= ord(sign) <= 0xFF5A else sign for sign in text).lower()
    said: Needs = {}
    for part in re.split("[，。！？；,.!?;]", text):
        clause = " " + re.sub(r"[^a-z0-9'$一-鿿]+", " ", re.sub(r"([一-鿿]+|\$)", r" \1 ", part)) + " "
        hits = []
        for one in FEW:
            shields = [place for shield in (one.except_in or "").split("|") for place in places(shield, one, clause)]
            for begin, end in places(one.keyword.replace("-", " "), one, clause):
                if not any(first <= begin and end <= last for first, last in shields):
                    hits.append((begin, end, one))
        for begin, end, one in hits:
            longer = [o for b, e, o in hits if b <= begin and end <= e and e - b > end - begin]
            if not longer:
                complains = one.is_problem and not denied(clause[:begin])
                said[one.need] = said.get(one.need, False) or complains
    return said


def places(words: str, keyword: Keyword, clause: str) -> list[tuple[int, int]]:
    """Where words begin and end in a clause: English ones whole, Chinese ones anywhere."""
    if not words:
        return []
    pattern = re.escape(words) if keyword.language == "zh" else f"(?<= ){re.escape(words)}(?= )"
    return [
        (hit.start(), hit.start() + len(words))
        for hit in re.finditer(f"(?={pattern})" if keyword.language == "zh" else pattern, clause)
    ]


def denied(before: str) -> bool:
    """Whether a negation stands close enough to the end of the words before a keyword."""
    before = before.rstrip()
    plain = re.sub(
        "不过|不错|不但|不仅|差不多|对不起|特别|别人|非常|没想到", lambda hit: "口" * len(hit.group()), before
    )
    negations = ("没有", "没", "无", "不是", "不存在", "并非")
    near = any(plain[: len(plain) - gap].endswith(negations) for gap in range(min(4, len(plain) + 1)))
    words = before.split()[-3:]
    return near or any(word in ("no", "not", "never", "without") or re.fullmatch("[a-z]+n't", word) for word in words)


@pytest.mark.parametrize("wording_set", SETS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_needs_planted_in_unseen_wordings_are_found(wording_set: str, language: str) -> None:
    """Micro F1 of mentions: the keywords were written from the wordings marked ``seed``, those marked ``test`` only measure."""
    texts, needs, sets, languages = planted(4000)
    of_interest = [n for n in range(len(texts)) if sets[n] == wording_set and languages[n] == language]
    found = needs_of([texts[n] for n in of_interest], seeded_keywords())
    hits = sum(len(needs[n] & set(said)) for n, said in zip(of_interest, found, strict=True))
    mistakes = sum(len(needs[n] ^ set(said)) for n, said in zip(of_interest, found, strict=True))
    assert hits > 800
    assert 2 * hits / (2 * hits + mistakes) >= 0.95


def planted(count: int) -> tuple[list[str], list[set[str]], list[str], list[str]]:
    """Texts of every need and tone, what they speak of, and which wordings they are made of."""
    draw, phrases = np.random.default_rng(20260101), all_phrases()
    need = draw.integers(0, len(NEEDS) + 1, count)
    tone = np.where(need == NEUTRAL, 0, draw.integers(0, len(TONES), count))
    language = draw.integers(0, len(LANGUAGES), count)
    numbers = drawn_texts(draw, phrases, language, themes(draw, need, tone))
    ids = pa.array([str(number) for number in range(count)])
    truth = truth_of(phrases, numbers, "shop.tickets.text", ids, person=np.arange(count), day=0)
    needs = [set(filter(None, str(named).split(";"))) for named in truth["needs"].to_pylist()]
    texts = written(phrases, numbers).to_pylist()
    return texts, needs, truth["wording_set"].to_pylist(), truth["language"].to_pylist()


def test_keywords_speak_of_every_need_and_each_can_be_found() -> None:
    keywords = seeded_keywords()
    assert {one.need for one in keywords} == {*NEEDS, "other"}
    found = needs_of([one.keyword for one in keywords], keywords)
    lost = [one.keyword for one, said in zip(keywords, found, strict=True) if one.need not in said]
    assert lost == []
