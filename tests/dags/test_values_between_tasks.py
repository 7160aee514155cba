"""What a task hands on is of the types that Airflow can keep: a release id is a text there."""

from __future__ import annotations

from datetime import date, datetime

from kehu.orchestration.steps import in_plain_values
from kehu.release.ids import release_id
from kehu.release.publish import PublishOutcome


def test_an_outcome_is_handed_on_in_plain_values() -> None:
    first, second = (release_id(date(2026, 1, day), datetime.fromisoformat("2026-02-01")) for day in (1, 2))
    values = in_plain_values(PublishOutcome(second, True, False, first, [first]))
    assert values["release_id"] == second and values["pruned"] == [first]
    kinds = {type(one) for value in values.values() for one in (value if isinstance(value, list) else [value])}
    assert kinds == {str, bool}
