"""Sends alerts over the channels that ``KEHU_ALERTS`` names. An alert that cannot be sent is a line in the log, nothing more."""

from __future__ import annotations

import html
import logging
from collections.abc import Iterator

from airflow.sdk import BaseNotifier

from kehu.errors import KehuError
from kehu.orchestration.alerts.alert_message import Alert
from kehu.orchestration.alerts.webhook_notifier import WebhookNotifier
from kehu.settings import Settings, load_settings

log = logging.getLogger("kehu.alert")


def send_alert(alert: Alert) -> None:
    """Send the alert over every channel; never raises.

    What a failed channel said may hold an address: of errors that are not Kehu's own only the class is logged.
    """
    try:
        channels = list(_notifiers(load_settings(), alert))
    except Exception as error:
        log.warning("Alerts cannot be sent: %s", _reason(error))
        return
    for name, notifier in channels:
        try:
            notifier.notify({})
        except Exception as error:
            log.warning("The alert did not go out over %s: %s", name, _reason(error))
        else:
            log.info("The alert went out over %s", name)


def _notifiers(settings: Settings, alert: Alert) -> Iterator[tuple[str, BaseNotifier]]:
    """One notifier a channel, with the name it has in KEHU_ALERTS."""
    for name in settings.alerts:
        channel, _, connection_id = name.partition(":")
        yield (
            name,
            _email(settings, connection_id, alert)
            if channel == "email"
            else WebhookNotifier(channel, connection_id, alert),
        )


def _email(settings: Settings, connection_id: str, alert: Alert) -> BaseNotifier:
    from airflow.providers.smtp.notifications.smtp import SmtpNotifier

    return SmtpNotifier(
        to=list(settings.alert_emails),
        subject=alert.title,
        html_content=f"<pre>{html.escape(alert.text)}</pre>",
        smtp_conn_id=connection_id,
    )


def _reason(error: Exception) -> str:
    return str(error) if isinstance(error, KehuError) else type(error).__name__
