"""Which edits are found between two parses of a project, and what they reach."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from kehu.plan.edits import Edits, edited_files, find_edits
from kehu.plan.project import Project, read_project

INNER = "{% macro default__inner(a) %}1{% endmacro %}"
VERSIONS = "{% materialization versions %}1{% endmaterialization %}"
VARS = {"new_days": 60, "words": "no,not", "unread": 1}


def _node(name: str, sql: str, parents: tuple[str, ...] = (), **more: Any) -> dict[str, Any]:
    kind = more.pop("kind", "model")
    return {
        "name": name,
        "resource_type": kind,
        "schema": "work",
        "original_file_path": f"models/{name}.sql",
        "fqn": ["kehu", name],
        "raw_code": sql,
        "checksum": {"checksum": more.pop("checksum", "same")},
        "config": {"materialized": "table", **more.pop("config", {})},
        "columns": {},
        "depends_on": {"nodes": list(parents)},
        **more,
    }


def _macro(name: str, sql: str) -> dict[str, Any]:
    return {"name": name, "package_name": "kehu", "macro_sql": sql, "original_file_path": f"macros/{name}.sql"}


MANIFEST: dict[str, Any] = {
    "nodes": {
        "seed.kehu.rules": _node("rules", "", kind="seed"),
        "model.kehu.orders": _node("orders", "select 1", config={"materialized": "versions"}),
        "model.kehu.stages": _node(
            "stages", "select {{ outer('x') }} from {{ ref('orders') }}", ("model.kehu.orders", "seed.kehu.rules")
        ),
        "model.kehu.needs": _node("needs", "select {{ denied('words') }}", ("model.kehu.orders",)),
        "model.kehu.segments": _node("segments", "select * from {{ ref('stages') }}", ("model.kehu.stages",)),
        "test.kehu.stages_key": _node(
            "stages_key",
            "{{ test_is_key() }}",
            ("model.kehu.stages",),
            kind="test",
            attached_node="model.kehu.stages",
            test_metadata={"name": "is_key", "kwargs": {"columns": ["customer_id"], "model": "x"}},
        ),
    },
    "macros": {
        "m1": _macro("outer", "{% macro outer(a) %}{{ adapter.dispatch('inner')(a) }}{% endmacro %}"),
        "m2": _macro("default__inner", "{% macro default__inner(a) %}{{ var('new_days') }}{% endmacro %}"),
        "m3": _macro("denied", "{% macro denied(name) %}{{ var(name) }}{% endmacro %}"),
        "m4": _macro("materialization_versions_default", "{% materialization versions %}{% endmaterialization %}"),
        "m5": _macro("unused", "{% macro unused() %}{% endmacro %}"),
    },
    "sources": {},
}


def _edited(change: dict[str, Any] | None = None, variables: dict[str, Any] | None = None) -> tuple[Project, Edits]:
    """The project after an edit of single parts (``nodes/model.kehu.orders/raw_code``), and the edits that are found."""
    manifest = copy.deepcopy(MANIFEST)
    for path, value in (change or {}).items():
        *folders, last = path.split("/")
        place = manifest
        for folder in folders:
            place = place[folder]
        place[last] = value
    project = read_project(manifest)
    return project, find_edits(read_project(MANIFEST), project, (VARS, VARS | (variables or {})))


@pytest.mark.parametrize(
    ("change", "variables", "found", "changed"),
    [
        ({}, {}, [], set()),
        ({"nodes/model.kehu.orders/raw_code": "select 1 -- why"}, {}, [], set()),
        ({"nodes/model.kehu.orders/raw_code": "select 2"}, {}, [("model", "orders", ("orders",))], {"orders"}),
        ({"nodes/seed.kehu.rules/checksum": {"checksum": "other"}}, {}, [("seed", "rules", ("rules",))], {"rules"}),
        ({"nodes/model.kehu.orders/columns": {"a": {"data_type": "bigint"}}}, {}, [("model", "orders", ("orders",))], {"orders"}),
        ({"macros/m2/macro_sql": INNER}, {}, [("macro", "default__inner", ("stages",))], {"stages"}),
        (
            {"macros/m4/macro_sql": VERSIONS},
            {},
            [("macro", "materialization_versions_default", ("orders",))],
            {"orders"},
        ),
        ({"macros/m5/macro_sql": "{% macro unused() %}1{% endmacro %}"}, {}, [("macro", "unused", ())], set()),
        ({}, {"new_days": 61}, [("var", "new_days", ("stages",))], {"stages"}),
        ({}, {"words": "no"}, [("var", "words", ("needs",))], {"needs"}),
        ({}, {"unread": 2}, [("var", "unread", ())], set()),
    ],
)  # fmt: skip
def test_each_edit_is_found_with_what_it_reaches_and_nothing_else(
    change: dict[str, Any], variables: dict[str, Any], found: list[tuple[str, str, tuple[str, ...]]], changed: set[str]
) -> None:
    project, edits = _edited(change, variables)
    assert [(edit.kind, edit.name, edit.reaches) for edit in edits.found] == found
    assert {project.nodes[name].name for name in edits.changed} == changed


def test_what_stands_on_an_edit_is_downstream_of_it_without_tests() -> None:
    project, edits = _edited({}, {"new_days": 61})
    assert {project.nodes[name].name for name in project.downstream(edits.changed)} == {"stages", "segments"}


def test_models_that_come_and_go_are_edits() -> None:
    manifest = copy.deepcopy(MANIFEST)
    manifest["nodes"]["model.kehu.more"] = _node("more", "select 1")
    del manifest["nodes"]["model.kehu.segments"]
    edits = find_edits(read_project(MANIFEST), read_project(manifest), (VARS, VARS))
    assert [(edit.name, edit.change) for edit in edits.found] == [("more", "added"), ("segments", "removed")]
    assert edits.changed == {"model.kehu.more"}


def test_the_columns_of_a_key_are_read_from_its_test() -> None:
    assert read_project(MANIFEST).nodes["test.kehu.stages_key"].key == ("customer_id",)


def test_files_that_are_known_by_their_digest_alone() -> None:
    found = edited_files(
        "suite", {"a.yml": "1", "b.yml": "1", "c.yml": "1"}, {"a.yml": "1", "b.yml": "2", "d.yml": "1"}
    )
    assert [(edit.name, edit.change) for edit in found] == [
        ("b.yml", "changed"), ("c.yml", "removed"), ("d.yml", "added")
    ]  # fmt: skip
