"""A value of the data never leaves the warehouse through the gate: not in results, pages, messages or logs."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from kehu.errors import CandidateRejected
from kehu.settings import Settings
from tests.unit.gate.small_release import (
    MARKER,
    check_candidate,
    expectation,
    make_tables,
    run_sql,
    suite,
    write_suites,
)

pytestmark = pytest.mark.slow

BIRTHDAY = "1971-04-23"

LEAKY = [
    expectation("expect_column_values_to_be_in_set", column="full_name", value_set=["nobody"]),
    expectation("expect_column_distinct_values_to_be_in_set", column="full_name", value_set=["nobody"]),
    expectation("expect_column_distinct_values_to_equal_set", column="full_name", value_set=["nobody"]),
    expectation("expect_column_most_common_value_to_be_in_set", column="full_name", value_set=["nobody"]),
    expectation("expect_column_min_to_be_between", column="full_name", max_value="1900-01-01"),
    expectation("expect_column_max_to_be_between", column="birth_date", max_value="1900-01-01"),
    expectation("expect_column_value_lengths_to_equal", column="full_name", value=1),
    expectation("expect_column_values_to_be_unique", column="same_name"),
    expectation("expect_compound_columns_to_be_unique", column_list=["same_name", "birth_date"]),
    expectation("expect_column_pair_values_to_be_equal", column_A="full_name", column_B="same_name"),
    expectation("unexpected_rows_expectation", name="rows", unexpected_rows_query="select full_name from {batch}"),
    expectation(
        "unexpected_rows_expectation",
        name="cast",
        unexpected_rows_query="select cast(full_name as integer) as x from {batch}",
    ),
    expectation(
        "expect_query_value_to_be_between", name="text", query="select min(full_name) as x from {batch}", max_value=1
    ),
    expectation(
        "expect_query_value_to_be_between", name="fail", query="select error(full_name) as x from {batch}", max_value=1
    ),
]


@pytest.fixture
def leaky(home: Settings) -> Settings:
    """A candidate full of names, and expectations that would all quote them."""
    customers = f"""
        select 'shop:' || i as customer_id, '{MARKER} ' || i as full_name, '{MARKER}' as same_name,
            date '{BIRTHDAY}' as birth_date
        from range(1, 11) as customers (i)"""
    make_tables(home, {"dim_customers": customers})
    write_suites(home, "marts", {"dim_customers": suite("dim_customers", *LEAKY)})
    return home


def everything_written(settings: Settings) -> dict[str, str]:
    """The text of every file that the gate may have written."""
    folders = [settings.data_docs_dir, settings.runs_dir]
    files = [file for folder in folders for file in folder.rglob("*") if file.is_file()]
    return {str(file): file.read_text("utf-8", errors="ignore") for file in files}


def test_no_value_gets_out(
    leaky: Settings, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)

    with pytest.raises(CandidateRejected) as caught:
        check_candidate(leaky)

    results = run_sql(leaky, "select * from ops.check_results where table_name = 'dim_customers'")
    assert len([row for row in results if row[5] in {"failed", "error"}]) == len(LEAKY), (
        "each of them has something to quote"
    )
    printed = capfd.readouterr()
    written = everything_written(leaky)
    assert any(name.endswith("marts/dim_customers.html") for name in written)
    places = {
        "results": str(results),
        "message": str(caught.value),
        "log": caplog.text,
        "output": printed.out + printed.err,
    }
    for place, text in (places | written).items():
        for value in (MARKER, MARKER.split()[0], BIRTHDAY):
            assert value not in text, f"{value} is in {place}"


def test_counts_are_still_told(leaky: Settings) -> None:
    with pytest.raises(CandidateRejected):
        check_candidate(leaky)

    observed = dict(
        run_sql(leaky, "select check_name, observed from ops.check_results where table_name = 'dim_customers'")
    )

    assert observed["column_values_to_be_in_set_full_name"] == "10 of 10 rows otherwise"
    assert observed["rows"] == "10 rows"
    assert observed["column_values_to_be_unique_same_name"] == "10 of 10 rows otherwise"


def test_nothing_is_written_into_the_home_of_the_user(
    leaky: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    user, here = tmp_path / "user", tmp_path / "here"
    user.mkdir()
    here.mkdir()
    monkeypatch.setenv("HOME", str(user))
    monkeypatch.chdir(here)

    with pytest.raises(CandidateRejected):
        check_candidate(leaky)

    assert list(user.rglob("*")) == []
    assert list(here.rglob("*")) == []
