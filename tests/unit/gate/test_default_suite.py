"""One suite stands for all entities; a suite of an entity's own takes its place."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from kehu.entities import ENTITIES
from kehu.gate.default_suite import written_out
from kehu.gate.placeholders import Placeholders
from kehu.gate.suites import SuiteInvalid, load_suite, suite_files

NOT_NULL = {
    "expect": "expect_column_values_to_not_be_null",
    "with": {"column": "{column}", "mostly": 0.5},
    "severity": "critical",
    "reason": "without {column} a row of {entity} is nothing",
}
DEFAULT = {"expectations": [{**NOT_NULL, "for_each": "key"}, {**NOT_NULL, "for_each": "required"}]}


def test_each_required_column_gets_its_expectation_the_key_first() -> None:
    suite = written_out(DEFAULT, "order_lines")

    assert (suite["table"], suite["entities"]) == ("order_lines", ["order_lines"])
    assert [item["with"]["column"] for item in suite["expectations"]] == ["order_id", "line_id", "quantity"]
    assert suite["expectations"][2]["reason"] == "without quantity a row of order_lines is nothing"


def test_an_entitys_own_suite_takes_the_place_of_the_default(tmp_path: Path) -> None:
    for name in ("_default", "orders"):
        (tmp_path / f"{name}.yml").write_text("")
    files = suite_files(tmp_path)

    assert set(files) == set(ENTITIES)
    assert files.pop("orders").stem == "orders"
    assert {file.stem for file in files.values()} == {"_default"}


def test_a_suite_for_each_of_something_else_is_refused_by_name(tmp_path: Path) -> None:
    file = tmp_path / "_default.yml"
    file.write_text(yaml.safe_dump({"expectations": [{**NOT_NULL, "for_each": "column"}]}))

    with pytest.raises(SuiteInvalid, match="for_each must be one of key, required, not column"):
        load_suite(file, Placeholders("landing"), "orders")
