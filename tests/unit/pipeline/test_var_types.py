"""Every var has a type and a range, and a value out of them stops before anything runs."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from kehu.errors import ConfigurationError
from kehu.pipeline.ingest import ingest_source
from kehu.pipeline.inspection import check_sources
from kehu.pipeline.var_types import var_types
from kehu.pipeline.variables import RESERVED, declared_variables, state_variables
from kehu.settings import load_settings

CASES = Path(__file__).resolve().parents[2] / "cases"
PROJECT = load_settings().dbt_project


def test_every_var_of_the_project_has_a_type_and_its_default_is_of_it() -> None:
    declared, types = declared_variables(load_settings()), var_types(PROJECT)
    assert sorted(types) == sorted(declared.keys() - RESERVED), "a new var has a line in dbt_project/vars.yml"
    wrong = {name: declared[name] for name, known in types.items() if not known.accepts(declared[name])}
    assert wrong == {}
    assert [known.at_most for known in types.values() if known.at_most and known.at_most not in types] == []
    state_variables(load_settings(), {name: declared[name] for name in types})


def test_a_margin_in_percent_is_refused_before_anything_lands(tmp_path: Path) -> None:
    day = CASES / "vars_percent" / "day1"
    (tmp_path / "data").mkdir()
    shutil.copy(day / "orders.csv", tmp_path / "data" / "orders.csv")
    shutil.copy(day / "sources.yml", tmp_path / "sources.yml")
    settings = load_settings(home=tmp_path / "home", sources=tmp_path / "sources.yml")
    for run in (lambda: ingest_source(settings, "shop"), lambda: check_sources(settings)):
        with pytest.raises(
            ConfigurationError, match=r"default_margin_rate is a share from 0 to 1.*value=30.*write 0.3"
        ):
            run()
    assert not settings.landing_dir.exists()


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("value_tier_high", 80, "share from 0 to 1"),
        ("value_tier_high", "0.8", "without quotes"),
        ("loyal_min_days", 2.5, "whole number"),
        ("loyal_min_days", True, "whole number"),
        ("new_days", -1, "whole number from 0"),
        ("churn_cadence_factor", 0, "number above 0"),
        ("clv_fit_by", "region", "one of none, acquisition_channel, country"),
        ("clv_horizon_weeks", None, "whole number from 1"),
        ("home_country", 86, "text, or null"),
        ("persona_max_count", 9, "up to 8"),
        ("annual_discount_rate", float("nan"), "share"),
        ("cost_per_ticket", float("inf"), "number"),
    ],
)
def test_a_value_that_is_none_is_named_with_what_may_stand_there(name: str, value: object, said: str) -> None:
    with pytest.raises(ConfigurationError, match=rf"{name} is .*var='{name}'") as caught:
        state_variables(load_settings(), {name: value})
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("rfm_window_days", None),
        ("rfm_window_days", 90),
        ("margin_rate", 1),
        ("margin_rate", 0),
        ("home_city", "上海,SH"),
    ],
)
def test_the_ends_of_a_range_and_null_where_it_means_something_are_values(name: str, value: object) -> None:
    assert state_variables(load_settings(), {name: value})[name] == value


@pytest.mark.parametrize(
    "company",
    [
        {"value_tier_high": 0.96},
        {"cadence_min_days": 400},
        {"churn_floor_days": 800},
        {"relationship_decline_ratio": 1.3},
        {"value_tier_medium": 0.5, "value_tier_high": 0.6},
    ],
)
def test_two_vars_that_contradict_each_other_are_named_both(company: dict[str, object]) -> None:
    with pytest.raises(ConfigurationError, match="must be at most") as caught:
        state_variables(load_settings(), company)
    assert set(company) & set(caught.value.facts)
