"""Runs the unit tests of the dbt project: those in the YAML of the models, on rows that are written there."""

from __future__ import annotations

from collections.abc import Callable

from tests.support.dbt_shop import DbtShop


def test_every_unit_test_of_the_dbt_project_passes(new_shop: Callable[[], DbtShop]) -> None:
    shop, as_of = new_shop(), "2018-01-01"
    # A unit test reads the types of its inputs from tables that must be there; they may be empty.
    shop.dbt("build", "--empty", "--exclude-resource-type", "unit_test", "test", as_of=as_of)
    printed = shop.dbt("test", "--select", "test_type:unit", as_of=as_of)
    assert " ERROR=0 SKIP=0 " in printed
    assert " PASS=0 " not in printed
