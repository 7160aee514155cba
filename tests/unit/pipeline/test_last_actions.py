"""Which release a run goes on from."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from kehu.pipeline import last_actions
from kehu.settings import Settings, load_settings

CURRENT = "r20260630_20260701t000000"


@pytest.fixture
def settings(tmp_path: Any) -> Settings:
    return load_settings(home=tmp_path)


@pytest.mark.parametrize(
    ("current", "as_of", "expected"),
    [
        (CURRENT, date(2026, 6, 30), CURRENT),
        (CURRENT, date(2026, 7, 1), CURRENT),
        (CURRENT, date(2026, 6, 29), None),
        (None, date(2026, 6, 29), None),
    ],
)
def test_a_run_goes_on_from_the_current_release_unless_that_is_of_a_later_day(
    monkeypatch: pytest.MonkeyPatch, settings: Settings, current: str | None, as_of: date, expected: str | None
) -> None:
    monkeypatch.setattr(last_actions, "current_release_id", lambda _: current)
    assert last_actions.last_actions_release(settings, as_of) == expected


def test_a_first_run_goes_on_from_nothing(settings: Settings) -> None:
    assert last_actions.read_last_actions(settings, date(2026, 6, 30)) == {}
