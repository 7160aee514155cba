"""The JSON that the webhooks of Slack, Feishu and DingTalk take, how they want it signed, and how they say no."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from kehu.orchestration.alerts.alert_message import Alert


@dataclass(frozen=True)
class Request:
    """One POST: where to, and its JSON."""

    url: str
    body: dict[str, Any]


def slack(alert: Alert, url: str, _secret: str | None, _now: datetime) -> Request:
    """An incoming webhook. Its address is its only secret: it is not signed."""
    text = alert.text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return Request(url, {"text": text})


def feishu(alert: Alert, url: str, secret: str | None, now: datetime) -> Request:
    """A custom bot (Feishu or Lark). The signature is of an empty text, under a key made of seconds and secret."""
    body: dict[str, Any] = {"msg_type": "text", "content": {"text": alert.text}}
    if secret:
        seconds = str(int(_utc(now).timestamp()))
        body |= {"timestamp": seconds, "sign": _sign(key=f"{seconds}\n{secret}", text="")}
    return Request(url, body)


def dingtalk(alert: Alert, url: str, secret: str | None, now: datetime) -> Request:
    """A custom robot. The signature is of milliseconds and secret, under the secret, and goes into the address."""
    if secret:
        milliseconds = str(int(_utc(now).timestamp() * 1000))
        sign = _sign(key=secret, text=f"{milliseconds}\n{secret}")
        url += ("&" if "?" in url else "?") + urlencode({"timestamp": milliseconds, "sign": sign})
    return Request(url, {"msgtype": "text", "text": {"content": alert.text}})


Channel = Callable[[Alert, str, str | None, datetime], Request]

CHANNELS: dict[str, Channel] = {"slack": slack, "feishu": feishu, "dingtalk": dingtalk}
"""How each kind of webhook is spoken to."""

_CODES = ("code", "StatusCode", "errcode")


def refusal(answer: Any) -> int | None:
    """The code of a refusal in the JSON of an answer; None if it is none.

    Feishu and DingTalk refuse (a wrong signature, too many messages) with status 200 and a code other than 0.
    """
    if not isinstance(answer, dict):
        return None
    return next((answer[name] for name in _CODES if isinstance(answer.get(name), int) and answer[name] != 0), None)


def _sign(key: str, text: str) -> str:
    return base64.b64encode(hmac.new(key.encode(), text.encode(), hashlib.sha256).digest()).decode()


def _utc(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
