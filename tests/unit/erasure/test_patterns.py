"""What the proof searches for: the same values in RE2, in Postgres' expressions (by its rules) and in bytes."""

from __future__ import annotations

import re

import duckdb
import pytest

from kehu.erasure.patterns import Needles, pattern_of
from kehu.settings import load_settings

STRANGE = [
    "a.b+c@example.com",
    "+49 (170) 555",
    "x[1]{2}|y",
    "line\nbreak\ttab",
    r"back\slash$^",
    "李小龙*?",
    "a-b_c/d",
]


@pytest.mark.parametrize("value", STRANGE, ids=range(len(STRANGE)))
def test_every_letter_means_itself(value: str) -> None:
    pattern = pattern_of([("text", value), ("word", value)])
    with duckdb.connect() as connection:
        for text, expected in ((f"before {value} after".lower(), True), ("something else", False), (value[:-1], False)):
            assert connection.execute("select regexp_matches(?, ?)", [text, pattern]).fetchone() == (expected,)
            assert bool(re.search(pattern.encode(), text.encode())) is expected
            assert Needles([("text", value)], load_settings()).are_in(text.upper().encode()) is expected


def test_an_id_stands_alone() -> None:
    pattern = re.compile(pattern_of([("word", "shop:1")]))
    assert pattern.search("customer shop:1, of")
    assert pattern.search('{"id":"shop:1"}')
    for other in ("shop:10", "shop:1-2", "my-shop:1", "shop:1_a"):
        assert not pattern.search(other)


def test_values_are_taken_out_and_all_else_stays() -> None:
    needles = Needles([("word", "shop:7"), ("text", "anna@example.com")], load_settings())
    content = b"shop:7 wrote as Anna@Example.com to shop:70,shop:7;\xff\xfe shop:7"
    assert needles.taken_out_of(content) == b"erased wrote as erased to shop:70,erased;\xff\xfe erased"
    assert not needles.are_in(needles.taken_out_of(content))


def test_an_id_that_the_documentation_gives_as_an_example_is_not_searched_for_in_files() -> None:
    needles = Needles([("word", "shop:1001"), ("word", "shop:31337")], load_settings())
    assert not needles.are_in(b"such as shop:1001")
    assert needles.are_in(b"such as shop:31337")


def test_nothing_matches_nothing() -> None:
    assert not re.search(pattern_of([]), "anything at all")
