"""Texts are compared in one spelling, the same in Python and in SQL; lists of ids keep what they hold."""

from __future__ import annotations

import json

import duckdb
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from kehu.erasure.folding import fold_in, folded
from kehu.erasure.id_lists import rewritten_list

SIGMA_AND_DOTTED_I = set("ΣϹİ𝚺𝛴𝜮𝝨𝞢")
"""Their lower case depends on what stands beside them in Python, and does not in DuckDB."""
ITEMS = st.lists(st.text(st.characters(codec="utf-8", exclude_characters=","), min_size=1), min_size=1, max_size=6)


def test_sql_spells_every_letter_as_python_does() -> None:
    codes = (code for code in range(0x20, 0x30000) if not 0xD800 <= code <= 0xDFFF)
    texts = [f"a{chr(code)}b" for code in codes if chr(code) not in SIGMA_AND_DOTTED_I]
    with duckdb.connect() as connection:
        fold_in(connection)
        connection.register("texts", pa.table({"text": texts}))
        found = connection.execute("select text, kehu_folded(text) from texts").fetchall()
        assert connection.execute("select kehu_folded(null)").fetchone() == (None,)
    assert [text for text, spelled in found if spelled != folded(text)] == []


def test_spellings_of_one_name_are_one() -> None:
    ways = ["Émile\u00a0D", "e\u0301mile d", "ＥMILE D".replace("Ｅ", "É"), "É\u200bmile D", "ÉMILE\u3000D"]
    assert {folded(way) for way in ways} == {"émile d"}


@settings(deadline=None)
@given(ITEMS, st.integers(0, 5), st.booleans())
def test_one_item_changes_and_all_others_stay(items: list[str], at: int, as_json: bool) -> None:
    items = [f"{number}:{item.strip() or 'x'}" for number, item in enumerate(items)]
    target = items[at % len(items)]
    written = json.dumps(items, ensure_ascii=False, separators=(",", ":")) if as_json else ",".join(items)
    new = rewritten_list(written, lambda item: "shop:erased" if item == target else None)
    expected = ["shop:erased" if item == target else item for item in items]
    assert new is not None
    assert (json.loads(new) if as_json else new.split(",")) == expected


def test_ids_with_commas_are_found_in_lists() -> None:
    known = {"shop:Lund, Ida": "shop:erased-1", "crm:a,b,c": "crm:erased-2", "shop:Lund": "shop:erased-3"}
    for written, expected in (
        ("shop:Lund, Ida", "shop:erased-1"),
        ("crm:7,shop:Lund, Ida,crm:a,b,c", "crm:7,shop:erased-1,crm:erased-2"),
        ("shop:Lund,crm:8", "shop:erased-3,crm:8"),
        ('["shop:Lund, Ida","crm:\\"8"]', '["shop:erased-1","crm:\\"8"]'),
        ("crm:1,crm:2", None),
        ("shop:" + ",".join("abcdefghijkl"), None),
    ):
        assert rewritten_list(written, known.get) == expected
    long = "shop:" + ",".join("abcdefghijklmnop")
    assert rewritten_list(long, {long: "shop:erased-4"}.get) == "shop:erased-4"
