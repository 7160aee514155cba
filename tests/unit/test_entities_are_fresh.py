"""What is made of entities.yml says what it says."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from kehu.entities import ENTITIES

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def maker() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_entities", ROOT / "tools" / "entities.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_what_is_made_of_the_entities_is_fresh(maker: ModuleType) -> None:
    stale = [
        str(path)
        for path, text in maker.files().items()
        if not (ROOT / path).exists() or (ROOT / path).read_text(encoding="utf-8") != text
    ]
    assert stale == [], "run `make entities`"


def test_staging_holds_no_model_that_no_entity_has_made(maker: ModuleType) -> None:
    made = {path.name for path in maker.files() if path.parent == maker.STAGING}
    others = {f"{name}.{ending}" for name in ("quarantined_values", "duplicate_keys") for ending in ("sql", "yml")}
    assert {file.name for file in (ROOT / maker.STAGING).iterdir() if file.is_file()} == made | others
    base = {file.stem for file in (ROOT / maker.STAGING / "base").glob("*.sql")}
    assert base == {f"base_{name}" for name in ENTITIES} | {"base_reporting_rates"}
