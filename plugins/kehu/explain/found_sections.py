"""The sections of an explanation: every module of ``sections/`` that has a ``SECTION``, in the order of their positions."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from kehu.explain import sections
from kehu.explain.facts import Section


@cache
def found_sections() -> tuple[Section, ...]:
    """All sections in their order; a module is enough, nobody lists it.

    Raises:
        ValueError: two sections ask for one position.
    """
    modules = [
        importlib.import_module(f"{sections.__name__}.{one.name}") for one in pkgutil.iter_modules(sections.__path__)
    ]
    found = [module.SECTION for module in modules if isinstance(getattr(module, "SECTION", None), Section)]
    if len({one.position for one in found}) != len(found):
        raise ValueError("two modules of explain/sections have one position: give one of them another")
    return tuple(sorted(found, key=lambda one: one.position))
