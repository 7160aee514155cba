"""The sentences of ``kehu explain``: a folder a language under ``texts/``, in it a YAML file a section."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

from kehu.strict_yaml import read_yaml

Words = Callable[..., str]
"""``words(key, **figures)`` gives one sentence."""

FOLDER = Path(__file__).parent / "texts"


@cache
def sentences(language: str) -> dict[str, str]:
    """All sentences of a language by key; a key belongs to one file.

    Raises:
        ValueError: two files have a sentence with the same key.
    """
    found: dict[str, str] = {}
    for file in sorted((FOLDER / language).glob("*.yml")):
        content = read_yaml(file)
        if twice := sorted(set(content) & set(found)):
            raise ValueError(f"{file.name} has keys of another file: {', '.join(twice)}")
        found |= content
    return found


def words_in(language: str) -> Words:
    """The sentences in a language: ``en`` or ``zh``. A key without a sentence (a code of the analysts') is shown itself."""
    texts = sentences(language)

    def words(key: str, **figures: object) -> str:
        return texts.get(key, key).format(**figures)

    return words
