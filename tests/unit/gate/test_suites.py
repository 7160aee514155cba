"""A suite says what it means or is refused by name."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
import yaml

from kehu.gate.placeholders import Placeholders
from kehu.gate.suites import SuiteInvalid, load_suite, suite_files

PLACEHOLDERS = Placeholders(schema="candidate_x", as_of=date(2018, 3, 1))


def load(folder: Path, content: object, placeholders: Placeholders = PLACEHOLDERS):
    file = folder / "fct_orders.yml"
    file.write_text(content if isinstance(content, str) else yaml.safe_dump(content), encoding="utf-8")
    return load_suite(file, placeholders)


def entry(**changes: object) -> dict[str, object]:
    whole = {
        "expect": "expect_column_values_to_not_be_null",
        "with": {"column": "order_id"},
        "severity": "critical",
        "reason": "an order has an id",
    }
    return {key: value for key, value in (whole | changes).items() if value is not None}


@pytest.mark.slow
def test_a_suite_is_read_whole(tmp_path: Path) -> None:
    found = load(
        tmp_path,
        {
            "table": "fct_orders",
            "entities": ["orders", "refunds"],
            "must_not_be_empty": True,
            "expectations": [entry(), entry(severity="warning", name="again", reason=" for \n sure ")],
        },
    )

    assert (found.table, found.entities, found.must_not_be_empty) == ("fct_orders", ("orders", "refunds"), True)
    assert [(e.name, e.severity, e.reason) for e in found.expectations] == [
        ("column_values_to_not_be_null_order_id", "critical", "an order has an id"),
        ("again", "warning", "for sure"),
    ]


def test_placeholders_are_filled_in_and_the_batch_is_left_to_great_expectations(tmp_path: Path) -> None:
    query = "select 1 from {batch} where d > date '{as_of_date}' or d < date '{as_of_date - 30}' or '{schema}' = ''"
    found = load(
        tmp_path,
        {
            "table": "fct_orders",
            "expectations": [
                entry(expect="unexpected_rows_expectation", name="q", **{"with": {"unexpected_rows_query": query}})
            ],
        },
    )

    assert found.expectations[0].arguments["unexpected_rows_query"] == (
        "select 1 from {batch} where d > date '2018-03-01' or d < date '2018-01-30' or 'candidate_x' = ''"
    )


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"expect": "expect_column_values_to_not_be_nul"}, "nearest=['expect_column_values_to_not_be_null'"),
        ({"expect": "expect_column_values_to_match_regex"}, "unexpected_rows_expectation with SQL"),
        ({"with": {"colum": "order_id"}}, "colum"),
        ({"with": {"column": 7}}, "the arguments are not valid: column"),
        ({"with": ["order_id"]}, "`with` must be a mapping"),
        ({"with": {"column": "order_id", "mostly": "most"}}, "mostly: value is not a valid float"),
        ({"with": {"column": "order_id", "mostly": float("inf")}}, "mostly"),
        (
            {"expect": "expect_column_values_to_be_in_set", "with": {"column": "s", "value_set": None}},
            "value_set is empty",
        ),
        ({"expect": "expect_column_values_to_be_in_set", "with": {"column": "s", "value_set": 7}}, "value_set"),
        ({"expect": "expect_table_columns_to_match_set", "with": {"column_set": None}}, "column_set is empty"),
        ({"severity": "fatal"}, "severity must be critical or warning"),
        ({"severity": None}, "severity is missing"),
        ({"reason": None}, "reason is missing"),
        ({"reason": "  "}, "the reason must say in words"),
        ({"because": "no"}, "unknown key"),
        ({"seriousness": "critical"}, "nearest=["),
        ({"name": "Not a name"}, "needs a `name` in snake_case"),
        ({"with": {"column": "{today}"}}, "{today} is not a placeholder"),
        ({"with": {"column": "{schema - 3}"}}, "is not a placeholder"),
        (
            {"expect": "unexpected_rows_expectation", "with": {"unexpected_rows_query": "select 1 from {batch}"}},
            "needs a `name`",
        ),
        (
            {
                "expect": "unexpected_rows_expectation",
                "name": "q",
                "with": {"unexpected_rows_query": "select 1 from orders"},
            },
            "must read from {batch}",
        ),
    ],
)
def test_a_wrong_expectation_is_refused_with_its_place(tmp_path: Path, changes: dict[str, object], says: str) -> None:
    with pytest.raises(SuiteInvalid) as caught:
        load(tmp_path, {"table": "fct_orders", "expectations": [entry(name="first"), entry(**changes)]})

    assert says in str(caught.value)
    assert "expectation 2" in str(caught.value)
    assert "fct_orders.yml" in str(caught.value)


@pytest.mark.parametrize(
    ("suite", "says"),
    [
        ({"expectations": [entry()]}, "table is missing"),
        ({"table": "fct_orders"}, "expectations is missing"),
        ({"table": "fct_order", "expectations": [entry()]}, "`table` must be the name of the file"),
        ({"table": "fct_orders", "expectations": [entry()], "entity": ["orders"]}, "nearest=['entities']"),
        ({"table": "fct_orders", "expectations": [entry()], "entities": ["order"]}, "nearest=['orders'"),
        ({"table": "fct_orders", "expectations": [entry()], "entities": "orders"}, "`entities` must be a list"),
        (
            {"table": "fct_orders", "expectations": [entry()], "must_not_be_empty": "yes please"},
            "must be true or false",
        ),
        ({"table": "fct_orders", "expectations": [entry(), entry()]}, "two expectations have the same name"),
        ({"table": "fct_orders", "expectations": {"expect": "x"}}, "expects nothing"),
        ([], "the suite must be a mapping"),
    ],
)
def test_a_wrong_suite_is_refused(tmp_path: Path, suite: object, says: str) -> None:
    with pytest.raises(SuiteInvalid) as caught:
        load(tmp_path, suite)

    assert says in str(caught.value)


def test_what_came_in_knows_no_day(tmp_path: Path) -> None:
    suite = {"table": "fct_orders", "expectations": [entry(**{"with": {"column": "{as_of_date}"}})]}

    with pytest.raises(SuiteInvalid, match="has no value here"):
        load(tmp_path, suite, Placeholders(schema="landing"))


def test_a_key_twice_is_refused_with_its_line_because_the_first_checks_would_be_lost(tmp_path: Path) -> None:
    block = yaml.safe_dump({"expectations": [entry()]})

    with pytest.raises(SuiteInvalid) as caught:
        load(tmp_path, "table: fct_orders\n" + block + block)

    line = 2 + block.count("\n")
    assert all(
        part in str(caught.value) for part in ("appears twice", "fct_orders.yml", f"line={line}", "'expectations'")
    )


def test_text_that_is_no_yaml_is_refused_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(SuiteInvalid, match=r"not valid YAML.*fct_orders\.yml.*line=3"):
        load(tmp_path, "table: fct_orders\nexpectations:\n  - expect: [a]]\n")
    with pytest.raises(SuiteInvalid, match="not valid YAML"):
        load(tmp_path, "table: fct_orders\x00")


def test_a_suite_may_leave_out_what_a_later_delivery_replaced() -> None:
    text = "_batch_id not in ({replaced_batches})"
    assert Placeholders(schema="x").fill(text) == "_batch_id not in ('')"
    assert Placeholders(schema="x", replaced_batches="'a', 'b'").fill(text) == "_batch_id not in ('a', 'b')"


def test_suites_may_lie_in_rooms_but_a_table_has_one_only(tmp_path: Path) -> None:
    (tmp_path / "facts").mkdir()
    load(tmp_path / "facts", {"table": "fct_orders", "expectations": [entry()]})
    assert suite_files(tmp_path) == {"fct_orders": tmp_path / "facts" / "fct_orders.yml"}

    load(tmp_path, {"table": "fct_orders", "expectations": [entry()]})
    with pytest.raises(SuiteInvalid, match=r"two suites.*fct_orders.*facts/fct_orders\.yml"):
        suite_files(tmp_path)


SEEDS = {("lifecycle_rules", "lifecycle_stage"): ["active", "gone"]}
WITH_SEEDS = Placeholders(schema="x", seed_values=lambda seed, column: SEEDS.get((seed, column), []))


def test_a_value_set_may_be_what_a_seed_holds() -> None:
    named = {"seed": "lifecycle_rules.lifecycle_stage"}
    assert WITH_SEEDS.fill({"value_set": named}) == {"value_set": ["active", "gone"]}
    assert WITH_SEEDS.fill({"value_set": ["unknown", named]}) == {"value_set": ["unknown", "active", "gone"]}


@pytest.mark.parametrize(
    ("placeholders", "named", "says"),
    [
        (WITH_SEEDS, "lifecycle_rules", "must name a seed and its column"),
        (WITH_SEEDS, "lifecycle_rules.stage; drop schema ops", "must name a seed and its column"),
        (WITH_SEEDS, "lifecycle_rules.stage", "has no values"),
        (Placeholders(schema="landing"), "lifecycle_rules.lifecycle_stage", "held against no seed"),
    ],
)
def test_a_seed_that_cannot_be_read_is_refused(
    tmp_path: Path, placeholders: Placeholders, named: str, says: str
) -> None:
    arguments = {"column": "stage", "value_set": {"seed": named}}
    suite = {
        "table": "fct_orders",
        "expectations": [entry(expect="expect_column_values_to_be_in_set", **{"with": arguments})],
    }

    with pytest.raises(SuiteInvalid, match=says):
        load(tmp_path, suite, placeholders)
