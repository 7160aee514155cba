"""dbt without what it does anew for every node, though the answer is the same, and without events that nobody reads.

A step of a small shop is a few hundred nodes whose SQL takes milliseconds; beside it dbt spends more than that on each node on
making the same objects again. What is put in here answers as dbt's own does; each part names what it takes the place of, and
``test_lean_dbt.py`` holds both answers against each other for the version of dbt that is locked.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from types import CodeType
from typing import Any

READ_BY_KEHU = "NodeFinished"
"""The only event below a warning's rank that a step reads."""


def make_lean() -> None:
    """Put the quicker parts in; a second call changes nothing."""
    from dbt.adapters.base.impl import BaseAdapter
    from dbt.artifacts.schemas import base
    from dbt.context.macros import MacroNamespaceBuilder
    from dbt_common.clients.jinja import MacroFuzzEnvironment
    from dbt_common.events.event_manager import EventManager

    if getattr(EventManager, "kehu_is_lean", False):
        return
    EventManager.kehu_is_lean = True  # type: ignore[attr-defined]
    EventManager.fire_event = _without_debug(EventManager.fire_event)  # type: ignore[method-assign]
    MacroNamespaceBuilder.build_namespace = _build_namespace
    MacroFuzzEnvironment.compile = _compiled_once(MacroFuzzEnvironment.compile)  # type: ignore[method-assign]
    base.write_json = write_json
    BaseAdapter.set_macro_context_generator = _keeping_contexts(BaseAdapter.set_macro_context_generator)


def compile_templates(manifest: Any) -> None:
    """Compile what the project's nodes and macros are written in, so that forks of this process find it done."""
    from dbt_common.clients.jinja import get_template, template_cache

    for macro in manifest.macros.values():
        template_cache.get_node_template(macro)
    for node in manifest.nodes.values():
        if getattr(node, "language", None) == "sql":
            get_template(node.raw_code, {}, node)


def _without_debug(fire: Callable[..., None]) -> Callable[..., None]:
    """In place of ``EventManager.fire_event``: debug events are neither printed nor kept, so they need no message."""
    from dbt_common.events.base_types import EventLevel

    unread = (EventLevel.DEBUG, EventLevel.TEST)

    def fire_event(self: Any, e: Any, level: Any = None, *more: Any, **named: Any) -> None:
        if (level or e.level_tag()) in unread and type(e).__name__ != READ_BY_KEHU:
            return
        fire(self, e, level, *more, **named)

    return fire_event


def _build_namespace(self: Any, macros_by_package: Mapping[str, Mapping[str, Any]], ctx: dict[str, Any]) -> Any:
    """In place of ``MacroNamespaceBuilder.build_namespace``: the same packages, made a package at a time."""
    from dbt.clients.jinja import MacroGenerator

    node, stack = self.node, self.thread_ctx
    made = {
        package: {name: MacroGenerator(macro, ctx, node, stack) for name, macro in macros.items()}
        for package, macros in macros_by_package.items()
    }
    internal: dict[str, Any] = {}
    for package in reversed(self.internal_package_names_order):  # the first of the list wins
        internal.update(made.get(package, {}))
    packages = {package: macros for package, macros in made.items() if package not in self.internal_package_names}
    own = packages.get(self.search_package, {})
    root = {} if self.search_package == self.root_package else packages.get(self.root_package, {})
    return _namespace_class()(root, own, internal, packages)


@lru_cache(maxsize=1)
def _namespace_class() -> Any:
    from dbt.context.macros import MacroNamespace

    class FlatNamespace(MacroNamespace):
        """A namespace that looks its names up once instead of in five places for each."""

        def __init__(self, *parts: Any) -> None:
            super().__init__(*parts)
            self.flat: dict[str, Any] = {}
            for part in reversed(list(self._search_order())):
                self.flat.update(part)

        def __iter__(self) -> Iterator[str]:
            return iter(self.flat)

        def __len__(self) -> int:
            return len(self.flat)

        def __getitem__(self, key: str) -> Any:
            return self.flat[key]

    return FlatNamespace


def _compiled_once(compile_template: Callable[..., Any]) -> Callable[..., Any]:
    """In place of ``Environment.compile``: hundreds of tests and hooks are the same few templates."""
    known: dict[tuple[Any, ...], CodeType] = {}

    def compile_known(self: Any, source: Any, *more: Any, **named: Any) -> Any:
        if not isinstance(source, str) or more or named:
            return compile_template(self, source, *more, **named)
        key = (type(self), source)
        if key not in known:
            known[key] = compile_template(self, source)
        return known[key]

    return compile_known


def _keeping_contexts(set_generator: Callable[..., None]) -> Callable[..., None]:
    """In place of ``BaseAdapter.set_macro_context_generator``: a context is made once for a macro that runs by itself.

    Renaming and dropping a relation are such macros, and every model asks for them. A context holds the results of the
    statements that run in it: threads never share one.
    """

    def set_keeping(self: Any, generator: Callable[..., dict[str, Any]]) -> None:
        kept = threading.local()

        def context_of(macro: Any, config: Any, resolver: Any, package: str | None) -> dict[str, Any]:
            mine: dict[tuple[Any, ...], tuple[Any, dict[str, Any]]] = kept.__dict__.setdefault("contexts", {})
            key = (macro.unique_id, id(config), id(resolver), package)
            if key not in mine:
                # what the key's numbers stand for is held, or another object might get the same number
                mine[key] = ((config, resolver), generator(macro, config, resolver, package))
            return mine[key][1]

        set_generator(self, context_of)

    return set_keeping


def write_json(path: str, data: dict[str, Any]) -> bool:
    """In place of the ``write_json`` of dbt's artifacts: text at once, from the encoder that is written in C."""
    from dbt_common.utils.encoding import JSONEncoder

    file = Path(path)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(data, cls=JSONEncoder), encoding="utf-8")
    return True
