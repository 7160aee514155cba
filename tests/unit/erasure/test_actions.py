"""An erased person leaves no arm behind, and no digest of an id that somebody could compute again."""

from __future__ import annotations

import duckdb

from kehu.erasure.rewriting import rewritten_columns
from kehu.release.rewriting import Replacement

COLUMNS = ("action_id", "customer_id", "arm", "reason")


def rewritten(table: str) -> list[tuple[object, ...]]:
    changes = rewritten_columns(table, COLUMNS, [Replacement("customer_id", "s:1", "s:erased-0123456789abcdef-01")])
    shown = ", ".join(f"{changes.get(name, name)} as {name}" for name in COLUMNS)
    rows = "values ('a', 's:1', 'holdout', 'r'), ('b', 's:2', 'treatment', 'r')"
    return duckdb.sql(f"select {shown} from ({rows}) as actions ({', '.join(COLUMNS)})").fetchall()


def test_arm_and_digest_go_with_the_id() -> None:
    assert rewritten("customer_actions") == [
        (None, "s:erased-0123456789abcdef-01", None, "r"),
        ("b", "s:2", "treatment", "r"),
    ]


def test_columns_of_these_names_elsewhere_stay() -> None:
    assert rewritten("fct_campaign_contacts")[0] == ("a", "s:erased-0123456789abcdef-01", "holdout", "r")
