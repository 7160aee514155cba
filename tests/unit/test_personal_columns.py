"""Personal columns are tagged where they are published, and a tag is where publication looks for it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from kehu.entities import ENTITIES
from kehu.errors import ReleaseError
from kehu.release.personal import PERSONAL_NAMES, SHARED_BY_MANY, is_masked, is_personal, tagged_columns
from kehu.settings import load_settings

ROOT = Path(__file__).resolve().parents[2]
RELEASE = "r20180101_20260102t030000"


def mart_columns() -> Iterator[tuple[str, dict[str, Any]]]:
    for file in sorted((ROOT / "dbt_project" / "models" / "marts").rglob("*.yml")):
        for model in yaml.safe_load(file.read_text(encoding="utf-8"))["models"]:
            for column in model["columns"]:
                yield f"{model['name']}.{column['name']}", column


def untagged(columns: Iterator[tuple[str, dict[str, Any]]]) -> list[str]:
    """Columns that are named after a personal column of an entity and do not carry the tag."""
    return [
        name
        for name, column in columns
        if any(column["name"] == word or column["name"].endswith(f"_{word}") for word in PERSONAL_NAMES)
        and column.get("config", {}).get("meta", {}).get("personal") is not True
    ]


def test_what_is_named_as_a_personal_column_is_tagged() -> None:
    assert untagged(mart_columns()) == [], "add config: {meta: {personal: true}}, or name it otherwise if it is not"
    for name in ("email", "billing_email", "ticket_text"):
        assert untagged(iter([("t", {"name": name})])) == ["t"]
    assert untagged(iter([("t", {"name": "email", "config": {"meta": {"personal": True}}})])) == []


def test_what_an_erasure_removes_is_masked_too() -> None:
    removed = {name for name, _ in mart_columns() if is_personal(*name.split("."))}
    tagged = {
        name for name, column in mart_columns() if column.get("config", {}).get("meta", {}).get("personal") is True
    }
    assert "fct_refunds.reason" in removed & tagged
    shared = {name for name in removed if name.split(".")[1] in SHARED_BY_MANY}
    assert removed - shared <= tagged, "add config: {meta: {personal: true}}: the mask goes by the same rule"
    assert all(is_masked(*name.split(".")) for name in removed - shared)


def test_tags_are_written_where_dbt_and_kehu_read_them() -> None:
    for name, column in mart_columns():
        assert "meta" not in column, f"{name}: write config: {{meta: {{personal: true}}}}"
        personal = column.get("config", {}).get("meta", {}).get("personal", False)
        assert personal in (True, False) and isinstance(personal, bool), name


def test_free_text_and_what_leads_to_a_person_is_personal() -> None:
    assert {"full_name", "email", "phone", "birth_date", "postal_code", "text", "comment"} <= PERSONAL_NAMES
    assert not {"customer_id", "country", "city", "reason"} & PERSONAL_NAMES
    assert ENTITIES["survey_responses"].column("comment").personal


def test_the_tags_of_a_candidate_are_read_from_dbts_manifest(tmp_path: Path) -> None:
    settings = load_settings(home=tmp_path)
    assert tagged_columns(settings, RELEASE) == {}, "a candidate that dbt has not built has no tags"
    folder = settings.runs_dir / RELEASE / "candidate" / "attempt_1" / "target"
    folder.mkdir(parents=True)
    with pytest.raises(ReleaseError, match="lost dbt's manifest"):
        tagged_columns(settings, RELEASE)
    columns = {
        "a": {"name": "a", "config": {"meta": {"personal": True}}},
        "b": {"name": "b", "meta": {"personal": True}, "config": {}},
        "c": {"name": "c", "config": {"meta": {"personal": False}}},
        "d": {"name": "d"},
    }
    mart = {
        "resource_type": "model",
        "schema": f"candidate_{RELEASE}",
        "name": "mart",
        "alias": "shown",
        "columns": columns,
    }
    feature = {**mart, "schema": f"candidate_{RELEASE}_features", "alias": "hidden"}
    (folder / "manifest.json").write_text(json.dumps({"nodes": {"m": mart, "f": feature}}))
    assert tagged_columns(settings, RELEASE) == {"shown": {"a", "b"}}
