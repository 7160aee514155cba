"""The edges of what is too little data: a threshold is the least that is enough."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from kehu.clv.policy import Policy
from kehu.clv.trust import data_reasons, history_reasons


@pytest.mark.parametrize(("repeat", "is_enough"), [(99, False), (100, True), (101, True)])
def test_as_many_repeat_customers_as_are_asked_for_are_enough(repeat: int, is_enough: bool) -> None:
    data: Any = SimpleNamespace(customers=200, repeat_customers=repeat, repeat_share=0.5)
    assert (data_reasons(data, Policy(min_repeat_customers=100), "by D") == []) == is_enough


@pytest.mark.parametrize(("share", "reasons"), [(0.009, 1), (0.01, 0), (0.99, 0), (0.991, 1)])
def test_a_group_of_exactly_the_least_share_is_enough(share: float, reasons: int) -> None:
    data: Any = SimpleNamespace(customers=10_000, repeat_customers=5_000, repeat_share=share)
    assert len(data_reasons(data, Policy(clv_min_group_share=0.01), "by D")) == reasons


@pytest.mark.parametrize(("weeks", "is_enough"), [(25.9, False), (26.0, True)])
def test_a_history_of_exactly_the_least_length_is_enough(weeks: float, is_enough: bool) -> None:
    assert (history_reasons(weeks, Policy(clv_min_history_weeks=26)) == []) == is_enough
