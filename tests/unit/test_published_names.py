"""Published columns have names that plain SQL can say, and names that go away say by what they are replaced."""

from __future__ import annotations

from typing import Any

import duckdb
import pytest

from tests.support.contracts import published_models

MARTS = [model for model, _ in published_models()]

BY_THE_STANDARD = frozenset(
    """
    all and anti any as asc authorization between both by case cast check collate column constraint create cross
    current_catalog current_date current_role current_schema current_time current_timestamp current_user default deferrable
    desc distinct do else end escape except false fetch filter for foreign freeze from full grant group having in initially
    inner intersect into is join lateral leading left limit localtime localtimestamp minus natural not null offset on only or
    order outer overlaps placing primary references returning right select semi session_user similar some symmetric table
    tablesample then time to trailing true union unique unknown user using variadic verbose when where window with
    """.split()  # noqa: SIM905 (a list of so many words is read as a text)
)
"""Reserved in Postgres, or in Spark's ANSI mode."""


def reserved_words() -> set[str]:
    """Words that an engine does not take for a column's name without quotes."""
    rows = duckdb.sql(
        "select keyword_name from duckdb_keywords() where keyword_category in ('reserved', 'type_function')"
    )
    return {str(row[0]) for row in rows.fetchall()} | BY_THE_STANDARD


def successor(column: dict[str, Any]) -> str | None:
    """The name that replaces a deprecated column's."""
    return ((column.get("config") or {}).get("meta") or {}).get("deprecated_for")


@pytest.mark.parametrize("model", MARTS, ids=[model["name"] for model in MARTS])
def test_no_new_column_is_a_reserved_word(model: dict[str, Any]) -> None:
    words = reserved_words()
    found = [c["name"] for c in model["columns"] if c["name"].lower() in words and successor(c) is None]
    assert found == [], "plain SQL breaks on it: say more, as in table_name or returning_customers"


def test_the_words_are_those_that_broke_before() -> None:
    assert reserved_words() >= {"returning", "table", "check", "column", "end", "order", "left"}


@pytest.mark.parametrize("model", MARTS, ids=[model["name"] for model in MARTS])
def test_a_deprecated_column_says_what_replaces_it_and_is_held_to_be_the_same(model: dict[str, Any]) -> None:
    columns = {column["name"]: column for column in model["columns"]}
    replaced = {name: successor(column) for name, column in columns.items() if successor(column)}
    for name, new in replaced.items():
        assert new in columns, f"{name} is replaced by a column that is not there"
        assert columns[name]["data_type"] == columns[str(new)]["data_type"]
        assert columns[name]["description"].startswith(f"Deprecated name of {new};")
    tests = [test["holds_deprecated_names"] for test in model.get("data_tests", []) if "holds_deprecated_names" in test]
    assert [test["arguments"]["columns"] for test in tests] == ([replaced] if replaced else [])


def test_some_names_are_deprecated_while_their_version_lasts() -> None:
    assert {m["name"] for m in MARTS if any(successor(c) for c in m["columns"])} == {
        "data_quality",
        "kpi_monthly",
        "lifecycle_flow",
        "metric_catalog",
    }
