"""Alerts against planted weeks: all found, few false ones a year; what an alert says of the weeks after; a past day."""

from __future__ import annotations

import duckdb
import numpy as np
import pandas as pd
import pytest

from tests.support.rendered_models import rendered

FIRST_WEEK = pd.Timestamp("2024-01-01")
WEEKS, TOPICS, SHOPS = 104, 9, 40
AS_OF = "2025-12-28"
USUAL = np.array([1.0, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 20.0, 35.0])
"""Complaints a week of each topic."""
PLANTED = 80


def planted_counts(seed: int, dispersion: float) -> np.ndarray:
    """Topics × weeks; in week 80 one topic gets three times its usual number and eight more."""
    random = np.random.default_rng(seed)
    rate = np.repeat(USUAL[:, None], WEEKS, axis=1)
    if dispersion > 1:
        shape = rate / (dispersion - 1)
        rate = random.gamma(shape, rate / shape)
    counts = random.poisson(rate)
    counts[seed % TOPICS, PLANTED] += int(2 * USUAL[seed % TOPICS]) + 8
    return counts


def weekly(counts: dict[str, np.ndarray], kind: str = "complaints_by_need") -> pd.DataFrame:
    """As feat_weekly_events has them: no row of a week without events."""
    parts = []
    for topic, numbers in counts.items():
        week = FIRST_WEEK + pd.to_timedelta(7 * np.arange(len(numbers)), unit="D")
        parts.append(
            pd.DataFrame({"series_kind": kind, "topic": topic, "events": numbers, "exposure": 1, "week": week})
        )
    frame = pd.concat(parts, ignore_index=True)
    return frame[frame["events"] > 0].assign(first_full_week=FIRST_WEEK)


def alerts_of(events: pd.DataFrame, as_of: str = AS_OF) -> pd.DataFrame:
    with duckdb.connect() as connection:
        connection.register("frame", events)
        connection.execute(
            "create table feat_weekly_events as select * replace (events::decimal(18, 2) as events, "
            "exposure::bigint as exposure, week::date as week, first_full_week::date as first_full_week) from frame"
        )
        return connection.execute(rendered("alerts", as_of)).df()


def expected_alerts(numbers: np.ndarray) -> list[int]:
    """Weeks of one series that are alerts, by the definition and week by week."""
    found: list[int] = []
    for week in range(8, len(numbers)):
        before = numbers[week - 8 : week]
        mean = before.mean()
        spread = max(1.0, before.var(ddof=1) / mean) if mean else 1.0
        is_raised = numbers[week] >= 5 and numbers[week] > mean + 1 + 3.3 * np.sqrt(spread * mean)
        if is_raised and (not found or week - found[-1] >= 2):
            found.append(week)
    return found


@pytest.mark.parametrize("dispersion", [1.0, 1.5])
def test_planted_weeks_are_found_and_false_alarms_are_few(dispersion: float) -> None:
    counts = {
        f"{seed}:{topic}": row for seed in range(SHOPS) for topic, row in enumerate(planted_counts(seed, dispersion))
    }
    alerts = alerts_of(weekly(counts))
    week = ((alerts["week"] - FIRST_WEEK).dt.days // 7).to_numpy()
    found = set(zip(alerts["topic"], week, strict=True))
    assert found == {(topic, week) for topic, row in counts.items() for week in expected_alerts(row)}
    planted = {(f"{seed}:{seed % TOPICS}", PLANTED) for seed in range(SHOPS)}
    assert len(planted & found) >= 36
    years = SHOPS * (WEEKS - 8) / 52
    false_a_year = len(found - planted) / years
    assert 0.1 < false_a_year < 7, f"{false_a_year:.1f} false alarms a year over {TOPICS} topics"


def test_an_alert_of_the_last_closed_week_says_so_and_knows_nothing_of_what_follows() -> None:
    numbers = np.full(WEEKS, 4)
    numbers[[60, 61, 62, WEEKS - 1]] = [25, 100, 400, 25]
    alerts = alerts_of(weekly({"delivery": numbers})).sort_values("week").reset_index(drop=True)
    assert list(alerts["series"]) == ["complaints_by_need:delivery"] * 3
    assert list((alerts["week"] - FIRST_WEEK).dt.days // 7) == [60, 62, WEEKS - 1]
    assert list(alerts["severity"]) == ["critical", "critical", "critical"]
    assert list(alerts["is_last_closed_week"]) == [False, False, True]
    assert list(alerts["followed_by"]) == ["went_on", "subsided", "not_known_yet"]
    assert alerts["observed_after"].iloc[0] == pytest.approx((100 + 400 + 4 + 4) / 4)


def test_a_past_day_has_the_alerts_that_it_had() -> None:
    counts = {str(topic): row for topic, row in enumerate(planted_counts(3, 1.5))}
    events = weekly(counts)
    day = FIRST_WEEK + pd.Timedelta(days=7 * 90 - 1)
    then = alerts_of(events[events["week"] <= day], str(day.date()))
    now = alerts_of(events)
    columns = ["series", "week", "observed", "expected", "threshold", "severity"]
    again = now[now["week"] <= day][columns].sort_values(columns[:2]).reset_index(drop=True)
    pd.testing.assert_frame_equal(then[columns].sort_values(columns[:2]).reset_index(drop=True), again)
    assert len(again) > 0
