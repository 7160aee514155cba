"""Tells people of a release's critical alerts: at the end of the run's log, and once over the channels of ``KEHU_ALERTS``."""

from __future__ import annotations

import logging

from kehu.orchestration.alerts.alert_message import Alert, identifier
from kehu.orchestration.alerts.alerting import send_alert
from kehu.pipeline.fired_alerts import RUNBOOK, FiredAlert, alerts_to_send, fired_alerts, note_sent
from kehu.settings import Settings

log = logging.getLogger("kehu.alert")
SHOWN = 10


def tell_of_alerts(settings: Settings, release_id: str) -> None:
    """Log every critical alert of the release, and send those that were not sent yet as one message."""
    for alert in fired_alerts(settings, release_id):
        log.warning("Alert: %s. Runbook: %s", alert.describe(), RUNBOOK)
    waiting = alerts_to_send(settings, release_id)
    if waiting:
        send_alert(alert_message(release_id, waiting))
        note_sent(settings, release_id, waiting)


def alert_message(release_id: str, alerts: list[FiredAlert]) -> Alert:
    """One message for all alerts of a release. A topic may be an id of the shop's own: only plain names go out."""
    facts = [("Release", identifier(release_id))]
    for alert in alerts[:SHOWN]:
        name = f"{identifier(alert.series_kind)} {identifier(alert.topic)}"
        facts.append((name, f"{alert.observed:,.0f} in the week of {alert.week}, {alert.expected:,.1f} expected"))
    if len(alerts) > SHOWN:
        facts.append(("More", f"{len(alerts) - SHOWN} in the table alerts"))
    title = f"Kehu: {len(alerts)} critical {'alert' if len(alerts) == 1 else 'alerts'} in the week of {alerts[0].week}"
    return Alert(title, (*facts, ("Runbook", RUNBOOK)))
