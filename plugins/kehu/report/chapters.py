"""The chapters of the report: every module of ``sections/`` that has a ``chapter``, in the order of their numbers."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

from kehu.report import sections
from kehu.report.background import Background
from kehu.report.blocks import Section
from kehu.report.release_reader import ReleaseReader
from kehu.report.wording import Wording


@dataclass(frozen=True)
class Chapter:
    """One chapter.

    Attributes:
        position: where it stands; chapters are numbered in tens, so that one more fits between.
        build: reads the release and makes the chapter, or the reason why there is none.
    """

    position: int
    build: Callable[[ReleaseReader, Wording, Background], Section]


@cache
def chapters() -> tuple[Chapter, ...]:
    """All chapters in their order; a module is enough, nobody lists it.

    Raises:
        ValueError: two chapters ask for one position.
    """
    found = {chapter.position: chapter for chapter in _found()}
    if len(found) != len(list(_found())):
        raise ValueError("two chapters of report/sections have one position: give one of them another")
    return tuple(found[position] for position in sorted(found))


def _found() -> Iterator[Chapter]:
    for one in pkgutil.iter_modules(sections.__path__):
        module = importlib.import_module(f"{sections.__name__}.{one.name}")
        if isinstance(chapter := getattr(module, "CHAPTER", None), Chapter):
            yield chapter
