"""What takes the place of parts of dbt answers as dbt's own parts do."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from dbt.adapters.base.impl import BaseAdapter
from dbt.adapters.events.types import CacheAction, SQLQuery
from dbt.artifacts.schemas import base
from dbt.clients.jinja import MacroStack
from dbt.context.macros import MacroNamespaceBuilder
from dbt.events.types import NodeFinished
from dbt_common.clients.jinja import MacroFuzzEnvironment, NativeSandboxEnvironment
from dbt_common.clients.system import write_json as dbt_write_json
from dbt_common.events.base_types import EventLevel
from dbt_common.events.event_manager import EventManager
from dbt_common.events.types import Note

from kehu.transform import lean_dbt

MACROS = {
    "dbt": ("create_table", "drop_table", "star"),
    "dbt_duckdb": ("create_table",),
    "kehu": ("drop_table", "money"),
    "company": ("money", "star"),
}


def _macros() -> dict[str, dict[str, Any]]:
    return {
        package: {
            name: SimpleNamespace(name=name, package_name=package, unique_id=f"macro.{package}.{name}")
            for name in names
        }
        for package, names in MACROS.items()
    }


def _found(namespace: Any) -> dict[str, Any]:
    def named(one: Any) -> Any:
        return {name: named(inner) for name, inner in one.items()} if isinstance(one, dict) else one.macro.unique_id

    return {name: named(namespace[name]) for name in namespace}


@pytest.mark.parametrize("search", ["kehu", "company", "dbt", "elsewhere"])
def test_a_namespace_finds_the_macros_that_dbt_finds(search: str) -> None:
    def builder() -> MacroNamespaceBuilder:
        return MacroNamespaceBuilder("kehu", search, MacroStack(), ["dbt_duckdb", "dbt"], None)

    expected = builder().build_namespace(_macros(), {})  # type: ignore[arg-type]
    found = lean_dbt._build_namespace(builder(), _macros(), {})
    assert _found(found) == _found(expected)
    assert len(found) == len(expected)
    for package in ("dbt", "kehu", "company", None):
        for name in ("create_table", "drop_table", "star", "money"):
            mine, theirs = (one.get_from_package(package, name) for one in (found, expected))
            assert getattr(mine, "macro", None) == getattr(theirs, "macro", None)


def test_only_debug_events_that_nobody_reads_are_left_out() -> None:
    sent: list[str] = []
    manager = EventManager()
    manager.add_callback(lambda message: sent.append(message.info.name))
    fire = lean_dbt._without_debug(EventManager.fire_event)
    fire(manager, SQLQuery(conn_name="a", sql="select 1", node_info={}))
    fire(manager, CacheAction())
    fire(manager, NodeFinished(node_info={}, run_result={}))
    fire(manager, Note(msg="kept"))
    fire(manager, Note(msg="not kept"), EventLevel.DEBUG)
    fire(manager, SQLQuery(conn_name="a", sql="select 1", node_info={}), EventLevel.WARN)
    assert sent == ["NodeFinished", "Note", "SQLQuery"]


def test_a_template_is_compiled_once_for_each_kind_of_environment() -> None:
    compiled = lean_dbt._compiled_once(MacroFuzzEnvironment.compile)
    text, native = MacroFuzzEnvironment(), NativeSandboxEnvironment()
    first = compiled(text, "{{ 1 + one }}")
    assert compiled(MacroFuzzEnvironment(), "{{ 1 + one }}") is first
    assert compiled(native, "{{ 1 + one }}") is not first
    assert compiled(text, "{{ 2 + one }}") is not first
    assert compiled(text, "{{ 1 + one }}", filename="given.sql") is not first


def test_a_context_is_made_once_for_each_macro_and_never_shared_by_threads() -> None:
    made: list[str] = []

    def generator(macro: Any, config: Any, resolver: Any, package: str | None) -> dict[str, Any]:
        made.append(f"{macro.unique_id} of {package}")
        return {}

    adapter = SimpleNamespace()
    lean_dbt._keeping_contexts(BaseAdapter.set_macro_context_generator)(adapter, generator)
    context_of = adapter._macro_context_generator
    config, resolver = object(), object()
    rename, drop = (SimpleNamespace(unique_id=name) for name in ("rename", "drop"))
    first = context_of(rename, config, resolver, None)
    assert context_of(rename, config, resolver, None) is first
    assert context_of(drop, config, resolver, None) is not first
    assert context_of(rename, config, resolver, "kehu") is not first
    assert context_of(rename, object(), resolver, None) is not first
    elsewhere: list[dict[str, Any]] = []
    other = threading.Thread(target=lambda: elsewhere.append(context_of(rename, config, resolver, None)))
    other.start()
    other.join()
    assert elsewhere[0] is not first
    assert made == ["rename of None", "drop of None", "rename of kehu", "rename of None", "rename of None"]


def test_artifacts_read_back_as_dbt_writes_them(tmp_path: Path) -> None:
    content = {
        "at": datetime(2024, 2, 29, 12, tzinfo=UTC),
        "amount": Decimal("1.5"),
        "名": ["a", None, 1],
        "nested": {"b": {"c": True}},
    }
    assert lean_dbt.write_json(str(tmp_path / "new" / "mine.json"), content)
    dbt_write_json(str(tmp_path / "dbt.json"), content)
    mine, theirs = (json.loads((tmp_path / name).read_text("utf-8")) for name in ("new/mine.json", "dbt.json"))
    assert mine == theirs


def test_what_is_replaced_is_there_to_be_replaced() -> None:
    assert callable(EventManager.fire_event)
    assert callable(MacroNamespaceBuilder.build_namespace)
    assert "compile" in dir(MacroFuzzEnvironment)
    assert callable(BaseAdapter.set_macro_context_generator)
    assert base.write_json is dbt_write_json
