"""A critical alert of the last closed week is in the log of every run and goes out once a release, without anybody's data."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import pytest

from kehu.orchestration.alerts import fired
from kehu.orchestration.alerts.alert_message import Alert
from kehu.pipeline import fired_alerts
from kehu.settings import Settings, load_settings

RELEASE = "r20251228_20251229t031500"
ROWS = """
    (values
        ('complaints_by_need', 'delivery', date '2025-12-22', 25.0, 4.04, 'critical', true),
        ('complaints_by_product', 'shop:Ann O''Hara''s own', date '2025-12-22', 12.0, 0.0, 'critical', true),
        ('revenue', 'all', date '2025-12-22', 900.0, 1000.0, 'warning', true),
        ('refunds', 'all', date '2025-12-15', 90.0, 10.0, 'critical', false)
    ) as rows (series_kind, topic, week, observed, expected, severity, is_last_closed_week)
"""


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Settings:
    """A home whose current release has the alerts above."""
    monkeypatch.setenv("KEHU_HOME", str(tmp_path))
    connection = duckdb.connect()
    connection.execute(f"create schema analytics; create table analytics.alerts as select * from {ROWS}")

    @contextmanager
    def reading(_: Settings, release_id: str) -> Iterator[Any]:
        yield SimpleNamespace(rows=lambda sql: connection.execute(sql).fetchall())

    monkeypatch.setattr(fired_alerts, "reading", reading)
    monkeypatch.setattr(fired_alerts, "find", lambda *_: SimpleNamespace(tables={"alerts": None}))
    monkeypatch.setattr(fired_alerts, "current_release_id", lambda _: RELEASE)
    return load_settings()


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[Alert]:
    found: list[Alert] = []
    monkeypatch.setattr(fired, "send_alert", found.append)
    return found


def test_only_critical_alerts_of_the_last_closed_week_are_fired(settings: Settings) -> None:
    found = fired_alerts.fired_alerts(settings, RELEASE)
    assert [(alert.series_kind, alert.week) for alert in found] == [
        ("complaints_by_need", date(2025, 12, 22)),
        ("complaints_by_product", date(2025, 12, 22)),
    ]
    assert found[0].describe() == "complaints about delivery: 25 in the week of 2025-12-22, 4.0 expected"


def test_a_release_tells_of_its_alerts_in_one_message_and_a_retry_tells_the_log_alone(
    settings: Settings, sent: list[Alert], caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(2):
        with caplog.at_level(logging.WARNING, logger="kehu.alert"):
            caplog.clear()
            fired.tell_of_alerts(settings, RELEASE)
        assert len([line for line in caplog.messages if line.startswith("Alert: ")]) == 2
        assert all("docs/runbooks/alert_fired.md" in line for line in caplog.messages)
    (alert,) = sent
    assert alert.title == "Kehu: 2 critical alerts in the week of 2025-12-22"
    assert ("complaints_by_need delivery", "25 in the week of 2025-12-22, 4.0 expected") in alert.facts
    assert alert.facts[-1] == ("Runbook", "docs/runbooks/alert_fired.md")


def test_a_message_shows_no_topic_that_is_no_plain_name(settings: Settings, sent: list[Alert]) -> None:
    fired.tell_of_alerts(settings, RELEASE)
    assert "Hara" not in sent[0].text
    assert "(not a plain name)" in sent[0].text


def test_a_release_that_bi_does_not_read_sends_nothing(
    settings: Settings, sent: list[Alert], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fired_alerts, "current_release_id", lambda _: "r20251229_20251230t031500")
    fired.tell_of_alerts(settings, RELEASE)
    assert sent == []


def test_a_release_from_before_there_were_alerts_has_none(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fired_alerts, "find", lambda *_: SimpleNamespace(tables={}))
    assert fired_alerts.fired_alerts(settings, RELEASE) == []
