"""An Airflow notifier that posts to the webhook of Slack, Feishu or DingTalk.

The address and the signing secret come from an Airflow connection: the address is its password, which Airflow masks and
encrypts; the secret is ``signing_secret`` of its extra. Neither is ever in a log or in an error.
"""

from __future__ import annotations

import json
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from airflow.sdk import BaseNotifier, Connection

from kehu.clock import utc_now
from kehu.errors import ConfigurationError, KehuError
from kehu.orchestration.alerts.alert_message import Alert
from kehu.orchestration.alerts.webhook_payloads import CHANNELS, Request, refusal

ATTEMPTS = 2
ATTEMPT_SECONDS = 8.0
PAUSE_SECONDS = 1.0
_ANSWER_BYTES = 64_000
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


class AlertNotSent(KehuError):
    """A webhook did not take a message."""


class WebhookNotifier(BaseNotifier):
    """Posts one alert.

    Args:
        channel: ``slack``, ``feishu`` or ``dingtalk``.
        connection_id: the Airflow connection that holds address and secret.
        alert: what to say.
    """

    def __init__(self, channel: str, connection_id: str, alert: Alert) -> None:
        super().__init__()
        self.channel, self.connection_id, self.alert = channel, connection_id, alert

    def notify(self, _context: Any) -> None:
        """Post it, twice at most; takes at most 17 seconds.

        Raises:
            ConfigurationError: the connection holds no address, or one that is not encrypted.
            AlertNotSent: the webhook refused it or did not answer.
        """
        connection = Connection.get(self.connection_id)
        url = _checked(connection.password, self.connection_id)
        secret = connection.extra_dejson.get("signing_secret")
        for left in reversed(range(ATTEMPTS)):
            try:
                # Signed anew at every attempt: a signature carries its time.
                request = CHANNELS[self.channel](self.alert, url, secret, utc_now())
                _within(ATTEMPT_SECONDS, partial(_post, request))
                return
            except _Trouble as trouble:
                if left == 0 or not trouble.may_pass:
                    raise self._not_sent(trouble.reason) from None
                time.sleep(PAUSE_SECONDS)

    def _not_sent(self, reason: str) -> AlertNotSent:
        return AlertNotSent(
            f"the webhook did not take the message: {reason}",
            fix="see address and signing secret of the connection, and whether this machine reaches it",
            channel=self.channel,
            connection=self.connection_id,
        )


class _Trouble(Exception):
    """One attempt failed; ``may_pass`` says whether another one could fare better."""

    def __init__(self, reason: str, *, may_pass: bool) -> None:
        super().__init__(reason)
        self.reason, self.may_pass = reason, may_pass


def _opener() -> urllib.request.OpenerDirector:
    """Knows no redirects: a message, and the secret in its address, go where they were sent or nowhere."""
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(),
        urllib.request.HTTPErrorProcessor(),
        urllib.request.HTTPDefaultErrorHandler(),
    ):
        opener.add_handler(handler)
    return opener


def _checked(url: str | None, connection_id: str) -> str:
    parts = urlsplit(url or "")
    if parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK):
        return url or ""
    raise ConfigurationError(
        "the connection holds no https address of a webhook",
        fix='set it to {"conn_type": "generic", "password": "https://…", "extra": {"signing_secret": "…"}}',
        connection=connection_id,
    )


def _post(request: Request) -> None:
    # urllib, because it logs nothing: httpx and requests log addresses, and these are secrets.
    sent = urllib.request.Request(  # noqa: S310 - the scheme has been checked
        request.url,
        data=json.dumps(request.body).encode(),
        headers={"Content-Type": "application/json; charset=utf-8"},
        method="POST",
    )
    try:
        with _opener().open(sent, timeout=ATTEMPT_SECONDS) as answer:
            code = refusal(_json(answer.read(_ANSWER_BYTES)))
    except urllib.error.HTTPError as error:
        raise _Trouble(f"status {error.code}", may_pass=error.code >= 500 or error.code == 429) from None
    except (OSError, ValueError) as error:
        raise _Trouble(type(error).__name__, may_pass=True) from None
    if code is not None:
        raise _Trouble(f"code {code}", may_pass=False)


def _json(content: bytes) -> Any:
    """The answer's JSON, or None where it is plain text, as Slack's is."""
    try:
        return json.loads(content)
    except ValueError:
        return None


def _within(seconds: float, call: Callable[[], None]) -> None:
    """Run the call in a thread and wait so long at most: a timeout of a socket does not bound an answer that trickles."""
    raised: list[BaseException] = []

    def run() -> None:
        try:
            call()
        except BaseException as error:
            raised.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        raise _Trouble(f"no answer within {seconds:g} s", may_pass=True)
    if raised:
        raise raised[0]
