"""The words of the report: a folder a language under ``texts/``, in it a YAML file a chapter, the same keys in each language."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from kehu.errors import UsageError, nearest

FOLDER = Path(__file__).parent / "texts"


def languages() -> list[str]:
    """The languages that have a catalogue."""
    return sorted(path.name for path in FOLDER.iterdir() if path.is_dir())


@cache
def load_catalogue(language: str) -> dict[str, str]:
    """Texts of a language by dotted key, such as ``lifecycle.name`` for ``name`` in ``lifecycle.yml``.

    Raises:
        UsageError: there is no catalogue in that language.
    """
    if language not in languages():
        raise UsageError(
            f"there are no texts in language {language!r}",
            fix=f"choose one of {', '.join(languages())}",
            nearest=nearest(language, languages()),
        )
    files = sorted((FOLDER / language).glob("*.yml"))
    content = {file.stem: yaml.safe_load(file.read_text(encoding="utf-8")) for file in files}
    return dict(_flatten(content))


def _flatten(node: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for name, value in node.items():
        key = f"{prefix}{name}"
        if isinstance(value, dict):
            yield from _flatten(value, f"{key}.")
        else:
            yield key, str(value)
