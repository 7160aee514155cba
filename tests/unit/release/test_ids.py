from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kehu.errors import UsageError
from kehu.release.ids import parse_release_id, release_id


def test_an_id_names_the_day_and_the_start_of_the_run() -> None:
    assert release_id(date(2018, 1, 1), datetime(2026, 1, 2, 3, 15, tzinfo=UTC)) == "r20180101_20260102t031500"


def test_the_start_counts_in_utc() -> None:
    shanghai = timezone(timedelta(hours=8))
    assert release_id(date(2018, 1, 1), datetime(2026, 1, 2, 3, 15, tzinfo=shanghai)) == "r20180101_20260101t191500"


@given(
    as_of=st.dates(min_value=date(1000, 1, 1)),
    started_at=st.datetimes(min_value=datetime(1000, 1, 1)).map(lambda moment: moment.replace(microsecond=0)),  # noqa: DTZ001
)
def test_an_id_can_be_taken_apart_again(as_of: date, started_at: datetime) -> None:
    parsed = parse_release_id(release_id(as_of, started_at))
    assert (parsed.as_of, parsed.started_at) == (as_of, started_at)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "r20180101",
        "r20180101_20260102t031500 ",
        "r20180101_20260102t031500\n",
        "R20180101_20260102T031500",
        "r20181301_20260102t031500",
        "r20180101_20260102t256199",
        "../r20180101_20260102t031500",
        "r２０１８0101_20260102t031500",
        "r20180101_20260102t031500; drop schema ops",
    ],
)
def test_nothing_else_is_an_id(text: str) -> None:
    with pytest.raises(UsageError, match="not a release id"):
        parse_release_id(text)
