"""Weeks that stood out, in words: for the first screen and for the chapter of what customers say."""

from __future__ import annotations

from kehu.report.blocks import Column, Table
from kehu.report.release_reader import ReleaseReader, Row
from kehu.report.sections.segments import Labels
from kehu.report.wording import Wording

SHOWN = 20

_ALERTS = """
select alerts.series_kind, alerts.topic, products.product_name, alerts.severity, alerts.observed, alerts.expected,
    alerts.followed_by, alerts.is_last_closed_week, alerts.week
from analytics.alerts
left join analytics.dim_products as products on products.product_id = alerts.topic
order by alerts.week desc, alerts.series
"""


def read_alerts(reader: ReleaseReader) -> list[Row]:
    """All alerts, the latest first; none of a release that was made before there were any."""
    return reader.rows(_ALERTS) if reader.has("alerts", "dim_products") else []


def topic_of(alert: Row, labels: Labels, words: Wording) -> str:
    """What an alert is about."""
    topic = alert["product_name"] or alert["topic"]
    if alert["series_kind"] == "complaints_by_need":
        topic = labels.of("need", alert["topic"], words)
    if alert["series_kind"] == "negative_answers":
        topic = words.name("voice.surveys", alert["topic"])
    return words.say(f"page.alerts.{alert['series_kind']}", topic=topic)


def alert_sentence(alert: Row, labels: Labels, words: Wording) -> str:
    """What was seen in which week, and what was expected."""
    return words.say(
        "page.alert",
        what=topic_of(alert, labels, words),
        week=words.day(alert["week"]),
        observed=words.decimal(alert["observed"], 0),
        expected=words.decimal(alert["expected"], 1),
    )


def alerts_table(alerts: list[Row], labels: Labels, words: Wording) -> Table:
    """The latest alerts and what followed."""
    names = ("week", "what", "severity", "observed", "expected", "followed")
    numbers = ("observed", "expected")
    columns = tuple(Column(words.say(f"voice.columns.{name}"), is_number=name in numbers) for name in names)
    lines = tuple(
        (
            words.day(row["week"]),
            topic_of(row, labels, words),
            words.say(f"voice.severities.{row['severity']}"),
            words.decimal(row["observed"], 0),
            words.decimal(row["expected"], 1),
            words.say(f"voice.followed.{row['followed_by']}"),
        )
        for row in alerts[:SHOWN]
    )
    return Table(words.say("voice.alerts_table"), columns, lines)
