"""Who runs when, read from ``sources.yml`` while a DAG file is parsed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from airflow.sdk import CronPartitionTimetable, CronTriggerTimetable

from kehu.orchestration.defaults import START
from kehu.settings import Settings, load_settings
from kehu.sources.config import load_sources

DAILY = "0 0 * * *"
"""At midnight of KEHU_TIMEZONE, so that a backfill's ``--to-date`` includes that day and partitions decode to its start."""

ENDED = {"completejourney": date(2018, 1, 1)}
"""Kinds whose data ended for good: nothing is scheduled for a later day; backfills and manual runs still work."""


@dataclass(frozen=True)
class Delivery:
    """One source and the rhythm in which it delivers business days."""

    source: str
    schedule: CronPartitionTimetable
    start_date: datetime
    end_date: datetime | None

    @property
    def dag_id(self) -> str:
        """The ingest DAG of this source."""
        return f"ingest_{self.source}"


def deliveries() -> list[Delivery]:
    """One delivery per configured source.

    Raises:
        ConfigurationError: ``sources.yml`` is missing or wrong; Airflow shows it as the DAG file's import error.
    """
    settings = load_settings()
    zone = ZoneInfo(settings.timezone)
    return [
        Delivery(
            source.name, daily(settings), _midnight(START, zone), _end(source.last_day or ENDED.get(source.kind), zone)
        )
        for source in load_sources(settings.sources).sources
    ]


def required_sources() -> list[str]:
    """The sources that a build waits for.

    Raises:
        ConfigurationError: ``sources.yml`` is missing or wrong.
    """
    return [source.name for source in load_sources(load_settings().sources).sources if source.required]


def start_date() -> datetime:
    """The start date of DAGs that follow no clock."""
    return _midnight(START, ZoneInfo(load_settings().timezone))


def daily(settings: Settings) -> CronPartitionTimetable:
    """Every day, for the day before: its key is that day, whatever the hour of the run."""
    return CronPartitionTimetable(DAILY, timezone=settings.timezone, run_offset=-1, key_format="%Y-%m-%d")


def four_times_a_day() -> CronTriggerTimetable:
    """At 02:30, 08:30, 14:30 and 20:30 of KEHU_TIMEZONE: after a night's ingests, and not with them."""
    return CronTriggerTimetable("30 2-23/6 * * *", timezone=load_settings().timezone)


def _end(last_day: date | None, zone: ZoneInfo) -> datetime | None:
    """The day after the last is when the last is run."""
    return None if last_day is None else _midnight(last_day + timedelta(days=1), zone)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone)
