"""Which earlier batch answers for the days of a window: one that shares a single day with it does."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest

from kehu.landing.history import _overlap

JUNE = (date(2024, 6, 1), date(2024, 6, 30))


def window(first: date | None, last: date | None, content: str = "a") -> Any:
    return SimpleNamespace(mode="window", window_from=first, window_to=last, content_id=content)


@pytest.mark.parametrize(
    ("days", "overlaps"),
    [
        ((date(2024, 6, 30), date(2024, 7, 5)), True),
        ((date(2024, 5, 1), date(2024, 6, 1)), True),
        ((date(2024, 6, 10), date(2024, 6, 10)), True),
        ((date(2024, 7, 1), date(2024, 7, 5)), False),
        ((date(2024, 5, 1), date(2024, 5, 31)), False),
    ],
)
def test_windows_overlap_from_the_first_shared_day_on(days: tuple[date, date], overlaps: bool) -> None:
    assert _overlap(window(*JUNE), window(*days)) is overlaps
    assert _overlap(window(*days), window(*JUNE)) is overlaps


def test_a_window_without_days_overlaps_its_own_content_only() -> None:
    assert _overlap(window(None, None), window(*JUNE))
    assert not _overlap(window(None, None, "b"), window(*JUNE))
