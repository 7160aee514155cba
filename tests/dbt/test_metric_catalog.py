"""Every published measure has a definition, and every definition speaks of a published measure and of vars that exist."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator

import yaml

from tests.support.contracts import DEFAULTS, marts
from tests.support.dbt_shop import PROJECT

_PLACEHOLDER = re.compile(r"{(\w+)}")
NUMERIC = ("integer", "bigint", "decimal", "double precision")
NOT_MEASURES: dict[str, set[str] | None] = {
    "dim_dates": None,  # parts of a calendar day
    "dim_categories": {"level", "sort_order"},
    "fct_orders": {"order_number"},
    "rfm_cut_points": {"quantile"},
    "cohort_retention": {"age"},
    "revenue_concentration": {"percentile"},
    "clv_tracking": {"week"},
    "clv_calibration": {"sort_order"},
    "clv_gains": {"decile"},
    "sales_funnel": {"stage_rank"},
    "churn_risk_record": {"sort_order"},
    "churn_risk_calibration": {"tenth"},
    "churn_risk_table": {"frequency_band", "overdue_band"},
    "churn_risk_coefficients": {"sort_order"},
    "value_distribution": {"decile"},
    "value_lorenz": {"percentile"},
    "period_to_period": {"sort_order"},
    "base_health": {"period_number"},
    "personas": {"sort_order", "last_number"},
    "persona_traits": {"trait_rank", "label_rank", "sort_order"},
    "persona_choice": {"persona_count"},
    "customer_category_interest": {"level"},
}
"""Numbers that place a row instead of measuring something; None for a whole table."""


def published_columns() -> Iterator[tuple[str, str, str]]:
    """Table, column and type of every published mart."""
    for table, columns in marts().items():
        for column, data_type in columns.items():
            yield table, column, data_type


def places_a_row(table: str, column: str) -> bool:
    """Whether a number is listed as no measure."""
    if table not in NOT_MEASURES:
        return False
    places = NOT_MEASURES[table]
    return places is None or column in places


def definitions() -> list[dict[str, str]]:
    """The rows of the seed."""
    with (PROJECT / "seeds" / "metric_definitions.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def names() -> dict[str, dict[str, str]]:
    """The definitions by metric, the name of a column that follows a var filled in."""
    return {_PLACEHOLDER.sub(lambda match: str(DEFAULTS[match[1]]), row["metric"]): row for row in definitions()}


def test_every_measure_of_a_mart_has_a_definition() -> None:
    defined = set(names())
    missing = [
        f"{table}.{column}"
        for table, column, data_type in published_columns()
        if data_type.startswith(NUMERIC) and not places_a_row(table, column) and f"{table}.{column}" not in defined
    ]
    assert not missing, f"add to dbt_project/seeds/metric_definitions.csv: {missing}"


def test_every_definition_is_of_a_published_column() -> None:
    published = {f"{table}.{column}" for table, column, _ in published_columns()}
    stale = [metric for metric in names() if metric not in published]
    assert not stale, f"these metrics of dbt_project/seeds/metric_definitions.csv are no published columns: {stale}"


def test_every_definition_is_whole_and_named_after_its_column() -> None:
    for row in definitions():
        assert row["metric"] == f"{row['table_name']}.{row['column_name']}"
        assert all(row.values()), f"{row['metric']} has an empty field"


def test_definitions_name_only_vars_that_exist() -> None:
    known = set(yaml.safe_load((PROJECT / "dbt_project.yml").read_text())["vars"])
    named = {name for row in definitions() for name in re.findall(r"{(\w+)}", " ".join(row.values()))}
    assert named - known == set(), "no var is called so"
    assert len(named) > 30
