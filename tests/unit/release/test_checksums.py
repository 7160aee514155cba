"""The checksum of a table tells equal multisets of rows from different ones, whatever their order."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kehu.release.manifest import TableSummary, content_checksum
from kehu.release.on_duckdb.checksums import summarise_tables

TEXTS = st.one_of(st.none(), st.text(alphabet="a|:1é客", max_size=4))
ROWS = st.lists(st.tuples(TEXTS, TEXTS, st.one_of(st.none(), st.integers(-3, 3))), max_size=6)


CONNECTION = duckdb.connect(config={"threads": 1})
CONNECTION.execute("create schema analytics; set schema = 'analytics'")


def summary(select: str, rows: list[tuple[Any, ...]] | None = None) -> TableSummary:
    CONNECTION.execute(f"create or replace table analytics.facts as {select}")
    if rows:
        marks = ", ".join("(" + ", ".join("?" * len(row)) + ")" for row in rows)
        CONNECTION.execute(f"insert into analytics.facts values {marks}", [value for row in rows for value in row])
    return summarise_tables(CONNECTION)["facts"]


def of_rows(rows: list[tuple[Any, ...]]) -> str:
    return summary("select ''::varchar as a, ''::varchar as b, 0::integer as n where false", rows).checksum


@settings(max_examples=60, deadline=None)
@given(left=ROWS, right=ROWS)
def test_equal_multisets_of_rows_and_only_these_have_equal_checksums(left: list[Any], right: list[Any]) -> None:
    same = sorted(left, key=repr) == sorted(right, key=repr)
    assert (of_rows(left) == of_rows(right)) == same
    assert of_rows(left) == of_rows(left[::-1])


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ([("a", "b", 1)], [("a", "b", 1)] * 2),
        ([("a", "b", 1)], [("a", "b", 1)] * 3),
        ([("", None, 1)], [(None, "", 1)]),
        ([("a|1:b", "c", 1)], [("a", "b|1:c", 1)]),
        ([("x", "y", 1), ("p", "q", 2)], [("x", "q", 1), ("p", "y", 2)]),
    ],
)
def test_what_looks_alike_is_told_apart(left: list[Any], right: list[Any]) -> None:
    assert of_rows(left) != of_rows(right)


def test_a_renamed_or_retyped_column_changes_the_checksum() -> None:
    checksums = {
        summary(select).checksum
        for select in ("select 1::integer as a", "select 1::bigint as a", "select 1::integer as b")
    }
    assert len(checksums) == 3


def test_the_last_digit_of_a_parallel_sum_does_not_matter_but_the_tenth_does() -> None:
    exact = summary("select 0.3::double as share")
    assert summary("select 0.1::double + 0.2::double as share") == exact
    assert summary("select -0.0::double as share") == summary("select 0.0::double as share")
    assert summary("select 0.3000000001::double as share") != exact


def test_every_type_of_a_mart_is_read() -> None:
    select = """
        select 1.5::decimal(18, 2) as d, date '2020-01-01' as day, timestamp '2020-01-01 10:00:00.123456' as at,
            true as flag, 'nan'::double as n, null::double as nothing, ['a', 'b'] as list, 7::utinyint as small
    """
    assert summary(select) == summary(select)
    assert summary(select) != summary(select.replace("123456", "123457"))
    assert summary(select) != summary(select.replace("'b'", "'c'"))
    assert summary(select).rows == 1


def test_the_checksum_is_the_documented_one() -> None:
    """Computed again in Python, from the description: another engine or version must come to the same."""
    table = summary("select 'shop:' || i as id, i::decimal(18, 2) as amount, i / 7 as share from range(100) r(i)")
    texts = [f"{len(f'shop:{i}')}:shop:{i}|{i}.00|{i / 7:.12e}" for i in range(100)]
    total = sum(int(hashlib.md5(text.encode()).hexdigest()[:15], 16) for text in texts)
    shape = [["id", "VARCHAR"], ["amount", "DECIMAL(18,2)"], ["share", "DOUBLE"]]
    checksum = hashlib.md5(json.dumps([shape, 100, str(total)]).encode()).hexdigest()
    assert table == TableSummary(rows=100, checksum=checksum)


def test_tables_with_run_times_do_not_enter_the_checksum_of_the_content() -> None:
    facts = TableSummary(rows=1, checksum="a")
    one = content_checksum({"facts": facts, "release": TableSummary(rows=1, checksum="x", is_run_specific=True)})
    other = content_checksum({"facts": facts, "release": TableSummary(rows=1, checksum="y", is_run_specific=True)})
    assert one == other != content_checksum({"facts": TableSummary(rows=1, checksum="b")})
