"""The words: the same keys in every language, none unknown, none unused."""

from __future__ import annotations

import re
import string
from pathlib import Path

import pytest

import kehu.report
from kehu.errors import UsageError
from kehu.report.catalogue import languages, load_catalogue

SOURCES = sorted(Path(kehu.report.__path__[0]).rglob("*.py")) + sorted(Path(kehu.report.__path__[0]).rglob("*.j2"))


def places(text):
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_there_are_two_languages():
    assert languages() == ["en", "zh"]


def test_both_have_the_same_keys():
    english, chinese = load_catalogue("en"), load_catalogue("zh")
    assert sorted(english) == sorted(chinese)
    assert len(english) > 150


def test_no_text_is_empty():
    assert [key for language in languages() for key, text in load_catalogue(language).items() if not text.strip()] == []


def test_a_sentence_loses_no_figure_in_translation():
    """Dates and comparisons name their month in other ways; every other text has the same places in both."""
    english, chinese = load_catalogue("en"), load_catalogue("zh")
    free = re.compile(r"dates\.|kpis\.against_")
    differing = {key for key in english if not free.match(key) and places(english[key]) != places(chinese[key])}
    assert differing == set()


def test_every_key_that_the_code_names_exists_and_every_text_is_used():
    named, prefixes = set(), set()
    for path in SOURCES:
        source = path.read_text(encoding="utf-8")
        named |= set(re.findall(r'"([a-z_]+(?:\.[a-z_0-9]+)+)"', source))
        prefixes |= set(re.findall(r'f["\']([a-z_0-9]+(?:\.[a-z_0-9]+)*\.(?:[a-z_0-9]+_)?)\{', source))
        prefixes |= {f"units.{unit}." for unit in re.findall(r'counted\(\s*"([a-z_]+)"', source)}
        prefixes |= {f"{group}." for group in re.findall(r'name\(\s*"([a-z_.]+)"', source)}
        prefixes |= {f"{group}." for group in re.findall(r'texts="([a-z_.]+)"', source)}
        prefixes |= {f"{group}." for group in re.findall(r'told\(\s*"([a-z_.]+)"', source)}
    texts = load_catalogue("en")
    files = ("blocks.html.j2", "report.html.j2", "kehu.duckdb", "report.js", "report.css")
    tables = {name for name in named if name.startswith(("analytics.", "application."))}
    groups = {name for name in named if f"{name}." in prefixes}
    assert named - set(texts) - set(files) - tables - groups == set()
    unused = {key for key in texts if key not in named and not key.startswith(tuple(prefixes))}
    assert unused == set()


def test_an_unknown_language_names_the_known_ones():
    with pytest.raises(UsageError, match="en, zh"):
        load_catalogue("de")
