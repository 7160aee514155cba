"""A chapter of the report and a section of an explanation are found by their folder: a module and its texts are enough."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from kehu.explain import found_sections, wording
from kehu.explain import sections as explain_sections
from kehu.explain.facts import Facts
from kehu.report import catalogue, chapters
from kehu.report import sections as report_sections
from kehu.report.background import UNKNOWN
from kehu.settings import PROJECT_ROOT

PACKAGE = PROJECT_ROOT / "plugins" / "kehu"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """One more folder in which chapters and sections are looked for."""
    for package in (report_sections, explain_sections):
        monkeypatch.setattr(package, "__path__", [*package.__path__, str(tmp_path)])
    for found in (chapters.chapters, found_sections.found_sections):
        found.cache_clear()
    yield tmp_path
    for found in (chapters.chapters, found_sections.found_sections):
        found.cache_clear()
    for name in [name for name in sys.modules if name.endswith(".sections.added")]:
        del sys.modules[name]


def test_a_module_is_a_chapter_and_stands_where_it_says(folder: Path) -> None:
    before = [one.position for one in chapters.chapters()]
    (folder / "added.py").write_text(
        "from kehu.report.chapters import Chapter\nCHAPTER = Chapter(15, lambda reader, words, background: 'added')\n"
    )
    chapters.chapters.cache_clear()
    now = chapters.chapters()
    assert [one.position for one in now] == sorted([*before, 15])
    assert now[1].build(None, None, UNKNOWN) == "added"


def test_a_module_is_a_section_and_stands_where_it_says(folder: Path) -> None:
    before = [one.position for one in found_sections.found_sections()]
    (folder / "added.py").write_text(
        "from kehu.explain.facts import Section\nSECTION = Section(15, lambda facts: [facts.words('not_modelled')])\n"
    )
    found_sections.found_sections.cache_clear()
    now = found_sections.found_sections()
    assert [one.position for one in now] == sorted([*before, 15])
    facts = Facts(wording.words_in("en"), "en", "USD", None, None, "shop:1", None)
    assert now[1].lines(facts) == ["not modelled yet"]


@pytest.mark.parametrize("room", ["report", "explain"])
def test_two_in_one_place_are_refused(folder: Path, room: str) -> None:
    if room == "report":
        text = (
            "from kehu.report.chapters import Chapter\nCHAPTER = Chapter(20, lambda reader, words, background: None)\n"
        )
        found = chapters.chapters
    else:
        text = "from kehu.explain.facts import Section\nSECTION = Section(20, lambda facts: [])\n"
        found = found_sections.found_sections
    (folder / "added.py").write_text(text)
    found.cache_clear()
    with pytest.raises(ValueError, match="one position"):
        found()


@pytest.mark.parametrize("texts", [catalogue.FOLDER, wording.FOLDER], ids=["report", "explain"])
def test_every_language_has_the_same_files(texts: Path) -> None:
    found = {folder.name: sorted(file.name for file in folder.iterdir()) for folder in texts.iterdir()}
    assert found["en"] == found["zh"]
    assert set(found) == {"en", "zh"}


def test_every_language_explains_with_the_same_sentences_and_figures() -> None:
    english, chinese = (wording.sentences(language) for language in ("en", "zh"))
    assert set(english) == set(chinese)
    places = {key: [set(re.findall(r"{(\w+)}", texts[key])) for texts in (english, chinese)] for key in english}
    assert [key for key, (one, other) in places.items() if one != other] == []


def test_every_fixed_sentence_of_an_explanation_is_there() -> None:
    used = {
        key
        for file in (PACKAGE / "explain").rglob("*.py")
        for key in re.findall(r'words\(\s*"([a-z_]+)"', file.read_text(encoding="utf-8"))
    }
    assert len(used) > 20
    assert used <= set(wording.sentences("en"))
