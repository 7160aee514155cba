"""The data dictionary says what the models say."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]


def test_the_data_dictionary_is_fresh() -> None:
    spec = importlib.util.spec_from_file_location("data_dictionary", ROOT / "tools" / "data_dictionary.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert (ROOT / "docs" / "data_dictionary.md").read_text(encoding="utf-8") == module.render(), (
        "run `make dictionary`"
    )


def test_every_mart_says_its_grain_and_types_every_column() -> None:
    project = yaml.safe_load((ROOT / "dbt_project" / "dbt_project.yml").read_text(encoding="utf-8"))
    assert project["models"]["kehu"]["marts"]["+contract"] == {"enforced": True}
    marts = ROOT / "dbt_project" / "models" / "marts"
    checked = 0
    for file in sorted(marts.rglob("*.yml")):
        for model in yaml.safe_load(file.read_text(encoding="utf-8"))["models"]:
            checked += 1
            last = model["description"].strip().split(". ")[-1]
            assert last.startswith("One row"), f"{model['name']}: the description must end in its grain (One row per …)"
            assert "contract" not in model.get("config", {}), f"{model['name']}: the contract of all marts is enforced"
            for column in model["columns"]:
                assert column.get("data_type"), f"{model['name']}.{column['name']}: a contract needs a type"
                assert column.get("description"), f"{model['name']}.{column['name']}: say what it means"
    assert checked >= 16
