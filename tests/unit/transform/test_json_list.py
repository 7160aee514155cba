"""The macro that writes texts as a JSON list, rendered and run: whatever the texts hold, it can be read again."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2 import Environment

MACROS = Path(__file__).resolve().parents[3] / "dbt_project" / "macros" / "dialect" / "json_list.sql"
NO_OTHER_CONTROLS = st.text(
    st.characters(codec="utf-8", exclude_characters=[chr(code) for code in range(32) if code not in (8, 9, 10, 12, 13)])
)


def rendered(expression: str) -> str:
    module = Environment().from_string(MACROS.read_text()).make_module({"string_list": lambda sql, order_by: sql})
    return str(module.json_string(expression))  # type: ignore[attr-defined]


@settings(deadline=None, max_examples=60)
@given(st.lists(NO_OTHER_CONTROLS, max_size=4))
def test_every_text_comes_back(texts: list[str]) -> None:
    with duckdb.connect() as connection:
        sql = f"select '[' || coalesce(string_agg({rendered('item')}, ','), '') || ']' from (select unnest(?) as item)"
        (written,) = connection.execute(sql, [texts]).fetchone() or ("",)
    assert json.loads(written) == texts


def test_quotes_commas_and_backslashes() -> None:
    with duckdb.connect() as connection:
        found = connection.execute(f"select {rendered('?')}", ['a"b,c\\d\n']).fetchone()
    assert found == ('"a\\"b,c\\\\d\\n"',)
