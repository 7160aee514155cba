"""What counts as an edit of code, and what code reads."""

from __future__ import annotations

import pytest

from kehu.plan.code_text import read_code, without_comments

SQL = "select a, 'x -- no comment' as b\nfrom {{ ref('orders') }}\nwhere days > {{ var('new_days') }}"


@pytest.mark.parametrize(
    "other",
    [
        "-- a comment\n" + SQL,
        SQL.replace("\nfrom", "  -- why\n    from"),
        "{#- what it is for -#}\n" + SQL,
        SQL.replace("select a", "select /* all of them */ a"),
        SQL + "\n",
    ],
)
def test_comments_and_layout_are_no_edit(other: str) -> None:
    assert read_code(other).digest == read_code(SQL).digest


@pytest.mark.parametrize(
    "other",
    [
        SQL.replace("select a", "select c"),
        SQL.replace("x -- no comment", "x -- no  comment"),
        SQL.replace("x -- no comment", "x"),
        SQL.replace("new_days", "old_days"),
        SQL + "\n-- {{ config(materialized='table') }}",
        SQL.replace("days > ", "days >= "),
    ],
)
def test_whatever_dbt_or_the_database_sees_is_an_edit(other: str) -> None:
    assert read_code(other).digest != read_code(SQL).digest


def test_quotes_in_comments_and_in_jinja_hide_nothing() -> None:
    code = "-- it's\nselect {{ \"don't\" }} -- isn't\nfrom t /* won't */ where a = 'b''c'"
    assert without_comments(code) == "select {{ \"don't\" }} from t where a = 'b''c'"


def test_vars_are_known_by_their_names_and_by_the_words_that_are_handed_over() -> None:
    plain = read_code("{{ var('one') }} {{ var(\"two\", 3) }} var_count")
    assert plain.variables == {"one", "two"} and not plain.names_variables
    handed = read_code("{% macro words(name) %}{{ var(name) }}{% endmacro %} {{ words('three') }}")
    assert handed.names_variables and "three" in handed.literals and not handed.reads_any_variable
    assert read_code("{% set rows = run_query(q) %}{{ var(name) }}").reads_any_variable
